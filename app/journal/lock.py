"""Who drives a run: a lock of the operating system, so that it ends with its process, however that ends."""

from __future__ import annotations

import json
import os
import socket
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.errors import AnotherConsole, RecordUnwritable
from app.journal.exclusive import lock_file, try_exclusive

_TRIES = 10
_PAUSE = 0.01
"""Seconds between two tries: somebody who only looks who drives holds the lock for some microseconds."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The console that drives a run. `since` is ISO UTC. All empty when it has not said so yet."""

    pid: int = 0
    host: str = ""
    operator: str = ""
    since: str = ""

    def __str__(self) -> str:
        return f"{self.operator or 'somebody'} on {self.host or 'this machine'}, process {self.pid}, since {self.since}"


class DriverLock:
    """The right to drive, held until `release` or the end of the process."""

    def __init__(self, path: Path, handle: int) -> None:
        self._path = path
        self._handle = handle

    def release(self) -> None:
        """Let go. The file goes first: whoever opened it before finds out that it is no longer the one."""
        if self._handle >= 0:
            self._path.unlink(missing_ok=True)
            os.close(self._handle)
            self._handle = -1


def take(record: Path, operator: str, now: datetime) -> DriverLock:
    """The lock on `record`. Raises AnotherConsole naming who has it, RecordUnwritable where no lock can be made."""
    path = _file(record)
    for _ in range(_TRIES):
        handle = _open(path)
        if try_exclusive(handle) and _is_current(handle, path):
            _sign(handle, Holder(os.getpid(), socket.gethostname(), operator, now.isoformat(timespec="seconds")))
            return DriverLock(path, handle)
        os.close(handle)
        time.sleep(_PAUSE)
    holder = _read(path)
    raise AnotherConsole(
        f"Another console drives this run: {holder}.",
        where=str(record),
        hint="Say it there, or use `tminus hold`, `note`, `answer` and `rollback`, which reach it from here.",
    )


def driver_of(record: Path) -> Holder | None:
    """Who drives it at this moment, or None. Changes nothing."""
    path = _file(record)
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return None
    except PermissionError:
        return _read(path)
    try:
        return None if try_exclusive(handle) else _read(path)
    finally:
        os.close(handle)


def _file(record: Path) -> Path:
    return record.with_name(record.name + ".lock")


def _open(path: Path) -> int:
    try:
        return lock_file(path)
    except OSError as error:
        raise RecordUnwritable(
            f"The lock of the run cannot be made: {error.strerror}.",
            where=str(path),
            hint="See that the folder may be written.",
        ) from error


def _is_current(handle: int, path: Path) -> bool:
    """Whether the locked file is still the one under that name."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _sign(handle: int, holder: Holder) -> None:
    words = {"host": holder.host, "operator": holder.operator, "pid": holder.pid, "since": holder.since}
    os.ftruncate(handle, 0)
    os.pwrite(handle, json.dumps(words).encode(), 0)


def _read(path: Path) -> Holder:
    try:
        words = json.loads(path.read_bytes())
        return Holder(int(words["pid"]), str(words["host"]), str(words["operator"]), str(words["since"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Holder()
