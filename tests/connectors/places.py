"""The shells that detached commands are tried on, and an ear that writes down what a step says."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from app.connectors.local import LocalCommands
from app.ports import CommandPhase, Stream


def _shells() -> tuple[tuple[str, ...], ...]:
    """/bin/sh, and each of the three families that is installed and is not /bin/sh itself."""
    usual = Path("/bin/sh").resolve()
    found = [(words, shutil.which(words[0])) for words in (("dash",), ("bash",), ("busybox", "ash"))]
    return (("/bin/sh",), *(words for words, path in found if path and Path(path).resolve() != usual))


SHELLS = _shells()
OVER = (CommandPhase.DONE, CommandPhase.FENCED, CommandPhase.LOST_REBOOT, CommandPhase.LOST_SUPERVISOR)


@dataclass
class Ear:
    """A Say that remembers; fails at once when offsets overlap or leave a hole."""

    start: dict[str, int] = field(default_factory=lambda: {"out": 0, "err": 0})
    heard: dict[str, bytearray] = field(default_factory=lambda: {"out": bytearray(), "err": bytearray()})
    beats: int = 0

    def output(self, stream: Stream, offset: int, data: bytes) -> None:
        assert offset == self.start[stream] + len(self.heard[stream]), f"a hole or an overlap in {stream} at {offset}"
        assert data
        self.heard[stream] += data

    def alive(self, where: str) -> None:
        assert where
        self.beats += 1

    @property
    def out(self) -> bytes:
        return bytes(self.heard["out"])

    @property
    def err(self) -> bytes:
        return bytes(self.heard["err"])


def local(home: Path, shell: tuple[str, ...] = ("/bin/sh",)) -> LocalCommands:
    """This machine, as the console would set it up."""
    return LocalCommands(home, os.environ, shell)


async def until(wanted: Callable[[], Awaitable[bool]], what: str, seconds: float = 20) -> None:
    """Poll until it holds; fails with `what` at the deadline."""
    deadline = time.monotonic() + seconds
    while not await wanted():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.01)


async def until_file(path: Path, what: str = "", seconds: float = 20) -> str:
    """Wait for a file that is not empty; its text."""

    async def there() -> bool:
        return path.exists() and path.stat().st_size > 0

    await until(there, what or f"{path} written", seconds)
    return path.read_text()


def box(folder: Path, name: Literal["who", "pg", "rc", "killed"]) -> list[str]:
    """The words of one of a ticket's small files."""
    return (folder / name).read_text().split()


def group_of(pgid: int) -> list[int]:
    """Living members of a process group (zombies are not)."""
    members = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(") ")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[2]) == pgid and fields[0] != "Z":
            members.append(int(entry.name))
    return members


def end_all(home: Path) -> None:
    """End what a failed test left running: the groups of every ticket under `home`, by their own numbers."""
    for ticket in (entry for entry in home.glob("*") if entry.is_dir() and not (entry / "eof").exists()):
        for name in ("pg", "who"):
            words = (ticket / name).read_text().split() if (ticket / name).exists() else []
            for pid in group_of(int(words[0])) if words and int(words[0]) > 1 else []:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
