"""Ways in which a run once hung, lied or forgot; each is a conversation that must stay as it is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.errors import Refused
from app.rollback.planner import plan_back
from app.rollback.readiness import Word, readiness
from app.run import events as e
from app.run import requests as r
from app.run.state import Stage as RunStage
from app.run.state import Status
from tests.run.stage import Stage, book

UNDO = "undo: [{local: {argv: [u]}, changes: reversible}]"


def one(steps: str, more: str = "") -> Stage:
    stage = Stage(book(f"- id: p\n  steps:\n{steps}", more))
    stage.settle_down()
    return stage


def test_the_numbers_of_a_fan_out_and_a_retry_may_come_from_parameters() -> None:
    more = "params: {n: {type: int, default: 1}, often: {type: int, default: 2}, gap: {type: duration, default: 5s}}"
    text = """
    - id: roll
      changes: nothing
      each: {in: [x, y], max_failed: "${params.n}", pause: "${params.gap}", steps: [{id: s, local: {argv: [s]}}]}
    - {id: a, local: {argv: [a]}, changes: nothing, retry: {times: "${params.often}", every: "${params.gap}"}}
    """
    stage = one(text, more)
    stage.fail("roll[x]/s")
    assert stage.running() == []
    stage.go(seconds=5)
    stage.done("roll[y]/s")
    assert stage.running() == ["a"]
    stage.fail("a")
    stage.go(seconds=4)
    assert stage.running() == []
    stage.go(seconds=1)
    assert stage.attempt("a") == 2


def test_a_condition_on_a_value_that_a_skipped_step_never_saved_leaves_the_step_out() -> None:
    more = "params: {m: {type: text, default: x}}"
    text = """
    - {id: a, local: {argv: [a]}, changes: nothing, save: {v: stdout}}
    - {id: b, local: {argv: [b]}, changes: nothing, when: "params.m == ${steps.a.v}"}
    """
    stage = one(text, more)
    stage.fail("a")
    stage.say(r.Rule("ana", "a", "skipped", "known"))
    assert stage.status("b") is Status.LEFT_OUT


def test_an_undo_that_may_fail_does_not_hang_the_way_back() -> None:
    undo = "undo: [{local: {argv: [u]}, changes: reversible, on_fail: continue}]"
    stage = one(f"    - {{id: a, local: {{argv: [a]}}, changes: reversible, {undo}}}\n")
    stage.done("a")
    stage.roll_back()
    stage.fail("a/undo/1")
    assert stage.stands(RunStage.INCOMPLETE)


def test_a_fan_out_inside_a_fan_out_of_the_way_back_is_not_taken_for_a_forward_step() -> None:
    text = """
    - id: a
      local: {argv: [a]}
      changes: reversible
      undo:
        - changes: reversible
          each: {in: [x], as: h, steps: [{id: in, each: {in: [y], as: k, steps: [{id: s, local: {argv: [s]}}]}}]}
    """
    stage = one(text)
    stage.done("a")
    stage.roll_back()
    assert stage.running() == ["a/undo/1[x]/in[y]/s"]
    stage.done("a/undo/1[x]/in[y]/s")
    assert stage.stands(RunStage.ROLLED_BACK)


def test_what_was_stopped_and_never_ran_asks_somebody() -> None:
    stage = one("    - {id: a, local: {argv: [a]}, changes: nothing}\n")
    stage.say(r.StopStep("ana", "a"))
    stage.crash()
    stage.record(e.StepFenced("a", 1))
    stage.settle_down()
    stage.say(r.Retry("ana", "a"))
    assert stage.running() == ["a"]


def test_an_item_is_put_back_into_service_though_the_run_was_stopped() -> None:
    text = """
    - id: roll
      changes: nothing
      each: {in: [x], steps: [{id: s, local: {argv: [s]}, on_fail: stop}], finally: [{id: f, local: {argv: [f]}}]}
    """
    stage = one(text)
    stage.fail("roll[x]/s")
    assert stage.stands(RunStage.STOPPED)
    assert stage.running() == ["roll[x]/f"]
    stage.done("roll[x]/f")
    with pytest.raises(Refused, match="put back into service"):
        stage.say(r.Retry("ana", "roll[x]/s", "again"))
    with pytest.raises(Refused, match="stops the run"):
        stage.say(r.Release("ana"))
    stage.say(r.Rule("ana", "roll[x]/s", "skipped", "next week"))
    assert stage.stands(RunStage.FINISHED)


PHASES = f"""
- id: one
  steps:
    - {{id: a, local: {{argv: [a]}}, changes: reversible, {UNDO}}}
