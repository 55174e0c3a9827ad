"""Lengths of time count sleep: what happens at the targets goes on when the console's machine does not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.errors import Refused
from app.metrics.window import Point, Window
from app.run import events as e
from app.run import requests as r
from app.run.clocked import spent_in
from app.run.moment import Moment
from tests.run.stage import T0, Stage, book

NOON = Moment(T0, 5_000_000_000, "boot-1")
MODES = "modes: {ro: {max: 10m, downtime: true}}"
AUTO = f"""
{MODES}
roles: {{lead: {{people: [ana]}}}}
metrics: {{errors: {{local: {{argv: [errors]}}, unit: "%", every: 1s}}}}
triggers: [{{id: auto, metric: errors, when: "> 5%", do: rollback, owner: lead, auto: true}}]
rollback: {{est: 1m, decide: {{by: [lead], within: 30s}}}}
"""
DOWN = """
- id: p
  steps:
    - {id: a, local: {argv: [a]}, changes: reversible, enter: [ro], undo: [{local: {argv: [ua]}, leave: [ro]}]}
    - {id: b, local: {argv: [b]}, changes: reversible, leave: [ro], undo: [{local: {argv: [ub]}}]}
"""
GO = """
- id: p
  steps:
    - {id: look, local: {argv: [look]}, changes: nothing, fresh: 15m}
    - id: go
      decide: {ask: Go, by: [lead], facts: [look]}
"""


def later(awake: float, asleep: float, boot: str = "boot-1", wall: float | None = None) -> Moment:
    """Seconds after NOON."""
    passed = awake + asleep if wall is None else wall
    return Moment(T0 + timedelta(seconds=passed), 5_000_000_000 + int(awake * 1e9), boot, int(asleep * 1e9))


def test_a_length_counts_sleep_and_no_jump_of_the_wall_clock() -> None:
    assert later(10, 2820).since(NOON) == timedelta(seconds=2830)
    assert later(10, 0, wall=-3600).since(NOON) == timedelta(seconds=10)
    assert NOON.since(later(10, 5)) == timedelta()
    assert later(10, 2820).awake_since(NOON) == timedelta(seconds=10)
    assert later(10, 20, "boot-2", wall=90).since(NOON) == timedelta(seconds=90), "another boot: only the wall is left"


def test_a_mode_is_on_while_the_machine_sleeps() -> None:
    stage = Stage(book(DOWN, MODES))
    stage.settle_down()
    stage.done("a")
    stage.sleep(minutes=47)
    assert spent_in(stage.state.modes["ro"], stage.now) == timedelta(minutes=47)
    assert "ModeOverran" in stage.names()


def test_a_fact_grows_old_while_the_machine_sleeps() -> None:
    stage = Stage(book(GO, "roles: {lead: {people: [ana]}}"))
    stage.settle_down()
    stage.done("look")
    stage.sleep(hours=8)
    with pytest.raises(Refused, match="look is 28800 s old"):
        stage.answer("go", "go")


def test_a_countdown_that_a_person_may_stop_does_not_run_out_while_nobody_can_see_it() -> None:
    stage = Stage(book(DOWN, MODES))
    stage.settle_down()
    stage.done("a")
    stage.say(r.RollBack("ana", "", "red"))
    stage.sleep(minutes=47)
    assert "RollbackPlanned" not in stage.names()
    stage.go(seconds=6)
    assert "RollbackPlanned" in stage.names()


def test_a_trigger_that_goes_back_by_itself_gives_the_same_time_to_call_it_off_after_a_sleep() -> None:
    stage = Stage(book(DOWN, AUTO))
    stage.settle_down()
    stage.done("a")
    stage.record(e.MetricRead("errors", 1, "7", ""), e.TriggerFired("auto", "errors", "7", "> 5%", 3000, 4, "rollback"))
    stage.settle_down()
    stage.sleep(minutes=47)
    stage.record(e.MetricRead("errors", 2, "7", ""))
    stage.settle_down()
    stage.go(seconds=29)
    stage.record(e.MetricRead("errors", 3, "7", ""))
    assert "RollbackPlanned" not in stage.names()
    stage.go(seconds=2)
    assert "RollbackPlanned" in stage.names()


def test_a_sleep_breaks_the_for_of_a_trigger() -> None:
    """Its readings carry the time awake, so the wall clock gives the sleep away, however short the gap is."""
    before, after = later(0, 0), later(5, 20)
    red = Window().broken(Point(before.mono_ns, before.at, 7.0), timedelta(minutes=1))
    assert red.broken(Point(after.mono_ns, after.at, 7.0), timedelta(minutes=1)).held == timedelta()
    awake = later(25, 0)
    assert red.broken(Point(awake.mono_ns, awake.at, 7.0), timedelta(minutes=1)).held == timedelta(seconds=25)
