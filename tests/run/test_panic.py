"""The one key that stops: in every state of a run nothing new starts after it, and it never lets anything go on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.errors import Refused
from app.run import events as e
from app.run import requests as r
from app.run.decide import decide
from app.run.intentions import Begin, PlanBack
from app.run.moment import Moment
from app.run.rulings import rule
from app.run.state import Stage as RunStage
from tests.run.stage import Stage
from tests.run.test_triggers import fired, read, staged

HOURS = 3


def nothing_starts(stage: Stage) -> bool:
    """Whether nothing begins now or in the hours to come, however often the core is asked."""
    before = list(stage.began)
    wants = decide(stage.state, stage.now).next
    later = stage.now.at + timedelta(hours=HOURS)
    then = decide(stage.state, Moment(later, stage.now.mono_ns + HOURS * 3600 * 10**9, stage.now.boot)).next
    stage.settle_down()
    return stage.began == before and not any(isinstance(one, Begin | PlanBack) for one in (*wants, *then))


def between_steps() -> Stage:
    stage = staged()
    stage.record(e.StepSucceeded("a", 1, "exit 0"))
    return stage


def mid_step() -> Stage:
    return staged()


def failed() -> Stage:
    stage = staged()
    stage.fail("a")
    return stage


def in_doubt() -> Stage:
    stage = staged()
    stage.doubt("a")
    return stage


def counting_down() -> Stage:
    stage = staged()
    stage.done("a")
    stage.say(r.RollBack("ana"))
    assert stage.state.countdown is not None
    return stage


def going_back() -> Stage:
    stage = staged()
    stage.done("a", "b", "c")
    stage.roll_back("start")
    assert stage.stands(RunStage.ROLLING_BACK)
    stage.record(e.StepSucceeded("b/undo/1", 1, "exit 0"))
    return stage


def proposed() -> Stage:
    stage = staged()
    stage.done("a")
    fired(stage, "auto", "rollback")
    read(stage)
    assert stage.state.proposal is not None
    return stage


def held_by_another() -> Stage:
    stage = staged()
    stage.say(r.Hold("raj", "lunch"))
    stage.done("a")
    return stage


STATES = [between_steps, mid_step, failed, in_doubt, counting_down, going_back, proposed, held_by_another]


@pytest.mark.parametrize("state", STATES, ids=lambda one: one.__name__)
def test_after_the_key_nothing_new_starts(state: object) -> None:
    assert callable(state)
    stage = state()
    assert isinstance(stage, Stage)
    stage.record(*rule(stage.state, r.Panic("ana"), stage.now))
    assert stage.state.held_by == "ana"
    assert stage.state.countdown is None
    assert nothing_starts(stage)


@pytest.mark.parametrize("state", STATES, ids=lambda one: one.__name__)
def test_pressed_again_it_still_lets_nothing_go_on(state: object) -> None:
    assert callable(state)
    stage = state()
    assert isinstance(stage, Stage)
    for _ in range(5):
        stage.record(*rule(stage.state, r.Panic("ana"), stage.now))
    assert nothing_starts(stage)


def test_between_steps_the_next_one_would_have_started_without_it() -> None:
    assert any(isinstance(one, Begin) for one in decide(between_steps().state, between_steps().now).next)
    stage = going_back()
    assert any(isinstance(one, Begin) for one in decide(stage.state, stage.now).next)


def test_what_runs_goes_on_and_its_end_is_taken() -> None:
    stage = mid_step()
    stage.say(r.Panic("ana"))
    assert stage.running() == ["a"]
    stage.done("a")
    assert stage.running() == []
    stage.say(r.Release("ana"))
    assert stage.running() == ["b"]


def test_undos_wait_and_go_on_when_the_hold_is_lifted() -> None:
    stage = going_back()
    stage.say(r.Panic("ana"))
    assert stage.running() == []
    stage.say(r.Release("ana"))
    assert stage.running() == ["a/undo/1"]


def test_a_way_back_is_still_one_press_away() -> None:
    stage = counting_down()
    stage.say(r.Panic("ana"))
    stage.roll_back()
    assert stage.stands(RunStage.ROLLING_BACK)


def test_a_proposal_comes_again_while_its_trigger_stays_red() -> None:
    stage = proposed()
    stage.say(r.Panic("ana"))
    assert stage.state.proposal is None
    read(stage)
    stage.go(minutes=6)
    assert stage.state.proposal is not None


def test_a_closed_run_says_so() -> None:
    stage = staged()
    stage.done("a", "b", "c")
    stage.say(r.Close("ana"))
    with pytest.raises(Refused, match="closed"):
        rule(stage.state, r.Panic("ana"), stage.now)
