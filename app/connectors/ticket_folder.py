"""Reads a ticket's folder on this machine: how it ended, and bytes of its streams. The layout is told in far/detach.sh.

Only what needs no judging is read here. Whatever depends on processes that live or died is asked of the script.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from app.ports import CommandPhase, CommandState

_PROC = Path("/proc")
_BOOT = _PROC / "sys/kernel/random/boot_id"


@dataclass(frozen=True, slots=True)
class TicketFolder:
    """The folder of one ticket, which may not exist."""

    path: Path

    def started(self) -> bool:
        """A supervisor took the gate."""
        try:
            return (self.path / "gate").readlink() == Path("who")
        except OSError:
            return False

    def over(self) -> bool:
        """Its end is on record. Cheap: asked of a short command every half millisecond."""
        return self._end() is not None

    def complete(self) -> bool:
        """Both streams are; written after the end is."""
        return os.access(self.path / "eof", os.F_OK)

    def ended(self) -> CommandState | None:
        """DONE with all its facts, or None. `group` is "gone", or "" when that wants a closer look."""
        eof, end = self.complete(), self._end()
        if end is None:
            return None
        return replace(self._facts(CommandPhase.DONE), rc=int(end[0]), ended=end[1], eof=eof, group=self._group())

    def running(self) -> CommandState:
        """RUNNING as of now, for a launch that was just told so."""
        return replace(self._facts(CommandPhase.RUNNING), group="alive")

    def read(self, stream: Literal["out", "err"], offset: int, most: int) -> bytes:
        """Up to `most` bytes of a stream from `offset`; empty when there is nothing new."""
        try:
            fd = os.open(self.path / stream, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return b""
        try:
            return os.pread(fd, most, offset)
        finally:
            os.close(fd)

    def clear(self) -> None:
        """Remove payload and streams, as the script's `gc` does; the gate stays shut. Only for one that has ended."""
        shutil.rmtree(self.path / "p", ignore_errors=True)
        for name in ("p", "out", "err"):
            (self.path / name).unlink(missing_ok=True)

    def _end(self) -> tuple[str, str] | None:
        """Exit status and time, once they are there."""
        rc, ended = (*self._words("rc"), "", "")[:2]
        return (rc, ended) if ended.endswith("Z") else None  # the box is written in one go and ends with it

    def _facts(self, phase: CommandPhase) -> CommandState:
        killed = self._words("killed")[0]
        return CommandState(
            phase=phase,
            killed="" if killed == "-" else killed,
            out=self._size("out"),
            err=self._size("err"),
            dropped=int(self._words("out.dropped")[0] or 0) + int(self._words("err.dropped")[0] or 0),
            began=self._words("began")[0],
            host=os.uname().nodename,
            boot=_BOOT.read_text().strip() if _BOOT.exists() else "",
            now=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        )

    def _group(self) -> str:
        """The word "gone" when nobody is left of the command's group, "" when that wants a closer look."""
        number = self._words("pg")[0]
        if not number.isdigit() or int(number) <= 1:
            return ""
        try:
            os.killpg(int(number), 0)
        except ProcessLookupError:
            return "gone"
        except PermissionError:
            return ""
        return "gone" if _only_zombies(number) else ""

    def _size(self, name: str) -> int:
        try:
            return (self.path / name).stat().st_size
        except FileNotFoundError:
            return 0

    def _words(self, name: str) -> tuple[str, ...]:
        """The words of a small file's first line; one empty word when there is none."""
        try:
            fd = os.open(self.path / name, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return ("",)
        try:
            text = os.read(fd, 200).decode("ascii", "replace")
        finally:
            os.close(fd)
        return tuple(text.split()) or ("",)


def _only_zombies(group: str) -> bool:
    """Whether all that is left of a group has ended and only waits to be reaped; some containers have nobody to do it.

    A member that is not seen, or one alive, is no: the script then takes the closer look.
    """
    found = False
    for process in _PROC.glob("[0-9]*/stat"):
        try:
            state, _parent, member_of, *_rest = process.read_bytes().rpartition(b") ")[2].split(maxsplit=3)
        except (OSError, ValueError):  # it has just gone
            continue
        if member_of == group.encode():
            if state != b"Z":
                return False
            found = True
    return found
