"""Where everything lies in an estate's folder, and the three ways in which its files are written.

`orderctl` starts for every step of the demo, so what it imports stays light: no dataclasses, no typing.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

RUNBOOK = "50-orders-demo.yaml"


class Layout:
    """The files of one estate. `folder` is absolute; nothing is created by looking."""

    __slots__ = ("folder",)

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()

    @property
    def old(self) -> Path:
        """The database that the shop has today."""
        return self.folder / "old.db"

    @property
    def new(self) -> Path:
        """The database that it moves to."""
        return self.folder / "new.db"

    @property
    def backup(self) -> Path:
        """The copy of the old database that the runbook makes first."""
        return self.folder / "backup" / "orders-before.db"

    @property
    def switches(self) -> Path:
        """Which database, which release, read only or not: read by the shop at every request."""
        return self.folder / "switches.json"

    @property
    def before(self) -> Path:
        """Count and digest of the rows that existed when the estate was created."""
        return self.folder / "before.json"

    @property
    def acknowledged(self) -> Path:
        """What the shop has told its customers is safe: one JSON line per acknowledged write, fsynced after commit."""
        return self.folder / "acknowledged.log"

    @property
    def ledger(self) -> Path:
        """What `orderctl` was asked to do and when it ended, by ticket: the estate's own account of a run."""
        return self.folder / "ledger.log"

    @property
    def port(self) -> Path:
        """The loopback port of the running shop."""
        return self.folder / "port"

    @property
    def running(self) -> Path:
        """Locked, and holding the process id, for as long as the shop runs."""
        return self.folder / "application.lock"

    @property
    def stop(self) -> Path:
        """The shop ends when this file appears."""
        return self.folder / "stop"

    @property
    def log(self) -> Path:
        """The shop's own log."""
        return self.folder / "application.log"

    @property
    def orderctl(self) -> Path:
        """The operator's tool, as a shell script that needs no installation."""
        return self.folder / "orderctl"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One at a time: the switches are read, changed and written back under this lock."""
        with (self.folder / "switches.lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def write_whole(path: Path, text: str) -> None:
    """Whole or not at all: a reader sees the old text or the new one, also after a power cut."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def append_line(path: Path, line: str) -> None:
    """One line, on disk when this returns; lines of several writers do not mix."""
    with path.open("ab", buffering=0) as file:
        file.write(line.encode() + b"\n")
        os.fsync(file.fileno())


def read_lines(path: Path) -> tuple[str, ...]:
    """The complete lines of a file, none when there is no file. A last line cut by a crash is left out."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    return tuple(line for line in text[: text.rfind("\n") + 1].split("\n") if line)


def note_down(layout: Layout, ticket: str, words: tuple[str, ...], what: str) -> None:
    """One line of the estate's ledger: when, for which ticket, what was asked, and "start" or "end" with its exit."""
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    append_line(layout.ledger, json.dumps([stamp, ticket, " ".join(words), what]))


def read_ledger(layout: Layout) -> tuple[tuple[str, str, str, str], ...]:
    """Rows of (UTC time, ticket, words, "start" or "end N") in the order in which they were written."""
    return tuple((row[0], row[1], row[2], row[3]) for row in map(json.loads, read_lines(layout.ledger)))
