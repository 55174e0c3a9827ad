"""The last preflight of a runbook that went well, kept while it is worth anything, so that a run need not look twice.

One file for each runbook, environment and parameters under `<home>/preflight/`. It is a memory only: one that is
missing, old or unreadable means that everything is looked at again.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from app.session.preflight import Preflight, PreflightLine

_FOLDER = "preflight"


def key_of(digest: str, environment: str, params: Mapping[str, str], files: tuple[tuple[str, str], ...]) -> str:
    """What a preflight is of: the text of the runbook and of its SQL files, and what they were bound to."""
    return sha256(json.dumps([digest, environment, sorted(params.items()), files]).encode()).hexdigest()[:32]


def keep(home: Path, key: str, found: Preflight) -> None:
    """Keep it for this user only, in place of the one before, or forget that one; those that have expired go."""
    folder = home / _FOLDER
    if not found.ok:
        with contextlib.suppress(FileNotFoundError):
            (folder / f"{key}.json").unlink()
        return
    lines = [asdict(line) | {"seen": line.seen.isoformat() if line.seen else ""} for line in found.lines]
    text = json.dumps({"version": 1, "began": found.began.isoformat(), "lines": lines})
    aside = folder / f"{key}.{os.getpid()}"
    with contextlib.suppress(OSError):  # nothing rests on it: the next run looks again
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            out.write(text)
        aside.replace(folder / f"{key}.json")
        for other in folder.glob("*.json"):
            if other.stem != key and kept(home, other.stem, found.began) is None:
                other.unlink()


def kept(home: Path, key: str, now: datetime) -> Preflight | None:
    """The last one, unless it is missing, unreadable or expired at `now` (aware)."""
    try:
        tree = json.loads((home / _FOLDER / f"{key}.json").read_text(encoding="utf-8"))
        found = Preflight(tuple(_line(one) for one in tree["lines"]), datetime.fromisoformat(tree["began"]), key)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return found if found.began <= now and not found.expired(now) else None


def _line(one: dict[str, Any]) -> PreflightLine:
    seen = one.pop("seen")
    return PreflightLine(**one, seen=datetime.fromisoformat(seen) if seen else None)
