"""A mode is on since the first step that entered it and may have run; one that never ran entered nothing."""

from __future__ import annotations

from datetime import timedelta

from app.rollback.ahead import modes_on
from app.run import events as e
from app.run import requests as r
from app.run.clocked import spent_in
from tests.run.stage import Stage, book

RO = "modes: {ro: {max: 10m, downtime: true}}"
ONE = """
- id: p
  steps:
    - {id: a, local: {argv: [a]}, changes: reversible, enter: [ro], undo: [{local: {argv: [ua]}, leave: [ro]}]}
    - {id: z, local: {argv: [z]}, changes: nothing, leave: [ro]}
"""
TWO = """
- id: p
  steps:
    - {id: a, local: {argv: [a]}, changes: reversible, enter: [ro], undo: [{local: {argv: [ua]}, leave: [ro]}]}
    - {id: b, track: x, local: {argv: [b]}, changes: reversible, enter: [ro], undo: [{local: {argv: [ub]}}]}
- id: q
  steps: [{id: z, local: {argv: [z]}, changes: nothing, leave: [ro]}]
"""


def begun(steps: str) -> Stage:
    stage = Stage(book(steps, RO))
    stage.settle_down()
    return stage


def fence(stage: Stage, address: str) -> None:
    """A person stops it, and its target says that it never began."""
    number = stage.attempt(address)
    stage.record(e.StopRequested(address, number, "ana", "wrong"), e.StepFenced(address, number))
    stage.settle_down()


def spent(stage: Stage) -> timedelta:
    return spent_in(stage.state.modes["ro"], stage.now)


def test_a_step_that_never_ran_leaves_no_mode_on() -> None:
    stage = begun(ONE)
    stage.go(minutes=5)
    fence(stage, "a")
    stage.go(minutes=11)
    assert modes_on(stage.state) == frozenset()
    assert spent(stage) == timedelta()
    assert "ModeOverran" not in stage.names()
    stage.say(r.Retry("ana", "a"))
    stage.go(minutes=1)
    assert modes_on(stage.state) == {"ro"}
    assert spent(stage) == timedelta(minutes=1)


def test_a_mode_stays_on_since_the_step_that_may_have_run_entered_it() -> None:
    stage = begun(TWO)
    assert set(stage.running()) == {"a", "b"}
    stage.go(minutes=3)
    fence(stage, "a")
    assert modes_on(stage.state) == {"ro"}
    assert spent(stage) == timedelta(minutes=3)


def test_an_overrun_that_never_was_does_not_silence_the_one_that_is() -> None:
    stage = begun(ONE)
    stage.go(minutes=11)
    assert stage.names().count("ModeOverran") == 1
    fence(stage, "a")
    stage.say(r.Retry("ana", "a"))
    stage.go(minutes=9)
    assert stage.names().count("ModeOverran") == 1
    stage.go(minutes=1)
    assert stage.names().count("ModeOverran") == 2


def test_a_mode_stays_on_when_an_earlier_attempt_of_its_step_ran() -> None:
    stage = begun(ONE)
    stage.fail("a")
    stage.go(minutes=2)
    stage.say(r.Retry("ana", "a"))
    fence(stage, "a")
    assert spent(stage) == timedelta(minutes=2)
    assert modes_on(stage.state) == {"ro"}