- id: two
  steps:
    - {{id: b, local: {{argv: [b]}}, changes: reversible, {UNDO}}}
"""


def test_a_scope_that_lies_ahead_does_not_close_the_way_back_from_here() -> None:
    stage = Stage(book(PHASES, "rollback: {to: two}"))
    stage.settle_down()
    assert plan_back(stage.state).scope == "one"
    assert readiness(stage.state, plan_back(stage.state), stage.now).headline == "every started step can be undone"


def test_a_second_way_back_runs_its_own_checks_and_no_undo_twice() -> None:
    verify = "rollback: {to: start, verify: [{local: {argv: [v]}, changes: nothing}]}"
    stage = Stage(book(PHASES, verify))
    stage.settle_down()
    stage.done("a")
    stage.roll_back("two")
    stage.record(e.StepCancelled("b", 1, "ended"))
    stage.settle_down()
    stage.done("b/undo/1", "rollback/verify/1")
    assert stage.stands(RunStage.ROLLED_BACK)
    stage.roll_back("start")
    assert stage.running() == ["a/undo/1"]
    stage.done("a/undo/1")
    assert stage.running() == ["rollback/verify/1"]
    stage.done("rollback/verify/1")
    assert stage.stands(RunStage.ROLLED_BACK)


def test_what_was_done_by_hand_is_undone_like_everything_else_and_crosses_its_boundary() -> None:
    final = (
        f"    - {{id: a, local: {{argv: [a]}}, changes: reversible, boundary: {{kind: lossy, says: rows}}, {UNDO}}}\n"
    )
    stage = one(f"    - {{id: q, check: {{text: look}}}}\n{final}")
    stage.say(r.Rule("ana", "a", "done", "typed it myself"))
    plan = plan_back(stage.state)
    assert [row.address for row in plan.rows] == ["a/undo/1"]
    assert (plan.zone, plan.loses) == ("lossy", "rows")


def test_what_never_ran_crossed_nothing() -> None:
    final = "    - {id: a, local: {argv: [a]}, changes: reversible, boundary: {kind: final, says: gone}}\n"
    stage = one(f"    - {{id: z, local: {{argv: [z]}}, changes: reversible, {UNDO}}}\n{final}")
    stage.done("z")
    assert readiness(stage.state, plan_back(stage.state), stage.now).word is Word.PAST
    stage.crash()
    stage.record(e.StepFenced("a", 1))
    assert plan_back(stage.state).refusal == ""


def test_a_strip_that_nobody_saw_counts_from_the_beginning() -> None:
    stage = one(f"    - {{id: a, local: {{argv: [a]}}, changes: reversible, {UNDO}}}\n")
    stage.done("a")
    stage.say(r.RollBack("ana", "", "red"))
    stage.now = type(stage.now)(stage.now.at + timedelta(hours=10), stage.now.mono_ns + 36 * 10**12, "boot-1")
    stage.crash()
    assert stage.state.countdown is not None
    stage.go(seconds=6)
    assert stage.state.back is not None


def test_a_check_tried_again_leaves_no_step_without_its_limit() -> None:
    text = """
    - {id: a, local: {argv: [a]}, changes: nothing}
    - {id: b, local: {argv: [b]}, changes: nothing, max: 10s}
    """
    stage = one(text)
    stage.done("a")
    stage.say(r.Retry("ana", "a"))
    stage.fail("a")
    stage.go(seconds=30)
    assert stage.status("b") is Status.STOPPING


def test_nobody_approves_their_own_step_whoever_opened_the_run() -> None:
    more = "roles: {lead: {people: [ana, bo, mei]}}"
    step = "    - {id: a, local: {argv: [a]}, changes: destructive, approve: {by: [lead]}, undo: {none: gone}}\n"
    stage = one(step, more)
    stage.record(e.ConsoleAttached("bo", "laptop", 2, "terminal", "0"))
    with pytest.raises(Refused, match="operator cannot"):
        stage.answer("a", "approve", by="bo")
    stage.answer("a", "approve", by="mei")
    assert stage.running() == ["a"]


def test_a_step_whose_artefact_was_never_made_does_not_start() -> None:
    more = "artifacts: {dump: {where: here}}"
    text = """
    - {id: make, local: {argv: [m]}, changes: nothing, makes: [dump]}
    - {id: use, local: {argv: [u]}, changes: nothing, uses: [dump]}
    """
    stage = one(text, more)
    stage.fail("make")
    stage.say(r.Rule("ana", "make", "skipped", "no disk"))
    assert stage.status("use") is Status.FAILED
    assert "dump was never made" in stage.state.step("use").reason


def test_a_step_that_must_never_run_twice_is_not_tried_again() -> None:
    stage = one("    - {id: a, local: {argv: [a]}, changes: nothing, rerun: never, retry: {times: 3, every: 1s}}\n")
    stage.fail("a")
    stage.go(seconds=10)
    assert stage.attempt("a") == 1
    with pytest.raises(Refused, match="never run twice"):
        stage.say(r.Retry("ana", "a", "please"))


def test_a_check_that_asks_for_evidence_wants_a_word_on_it() -> None:
    stage = one("    - {id: q, check: {text: signed}, evidence: [file]}\n")
    with pytest.raises(Refused, match="asks for evidence"):
        stage.answer("q", "done")
    stage.say(r.Answer("ana", "q", "done", "letter of 9 March, in the folder"))
    assert stage.status("q") is Status.DONE


def test_a_run_in_doubt_is_not_closed_without_a_word() -> None:
    stage = one("    - {id: a, local: {argv: [a]}, changes: nothing}\n")
    stage.doubt("a")
    with pytest.raises(Refused, match="in doubt"):
        stage.say(r.Close("ana"))


LATE = """
schedule: {t0: now, window: {from: T-5m, to: T+20m}}
rollback: {to: start}
"""
RETRIED = """
    - {id: a, est: 1m, local: {argv: [a]}, changes: reversible, undo: [{est: 2m, local: {argv: [un-a]}}]}
    - {id: b, est: 1m, local: {argv: [b]}, changes: reversible, undo: [{est: 3m, local: {argv: [un-b]}}]}
