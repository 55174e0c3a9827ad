"""What a trigger proposed is not lost by a press that came to nothing, nor acted on by a console that saw none."""

from __future__ import annotations

import pytest

from app.run import events as e
from app.run import requests as r
from tests.run.stage import Stage, book
from tests.run.test_back_by_itself import GOES_BACK, MORE, counts_down, past_zero, staged
from tests.run.test_triggers import fired, goes_back, read


def stands(stage: Stage) -> bool:
    return stage.state.proposal is not None


def proposals(stage: Stage) -> int:
    return stage.names().count("RollbackProposed")


def proposed(stage: Stage, name: str = "auto") -> Stage:
    """It is proposed, and the step under way has ended."""
    fired(stage, name, "rollback")
    stage.done("a")
    assert stands(stage)
    return stage


# ---------------------------------------------------------------- a press that came to nothing


@pytest.mark.parametrize("again", [False, True], ids=["once", "asked for twice"])
def test_once_a_press_is_called_off_the_proposal_stands_again_and_nothing_starts(again: bool) -> None:
    stage = proposed(staged())
    stage.say(r.RollBack("ana", countdown_ms=5000))
    if again:
        stage.record(e.RollbackRequested("raj", "", "me too", 5000))
    stage.go(seconds=3)
    assert not stands(stage)
    stage.say(r.CallOff("ana"))
    assert stands(stage)
    assert stage.running() == []
    assert stage.state.proposal is not None
    assert stage.state.proposal.began == stage.now, "its countdown begins again"
    past_zero(stage)
    assert goes_back(stage)


def test_a_zero_that_had_passed_before_the_press_counts_down_again() -> None:
    stage = proposed(staged())
    read(stage, "", "status 503")
    stage.go(seconds=31)
    stage.go(seconds=31)  # no fresh data: the next were called
    assert not goes_back(stage)
    stage.say(r.RollBack("ana", countdown_ms=5000))
    read(stage)
    stage.say(r.CallOff("ana"))
    read(stage)
    stage.settle_down()
    assert stands(stage)
    assert not goes_back(stage)


def test_a_press_that_ends_in_a_refused_plan_leaves_the_proposal_standing() -> None:
    stage = proposed(staged("lossy"), "back")
    stage.say(r.RollBack("ana", countdown_ms=5000))
    stage.say(r.Rule("raj", "b", "done", "by hand"))  # by now something would be lost
    stage.go(seconds=6)
    assert not goes_back(stage)
    assert stands(stage)
    assert stage.running() == []


def test_the_stop_key_in_the_strip_holds_the_proposal_off_and_it_comes_again() -> None:
    stage = proposed(staged())
    stage.say(r.RollBack("ana", countdown_ms=5000))
    stage.say(r.Panic("ana"))
    assert not stands(stage)
    assert stage.state.held_by == "ana"
    read(stage)
    stage.go(minutes=6)
    assert stands(stage)


def test_a_strip_of_the_runbook_that_is_called_off_leaves_the_proposal_standing() -> None:
    stage = Stage(book(GOES_BACK, MORE))
    stage.settle_down()
    fired(stage, "back", "rollback")
    stage.fail("a")
    assert counts_down(stage)
    stage.say(r.CallOff("ana"))
    assert stands(stage)


def test_holding_off_takes_over_a_hold_that_nobody_placed_so_that_no_failure_lifts_it() -> None:
    stage = Stage(book(GOES_BACK, MORE))
    stage.settle_down()
    fired(stage, "wait", "pause")
    fired(stage, "back", "rollback")
    stage.say(r.Panic("ana"))
    assert stage.state.held_by == "ana"
    stage.fail("a")
    stage.go(minutes=1)
    assert not goes_back(stage)


def test_a_rollback_of_a_trigger_that_is_not_possible_is_said_once_another_hold_is_lifted() -> None:
    stage = proposed(staged("lossy"))
    fired(stage, "wait", "pause")
    assert stage.state.held_by == "trigger wait"
    stage.record(e.RollbackRequested("trigger auto", "p", "errors is 7%", 0), e.RollbackCalledOff("console", "no way"))
    stage.say(r.Release("ana"))
    assert stage.state.held_by == "trigger auto"
    stage.say(r.Release("ana"))
    assert stage.running() == ["b"]


# ---------------------------------------------------------------- a console that comes later


def lost(stage: Stage, **seconds: float) -> None:
    """The console dies; after so long another one comes."""
    stage.record(e.ConsoleLost(1, 1000))
    stage.go(**seconds)
    stage.record(e.ConsoleAttached("ana", "laptop", 2, "terminal", "0"))
    stage.settle_down()


def test_a_countdown_that_nobody_saw_run_down_begins_again_and_acts_on_readings_of_this_console() -> None:
    stage = staged()
    fired(stage, "auto", "rollback")
    stage.go(seconds=2)
    lost(stage, seconds=40)
    assert stands(stage)
    stage.go(seconds=29)
    assert not goes_back(stage)
    stage.go(seconds=10)
    assert not goes_back(stage), "the only reading is of the console before, though within max_age"
    read(stage)
    stage.settle_down()
    assert goes_back(stage)


def test_a_zero_that_had_passed_is_counted_down_again_by_the_next_console() -> None:
    stage = staged()
    fired(stage, "back", "rollback")
    stage.go(seconds=31)
    assert stage.state.proposal is not None
    assert stage.state.proposal.asked == 2
    lost(stage, seconds=40)
    assert stage.state.proposal.asked == 1
    assert stage.state.proposal.began == stage.now


def test_a_console_that_dies_at_zero_leaves_it_to_the_next_one_to_decide_anew() -> None:
    stage = staged()
    fired(stage, "auto", "rollback")
    stage.record(e.RollbackRequested("trigger auto", "p", "errors is 7%", 0))
    lost(stage, seconds=40)
    assert not goes_back(stage)
    assert stands(stage)


# ---------------------------------------------------------------- past the final boundary


def test_a_hold_past_the_final_boundary_is_lifted_by_one_release() -> None:
    stage = staged("final")
    fired(stage, "back", "rollback")
    stage.say(r.Hold("ana", "known"))
    stage.say(r.Release("ana"))
    stage.done("a")
    assert stage.running() == ["b"]
    stage.go(minutes=6)
    assert "no way back any more" in stage.state.held_reason
    stage.say(r.Release("ana"))
    assert not stage.state.held
    stage.go(hours=1)
    assert not stage.state.held
