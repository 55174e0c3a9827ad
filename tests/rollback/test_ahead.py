"""What each step does to the way back, and the step that would come too late."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.errors import Refused
from app.rollback import ahead as ahead_room
from app.rollback.ahead import Foresight, ahead, crossing
from app.rollback.forecast import outlook
from app.rollback.planner import plan_back
from app.run import events as e
from app.run import requests as r
from app.run.decide import blocked_by_person, decide
from app.run.state import RunState, Status
from tests.run.stage import Stage, book

S = timedelta(seconds=1)
ROWS = """
- id: one
  steps:
    - {id: a, est: 1m, local: {argv: [a]}, changes: reversible, undo: [{est: 2m, local: {argv: [un-a]}}]}
    - {id: look, est: 1m, local: {argv: [look]}, changes: nothing}
- id: two
  steps:
    - {id: b, est: 1m, local: {argv: [b]}, changes: reversible, undo: [{est: 3m, local: {argv: [un-b]}}]}
    - id: each
      est: 2m
      changes: reversible
      each:
        in: [x, y]
        steps:
          - {id: push, local: {argv: [push]}, undo: [{est: 1m, local: {argv: [un-push]}}]}
    - {id: c, est: 1m, local: {argv: [c]}, changes: reversible, undo: [{est: 6m, local: {argv: [un-c]}}]}
    - {id: free, est: 1m, local: {argv: [free]}, changes: nothing}
"""
WINDOW = """
schedule: {t0: now, window: {from: T-5m, to: T+20m}}
rollback: {to: start, verify: [{est: 1m, local: {argv: [v]}, changes: nothing}]}
"""
DOWNTIME = """
schedule: {t0: now, window: {from: T-5m, to: T+2h}, abort_by: T+10m}
modes: {read_only: {max: 5m, downtime: true}}
rollback: {to: start}
"""
CLOSED = """
- id: p
  steps:
    - id: shut
      est: 1m
      local: {argv: [shut]}
      changes: reversible
      enter: [read_only]
      undo: [{est: 1m, local: {argv: [open]}, leave: [read_only]}]
    - {id: move, est: 1m, local: {argv: [move]}, changes: reversible, undo: [{est: 9m, local: {argv: [un-move]}}]}
    - {id: open, est: 1m, local: {argv: [open]}, changes: reversible, leave: [read_only], undo: {none: open is open}}
