"""A short command gives its streams back, and never outlives its limit or its console."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.connectors.short_commands import LARGEST, LocalShortCommands
from app.errors import TargetUnreachable
from app.ports import Payload

pytestmark = pytest.mark.anyio
COMMANDS = LocalShortCommands({"PATH": os.environ["PATH"]})
SOON = timedelta(seconds=10)


async def gone(file: Path) -> None:
    ends = time.monotonic() + 5
    process = Path("/proc") / file.read_text().strip()
    while process.exists() and "zombie" not in (process / "status").read_text():
        assert time.monotonic() < ends
        await asyncio.sleep(0.02)


async def test_streams_status_input_and_environment() -> None:
    payload = Payload(script='cat; echo "$V" >&2; exit 3', env=(("V", "7"),), stdin=b"in")
    ended = await COMMANDS.run(payload, SOON)
    assert (ended.exit, ended.out, ended.err) == (3, b"in", b"7\n")


async def test_a_command_over_its_limit_is_killed_with_its_children(tmp_path: Path) -> None:
    payload = Payload(script=f"sleep 60 & echo $! > {tmp_path}/pid; wait")
    with pytest.raises(TargetUnreachable, match="longer than"):
        await COMMANDS.run(payload, timedelta(seconds=0.5))
    await gone(tmp_path / "pid")


async def test_a_cancelled_command_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    task = asyncio.create_task(COMMANDS.run(Payload(script=f"echo $$ > {file}; exec sleep 60"), SOON))
    ends = time.monotonic() + 5
    while not (file.exists() and file.read_text().strip()):
        assert time.monotonic() < ends
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await gone(file)


async def test_what_cannot_be_started_says_so() -> None:
    with pytest.raises(TargetUnreachable, match="could not be started"):
        await COMMANDS.run(Payload(argv=("/no/such/program",)), SOON)


async def test_a_command_that_writes_without_end_is_killed_and_never_fills_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file it could write to is made in a folder that a test can look into; it may hold the input only."""
    kept: list[Any] = []
    make = tempfile.TemporaryFile

    def watched(*args: Any, **more: Any) -> Any:
        kept.append(make(*args, **more))
        return kept[-1]

    monkeypatch.setattr(tempfile, "TemporaryFile", watched)
    for stream in ("", ">&2"):
        kept.clear()
        file = tmp_path / "pid"
        payload = Payload(script=f"echo $$ > {file}; exec cat /dev/zero {stream}", stdin=b"in")
        with pytest.raises(TargetUnreachable, match="too much, over 1 MiB"):
            await COMMANDS.run(payload, SOON)
        await gone(file)
        assert len(kept) == 1, "its input; what it writes is kept in no file"


async def test_as_much_as_is_allowed_comes_whole() -> None:
    ended = await COMMANDS.run(Payload(script=f"head -c {LARGEST} /dev/zero; echo no >&2; exit 4"), SOON)
    assert (ended.exit, len(ended.out), ended.err) == (4, LARGEST, b"no\n")
    with pytest.raises(TargetUnreachable, match="too much"):
        await COMMANDS.run(Payload(script=f"head -c {LARGEST + 1} /dev/zero"), SOON)


async def test_a_child_that_keeps_the_streams_open_holds_up_nobody(tmp_path: Path) -> None:
    """It is a child of the command's own making and not ours to end."""
    file = tmp_path / "pid"
    ended = await asyncio.wait_for(COMMANDS.run(Payload(script=f"sleep 60 & echo $! > {file}; echo 7"), SOON), 5)
    assert (ended.exit, ended.out) == (0, b"7\n")
    os.kill(int(file.read_text()), signal.SIGKILL)


async def test_a_command_that_closes_its_streams_is_waited_for() -> None:
    ended = await COMMANDS.run(Payload(script="exec >&- 2>&-; sleep 0.2; exit 5"), SOON)
    assert (ended.exit, ended.out, ended.err) == (5, b"", b"")
    with pytest.raises(TargetUnreachable, match="longer than"):
        await COMMANDS.run(Payload(script="exec >&- 2>&-; sleep 60"), timedelta(seconds=0.3))
