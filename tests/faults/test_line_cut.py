"""The line to a host breaks at any moment, in any way: every step ran once, every byte arrived, all of it soon."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from app.connectors.ssh_waits import Waits
from tests.faults.cutting import Ordeal
from tests.lab import sshd
from tests.lab.hosts import remote
from tests.lab.line import Line
from tests.lab.sshd import Lab
from tests.servers.absent import not_run
from tests.servers.share import SHARE

pytestmark = pytest.mark.anyio
# A stalled line is given up sooner than in the product; nothing else differs, and nobody gives up on the host.
WAITS = Waits(connect=3, greeting=3, handshake=6, login=6, answer=3, silence=3, patience=60)


@pytest.fixture
def own_lab(request: pytest.FixtureRequest) -> Lab:
    """An sshd whose sessions are killed here; other tests have theirs."""
    found = sshd.binary()
    if found is None:
        not_run(sshd.MISSING)
    return sshd.lab_at(request.config.stash[SHARE].server(sshd.recipe(found, "sshd-to-be-killed")))


async def endured(lab: Lab, folder: Path, seed: int, interruptions: int) -> Ordeal:
    line = Line(("127.0.0.1", lab.port))
    host, pool = remote(lab, folder, port=line.port, waits=WAITS)
    ordeal = Ordeal(host, line, lab, folder, random.Random(seed), interruptions)
    try:
        await ordeal.endure()
    finally:
        pool.close()
        line.close()
    ordeal.check()
    cuts = ", ".join(f"{count} {kind}" for kind, count in sorted(ordeal.cuts.items()))
    print(f"seed {seed}: {ordeal.ran} steps, {cuts}; recovery {ordeal.median:.2f} s in the middle")
    return ordeal


async def test_a_hundred_interruptions_double_nothing_and_lose_nothing(own_lab: Lab, tmp_path: Path) -> None:
    ordeal = await endured(own_lab, tmp_path, 20261122, 100)
    assert ordeal.ran > 20
    assert ordeal.median < 2


@pytest.mark.faults
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(10))
async def test_a_thousand_interruptions_double_nothing_and_lose_nothing(
    own_lab: Lab, tmp_path: Path, seed: int
) -> None:
    assert (await endured(own_lab, tmp_path, seed, 100)).median < 2
