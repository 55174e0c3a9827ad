"""The way back is computed from what really started, and goes its rows one after the other."""

from __future__ import annotations

import pytest

from app.errors import Refused
from app.rollback.planner import plan_back, scopes
from app.rollback.readiness import Word, readiness
from app.run import events as e
from app.run import requests as r
from app.run.state import Stage as RunStage
from app.run.state import Status
from tests.run.stage import Stage, book

ROWS = """
- id: one
  steps:
    - {id: a, local: {argv: [a]}, changes: reversible, undo: [{local: {argv: [un-a]}, changes: reversible}]}
- id: two
  steps:
    - {id: b, local: {argv: [b]}, changes: reversible, undo: [{local: {argv: [un-b]}}, {local: {argv: [un-b2]}}]}
    - {id: c, local: {argv: [c]}, changes: reversible, undo: {none: harmless}}
    - {id: d, local: {argv: [d]}, changes: reversible, undo: [{local: {argv: [un-d]}}]}
    - {id: f, local: {argv: [f]}, changes: reversible, undo: [{local: {argv: [un-f]}}]}
"""
AROUND = """
rollback:
  to: start
  before: [{local: {argv: [before]}, changes: reversible}]
  after: [{local: {argv: [after]}, changes: reversible}]
  verify: [{local: {argv: [verify]}, changes: nothing}]
"""


def started(*, more: str = "") -> Stage:
    stage = Stage(book(ROWS, more))
    stage.settle_down()
    stage.done("a", "b", "c")
    return stage


def test_last_started_comes_first_the_half_done_step_included_and_what_never_started_is_left_alone() -> None:
    stage = started()
    assert [x.address for x in plan_back(stage.state, "start").rows] == [
        "d/undo/1",
        "",
        "b/undo/1",
        "b/undo/2",
        "a/undo/1",
    ]
    assert [x.undoes for x in plan_back(stage.state, "start").rows] == ["d", "c", "b", "b", "a"]


def test_the_default_scope_is_the_current_phase() -> None:
    stage = started()
    plan = plan_back(stage.state)
    assert plan.scope == "two"
    assert "a/undo/1" not in [x.address for x in plan.rows]
    assert scopes(stage.state) == ("two", "one", "start")


def test_the_running_step_is_stopped_before_the_first_undo() -> None:
    stage = started()
    stage.roll_back()
    assert stage.status("d") is Status.STOPPING
    assert not any("undo" in a for a in stage.began)
    stage.record(e.StepCancelled("d", 1, "ended"))
    stage.settle_down()
    assert stage.running() == ["d/undo/1"]
    stage.done("d/undo/1", "b/undo/1", "b/undo/2")
    assert stage.stands(RunStage.ROLLED_BACK)
    assert stage.state.undone == {"d", "b"}
    assert ("d/undo/1", 1, "undo", "done") in stage.account()


def test_procedures_stand_around_the_undos_and_verify_must_pass() -> None:
    stage = started(more=AROUND)
    stage.roll_back()
    stage.record(e.StepCancelled("d", 1, "ended"))
    stage.settle_down()
    stage.done("rollback/before/1", "d/undo/1", "b/undo/1", "b/undo/2", "a/undo/1", "rollback/after/1")
    stage.fail("rollback/verify/1")
    assert stage.stands(RunStage.ROLLING_BACK)
    stage.say(r.Retry("ana", "rollback/verify/1", "again"))
    stage.done("rollback/verify/1")
    assert stage.stands(RunStage.ROLLED_BACK)


def test_a_failed_undo_stops_and_asks_and_a_skipped_one_makes_it_incomplete() -> None:
    stage = started()
    stage.roll_back()
    stage.record(e.StepCancelled("d", 1, "ended"))
    stage.settle_down()
    stage.fail("d/undo/1")
    assert stage.running() == []
    stage.say(r.Rule("ana", "d/undo/1", "skipped", "done by hand"))
    stage.done("b/undo/1", "b/undo/2")
    assert stage.stands(RunStage.INCOMPLETE)


def test_a_doubt_is_settled_before_any_undo() -> None:
    stage = started()
    stage.doubt("d")
    stage.roll_back()
    assert not any("undo" in a for a in stage.began)
    stage.say(r.Rule("ana", "d", "failed", "looked"))
    assert stage.running() == ["d/undo/1"]


def test_the_strip_can_be_stopped_and_nothing_was_sent() -> None:
    stage = started()
    stage.say(r.RollBack("ana", "", "red"))
    assert stage.status("d") is Status.RUNNING
    stage.go(seconds=4)
    stage.say(r.CallOff("ana"))
    stage.go(seconds=10)
    assert stage.stands(RunStage.FORWARD)
    stage.done("d")
    assert stage.running() == ["f"]


