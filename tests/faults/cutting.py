"""Steps on a host whose line is broken again and again, and the account of what ran there in the end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import statistics
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from app.connectors.ssh import SshHost
from app.ports import CommandPhase, CommandState, Limits, Payload, Stream
from tests.lab.line import Line
from tests.lab.sshd import Lab

WORKERS = 8
_SCRIPT = """
echo "$TICKET" >>"$LEDGER"
n=0
while [ $n -lt "$LINES" ]; do
  n=$((n + 1))
  echo "$TICKET line $n ........................................................................................"
  if [ $((n % 40)) = 0 ]; then sleep 0.05; fi
done
echo "$TICKET is over" >&2
exit "$CODE"
"""


class Ear:
    """A Say that remembers, fails on holes, and knows when it last heard anything."""

    def __init__(self) -> None:
        self.out = bytearray()
        self.err = bytearray()
        self.cut_at: float | None = None
        self.recovered: list[float] = []

    def output(self, stream: Stream, offset: int, data: bytes) -> None:
        heard = self.out if stream == "out" else self.err
        assert offset == len(heard), f"a hole or an overlap in {stream}: {offset}, not {len(heard)}"
        heard += data

    def alive(self, where: str) -> None:
        if self.cut_at is not None:
            self.recovered.append(asyncio.get_running_loop().time() - self.cut_at)
            self.cut_at = None


@dataclass
class Ordeal:
    """So many interruptions, dice and all; `ran` steps were driven to their ends meanwhile."""

    host: SshHost
    line: Line
    lab: Lab
    folder: Path
    dice: random.Random
    interruptions: int
    ran: int = 0
    cuts: Counter[str] = field(default_factory=Counter)
    recovered: list[float] = field(default_factory=list)
    listening: set[Ear] = field(default_factory=set)
    told: list[str] = field(default_factory=list)

    async def endure(self) -> None:
        """Drive steps while the line is broken; returns when so many interruptions were survived."""
        workers = [asyncio.create_task(self._work(number)) for number in range(WORKERS)]
        while sum(self.cuts.values()) < self.interruptions:
            await asyncio.sleep(self.dice.uniform(0.02, 0.45))
            broken = next((worker for worker in workers if worker.done()), None)
            if broken is not None:
                broken.result()
                raise AssertionError("a worker left before the end")
            await self._interrupt()
        self._over = True
        await asyncio.gather(*workers)

    _over = False

    @property
    def median(self) -> float:
        """Seconds between an interruption and the next word from the host, in the middle of all."""
        return statistics.median(self.recovered)

    def check(self) -> None:
        """Every ticket that was driven ran exactly once, and nothing else did."""
        times = Counter((self.folder / "ledger").read_text().split())
        assert {ticket: count for ticket, count in times.items() if count != 1} == {}, "something ran twice"
        assert set(times) == set(self.told), "something was lost"

    async def _work(self, number: int) -> None:
        step = 0
        while not self._over:
            step += 1
            await self._step(f"w{number}/{step}")

    async def _step(self, ticket: str) -> None:
        lines, code = self.dice.choice((1, 20, 200, 1500)), self.dice.choice((0, 0, 3))
        env = (("TICKET", ticket), ("LEDGER", str(self.folder / "ledger")), ("LINES", str(lines)), ("CODE", str(code)))
        ear = Ear()
        self.listening.add(ear)
        try:
            await self.host.launch(ticket, Payload(script=_SCRIPT, env=env), Limits())
            state = await self.host.attach(ticket, 0, 0, ear)
        finally:
            self.listening.discard(ear)
        self.told.append(ticket)
        self.ran += 1
        self.recovered += ear.recovered
        self._judge(ticket, ear, state, (lines, code))

    def _judge(self, ticket: str, ear: Ear, state: CommandState, wanted: tuple[int, int]) -> None:
        lines, code = wanted
        assert (state.phase, state.rc, state.eof) == (CommandPhase.DONE, code, True), (ticket, state)
        text = ear.out.decode().splitlines()
        assert [row.split(" .")[0] for row in text] == [f"{ticket} line {n}" for n in range(1, lines + 1)]
        assert ear.err.decode() == f"{ticket} is over\n"
        assert (len(ear.out), len(ear.err)) == (state.out, state.err)

    async def _interrupt(self) -> None:
        kind = self.dice.choices(("reset", "end", "after", "refuse", "kill", "stall"), weights=(30, 15, 30, 10, 12, 3))[
            0
        ]
        struck = 1
        match kind:
            case "reset" | "end":
                struck = self.line.cut("reset" if kind == "reset" else "end")
            case "after":
                self.line.cut_after(int(10 ** self.dice.uniform(1, 5)), self.dice.choice(("reset", "end")))
            case "refuse":
                self.line.refuse()
                await asyncio.sleep(self.dice.uniform(0.05, 0.4))
                self.line.open()
            case "kill":
                struck = kill_sessions(self.lab)
            case _:
                struck = self.line.cut("stall")
        if struck:
            self.cuts[kind] += 1
            now = asyncio.get_running_loop().time()
            for ear in self.listening if kind != "after" else ():  # that one strikes later
                ear.cut_at = ear.cut_at or now


def kill_sessions(lab: Lab) -> int:
    """`kill -9` of every session of this laboratory's sshd; how many those were. The daemon itself lives on."""
    killed = 0
    parents = {_listener(lab)}
    for _ in range(2):  # a session is a child of the daemon, or a grandchild where privileges are parted
        children = {pid for pid in _sshds() if _parent(pid) in parents}
        parents |= children
    for pid in parents - {_listener(lab)}:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            killed += 1
    return killed


def _listener(lab: Lab) -> int:
    for pid in _sshds():
        with contextlib.suppress(OSError):
            if f"{lab.folder}/sshd_config".encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                return pid
    raise AssertionError("the laboratory's sshd is gone")


def _sshds() -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and (entry / "comm").read_text().startswith("sshd"):
                found.append(int(entry.name))
    return found


def _parent(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1])
    return 0
