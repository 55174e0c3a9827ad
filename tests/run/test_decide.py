"""Forward: order, tracks, gates, failures, questions, fan-outs, crashes."""

from __future__ import annotations

import pytest

from app.errors import Refused
from app.run import events as e
from app.run import requests as r
from app.run.state import Stage as RunStage
from app.run.state import Status
from tests.run.stage import Stage, book

TWO = """
- id: one
  steps:
    - {id: a, local: {argv: [a]}, changes: reversible, undo: [{local: {argv: [un-a]}, changes: reversible}]}
    - {id: b, local: {argv: [b]}, changes: reversible, undo: [{local: {argv: [un-b]}, changes: reversible}]}
- id: two
  steps:
    - {id: c, local: {argv: [c]}, changes: nothing}
"""


def test_steps_of_a_track_run_one_after_the_other_and_phases_too() -> None:
    stage = Stage(book(TWO))
    stage.settle_down()
    assert stage.running() == ["a"]
    stage.done("a")
    assert stage.running() == ["b"]
    stage.done("b")
    assert stage.running() == ["c"]
    stage.done("c")
    assert stage.stage is RunStage.FINISHED


def test_tracks_run_side_by_side_and_needs_join_them() -> None:
    stage = Stage(
        book("""
        - id: p
          steps:
            - {id: a, local: {argv: [a]}, changes: nothing}
            - {id: b, local: {argv: [b]}, changes: nothing, track: backup}
            - {id: c, local: {argv: [c]}, changes: nothing, needs: [b]}
        """)
    )
    stage.settle_down()
    assert stage.running() == ["a", "b"]
    stage.done("a")
    assert stage.running() == ["b"]
    stage.done("b")
    assert stage.running() == ["c"]


def test_a_failed_step_waits_for_a_person_and_nothing_after_it_starts() -> None:
    stage = Stage(book(TWO))
    stage.settle_down()
    stage.fail("a")
    assert stage.running() == []
    stage.say(r.Retry("ana", "a", "was a hiccup"))
    assert stage.running() == ["a"]
    assert stage.attempt("a") == 2


def test_a_hold_starts_nothing_new_and_release_goes_on() -> None:
    stage = Stage(book(TWO))
    stage.settle_down()
    stage.say(r.Hold("ana", "look first"))
    stage.done("a")
    assert stage.running() == []
    stage.say(r.Release("ana"))
    assert stage.running() == ["b"]


def test_the_runbooks_own_retries_are_counted_and_spaced() -> None:
    stage = Stage(
        book("""
        - id: p
          steps:
            - {id: a, local: {argv: [a]}, changes: nothing, retry: {times: 2, every: 10s}}
        """)
    )
    stage.settle_down()
    stage.fail("a")
    assert stage.running() == []
    stage.go(seconds=10)
    assert stage.running() == ["a"]
    stage.fail("a")
    stage.go(seconds=10)
    stage.fail("a")
    stage.go(seconds=100)
    assert stage.attempt("a") == 3
    assert stage.status("a") is Status.FAILED


def test_on_fail_continue_goes_on_and_stop_stops() -> None:
    stage = Stage(
        book("""
        - id: p
          steps:
            - {id: a, local: {argv: [a]}, changes: nothing, on_fail: continue}
            - {id: b, local: {argv: [b]}, changes: nothing, on_fail: stop}
            - {id: c, local: {argv: [c]}, changes: nothing}
        """)
    )
    stage.settle_down()
    stage.fail("a")
    assert stage.running() == ["b"]
    stage.fail("b")
    assert stage.stage is RunStage.STOPPED
    assert stage.running() == []


def test_a_decision_needs_distinct_people_of_its_roles() -> None:
    stage = Stage(
        book(
            """
            - id: p
              steps:
                - {id: go, decide: {ask: "Go?", by: [lead, dba], need: 2, facts: []}}
                - {id: a, local: {argv: [a]}, changes: nothing}
            """,
            "roles: {lead: {people: [ana]}, dba: {people: [mei]}}",
        )
    )
    stage.settle_down()
    stage.answer("go", "go")
    stage.answer("go", "go")
    assert stage.status("go") is Status.WAITING
    with pytest.raises(Refused, match="sam is not asked"):
        stage.answer("go", "go", by="sam")
    stage.answer("go", "go", by="mei")
    assert stage.status("go") is Status.DONE
    assert stage.running() == ["a"]


def test_silence_is_never_go() -> None:
    stage = Stage(book("- {id: p, steps: [{id: go, decide: {ask: Go, deadline: 60s, otherwise: stop}}]}"))
    stage.settle_down()
    stage.go(seconds=59)
    assert stage.status("go") is Status.WAITING
    stage.go(seconds=2)
    assert stage.status("go") is Status.FAILED
    assert stage.stage is RunStage.STOPPED


