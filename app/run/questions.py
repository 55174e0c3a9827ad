"""When the answers to a question are enough, and what silence means."""

from __future__ import annotations

from datetime import timedelta

from app.run import events as e
from app.run.intentions import Next
from app.run.moment import Moment
from app.run.state import StepState
from app.runbook.order import PlannedStep


def settle_question(planned: PlannedStep, step: StepState, now: Moment, wanted: list[Next]) -> timedelta | None:
    """Adds the outcome once the answers decide it; else the time left until its deadline, if it has one.

    One "failed" or "no-go" decides at once. Silence at the deadline is never "go".
    """
    question, last = step.question, step.last
    if question is None or question.wants not in {"confirm", "decision"} or last is None:
        return None
    bad = next(((by, note) for by, value, note in question.answers if value in {"failed", "no-go"}), None)
    good = [by for by, value, _note in question.answers if value in {"done", "go"}]
    spent = int(now.since(last.began).total_seconds() * 1000)
    if bad is not None:
        note = f": {bad[1]}" if bad[1] else ""
        word = "No-go" if question.wants == "decision" else "Not done"
        wanted.append(e.StepFailed(planned.address, last.number, f"{word}, says {bad[0]}{note}", elapsed_ms=spent))
    elif len(good) >= question.need:
        word = "Go" if question.wants == "decision" else "Done"
        said = e.StepSucceeded(planned.address, last.number, f"{word}, says {_and(good)}", "people", spent)
        wanted.append(said)
    elif question.deadline_ms or planned.step.max is not None:
        length = timedelta(milliseconds=question.deadline_ms) if question.deadline_ms else planned.step.max
        assert length is not None
        left = length - now.since(question.asked)
        if left > timedelta():
            return left
        silent = f"No answer within {int(length.total_seconds())} s; silence is never go."
        wanted.append(e.StepFailed(planned.address, last.number, silent, elapsed_ms=spent, timed_out=1))
    return None


def _and(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
