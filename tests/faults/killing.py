"""Consoles killed at random moments while they drive the demo, and the far side's own account to compare with."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from app.demo import run as demo
from app.demo.layout import Layout, read_ledger
from app.demo.run import DemoRun

PATIENCE = 150.0


@dataclass
class Killer:
    """Drives one demo to its end through `kills` deaths of its console. `kinds` counts what a kill interrupted."""

    folder: Path
    dice: random.Random
    kills: int
    incident: str = ""
    run: str = ""
    killed: int = 0
    exit_code: int = -1
    output: list[str] = field(default_factory=list)

    @property
    def home(self) -> Path:
        """The console's own folder."""
        return self.folder / "home"

    def to_the_end(self) -> DemoRun:
        """Run, be killed, resume, be killed, resume... and in the end arrive."""
        estate = demo.prepare(self.folder / "estate", self.incident, orders=3000)
        answers = self.folder / "answers.txt"
        answers.write_text("".join(f"{k}={v}\n" for k, v in estate.answers.items()), encoding="utf-8")
        first = ["run", str(estate.runbook), "--answers", str(answers), "--as", "ana"]
        for name, value in estate.params.items():
            first += ["--param", f"{name}={value}"]
        try:
            words = first
            while self.killed < self.kills and self.exit_code < 0:
                self._until_killed(words)
                words = self._again(first, answers)
            if self.exit_code < 0:
                self._finish(words)
            self.run = self._records()[0].stem
        finally:
            demo.stop(estate.folder)
        return estate

    def _again(self, first: list[str], answers: Path) -> list[str]:
        """Resume the run, or start it when the first console died before its record was there."""
        usable = self._records()
        if not usable:
            return first
        self.run = usable[0].stem
        return ["resume", self.run, "--answers", str(answers), "--as", "ana"]

    def _records(self) -> list[Path]:
        """The records that hold anything, oldest first."""
        found = sorted((self.home / "runs").glob("*.tminus")) if (self.home / "runs").is_dir() else []
        return [path for path in found if _has_entries(path)]

    def _until_killed(self, words: list[str]) -> None:
        process = self._start(words)
        if self.dice.random() < 0.9:  # else it may well die before its record is there
            while not self._records() and process.poll() is None:
                time.sleep(0.005)
        deadline = time.monotonic() + self.dice.choice([0.3, 1, 2, 4]) * (0.5 + self.dice.random())
        while time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.005)
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            self.killed += 1
        self._gone(process)

    def _finish(self, words: list[str]) -> None:
        process = self._start(words)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            self._gone(process)
            raise AssertionError(f"it did not arrive within {PATIENCE} s:\n{self.output[-1][-4000:]}") from None
        self._gone(process)

    def _gone(self, process: subprocess.Popen[bytes]) -> None:
        code = process.wait()
        self.output.append((self.folder / "console.log").read_text(encoding="utf-8", errors="replace"))
        if code >= 0:
            self.exit_code = code

    def _start(self, words: list[str]) -> subprocess.Popen[bytes]:
        with (self.folder / "console.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-c", "from app.cli.main import main; main()", *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | {"TMINUS_HOME": str(self.home)},
            )

    def tminus(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One more command on the same home."""
        return subprocess.run(
            [sys.executable, "-c", "from app.cli.main import main; main()", *words],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env=os.environ | {"TMINUS_HOME": str(self.home)},
        )

    def account(self) -> list[dict[str, object]]:
        """What the record says."""
        ended = self.tminus("account", self.run)
        assert ended.returncode == 0, ended.stderr
        return [json.loads(line) for line in ended.stdout.splitlines()]


def far_side(estate: DemoRun) -> tuple[dict[str, list[str]], set[str]]:
    """(what the estate's tool did, by ticket; tickets that either database has as committed)."""
    layout = Layout(estate.folder)
    ledger: dict[str, list[str]] = {}
    for _stamp, ticket, _words, what in read_ledger(layout):
        if ticket:
            ledger.setdefault(ticket, []).append(what)
    return ledger, _committed(layout.old) | _committed(layout.new)


def _committed(path: Path) -> set[str]:
    with sqlite3.connect(path) as db:
        there = db.execute("select 1 from sqlite_master where name = 'tminus_marker'").fetchone()
        rows = db.execute("select ticket from tminus_marker where verdict = 'done'").fetchall() if there else []
    db.close()
    return {row[0] for row in rows}


def _has_entries(path: Path) -> bool:
    try:
        db = sqlite3.connect(path)
        try:
            return bool(db.execute("select count(*) from event").fetchone()[0])
        finally:
            db.close()
    except sqlite3.Error:
        return False