def test_a_step_waits_for_its_time_and_for_its_approval() -> None:
    stage = Stage(
        book(
            """
            - id: p
              steps:
                - {id: a, at: T+5m, local: {argv: [a]}, changes: destructive, approve: {by: [lead], need: 1}}
            """,
            "roles: {lead: {people: [ana, mei]}}",
        )
    )
    stage.settle_down()
    assert stage.status("a") is Status.PENDING
    assert stage.wake is not None
    stage.go(minutes=5)
    assert stage.status("a") is Status.WAITING
    with pytest.raises(Refused, match="operator cannot"):
        stage.answer("a", "approve")
    stage.answer("a", "approve", by="mei")
    assert stage.running() == ["a"]


def test_a_crash_makes_running_steps_unknown_and_the_target_is_asked_not_the_step_run() -> None:
    stage = Stage(book(TWO))
    stage.settle_down()
    stage.crash()
    assert stage.status("a") is Status.ASKING
    assert stage.began == ["a"]
    stage.done("a")
    assert stage.running() == ["b"]


def test_a_doubt_blocks_until_a_person_rules() -> None:
    stage = Stage(book(TWO))
    stage.settle_down()
    stage.doubt("a")
    assert stage.running() == []
    with pytest.raises(Refused, match="twice"):
        stage.say(r.Retry("ana", "a"))
    stage.say(r.Rule("ana", "a", "done", "saw it on the host"))
    assert stage.running() == ["b"]
    assert ("a", 1, "do", "done") in stage.account()


def test_an_attempt_that_never_ran_is_tried_again_by_itself() -> None:
    stage = Stage(book(TWO))
    stage.settle_down()
    stage.crash()
    stage.record(e.StepFenced("a", 1))
    stage.settle_down()
    assert stage.attempt("a") == 2
    assert stage.running() == ["a"]


FAN = """
- id: p
  steps:
    - id: roll
      changes: reversible
      each:
        in: [x, y, z]
        batch: 1
        canary: 1
        gate: first
        max_failed: MAX
        steps: [{id: push, local: {argv: [push]}}, {id: look, local: {argv: [look]}}]
        finally: [{id: back, local: {argv: [back]}}]
      undo: [{local: {argv: [un]}, changes: reversible}]
    - {id: after, local: {argv: [z]}, changes: nothing}
"""


def test_a_fan_out_takes_its_canary_first_and_asks_before_the_rest() -> None:
    stage = Stage(book(FAN.replace("MAX", "0")))
    stage.settle_down()
    assert stage.running() == ["roll[x]/push"]
    stage.done("roll[x]/push", "roll[x]/look")
    assert stage.running() == ["roll[x]/back"]
    stage.done("roll[x]/back")
    assert stage.running() == []
    stage.answer("roll", "continue")
    assert stage.running() == ["roll[y]/push"]
    for item in "yz":
        stage.done(f"roll[{item}]/push", f"roll[{item}]/look", f"roll[{item}]/back")
    assert stage.status("roll") is Status.DONE
    assert stage.running() == ["after"]


def test_a_failed_item_is_put_back_into_service_and_opens_no_further_batch() -> None:
    stage = Stage(book(FAN.replace("MAX", "0").replace("gate: first", "gate: none")))
    stage.settle_down()
    stage.fail("roll[x]/push")
    assert stage.running() == ["roll[x]/back"]
    stage.done("roll[x]/back")
    assert stage.running() == []
    assert stage.status("roll") is Status.RUNNING


def test_as_many_items_as_allowed_may_fail() -> None:
    stage = Stage(book(FAN.replace("MAX", "1").replace("gate: first", "gate: none")))
    stage.settle_down()
    stage.fail("roll[x]/push")
    stage.done("roll[x]/back")
    assert stage.running() == ["roll[y]/push"]
    for item in "yz":
        stage.done(f"roll[{item}]/push", f"roll[{item}]/look", f"roll[{item}]/back")
    assert stage.status("roll") is Status.DONE


def test_until_holds_after_the_step_once() -> None:
    stage = Stage(book(TWO), until="a")
    stage.settle_down()
    stage.done("a")
    assert stage.state.held
    assert stage.running() == []
    stage.say(r.Release("ana"))
    assert stage.running() == ["b"]
    stage.done("b")
    assert not stage.state.held


def test_when_leaves_a_step_out_and_those_who_need_it_go_on() -> None:
    stage = Stage(
        book(
            """
            - id: p
              steps:
                - {id: a, local: {argv: [a]}, changes: nothing, when: "params.mode == full"}
                - {id: b, local: {argv: [b]}, changes: nothing, needs: [a]}
            """,
            "params: {mode: {type: enum, values: [full, short], default: short}}",
        )
    )
    stage.settle_down()
    assert stage.status("a") is Status.LEFT_OUT
    assert stage.running() == ["b"]