"""


def minutes(stage: Stage) -> dict[str, float]:
    """Address -> minutes of the way back after that step."""
    found = ahead(stage.state, stage.now)
    return {a: one.length.slow / S / 60 for a, one in found.items() if one.length is not None}


def test_each_step_says_how_long_the_way_back_takes_after_it() -> None:
    stage = Stage(book(ROWS, WINDOW))
    assert minutes(stage) == {"a": 3, "look": 3, "b": 6, "each": 8, "c": 14, "free": 14}


def test_the_forecast_of_a_step_is_what_the_planner_says_once_it_is_done() -> None:
    stage = Stage(book(ROWS, WINDOW.replace("T+20m", "T+5h")))
    stage.settle_down()
    for address in ("a", "look", "b"):
        assert stage.running() == [address]
        assert plan_back(stage.state).length.slow == timedelta(minutes=minutes(stage)[address])
        stage.done(address)
    foreseen = timedelta(minutes=minutes(stage)["each"])
    stage.done("each[x]/push")
    assert plan_back(stage.state).length.slow == foreseen, "the last item runs, and counts"


def test_a_phase_without_a_scope_of_its_own_goes_back_to_its_beginning() -> None:
    stage = Stage(book(ROWS))
    assert minutes(stage) == {"a": 2, "look": 2, "b": 3, "each": 5, "c": 11, "free": 11}


def test_after_a_final_boundary_there_is_no_way_back_to_time() -> None:
    final = ROWS.replace("id: b, est: 1m,", "id: b, est: 1m, boundary: {kind: final, says: it is gone},")
    found = ahead(Stage(book(final, WINDOW)).state, Stage(book(final, WINDOW)).now)
    assert found["a"].length is not None
    assert (found["b"].length, found["b"].closed) == (None, "it is gone")
    assert not found["c"].crosses


def test_a_step_that_would_cross_zero_is_not_begun_and_a_reading_one_never_counts() -> None:
    stage = Stage(book(ROWS, WINDOW))
    stage.settle_down()
    stage.done("a", "look", "b", "each[x]/push", "each[y]/push")
    assert stage.running() == ["c"], "there is time enough"
    late = Stage(book(ROWS, WINDOW))
    late.settle_down()
    late.done("a", "look", "b")
    late.go(minutes=6)
    late.done("each[x]/push", "each[y]/push")
    assert late.running() == []
    assert late.status("c") is Status.WAITING
    held = next(x.event for x in late.events if isinstance(x.event, e.StepHeldBack))
    assert held.address == "c"
    assert held.late_ms == 2 * 60_000, "14 min, 1 min for the step, 1 min of margin, 14 min left"
    assert "c" in [p.address for p in blocked_by_person(late.state)]


def test_it_begins_once_it_is_overridden_with_a_reason_and_later_steps_are_not_asked_about_again() -> None:
    stage = Stage(book(ROWS, WINDOW))
    stage.settle_down()
    stage.go(minutes=30)
    stage.done("a", "look")
    assert stage.status("b") is Status.WAITING
    with pytest.raises(Refused, match="reason"):
        stage.say(r.Override("ana", "b", " "))
    stage.say(r.Override("ana", "b", "the window was moved, see the ticket"))
    assert stage.running() == ["b"]
    stage.done("b", "each[x]/push", "each[y]/push", "c")
    assert [x.event.address for x in stage.events if isinstance(x.event, e.StepHeldBack)] == ["b"]
    assert stage.state.overrides[0].reason == "the window was moved, see the ticket"


def test_an_answer_overrides_only_with_a_note_and_a_step_that_is_not_held_back_cannot_be_overridden() -> None:
    stage = Stage(book(ROWS, WINDOW))
    stage.settle_down()
    with pytest.raises(Refused, match="does not hold"):
        stage.say(r.Override("ana", "c", "why not"))
    stage.go(minutes=30)
    stage.done("a", "look")
    with pytest.raises(Refused, match="reason"):
        stage.say(r.Answer("ana", "b", "override"))
    stage.say(r.Answer("ana", "b", "override", "moved"))
    assert stage.running() == ["b"]


def test_it_can_be_skipped_and_gone_back_from_instead() -> None:
    stage = Stage(book(ROWS, WINDOW))
    stage.settle_down()
    stage.done("a", "look")
    stage.fail("b")
    stage.go(minutes=30)
    stage.say(r.Retry("ana", "b"))
    assert stage.status("b") is Status.WAITING
    stage.say(r.Rule("ana", "b", "skipped", "not today"))
    assert stage.status("each") is Status.WAITING
    stage.roll_back()
    assert stage.running() == ["b/undo/1"]


def test_in_downtime_abort_by_counts_and_the_step_that_ends_it_is_never_held_back() -> None:
    stage = Stage(book(CLOSED, DOWNTIME))
    stage.settle_down()
    assert outlook(stage.state, plan_back(stage.state), stage.now).deadline == stage.state.plan.inputs.abort_by
    stage.done("shut")
    assert stage.status("move") is Status.WAITING, "it would take ten minutes back, of nine"
    stage.say(r.Rule("ana", "move", "skipped", "too late for it"))
    assert stage.running() == ["open"], "after it the window's end counts"


def test_what_held_a_step_back_may_be_over_and_then_it_begins_by_itself() -> None:
    stage = Stage(book(CLOSED, DOWNTIME))
    stage.settle_down()
    stage.done("shut")
    assert stage.status("move") is Status.WAITING
    stage.record(e.ModeLeft("read_only", "somebody"))
    stage.settle_down()
    assert stage.running() == ["move"]
    assert "StepAdmitted" in stage.names()


def test_times_of_earlier_runs_go_before_estimates() -> None:
    stage = Stage(book(ROWS, WINDOW))
    took = tuple(range(10_000, 110_000, 10_000))
    stage.record(e.UndoTimesLearned((("a/undo/1", "", took),), ("r0",)))
    stage.settle_down()
    length = plan_back(stage.state).length
    assert (length.usual, length.slow) == (50 * S + 60 * S, 90 * S + 60 * S)
    assert (length.measured, length.guessed, length.n) == (1, 1, 10)
    assert length.is_estimate, "the check at the end is an estimate"


def test_a_mode_over_its_max_is_an_event_once_and_its_clock_runs_on_after_a_crash() -> None:
    stage = Stage(book(CLOSED, DOWNTIME.replace("abort_by: T+10m", "abort_by: T+2h")))
    stage.settle_down()
    stage.done("shut")
    stage.go(minutes=4)
    assert "ModeOverran" not in stage.names()
    clock = outlook(stage.state, plan_back(stage.state), stage.now).modes[0]
    assert clock.nearly
    assert not clock.over
    stage.go(minutes=2)
    stage.crash()
    stage.go(minutes=2)
    assert stage.names().count("ModeOverran") == 1
    assert outlook(stage.state, plan_back(stage.state), stage.now).modes[0].over


def test_a_run_with_a_mode_on_is_closed_only_for_a_reason() -> None:
    stage = Stage(book(CLOSED, DOWNTIME.replace("abort_by: T+10m", "abort_by: T+2h")))
    stage.settle_down()
    stage.done("shut", "move")
    stage.say(r.StopStep("ana", "open"))
    stage.record(e.StepCancelled("open", 1, "stopped"))
    with pytest.raises(Refused, match="Still on: read_only"):
        stage.say(r.Close("ana"))
    stage.say(r.Close("ana", "opened by hand"))
    assert "RunClosed" in stage.names()


WIDE = """
- id: p
  steps:
    - id: roll
      changes: reversible
      each:
        in: [a, b, c, d, e, f]
        batch: 3
        steps: [{id: s, est: 1m, local: {argv: [s]}, undo: [{est: 5m, local: {argv: [u]}}]}]
