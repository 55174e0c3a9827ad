"""What may go back by itself: never across a loss that nobody accepted, never against a person's hold."""

from __future__ import annotations

import pytest

from app.rollback.planner import plan_back
from app.run import events as e
from app.run import requests as r
from app.run.advance import waits_to_go_back
from app.run.phases import own_scope
from app.run.state import Stage as RunStage
from tests.run.stage import Stage, book
from tests.run.test_triggers import fired, goes_back, read

MORE = """
roles: {lead: {people: [ana, raj]}, app: {people: [ivo]}}
metrics:
  errors: {local: {argv: [errors]}, unit: '%', every: 1s}
triggers:
  - {id: back, metric: errors, when: '> 5%', do: rollback, owner: app}
  - {id: auto, metric: errors, when: '> 5%', do: rollback, owner: app, auto: true, max_age: 5m}
  - {id: wait, metric: errors, when: '> 3%', do: pause, owner: app}
rollback: {est: 1m, decide: {by: [lead], within: 30s}}
"""
STEPS = """
- id: p
  steps:
    - {id: a, local: {argv: [a]}, changes: reversible, undo: [{local: {argv: [undo-a]}}]}
    - {id: b, local: {argv: [b]}, changes: reversible, undo: [{local: {argv: [undo-b]}}]BOUNDARY}
- id: q
  steps:
    - {id: c, local: {argv: [c]}, changes: reversible, at: T+2h, undo: [{local: {argv: [undo-c]}}]}
    - {id: d, local: {argv: [d]}, changes: nothing}
"""


def staged(boundary: str = "", more: str = MORE) -> Stage:
    """A run whose first step runs."""
    crosses = f", boundary: {{kind: {boundary}, says: orders}}" if boundary else ""
    stage = Stage(book(STEPS.replace("BOUNDARY", crosses), more))
    stage.settle_down()
    return stage


def counts_down(stage: Stage) -> bool:
    return stage.state.countdown is not None


def past_zero(stage: Stage) -> None:
    """Its countdown runs down, and it is red by fresh data all the while."""
    for _ in range(4):
        stage.go(seconds=15)
        read(stage)
        stage.settle_down()


# ---------------------------------------------------------------- one scope for both sides


def test_between_two_phases_a_lossy_boundary_of_the_one_before_keeps_auto_from_acting() -> None:
    stage = staged("lossy")
    stage.done("a", "b")
    assert stage.running() == []  # the next phase waits for its time
    fired(stage, "auto", "rollback")
    assert stage.state.proposal is not None
    assert not stage.state.proposal.auto
    past_zero(stage)
    assert not goes_back(stage)
    assert stage.state.proposal is not None


def test_between_two_phases_a_final_boundary_of_the_one_before_holds() -> None:
    stage = staged("final")
    stage.done("a", "b")
    fired(stage, "auto", "rollback")
    assert stage.state.proposal is None
    assert stage.state.held_by == "trigger auto"
    assert "no way back any more: orders" in stage.state.held_reason


@pytest.mark.parametrize("to", ["", "to: start, ", "to: q, "])
@pytest.mark.parametrize("done", [(), ("a",), ("a", "b"), ("a", "b", "c"), ("a", "b", "c", "d")])
def test_what_is_proposed_is_what_is_planned(to: str, done: tuple[str, ...]) -> None:
    stage = staged("lossy", MORE.replace("rollback: {est", f"rollback: {{{to}est"))
    for address in done:
        if address == "c":
            stage.go(hours=2)
        stage.done(address)
    fired(stage, "back", "rollback")
    proposal, plan = stage.state.proposal, plan_back(stage.state)
    assert proposal is not None
    assert (proposal.scope, plan.scope) == (own_scope(stage.state), own_scope(stage.state))
    assert plan.refusal == ""
    assert proposal.scope != "q" or "c" in stage.state.started


def test_in_the_next_phase_the_boundary_lies_outside_and_auto_acts() -> None:
    stage = staged("lossy")
    stage.done("a", "b")
    stage.go(hours=2)
    assert stage.running() == ["c"]
    fired(stage, "auto", "rollback")
    past_zero(stage)
    assert stage.state.back is not None
    assert stage.state.back.scope == "q"


def test_a_boundary_crossed_by_hand_while_it_is_proposed_keeps_it_from_acting() -> None:
    stage = staged("lossy")
    fired(stage, "auto", "rollback")
    stage.say(r.Rule("ana", "b", "done", "by hand"))
    past_zero(stage)
    assert not goes_back(stage)
    assert stage.state.proposal is not None


