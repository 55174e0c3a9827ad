"""What happened to a step, in plain words."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from app.reports.naming import because, closed, listed, one_line, step_name, subject
from app.reports.spans import span_ms
from app.run import events as e
from app.runbook.order import Plan


def _started(event: e.StepStarted, plan: Plan) -> str:
    again = f", attempt {event.attempt}" if event.attempt > 1 else ""
    undo = " as part of the way back" if event.undo else ""
    return f"{step_name(plan, event.address)} started{_at(event.target)}{undo}{again}."


def _found(event: e.StepFoundRunning, plan: Plan) -> str:
    where = _from(event.seen_from, "on")
    return f"{step_name(plan, event.address)} still runs{where}; the console is attached to it again."


def _output(event: e.OutputCaptured, plan: Plan) -> str:
    size = len(base64.b64decode(event.data))
    stream = {"out": "output", "err": "errors", "note": "notes"}.get(event.stream, event.stream)
    return f"{step_name(plan, event.address)} wrote {size} byte{'' if size == 1 else 's'} of {stream}."


def _done(event: e.StepSucceeded, plan: Plan) -> str:
    kept = "; ".join(f"{name} is {one_line(value)}" for name, value in event.saved)
    saved = f" Kept for later steps: {closed(kept)}" if kept else ""
    after = _after(event.elapsed_ms)
    return f"{step_name(plan, event.address)} is done{_seen(event.seen_from)}{after}{because(event.summary)}{saved}"


def _failed(event: e.StepFailed, plan: Plan) -> str:
    limit = ", ended by its time limit" if event.timed_out else ""
    after = _after(event.elapsed_ms)
    seen = _seen(event.seen_from)
    return f"{step_name(plan, event.address)} failed{limit}{seen}{after}{because(event.summary)}"


def _cancelled(event: e.StepCancelled, plan: Plan) -> str:
    return f"{step_name(plan, event.address)} was stopped{_seen(event.seen_from)}{because(event.summary)}"


def _fenced(event: e.StepFenced, plan: Plan) -> str:
    who = one_line(event.seen_from) or "the target"
    return f"{step_name(plan, event.address)} never ran: {who} refused it for good."


def _doubt(event: e.StepInDoubt, plan: Plan) -> str:
    name = step_name(plan, event.address)
    why = event.summary.removeprefix("in doubt:").strip()
    return f"{name} is in doubt{because(why)} Nobody can say yet whether it took effect."


def _asked_again(event: e.DoubtAsked, plan: Plan) -> str:
    name = step_name(plan, event.address)
    if event.by == "console":
        return f"Tminus asks the target what became of {name}."
    return f"{subject(event.by)} had the target asked again what became of {name}."


def _ruled(event: e.StepRuled, plan: Plan) -> str:
    word = {"done": "counts as done", "failed": "counts as failed", "skipped": "is skipped"}
    ruling = word.get(event.ruling, one_line(event.ruling))
    name = step_name(plan, event.address)
    return f"{subject(event.by)} decided that {name} {ruling}{because(event.reason)}"


def _left_out(event: e.StepLeftOut, plan: Plan) -> str:
    reason = event.reason.removeprefix("Left out: ")
    return f"{step_name(plan, event.address)} was left out{because(reason)}"


def _retry(event: e.RetryAllowed, plan: Plan) -> str:
    later = f" It starts in {span_ms(event.not_before_ms)}." if event.not_before_ms else ""
    name = step_name(plan, event.address)
    return f"{subject(event.by)} allowed another attempt of {name}{because(event.reason)}{later}"


def _stop(event: e.StopRequested, plan: Plan) -> str:
    who = "The way back" if event.by == "rollback" else subject(event.by)
    return f"{who} had {step_name(plan, event.address)} asked to stop{because(event.reason)}"


def _no_contact(event: e.ContactLost, plan: Plan) -> str:
    where = _from(event.seen_from, "with")
    return f"There is no contact{where} about {step_name(plan, event.address)}; what it began there goes on."


def _contact(event: e.ContactRegained, plan: Plan) -> str:
    return f"There is contact{_from(event.seen_from, 'with')} about {step_name(plan, event.address)} again."


def _question(event: e.QuestionAsked, plan: Plan) -> str:
    who = listed(tuple(map(one_line, event.by)), "or") or _owner(plan, event.address) or "a person"
    need = f", {event.need} of them" if event.need > 1 else ""
    limit = f" within {span_ms(event.deadline_ms)}" if event.deadline_ms else ""
    options = f" It takes {listed(event.options, 'or')}." if event.options else ""
    text = because(event.text)
    return f"{step_name(plan, event.address)} waits for {who}{need}{limit}{text}{options}"


def _answer(event: e.AnswerGiven, plan: Plan) -> str:
    through = event.recorded_by not in {"", event.by}
    recorded = f" (recorded at the console of {one_line(event.recorded_by)})" if through else ""
    name = step_name(plan, event.address)
    return f"{subject(event.by)} answered {one_line(event.value)} to {name}{recorded}{because(event.note)}"


def _at(target: str) -> str:
    """Where a step runs; people are named when they are asked."""
    kind, _, name = one_line(target).partition(" ")
    known = {"person": "", "local": " on this machine", "http": f" on {name}"}
    return known.get(kind, f" on {one_line(target)}" if target else "")


def _owner(plan: Plan, address: str) -> str:
    planned = plan.by_address.get(address)
    return one_line(planned.step.owner) if planned is not None else ""


def _seen(where: str) -> str:
    if where == "people":
        return ""
    return f", seen from {one_line(where)}" if where else ""


def _from(where: str, word: str) -> str:
    return f" {word} {one_line(where)}" if where else ""


def _after(milliseconds: int) -> str:
    return f", after {span_ms(milliseconds)}" if milliseconds else ""


STEP_SENTENCES: dict[type[e.Event], Callable[[Any, Plan], str]] = {
    e.StepStarted: _started,
    e.StepFoundRunning: _found,
    e.OutputCaptured: _output,
    e.StepSucceeded: _done,
    e.StepFailed: _failed,
    e.StepCancelled: _cancelled,
    e.StepFenced: _fenced,
    e.StepInDoubt: _doubt,
    e.DoubtAsked: _asked_again,
    e.StepRuled: _ruled,
    e.StepLeftOut: _left_out,
    e.RetryAllowed: _retry,
    e.StopRequested: _stop,
    e.ContactLost: _no_contact,
    e.ContactRegained: _contact,
    e.QuestionAsked: _question,
    e.AnswerGiven: _answer,
}
"""A sentence for each event of a step."""
