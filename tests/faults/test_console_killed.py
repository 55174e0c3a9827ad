"""Kill the console at any moment: every step ran once, the far side's own account agrees, the record is whole."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from app.demo.proof import prove
from app.demo.run import DemoRun
from tests.faults.killing import Killer, far_side

CALM = 0
ROLLED_BACK = 8
CTL = "orderctl"


def agree(killer: Killer, estate: DemoRun) -> None:
    """The record's account and the far side's ledger say the same, and the chain holds."""
    ledger, committed = far_side(estate)
    lines = [line for line in killer.account() if line["attempt"]]
    states = {f"{killer.run}/{line['step']}/{line['attempt']}": line["state"] for line in lines}
    assert not [t for t, s in states.items() if s in {"in-doubt", "running"}], states
    for ticket, what in ledger.items():
        assert what.count("start") == 1, f"{ticket} ran {what.count('start')} times"
        assert states[ticket] in {"done", "failed", "cancelled"}, f"{ticket} ran, the record says {states[ticket]}"
    for ticket in committed:
        assert states[ticket] == "done", f"{ticket} is committed, the record says {states[ticket]}"
    steps = [line["step"] for line in lines if line["state"] == "done"]
    assert len(steps) == len(set(steps)), "a step was done twice"
    verified = killer.tminus("verify", killer.run)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def kill_and_compare(folder: Path, seed: int, kills: int, incident: str = "") -> int:
    killer = Killer(folder, random.Random(seed), kills, incident)
    estate = killer.to_the_end()
    wanted = ROLLED_BACK if incident else CALM
    assert killer.exit_code == wanted, f"exit {killer.exit_code}\n{killer.output[-1][-3000:]}"
    agree(killer, estate)
    findings = prove(estate.folder, "back" if incident else "moved")
    assert all(x.holds for x in findings), [x.sentence for x in findings if not x.holds]
    return killer.killed


@pytest.mark.timeout(400)
def test_twenty_deaths_of_the_console_and_every_step_ran_once(tmp_path: Path) -> None:
    killed = 0
    for seed in range(12):
        (tmp_path / str(seed)).mkdir()
        killed += kill_and_compare(tmp_path / str(seed), seed, 10, "error-rate" if seed % 2 else "")
        if killed >= 20:
            break
    assert killed >= 20


@pytest.mark.faults
@pytest.mark.timeout(3600)
def test_two_hundred_deaths_of_the_console(tmp_path: Path) -> None:
    killed = seed = 0
    while killed < 200:
        folder = tmp_path / str(seed)
        folder.mkdir()
        killed += kill_and_compare(folder, 1000 + seed, 12, "error-rate" if seed % 2 else "")
        seed += 1
