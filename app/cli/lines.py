"""Lines for people and lines for programs: everything the command line prints goes through here.

Text from runbooks, hosts and databases is data: `printable` takes away whatever a terminal would act upon.
"""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

from app.reports.printable import printable

__all__ = [
    "Unheard",
    "Unwritable",
    "complain",
    "is_terminal",
    "printable",
    "someone_is_there",
    "tell",
    "tell_block",
    "tell_json",
    "tell_json_lines",
    "tell_table",
]


class Unheard(Exception):
    """Whoever read what we write has gone: the pipe is closed, or the terminal is."""


class Unwritable(Unheard):
    """What we write cannot be kept where it goes, most often because the disk is full. Its text says why."""


_STYLES = {"ok": "32", "warn": "33", "bad": "31", "muted": "2", "strong": "1"}


def tell(text: str = "", *, style: str = "", to: TextIO | None = None) -> None:
    """One line for people, made printable. `style`: ok, warn, bad, muted, strong, or "" (a terminal shows it)."""
    out = to or sys.stdout
    line = printable(text)
    code = _STYLES.get(style, "")
    _write(f"\x1b[{code}m{line}\x1b[0m\n" if code and is_terminal(out) else f"{line}\n", out)


def tell_block(text: str, *, indent: str = "  ", to: TextIO | None = None) -> None:
    """Several lines, each made printable and indented."""
    for line in text.splitlines():
        tell(indent + line.expandtabs(4), to=to)


def complain(text: str, *, style: str = "bad") -> None:
    """One line on stderr."""
    tell(text, style=style, to=sys.stderr)


def tell_table(rows: Sequence[Sequence[str]], *, indent: str = "") -> None:
    """Aligned columns; the last one is as long as it likes."""
    safe = [[printable(cell) for cell in row] for row in rows]
    if not safe:
        return
    widths = [max(len(row[i]) for row in safe) for i in range(len(safe[0]) - 1)]
    for row in safe:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        tell(indent + "  ".join([*cells, row[-1]]).rstrip())


def tell_json(value: Mapping[str, Any] | Sequence[Any], *, indent: int | None = 2) -> None:
    """One JSON document, ASCII only, so that no byte of it means anything to a terminal."""
    _write(json.dumps(value, indent=indent, ensure_ascii=True) + "\n", sys.stdout)


def tell_json_lines(values: Iterable[Mapping[str, Any]]) -> None:
    """One JSON object per line."""
    for value in values:
        _write(json.dumps(value, ensure_ascii=True, separators=(",", ":")) + "\n", sys.stdout)


def _write(text: str, out: TextIO) -> None:
    try:
        out.write(text)
        out.flush()
    except OSError as error:
        # what is still buffered would fail again, with a traceback, when the interpreter ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
        if error.errno in {errno.EPIPE, errno.EIO}:
            raise Unheard from error
        raise Unwritable(f"What is told cannot be written: {error.strerror}.") from error


def is_terminal(stream: TextIO | None = None) -> bool:
    """Whether a person looks at it."""
    return (stream or sys.stdout).isatty()


def someone_is_there() -> bool:
    """Whether questions can be asked: stdin and stderr are a terminal."""
    return sys.stdin is not None and sys.stdin.isatty()
