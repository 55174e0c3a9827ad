"""From what was seen to the word of the record."""

from __future__ import annotations

from app.engine.redact import Redactor
from app.engine.verdicts import Ended, event_of
from app.run import events as e
from app.run.outcome import Evidence, Observed, Outcome, PointsTo, Verdict
from app.runbook.model_step import Step
from app.runbook.parse import step_from
from app.steps import BUILT_IN

KINDS = {kind.name: kind for kind in BUILT_IN}


def step(**fields: object) -> Step:
    return step_from({"local": {"argv": ["x"]}, "changes": "nothing"} | fields, KINDS)


def word(outcome: Outcome, of: Step, stop_by: str = "") -> e.Event:
    return event_of(outcome, Ended("a", 1, of, stop_by), Redactor(["hunter2-hunter2"]))


def test_a_command_is_done_when_it_exits_0_unless_the_runbook_says_otherwise() -> None:
    seen = Outcome(Verdict.DONE, "exit 3", Observed({"exit": 3}))
    assert isinstance(word(seen, step()), e.StepFailed)
    assert isinstance(word(seen, step(expect={"exit": "== 3"})), e.StepSucceeded)


def test_what_was_expected_and_not_seen_is_a_failure_that_says_so() -> None:
    found = word(Outcome(Verdict.DONE, "exit 0", Observed({"exit": 0})), step(expect={"row.n": "== 3"}))
    assert isinstance(found, e.StepFailed)
    assert found.summary == "row.n was not seen, wanted == 3"


def test_a_committed_step_whose_answer_was_lost_is_a_doubt_only_if_something_was_expected_of_it() -> None:
    lost = Outcome(Verdict.DONE, "committed, says its marker row")
    assert isinstance(word(lost, step()), e.StepSucceeded)
    found = word(lost, step(expect={"rows": "== 1"}))
    assert isinstance(found, e.StepInDoubt)
    assert found.evidence[0] == ("Did it take effect?", "committed, says its marker row", "done")
    assert isinstance(word(lost, step(save={"n": "row.n"})), e.StepInDoubt)


def test_a_stop_by_its_limit_is_a_time_out_and_a_stop_by_a_person_is_not() -> None:
    ended = Outcome(Verdict.CANCELLED, "ended by TERM")
    by_limit = word(ended, step(), "limit")
    assert isinstance(by_limit, e.StepFailed)
    assert by_limit.timed_out == 1
    assert isinstance(word(ended, step(), "ana"), e.StepCancelled)


def test_secrets_are_masked_in_summaries_saved_values_and_facts() -> None:
    seen = Outcome(Verdict.DONE, "said hunter2-hunter2", Observed({"exit": 0, "stdout": "hunter2-hunter2"}))
    assert "hunter2" not in repr(word(seen, step(save={"said": "stdout"})))


SECRET = "hunter2-hunter2"


def test_a_secret_across_a_cut_is_masked_before_the_cut() -> None:
    for length in (112, 118, 392, 398):
        text = "x" * length + SECRET + "y" * 600
        seen = Observed({"exit": 0, "stdout": text, "value": text})
        for of in (
            step(expect={"stdout": {"contains": "z"}}),
            step(save={"n": {"from": "stdout", "as": "int"}}),
            step(),
        ):
            assert "hunter2" not in repr(word(Outcome(Verdict.DONE, text, seen), of)), length
            assert "hunter2" not in repr(word(Outcome(Verdict.IN_DOUBT, text), of)), length


def test_a_secret_with_white_space_is_masked_before_it_is_folded_into_one_line() -> None:
    ended = Ended("a", 1, step(expect={"stdout": {"is": "z"}}))
    found = event_of(
        Outcome(Verdict.DONE, "exit 0", Observed({"exit": 0, "stdout": "two  blanks  in it"})),
        ended,
        Redactor(["two  blanks  in it"]),
    )
    assert isinstance(found, e.StepFailed)
    assert "blanks" not in found.summary


def test_the_beginning_of_a_secret_at_the_end_of_cut_output_is_masked() -> None:
    seen = Observed({"exit": 0, "stdout": "said " + SECRET[:10]})
    assert "hunter2" not in repr(word(Outcome(Verdict.DONE, "exit 0", seen), step(save={"said": "stdout"})))


def test_half_characters_become_question_marks_in_whatever_is_kept() -> None:
    seen = Observed({"exit": 0, "stdout": "a\ud800b", "value": "c\udfff"})
    found = word(Outcome(Verdict.DONE, "d\ud800", seen), step(save={"said": "stdout"}))
    assert isinstance(found, e.StepSucceeded)
    assert dict(found.saved)["said"] == "a?b"
    repr((found.summary, found.saved, found.facts)).encode()
    assert found.summary == "d?"


def test_a_doubt_about_a_lost_answer_keeps_the_evidence_that_it_took_effect() -> None:
    row = Evidence("What does the probe (http) say?", "status 200", PointsTo.DONE)
    found = word(Outcome(Verdict.DONE, "done, says the probe", evidence=(row,)), step(expect={"status": "== 202"}))
    assert isinstance(found, e.StepInDoubt)
    assert ("What does the probe (http) say?", "status 200", "done") in found.evidence