def test_a_trigger_that_would_lose_something_at_zero_is_called_off_and_holds_with_the_reason() -> None:
    stage = staged("lossy")
    stage.done("a", "b")
    fired(stage, "auto", "rollback")
    stage.record(e.RollbackRequested("trigger auto", "p", "errors is 7%", 0))
    stage.settle_down()
    assert not goes_back(stage)
    assert stage.state.held_by == "trigger auto"
    assert stage.state.held_reason == "errors is 7%. Going back now loses: orders. Nobody has accepted that."


def test_who_pressed_while_nothing_was_lost_has_not_accepted_what_is_lost_by_now() -> None:
    stage = staged("lossy")
    stage.say(r.RollBack("ana"))
    stage.say(r.Rule("raj", "b", "done", "by hand"))
    stage.go(seconds=6)
    assert not goes_back(stage)
    assert "RequestRefused" in stage.names()
    stage.say(r.RollBack("ana", accepts="orders"))
    stage.say(r.RollBackNow("ana"))
    assert goes_back(stage)


def test_pressing_again_may_accept_what_is_lost() -> None:
    stage = staged("lossy")
    stage.done("a")
    stage.say(r.RollBack("ana"))
    stage.say(r.RollBack("ana", accepts="orders"))
    assert goes_back(stage)


def test_what_the_runbook_does_by_itself_was_accepted_with_it_and_the_record_says_so() -> None:
    steps = STEPS.replace("BOUNDARY", ", on_fail: rollback, boundary: {kind: lossy, says: orders}")
    stage = Stage(book(steps, MORE))
    stage.settle_down()
    stage.done("a")
    stage.fail("b")
    assert stage.state.countdown is not None
    assert stage.state.countdown.accepts == "orders"
    stage.go(seconds=6)
    assert stage.stands(RunStage.ROLLING_BACK)


# ---------------------------------------------------------------- a person's hold

GOES_BACK = STEPS.replace("BOUNDARY", "").replace("argv: [a]}, ", "argv: [a]}, on_fail: rollback, ")
DECIDES = """
- id: p
  steps:
    - {id: z, local: {argv: [z]}, changes: reversible, undo: [{local: {argv: [undo-z]}}]}
    - {id: a, decide: {ask: Go on?, by: [lead], otherwise: rollback}}
"""


def going_back_on_failure() -> Stage:
    """A run whose first step runs, and goes back when it fails."""
    stage = Stage(book(GOES_BACK, MORE))
    stage.settle_down()
    return stage


@pytest.mark.parametrize("placed", [r.Panic("ana"), r.Hold("ana", "let me look")], ids=["stop key", "hold"])
def test_while_a_person_holds_the_run_a_failure_does_not_go_back_by_itself(placed: r.Request) -> None:
    stage = going_back_on_failure()
    stage.say(placed)
    stage.fail("a")
    assert not counts_down(stage)
    stage.go(hours=1)
    assert not goes_back(stage)
    assert stage.state.held_by == "ana"
    assert waits_to_go_back(stage.state, "a")
    stage.say(r.Release("ana"))
    assert counts_down(stage), "the strip counts down from the release on"
    assert not waits_to_go_back(stage.state, "a")
    stage.go(seconds=6)
    assert goes_back(stage)


def test_a_no_go_does_not_go_back_by_itself_either() -> None:
    stage = Stage(book(DECIDES, MORE))
    stage.settle_down()
    stage.done("z")
    stage.say(r.Panic("raj"))
    stage.answer("a", "no-go")
    stage.go(seconds=6)
    assert stage.state.held_by == "raj"
    assert waits_to_go_back(stage.state, "a")
    assert not goes_back(stage)


def test_a_person_may_still_go_back_while_a_person_holds_the_run() -> None:
    stage = going_back_on_failure()
    stage.say(r.Panic("ana"))
    stage.fail("a")
    stage.roll_back()
    assert goes_back(stage)


def test_a_hold_of_the_console_or_a_trigger_does_not_keep_the_runbook_from_going_back() -> None:
    stage = going_back_on_failure()
    fired(stage, "wait", "pause")
    assert stage.state.held_by == "trigger wait"
    stage.fail("a")
    stage.go(seconds=6)
    assert goes_back(stage)


def test_a_hold_in_the_strip_of_the_runbook_stops_it_and_it_does_not_begin_again() -> None:
    stage = going_back_on_failure()
    stage.fail("a")
    assert counts_down(stage)
    stage.say(r.Hold("ana", "let me look"))
    assert not counts_down(stage)
    stage.go(minutes=1)
    assert stage.state.held_by == "ana"
    stage.say(r.Release("ana"))
    stage.go(minutes=1)
    assert not goes_back(stage)
