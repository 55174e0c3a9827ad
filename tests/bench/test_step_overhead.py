"""What the connector adds to a bare detached command: the far side's script alone against LocalCommands around it."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import time
from pathlib import Path

import pytest

from app.connectors import detached
from app.connectors.local import LocalCommands
from app.ports import Limits, Payload
from tests.connectors.places import Ear, local

ROUNDS = 60
ALLOWED_MS = 15.0


def bare(home: Path, ticket: str) -> float:
    """Seconds from handing the script to a shell until both streams are complete; seen within half a millisecond."""
    request = detached.FarSide(str(home)).request(detached.launch(ticket, Payload(argv=("true",)), Limits()))
    over = home / detached.folder_name(ticket) / "eof"
    began = time.perf_counter()
    subprocess.run(["/bin/sh", "-s"], input=request, capture_output=True, check=True)
    while not over.exists():
        time.sleep(0.0005)
    return time.perf_counter() - began


async def through(commands: LocalCommands, ticket: str) -> float:
    """Seconds for launch and attach."""
    began = time.perf_counter()
    await commands.launch(ticket, Payload(argv=("true",)), Limits())
    state = await commands.attach(ticket, 0, 0, Ear())
    assert state.rc == 0
    return time.perf_counter() - began


@pytest.mark.bench
def test_a_local_step_costs_little_more_than_the_bare_command(tmp_path: Path) -> None:
    async def measure() -> tuple[list[float], list[float]]:
        commands = local(tmp_path)
        one, two = [], []
        for number in range(ROUNDS):  # in turns, so that a busy moment of the machine hits both
            one.append(bare(tmp_path, f"bare/{number}") * 1000)
            two.append(await through(commands, f"through/{number}") * 1000)
        commands.close()
        return one, two

    alone, around = asyncio.run(measure())
    added = statistics.median(b - a for a, b in zip(alone, around, strict=True))
    print(f"\nbare detached command {statistics.median(alone):.1f} ms, local step +{added:.1f} ms")
    assert added <= ALLOWED_MS
