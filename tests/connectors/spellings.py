"""A secret in every spelling that might slip into a file, and a search of all the bytes under a folder."""

from __future__ import annotations

import base64
import html
import json
import shlex
import urllib.parse
from pathlib import Path


def spellings(value: str) -> dict[str, bytes]:
    """By name: raw, UTF-16, URL, base64 at three alignments, hex, JSON, shell, SQL, HTML, reversed."""
    raw = value.encode()
    found = {
        "raw": raw,
        "utf-16": value.encode("utf-16-le"),
        "url": urllib.parse.quote(value, safe="").encode(),
        "url+": urllib.parse.quote_plus(value).encode(),
        "hex": raw.hex().encode(),
        "json": json.dumps(value).encode()[1:-1],
        "shell": shlex.quote(value).encode(),
        "sql": value.replace("'", "''").encode(),
        "html": html.escape(value).encode(),
        "reversed": raw[::-1],
    }
    for shift in range(3):
        code = base64.b64encode(b"x" * shift + raw).decode()
        found[f"base64 at {shift}"] = code[4 if shift else 0 : -4].encode()
    return found


def traces(folder: Path, value: str) -> list[tuple[str, str]]:
    """Every file under a folder that holds the value, and in which spelling."""
    return [
        (path.name, name)
        for path in folder.rglob("*")
        if path.is_file()
        for name, spelt in spellings(value).items()
        if spelt in path.read_bytes()
    ]
