"""Hosts: what a step costs beside plain OpenSSH, how fast output arrives, and 200 hosts side by side."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import pytest

from app.connectors.ssh import Manner, SshHost
from app.ports import Limits, Payload
from tests.lab import books
from tests.lab.hosts import pool_for, remote
from tests.lab.line import Line
from tests.lab.sshd import Lab, atlas
from tests.session.conversation import new_run, order, stage_is, until, write

pytestmark = [pytest.mark.bench, pytest.mark.anyio]
T = TypeVar("T")
ROUND_TRIP = 0.1
TIMES = 9


async def on_thread(work: Callable[..., T], *words: object) -> T:
    """Something that blocks, while this loop goes on."""
    return await asyncio.get_running_loop().run_in_executor(None, lambda: work(*words))


class Deaf:
    """A Say that only counts."""

    def __init__(self) -> None:
        self.bytes = 0

    def output(self, stream: str, offset: int, data: bytes) -> None:
        self.bytes += len(data)

    def alive(self, where: str) -> None:
        """Heard."""


async def one_step(host: SshHost, ticket: str) -> float:
    began = time.perf_counter()
    await host.launch(ticket, Payload(argv=("true",)), Limits())
    state = await host.attach(ticket, 0, 0, Deaf())
    assert state.rc == 0
    return time.perf_counter() - began


async def ours(lab: Lab, line: Line, folder: Path) -> float:
    """Seconds of a warm step, the middle of some."""
    host, pool = remote(lab, folder, port=line.port)
    try:
        await host.state("warm")
        return statistics.median([await one_step(host, f"{line.delay}/{number}") for number in range(TIMES)])
    finally:
        pool.close()


@contextmanager
def master(lab: Lab, line: Line, folder: Path) -> Iterator[list[str]]:
    """OpenSSH with a kept-open master connection: the words before a command."""
    control = folder / "ctl"
    words = ["ssh", "-F", "none", "-o", f"ControlPath={control}", "-o", "StrictHostKeyChecking=no"]
    words += ["-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=QUIET", "-i", str(lab.key), "-p", str(line.port)]
    subprocess.run([*words, "-MNf", "127.0.0.1"], check=True, capture_output=True)
    try:
        yield [*words, "127.0.0.1"]
    finally:
        subprocess.run([*words, "-O", "exit", "127.0.0.1"], check=False, capture_output=True)


def theirs(lab: Lab, line: Line, folder: Path) -> float:
    """Seconds of `ssh host true` over the master."""
    seconds = []
    with master(lab, line, folder) as words:
        for _ in range(TIMES):
            began = time.perf_counter()
            subprocess.run([*words, "true"], check=True, capture_output=True)
            seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


async def test_a_warm_step_costs_at_most_two_round_trips_more_than_openssh(
    lab: Lab, line: Line, tmp_path: Path
) -> None:
    near = await ours(lab, line, tmp_path), theirs(lab, line, tmp_path)
    line.delay = ROUND_TRIP / 2
    far = await ours(lab, line, tmp_path), theirs(lab, line, tmp_path)
    trips = [(slow - quick) / ROUND_TRIP for quick, slow in zip(near, far, strict=True)]
    print(
        f"\na warm step: {near[0] * 1000:.0f} ms, OpenSSH {near[1] * 1000:.0f} ms (x{near[0] / near[1]:.2f}); "
        f"at {ROUND_TRIP * 1000:.0f} ms a round trip {far[0] * 1000:.0f} and {far[1] * 1000:.0f} ms "
        f"(x{far[0] / far[1]:.2f}): {trips[0]:.1f} and {trips[1]:.1f} round trips"
    )
    assert trips[0] - trips[1] < 2.5


async def test_fifty_megabytes_arrive_at_twenty_a_second(lab: Lab, tmp_path: Path) -> None:
    host, pool = remote(lab, tmp_path)
    try:
        size = 50_000_000
        script = f"head -c {size} /dev/urandom"
        await host.launch("big/1", Payload(script=script), Limits())
        await host.attach("big/1", 0, 0, Deaf())
        ear = Deaf()
        began = time.perf_counter()
        state = await host.attach("big/1", 0, 0, ear)
        seconds = time.perf_counter() - began
        assert (state.rc, ear.bytes) == (0, size)
        print(f"\n50 MB of output: {size / seconds / 1e6:.0f} MB/s")
        assert size / seconds > 20e6
    finally:
        pool.close()


async def lag(worst: list[float]) -> None:
    """How long the loop keeps somebody waiting who wants to do something now."""
    while True:
        began = time.perf_counter()
        await asyncio.sleep(0.01)
        worst.append(time.perf_counter() - began - 0.01)


async def test_two_hundred_hosts_side_by_side(lab: Lab, tmp_path: Path) -> None:
    pool = pool_for(lab, tmp_path)
    names = [f"h{number}" for number in range(200)]
    book = atlas(**{name: lab.declared() for name in names})
    hosts = [SshHost(book.route(name), pool, Manner(str(tmp_path / "t" / name))) for name in names]
    worst: list[float] = []
    watch = asyncio.create_task(lag(worst))
    try:
        spent = []
        for turn in ("cold", "warm"):
            began = time.perf_counter()
            await asyncio.gather(*(one_step(host, f"uptime/{turn}") for host in hosts))
            spent.append(time.perf_counter() - began)
        assert pool.links == 200
        threads = threading.active_count()
        print(
            f"\n200 hosts: {spent[0]:.1f} s with new connections, {spent[1]:.1f} s with warm ones; {threads} threads, "
            f"200 of them paramiko's; the loop was late by {max(worst) * 1000:.0f} ms at most"
        )
        assert threads < 200 + 100
    finally:
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch
        pool.close()


async def test_a_run_with_two_hundred_hosts_in_one_batch(lab: Lab, tmp_path: Path) -> None:
    names = tuple(f"h{number}" for number in range(200))
    phases = "- {id: p, steps: [{id: up, changes: nothing, host: {name: web, argv: [uptime], batch: 100%}}]}"
    path = write(tmp_path, phases, books.hosts(lab, 0, names))
    began = time.perf_counter()
    session = await on_thread(new_run, order(path, books.home_for(lab, tmp_path)))
    preflight = time.perf_counter() - began
    try:
        await on_thread(until, session, stage_is("finished"), 120)
        print(f"\na run on 200 hosts: {preflight:.1f} s to look at all, {time.perf_counter() - began:.1f} s in all")
        assert sum(row.state == "done" for row in session.account()) >= 200
    finally:
        await on_thread(session.detach)
