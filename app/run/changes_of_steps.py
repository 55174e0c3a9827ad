"""How events change a step and its attempts: the table of lawful moves, one small function per event.

RUNNING --stop asked--> STOPPING        RUNNING, STOPPING --console gone--> UNKNOWN --target asked--> ASKING
ASKING --still runs--> RUNNING          any of them --> DONE, FAILED, CANCELLED, FENCED or IN_DOUBT
IN_DOUBT --asked again--> ASKING        IN_DOUBT --a person's word--> DONE, FAILED (or the step is skipped)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol, cast

from app.run import events as e
from app.run.dead_man_state import GONE, KEEP
from app.run.met import with_parents
from app.run.moment import Moment
from app.run.state import UNDER_WAY, Attempt, ModeState, Question, RunState, Stage, Status, StepState

Fields = dict[str, Any]
"""Fields of RunState to replace."""

_LIVE = (Status.RUNNING, Status.STOPPING, Status.UNKNOWN, Status.ASKING)

ATTEMPT_MOVES: dict[type[e.Event], tuple[tuple[Status, ...], Status]] = {
    e.StepFoundRunning: ((Status.ASKING, Status.UNKNOWN), Status.RUNNING),
    e.StepSucceeded: ((*_LIVE, Status.WAITING), Status.DONE),
    e.StepFailed: ((*_LIVE, Status.WAITING), Status.FAILED),
    e.StepCancelled: ((*_LIVE, Status.WAITING), Status.CANCELLED),
    e.StepFenced: (_LIVE, Status.FENCED),
    e.StepInDoubt: (_LIVE, Status.IN_DOUBT),
    e.DoubtAsked: ((Status.UNKNOWN, Status.IN_DOUBT), Status.ASKING),
    e.StopRequested: ((Status.RUNNING, Status.STOPPING), Status.STOPPING),
}
"""Event -> (statuses of the newest attempt it may meet, the status it leads to)."""


class _OfAttempt(Protocol):
    """Any event that speaks of one attempt of one step."""

    @property
    def address(self) -> str: ...

    @property
    def attempt(self) -> int: ...


class Unlawful(Exception):
    """The table has no row for this event in this state."""


def _put(state: RunState, step: StepState) -> Fields:
    return {"steps": {**state.steps, step.address: step}}


def _last(step: StepState, number: int, name: str) -> Attempt:
    last = step.last
    if last is None or last.number != number:
        raise Unlawful(f"{name} speaks of attempt {number} of {step.address}, which is not its newest.")
    return last


def _with_last(step: StepState, attempt: Attempt) -> StepState:
    return replace(step, attempts=(*step.attempts[:-1], attempt))


# ---------------------------------------------------------------- the life of a step


def _started(state: RunState, event: e.StepStarted, when: Moment, head: str) -> Fields:
    step = state.step(event.address)
    if step.last is not None and step.last.status in UNDER_WAY | {Status.WAITING, Status.IN_DOUBT}:
        raise Unlawful(f"{event.address} started again while attempt {step.last.number} is {step.last.status.value}.")
    if event.attempt != len(step.attempts) + 1:
        raise Unlawful(f"{event.address} started as attempt {event.attempt}; {len(step.attempts)} came before.")
    attempt = Attempt(
        number=event.attempt,
        ticket=event.ticket,
        status=Status.RUNNING,
        began=when,
        kind=event.kind,
        text=event.text,
        digest=event.digest,
        head=head,
        target=event.target,
        spec=event.spec,
        is_undo=bool(event.undo),
    )
    step = replace(
        step,
        status=Status.RUNNING,
        attempts=(*step.attempts, attempt),
        question=None,
        reason="",
        ruled_by="",
        over=None,
        retry_from=None,
    )
    fields: Fields = {"steps": {**_items_again(state, event), step.address: step}}
    if not event.undo and event.address not in state.started:
        fields["started"] = (*state.started, event.address)
    return fields


def _items_again(state: RunState, event: e.StepStarted) -> dict[str, StepState]:
    """A fan-out that is tried again tries its failed items again; those that are done stay done."""
    steps = dict(state.steps)
    if event.kind != "each" or event.attempt == 1:
        return steps
    for address, step in state.steps.items():
        inside = state.plan.by_address[address].parent == event.address
        if inside and step.status in {Status.FAILED, Status.CANCELLED}:
            steps[address] = replace(step, status=Status.PENDING, over=None, retries_used=0)
    return steps


def _move(state: RunState, event: _OfAttempt, when: Moment) -> tuple[StepState, Attempt]:
    step = state.step(event.address)
    attempt = _last(step, event.attempt, type(event).__name__)
    allowed, to = ATTEMPT_MOVES[cast("type[e.Event]", type(event))]
    if attempt.status not in allowed:
        raise Unlawful(f"{type(event).__name__} of {event.address} while it is {attempt.status.value}.")
    over = when if to not in UNDER_WAY else None
    attempt = replace(attempt, status=to, ended=over, contact_lost=None)
    return replace(step, status=to, question=None if over else step.question, over=over), attempt


def _found_running(state: RunState, event: e.StepFoundRunning, when: Moment, _head: str) -> Fields:
    step, attempt = _move(state, event, when)
    status = Status.STOPPING if attempt.stop_asked else Status.RUNNING
    attempt = replace(attempt, status=status, seen_from=event.seen_from)
    return _put(state, replace(_with_last(step, attempt), status=status))


def _succeeded(state: RunState, event: e.StepSucceeded, when: Moment, _head: str) -> Fields:
    step, attempt = _move(state, event, when)
    attempt = replace(
        attempt,
        summary=event.summary,
        seen_from=event.seen_from,
        elapsed_ms=event.elapsed_ms,
        facts=event.facts,
    )
    return _put(state, replace(_with_last(step, attempt), saved=event.saved or step.saved)) | _undone(
        state, event.address
    )


def _failed(state: RunState, event: e.StepFailed, when: Moment, _head: str) -> Fields:
    step = state.step(event.address)
    if event.attempt == len(step.attempts) + 1:  # refused before it started: nothing was asked of any target
        return _put(state, replace(step, status=Status.FAILED, reason=event.summary, over=when, question=None))
    step, attempt = _move(state, event, when)
    attempt = replace(
        attempt,
        summary=event.summary,
        seen_from=event.seen_from,
        elapsed_ms=event.elapsed_ms,
        timed_out=bool(event.timed_out),
        facts=event.facts,
    )
    return _put(state, replace(_with_last(step, attempt), reason=event.summary))


def _cancelled(state: RunState, event: e.StepCancelled, when: Moment, _head: str) -> Fields:
    step, attempt = _move(state, event, when)
    attempt = replace(attempt, summary=event.summary, seen_from=event.seen_from)
    return _put(state, replace(_with_last(step, attempt), reason=event.summary))


def _fenced(state: RunState, event: e.StepFenced, when: Moment, _head: str) -> Fields:
    step, attempt = _move(state, event, when)
    fields = _put(state, _with_last(step, replace(attempt, seen_from=event.seen_from)))
    if all(a.status is Status.FENCED for a in step.attempts[:-1]):  # it never ran: nothing was crossed or entered
        fields["crossings"] = tuple(c for c in state.crossings if c.address != event.address)
        fields["modes"] = {name: _not_entered_by(mode, event.address) for name, mode in state.modes.items()}
    return fields


def _not_entered_by(mode: ModeState, address: str) -> ModeState:
    """A mode is on only since a step that may have run entered it; whether that is too long is judged anew."""
    entered = tuple((by, when) for by, when in mode.entered if by != address)
    if entered == mode.entered:
        return mode
    return replace(mode, since=entered[0][1] if entered else None, entered=entered, overran=None)


def _in_doubt(state: RunState, event: e.StepInDoubt, when: Moment, _head: str) -> Fields:
    step, attempt = _move(state, event, when)
    attempt = replace(attempt, summary=event.summary, evidence=event.evidence)
    return _put(state, replace(_with_last(step, attempt), reason=event.summary, over=None))


def _doubt_asked(state: RunState, event: e.DoubtAsked, when: Moment, _head: str) -> Fields:
    step, attempt = _move(state, event, when)
    return _put(state, replace(_with_last(step, attempt), over=None))


def _stop_requested(state: RunState, event: e.StopRequested, when: Moment, _head: str) -> Fields:
    step, attempt = _move(state, event, when)
    attempt = replace(attempt, stop_asked=attempt.stop_asked or when, stop_by=attempt.stop_by or event.by)
    return _put(state, _with_last(step, attempt))


def _ruled(state: RunState, event: e.StepRuled, when: Moment, _head: str) -> Fields:
    step = state.step(event.address)
    if step.status in UNDER_WAY:
        raise Unlawful(f"{event.address} was ruled {event.ruling} while it is {step.status.value}.")
    to = {"done": Status.DONE, "failed": Status.FAILED, "skipped": Status.SKIPPED}[event.ruling]
    attempts = step.attempts
    if step.last is not None and step.last.status in {Status.IN_DOUBT, Status.WAITING}:
        settled = to if to is not Status.SKIPPED else Status.CANCELLED
        attempts = (*step.attempts[:-1], replace(step.last, status=settled, ended=when, summary=event.reason))
    step = replace(step, status=to, attempts=attempts, reason=event.reason, ruled_by=event.by, over=when, question=None)
    fields = _put(state, step)
    if state.stage is Stage.STOPPED:
        fields |= {"stage": Stage.FORWARD, "stop_reason": ""}
    if to is Status.DONE:
        fields |= _undone(state, event.address)
        if not _is_homeward(state, event.address) and event.address not in state.started:
            fields["started"] = (*state.started, event.address)  # done by hand is done: the way back undoes it
    return fields


def _left_out(state: RunState, event: e.StepLeftOut, when: Moment, _head: str) -> Fields:
    step = replace(state.step(event.address), status=Status.LEFT_OUT, reason=event.reason, over=when)
    return _put(state, step)


def _retry_allowed(state: RunState, event: e.RetryAllowed, when: Moment, _head: str) -> Fields:
    step = state.step(event.address)
    if step.status in UNDER_WAY | {Status.WAITING, Status.IN_DOUBT}:
        raise Unlawful(f"A new attempt of {event.address} while it is {step.status.value}.")
    used = step.retries_used + (1 if event.by == "runbook" else 0)
    step = replace(
        step, status=Status.PENDING, retries_used=used, retry_from=when, retry_after_ms=event.not_before_ms, over=None
    )
    goes_on = state.stage in {Stage.STOPPED, Stage.FINISHED}
    stage = {"stage": Stage.FORWARD, "stop_reason": ""} if goes_on else {}
    return _put(state, step) | stage


def _contact(state: RunState, event: e.ContactLost | e.ContactRegained, when: Moment, _head: str) -> Fields:
    step = state.step(event.address)
    attempt = _last(step, event.attempt, type(event).__name__)
    lost = when if isinstance(event, e.ContactLost) else None
    return _put(state, _with_last(step, replace(attempt, contact_lost=lost, seen_from=event.seen_from)))


def _output(state: RunState, event: e.OutputCaptured, _when: Moment, _head: str) -> Fields:
    return {"seen": {**state.seen, (event.address, event.attempt, event.stream): event.raw_end}}


def _asked(state: RunState, event: e.QuestionAsked, when: Moment, _head: str) -> Fields:
    step = state.step(event.address)
    question = Question(
        event.wants, event.text, event.items, event.by, event.need, event.options, when, event.deadline_ms
    )
    if event.wants in {"gate", KEEP, GONE}:  # the fan-out goes on running, the step is over, while a person looks
        return _put(state, replace(step, question=question))
    if event.wants == "approval":
        return _put(state, replace(step, question=question, status=Status.WAITING))
    attempt = replace(_last(step, event.attempt, "QuestionAsked"), status=Status.WAITING)
    return _put(state, replace(_with_last(step, attempt), status=Status.WAITING, question=question))


def _answered(state: RunState, event: e.AnswerGiven, _when: Moment, _head: str) -> Fields:
    step = state.step(event.address)
    if step.question is None:
        raise Unlawful(f"An answer to {event.address}, which asks nothing.")
    kept = tuple(a for a in step.question.answers if a[0] != event.by)
    question = replace(step.question, answers=(*kept, (event.by, event.value, event.note)))
    if question.wants == "gate" and event.value == "continue":
        return _put(state, replace(step, question=None, gates_passed=step.gates_passed + 1))
    if question.wants == "approval" and sum(1 for a in question.answers if a[1] == "approve") >= question.need:
        return _put(state, replace(step, question=None, approved=True, status=Status.PENDING))
    return _put(state, replace(step, question=question))


def _is_homeward(state: RunState, address: str) -> bool:
    rows = {row.address for row in state.back.rows} if state.back else set()
    return any(name in rows for name in with_parents(state, address))


def _undone(state: RunState, address: str) -> Fields:
    """Marks the forward step whose every undo is done once `address` is done."""
    rows = state.back.rows if state.back else ()
    row = next((r for r in rows if r.address == address and r.undoes), None)
    if row is None:
        return {}
    others = (r.address for r in rows if r.undoes == row.undoes and r.address != address)
    if all(state.status(other) in {Status.DONE, Status.LEFT_OUT} for other in others):
        return {"undone": state.undone | {row.undoes}}
    return {}


CHANGES_OF_STEPS: dict[type[e.Event], Callable[[RunState, Any, Moment, str], Fields]] = {
    e.StepStarted: _started,
    e.StepFoundRunning: _found_running,
    e.OutputCaptured: _output,
    e.StepSucceeded: _succeeded,
    e.StepFailed: _failed,
    e.StepCancelled: _cancelled,
    e.StepFenced: _fenced,
    e.StepInDoubt: _in_doubt,
    e.DoubtAsked: _doubt_asked,
    e.StepRuled: _ruled,
    e.StepLeftOut: _left_out,
    e.RetryAllowed: _retry_allowed,
    e.StopRequested: _stop_requested,
    e.ContactLost: _contact,
    e.ContactRegained: _contact,
    e.QuestionAsked: _asked,
    e.AnswerGiven: _answered,
}
"""Event -> the fields of the run that it changes."""
