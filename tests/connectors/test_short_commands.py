"""A short command gives its streams back, and never outlives its limit or its console."""

from __future__ import annotations

import asyncio
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest

from app.connectors.short_commands import LocalShortCommands
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