"""


@pytest.mark.parametrize("ended", [e.StepFailed, e.StepFenced])
def test_the_way_back_takes_back_the_question_of_a_retry_that_the_clock_holds_and_comes_to_its_end(
    ended: type[e.StepFailed | e.StepFenced],
) -> None:
    stage = one(RETRIED, LATE)
    stage.done("a")
    stage.go(minutes=30)
    stage.record(ended("b", 1, "exit 1"))
    stage.settle_down()
    if ended is e.StepFailed:
        stage.say(r.Retry("ana", "b"))
    assert stage.status("b") is Status.WAITING, "a second attempt is held back by the clock"
    stage.roll_back()
    assert stage.status("b") is (Status.FAILED if ended is e.StepFailed else Status.FENCED)
    assert stage.state.step("b").question is None
    while stage.running():
        stage.done(*stage.running())
    assert stage.stands(RunStage.ROLLED_BACK)
    assert "StepCancelled" not in stage.names()


def test_the_way_back_takes_back_the_question_before_a_step_that_never_began() -> None:
    stage = one(RETRIED, LATE)
    stage.go(minutes=30)
    stage.done("a")
    assert stage.status("b") is Status.WAITING
    stage.roll_back()
    assert (stage.status("b"), stage.state.step("b").question) == (Status.PENDING, None)
