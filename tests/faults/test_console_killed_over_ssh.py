"""The console dies at any moment and the line breaks besides: every step on the host ran once, the record knows all."""

from __future__ import annotations

import json
import os
import random
import signal
import statistics
import subprocess
import sys
import textwrap
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from app.errors import TminusError
from app.journal.reader import Reader
from app.run import events as e
from tests.lab.books import home_for, hosts
from tests.lab.line import Line
from tests.lab.sshd import Lab

PATIENCE = 90
_CODE = "from app.cli.main import main; main()"
_PHASES = """
- id: p
  steps:
    - {id: one, host: {name: web1, script: "STEP"}, changes: nothing}
    - {id: all, host: {name: web, script: "STEP", batch: 2}, changes: nothing}
    - {id: last, host: {name: web2, script: "STEP"}, changes: nothing}
"""
_STEP = "echo $TMINUS_TICKET >>LEDGER; sleep 0.4; echo out of $TMINUS_TICKET"


class Console:
    """The command line, killed and started again until the run is over."""

    def __init__(self, lab: Lab, line: Line, folder: Path, dice: random.Random) -> None:
        self.line, self.folder, self.dice = line, folder, dice
        self.ledger = folder / "ledger"
        self.home = home_for(lab, folder, line.port)
        self.book = folder / "book.yaml"
        phases = textwrap.indent(_PHASES.replace("STEP", _STEP).replace("LEDGER", str(self.ledger)), "  ")
        self.book.write_text(f"runbook: 1\nname: far\n{hosts(lab, line.port)}phases:\n{phases}", encoding="utf-8")
        self.killed = 0

    @property
    def run(self) -> str:
        """The run's id, "" before its record is there."""
        found = sorted((self.home / "runs").glob("*.tminus"))
        return found[0].stem if found else ""

    @property
    def consoles(self) -> int:
        """How many have driven the run so far."""
        if not self.run:
            return 0
        try:
            with Reader(self.home / "runs" / f"{self.run}.tminus") as reader:
                return sum(isinstance(one.event, e.ConsoleAttached) for one in reader.since(0))
        except TminusError:  # it is just being made
            return 0

    def _drives(self, process: subprocess.Popen[bytes], before: int) -> None:
        """Wait until it does: on a busy machine a console needs seconds to come up, and a kill then hits no step."""
        deadline = time.monotonic() + PATIENCE
        while process.poll() is None and self.consoles == before:
            assert time.monotonic() < deadline, "the console does not come up"
            time.sleep(0.02)

    def to_the_end(self, kills: int) -> None:
        """Start, kill, resume... and in the end arrive. Most kills strike a console that drives, some its beginning."""
        while self.killed < kills:
            before = self.consoles
            process = self.start()
            if self.dice.random() < 0.85:
                self._drives(process, before)
            deadline = time.monotonic() + self.dice.uniform(0, 1.0)
            while time.monotonic() < deadline and process.poll() is None:
                if self.dice.random() < 0.01:
                    self.line.cut("reset")
                time.sleep(0.01)
            if process.poll() is not None:
                break
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            self.killed += 1
        process = self.start()
        assert process.wait(PATIENCE) == 0, (self.folder / "console.log").read_text()[-4000:]

    def account(self) -> dict[str, str]:
        """What the record says of every attempt: ticket -> state."""
        said = subprocess.run(self._words("account", self.run), env=self._env(), capture_output=True, check=True)
        rows = [json.loads(row) for row in said.stdout.splitlines()]
        return {f"{self.run}/{row['step']}/{row['attempt']}": row["state"] for row in rows if row["attempt"]}

    def verify(self) -> int:
        return subprocess.run(
            self._words("verify", self.run), env=self._env(), capture_output=True, check=False
        ).returncode

    def start(self) -> subprocess.Popen[bytes]:
        words = ("resume", self.run) if self.run else ("run", str(self.book))
        with (self.folder / "console.log").open("ab") as log:
            return subprocess.Popen(
                self._words(*words), env=self._env(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def _words(self, *words: str) -> list[str]:
        return [sys.executable, "-c", _CODE, *words]

    def _env(self) -> dict[str, str]:
        return os.environ | {"TMINUS_HOME": str(self.home), "HOME": str(self.folder)}


def agree(console: Console) -> None:
    states = console.account()
    times = Counter(console.ledger.read_text().split())
    assert {ticket: count for ticket, count in times.items() if count != 1} == {}
    done = {ticket for ticket, state in states.items() if state == "done" and not ticket.endswith("/all/1")}
    assert set(times) == done, "the far side and the record do not agree"
    assert len(done) == 6 and not {"in-doubt", "running"} & set(states.values()), states
    assert console.verify() == 0


@pytest.mark.timeout(300)
def test_a_console_that_is_killed_resumes_over_ssh(lab: Lab, line: Line, tmp_path: Path) -> None:
    console = Console(lab, line, tmp_path, random.Random(7))
    console.to_the_end(4)
    assert console.killed >= 2 and recoveries(console)
    agree(console)


def wait_for(what: str, so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not so():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


@pytest.mark.timeout(300)
def test_a_console_that_slept_while_its_line_broke_goes_on(lab: Lab, line: Line, tmp_path: Path) -> None:
    console = Console(lab, line, tmp_path, random.Random(7))
    tickets = lab.folder / "home" / ".tminus" / "commands"
    process = console.start()
    wait_for("the first step starts", lambda: console.ledger.exists() and bool(console.ledger.read_text()))
    process.send_signal(signal.SIGSTOP)
    line.cut("reset")
    wait_for("it ends there", lambda: any((one / "eof").exists() for one in tickets.glob(f"*{console.run}*one*")))
    process.send_signal(signal.SIGCONT)
    assert process.wait(PATIENCE) == 0, (console.folder / "console.log").read_text()[-4000:]
    agree(console)


@pytest.mark.faults
@pytest.mark.timeout(3600)
def test_consoles_are_killed_over_and_over(lab: Lab, line: Line, tmp_path: Path) -> None:
    killed, known = 0, []
    for seed in range(20):
        folder = tmp_path / str(seed)
        folder.mkdir()
        console = Console(lab, line, folder, random.Random(seed))
        console.to_the_end(8)
        agree(console)
        killed += console.killed
        known += recoveries(console)
        print(f"seed {seed}: {killed} kills so far, {len(known)} recoveries: {statistics.median(known or [0]):.2f} s")
    assert killed >= 100 and len(known) >= 30
    assert statistics.median(known) < 2


def recoveries(console: Console) -> list[float]:
    """Seconds from each console that took over to the moment when it knew of every attempt it found open."""
    with Reader(console.home / "runs" / f"{console.run}.tminus") as reader:
        recorded = list(reader.since(0))
    found: list[float] = []
    began, open_ones = 0.0, set[str]()
    for one in recorded:
        at, event = one.at.timestamp(), one.event
        match event:
            case e.ConsoleAttached():
                began = at
            case e.DoubtAsked():
                open_ones.add(event.address)
            case e.StepFoundRunning() | e.StepSucceeded() | e.StepFailed() | e.StepFenced() | e.StepInDoubt():
                if event.address in open_ones:
                    open_ones.discard(event.address)
                    if not open_ones:
                        found.append(at - began)
            case _:
                pass
    return found
