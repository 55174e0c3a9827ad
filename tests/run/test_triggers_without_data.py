"""No data while a trigger is red: it neither ends the red, nor takes its place, nor is a reason to go back."""

from __future__ import annotations

import pytest

from app.run import events as e
from app.run import requests as r
from app.run.state import Proposal
from tests.run.stage import Stage, book
from tests.run.test_triggers import MORE, STEPS, fired, goes_back, read, staged

RED = "errors is 7%, > 5%, for 3 s over 4 readings"


def goes_dark(stage: Stage, name: str, does: str = "pause") -> None:
    """The metric of a trigger gives no data any more."""
    read(stage, "", "status 503")
    stage.record(e.TriggerFired(name, "errors", "", "> 5%", 9000, 0, does, problem="status 503"))
    stage.settle_down()


def comes_back(stage: Stage, name: str, value: str = "7") -> None:
    """It gives data again."""
    read(stage, value)
    stage.record(e.TriggerCleared(name, "errors", value, "there is data again", problem=1))
    stage.settle_down()


def proposed(stage: Stage) -> Proposal | None:
    return stage.state.proposal


@pytest.mark.parametrize("does", ["investigate", "pause"])
def test_held_off_in_the_dark_it_comes_again_once_there_is_data_and_it_is_still_red(does: str) -> None:
    stage = staged()
    fired(stage, "back", "rollback")
    goes_dark(stage, "back", does)
    stage.say(r.Hold("ana", "cause known"))
    comes_back(stage, "back")
    stage.say(r.Release("ana"))
    stage.go(minutes=4)
    assert proposed(stage) is None
    stage.go(minutes=2)
    again = proposed(stage)
    assert again is not None
    assert again.reason == RED


def test_a_red_that_was_held_off_and_went_dark_asks_again_with_its_own_reason_and_only_with_data() -> None:
    stage = staged()
    fired(stage, "back", "rollback")
    stage.say(r.Hold("ana", "cause known"))
    goes_dark(stage, "back", "investigate")
    stage.go(hours=1)
    assert proposed(stage) is None
    comes_back(stage, "back")
    again = proposed(stage)
    assert again is not None
    assert again.reason == RED


def test_a_red_that_is_over_when_data_comes_back_does_not_ask_again() -> None:
    stage = staged()
    fired(stage, "back", "rollback")
    stage.say(r.Hold("ana", "cause known"))
    goes_dark(stage, "back", "investigate")
    read(stage, "1")
    stage.record(
        e.TriggerCleared("back", "errors", "1", "there is data again", problem=1),
        e.TriggerCleared("back", "errors", "1"),
    )
    stage.go(hours=1)
    assert proposed(stage) is None


def test_no_data_in_a_red_holds_the_run_with_its_own_reason_and_never_goes_back() -> None:
    stage = staged()
    fired(stage, "wait", "pause")
    stage.say(r.Release("ana"))
    goes_dark(stage, "wait")
    assert stage.state.held_by == "trigger wait"
    assert stage.state.held_reason == "errors has given no data for 9 s: status 503"
    stage.go(hours=1)
    assert not goes_back(stage)


def test_a_hold_for_no_data_does_not_pay_for_the_red() -> None:
    stage = staged()
    stage.say(r.RollBack("ana", countdown_ms=5000))
    fired(stage, "back", "rollback")
    goes_dark(stage, "back")
    stage.say(r.CallOff("ana"))
    assert stage.state.held_by == "trigger back"
    assert proposed(stage) is None  # nobody knows that it is still red
    comes_back(stage, "back")
    again = proposed(stage)
    assert again is not None
    assert again.reason == RED


def test_what_a_red_said_stays_what_it_said_when_the_data_goes() -> None:
    stage = staged()
    fired(stage, "back", "rollback")
    at = stage.state.triggers["back"].newest
    stage.go(seconds=5)
    goes_dark(stage, "back")
    told = stage.state.triggers["back"]
    assert (told.newest, told.value, told.span_ms, told.n, told.outcome) == (at, "7", 3000, 4, "rollback")
    assert (told.blind, told.problem, told.dark_ms) == (True, "status 503", 9000)


def test_auto_on_what_a_step_measured_acts_at_zero_however_long_that_takes() -> None:
    more = MORE.replace("triggers:", "  rows: {step: a}\ntriggers:").replace("within: 30s", "within: 3m")
    more = more.replace(
        "rollback: {", "  - {id: lost, metric: rows, when: '> 0', do: rollback, auto: true}\nrollback: {"
    )
    stage = Stage(book(STEPS.replace("BOUNDARY", ""), more))
    stage.settle_down()
    stage.done("a")
    stage.record(e.MetricRead("rows", 1, "7"), e.TriggerFired("lost", "rows", "7", "> 0", 0, 1, "rollback"))
    stage.settle_down()
    assert not goes_back(stage)
    stage.go(minutes=3)
    assert goes_back(stage)


def test_once_data_ends_the_red_it_is_the_red_that_is_shown_as_over() -> None:
    stage = staged()
    fired(stage, "back", "rollback")
    goes_dark(stage, "back")
    comes_back(stage, "back", "1")
    stage.record(e.TriggerCleared("back", "errors", "1"))
    told = stage.state.triggers["back"]
    assert (told.active, told.blind, told.problem, told.cleared) == (False, False, "", stage.now)


def test_auto_does_not_act_on_a_figure_that_is_none() -> None:
    stage = staged()
    fired(stage, "auto", "rollback")
    for value in ("nan", "inf"):
        stage.go(seconds=29)
        read(stage, value)
        stage.go(seconds=1)
    assert not goes_back(stage)