def test_the_strip_runs_out_by_itself() -> None:
    stage = started()
    stage.say(r.RollBack("ana", "", "red"))
    stage.go(seconds=5)
    assert stage.stands(RunStage.ROLLING_BACK)


def test_on_fail_rollback_goes_that_way_and_a_called_off_strip_does_not_come_back() -> None:
    stage = Stage(book(ROWS.replace("argv: [d]}, changes", "argv: [d]}, on_fail: rollback, changes")))
    stage.settle_down()
    stage.done("a", "b", "c")
    stage.fail("d")
    assert "RollbackRequested" in stage.names()
    stage.say(r.CallOff("ana"))
    stage.go(seconds=20)
    assert stage.state.countdown is None
    assert stage.stands(RunStage.FORWARD)
    stage.roll_back()
    assert stage.running() == ["d/undo/1"]


def test_past_a_final_boundary_the_button_answers_with_the_reason() -> None:
    final = ROWS.replace(
        "argv: [b]}, changes", "argv: [b]}, boundary: {kind: final, says: the old side is gone}, changes"
    )
    stage = Stage(book(final))
    stage.settle_down()
    stage.done("a")
    plan = plan_back(stage.state, "start")
    assert plan.zone == "final"
    assert "the old side is gone" in plan.refusal
    assert readiness(stage.state, plan, stage.now).word is Word.PAST
    stage.roll_back("start")
    assert stage.stands(RunStage.FORWARD)
    assert "RequestRefused" in stage.names()


def test_a_lossy_boundary_says_what_is_lost() -> None:
    lossy = ROWS.replace("argv: [b]}, changes", "argv: [b]}, boundary: {kind: lossy, says: new orders}, changes")
    stage = Stage(book(lossy))
    stage.settle_down()
    stage.done("a")
    plan = plan_back(stage.state, "start")
    assert (plan.zone, plan.loses) == ("lossy", "new orders")
    assert plan_back(stage.state, "two").zone == "lossy"


def test_a_phase_without_a_way_back_says_so() -> None:
    stage = Stage(book(ROWS.replace("- id: two\n", "- id: two\n  rollback: {how: none}\n")))
    stage.settle_down()
    assert plan_back(stage.state, "start").refusal == ""
    stage.done("a")
    assert "no way back" in plan_back(stage.state, "start").refusal


def test_a_recipe_of_a_phase_replaces_its_undos() -> None:
    recipe = "- id: two\n  rollback: {how: steps, steps: [{local: {argv: [restore]}, changes: reversible}]}\n"
    stage = Stage(book(ROWS.replace("- id: two\n", recipe)))
    stage.settle_down()
    stage.done("a", "b")
    rows = plan_back(stage.state, "start").rows
    assert [x.address for x in rows] == ["two/rollback/1", "a/undo/1"]


def test_a_fan_out_that_was_under_way_is_put_back_into_service_first() -> None:
    fan = """
    - id: p
      steps:
        - id: roll
          changes: reversible
          each: {in: [x, y], steps: [{id: push, local: {argv: [push]}}], finally: [{id: back, local: {argv: [back]}}]}
          undo: [{local: {argv: [un]}, changes: reversible}]
    """
    stage = Stage(book(fan))
    stage.settle_down()
    stage.roll_back()
    stage.record(e.StepCancelled("roll[x]/push", 1, "ended"))
    stage.settle_down()
    assert stage.status("roll") is Status.CANCELLED
    assert stage.running() == ["roll[x]/back"]
    stage.done("roll[x]/back")
    assert stage.running() == ["roll/undo/1"]
    stage.done("roll/undo/1")
    assert stage.stands(RunStage.ROLLED_BACK)


def test_a_second_rollback_goes_further_back_and_undoes_nothing_twice() -> None:
    stage = started()
    stage.roll_back("two")
    stage.record(e.StepCancelled("d", 1, "ended"))
    stage.settle_down()
    stage.done("d/undo/1", "b/undo/1", "b/undo/2")
    assert stage.stands(RunStage.ROLLED_BACK)
    assert [x.address for x in plan_back(stage.state, "start").rows if x.part == "undo"] == ["a/undo/1"]
    stage.roll_back("start")
    stage.done("a/undo/1")
    assert stage.stands(RunStage.ROLLED_BACK)


def test_nothing_started_means_nothing_to_undo() -> None:
    stage = Stage(book(ROWS))
    with pytest.raises(Refused, match="Nothing has started"):
        stage.roll_back()
