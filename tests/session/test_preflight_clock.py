"""A run learns before it starts at which step the clock of its way back will hold it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from app.reports.naming import step_name
from app.run import events as e
from app.runbook.order import Plan
from app.session.look_ahead import look_ahead
from app.session.preflight import PreflightLine
from app.session.preflight_clock import clock_lines
from tests.rollback.test_ahead import CLOSED, DOWNTIME, ROWS, WINDOW
from tests.run.stage import T0, Stage, book
from tests.session.conversation import order, write


def lines(plan: Plan, home: Path) -> list[PreflightLine]:
    return list(clock_lines(plan, home, "d", T0))


@pytest.mark.parametrize(("phases", "more"), [(ROWS, WINDOW), (CLOSED, DOWNTIME)], ids=["window", "downtime"])
def test_it_names_the_very_step_at_which_the_run_is_held_when_every_step_takes_what_it_should(
    tmp_path: Path, phases: str, more: str
) -> None:
    tight = more.replace("T+20m", "T+12m").replace("T+10m", "T+8m")
    stage = Stage(book(phases, tight))
    named = [line.detail for line in lines(stage.state.plan, tmp_path)]
    stage.settle_down()
    while stage.running():
        for address in stage.running():
            stage.go(seconds=(stage.state.plan.by_address[address].step.est or timedelta(minutes=1)).total_seconds())
            stage.done(address)
    held = [x.event for x in stage.events if isinstance(x.event, e.StepHeldBack)]
    assert len(held) == len(named) == 1
    assert f"will be held at {step_name(stage.state.plan, held[0].address)}." in named[0]
    assert "reason" in named[0]


def test_nothing_is_said_when_the_way_back_fits_or_nothing_limits_it(tmp_path: Path) -> None:
    roomy = Stage(book(ROWS, WINDOW.replace("T+20m", "T+5h")))
    assert lines(roomy.state.plan, tmp_path) == []
    assert lines(Stage(book(ROWS)).state.plan, tmp_path) == []


def test_the_look_ahead_warns_of_it_and_does_not_stand_in_the_way(tmp_path: Path) -> None:
    more = "schedule: {t0: now, window: {from: T-5m, to: T+2m}}\nrollback: {to: start, est: 9m}"
    steps = """
    - id: p
      steps:
        - {id: a, est: 1m, local: {argv: ['true']}, changes: reversible, undo: [{est: 9m, local: {argv: ['true']}}]}
    """
    found = look_ahead(order(write(tmp_path, steps, more), tmp_path / "home"))
    (line,) = [one for one in found.lines if one.subject.startswith("way back by")]
    assert (line.word, line.blocks) == ("warning", False)
    assert "will be held at 0.1 a." in line.detail