"""


@pytest.mark.parametrize(("more", "sums"), [(WINDOW.replace("T+20m", "T+5h"), 1), ("rollback: {to: start}", 0)])
def test_one_look_at_a_batch_sums_up_the_past_once_and_not_at_all_without_a_deadline(
    monkeypatch: pytest.MonkeyPatch, more: str, sums: int
) -> None:
    built: list[object] = []

    class Counted(ahead_room._Tally):
        def __init__(self, state: RunState) -> None:
            built.append(state)
            super().__init__(state)

    stage = Stage(book(WIDE, more))
    stage.settle_down()
    stage.done(*stage.running()[:2])
    stage.record(e.StepSucceeded("roll[c]/s", 1, "exit 0"))
    monkeypatch.setattr(ahead_room, "_Tally", Counted)
    wanted = decide(stage.state, stage.now, Foresight()).next
    assert len(wanted) == 3, "the whole batch"
    assert len(built) == sums


def test_the_foresight_of_many_steps_is_that_of_each_alone() -> None:
    stage = Stage(book(WIDE, WINDOW))
    stage.settle_down()
    stage.go(minutes=2)
    foresee = Foresight()
    for planned in stage.state.plan.steps:
        assert foresee(stage.state, planned, stage.now) == crossing(stage.state, planned, stage.now)
    stage.done(*stage.running())
    later = [foresee(stage.state, planned, stage.now) for planned in stage.state.plan.steps]
    assert later == [crossing(stage.state, planned, stage.now) for planned in stage.state.plan.steps]
    assert any(later), "some of them cross"
