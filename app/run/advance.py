"""What one step needs next, whichever way the run is going: to begin, to be asked about, to be retried, or a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from app.run import events as e
from app.run.crossing import OVERRIDE, Foresee, overridden
from app.run.dead_man import held_by_switch, wanted_before, wanted_before_undo
from app.run.intentions import Begin, Next
from app.run.met import gave_up, may_retry, with_parents
from app.run.moment import Moment
from app.run.phases import crossed
from app.run.questions import settle_question
from app.run.state import RunState, Status, StepState
from app.run.when import unmet_condition
from app.runbook.order import PlannedStep


@dataclass(slots=True)
class Look:
    """One look at a run: the state, this moment, and what should happen, collected.

    may_begin: False while a hold, a stop or a countdown keeps new steps back; foresee: whether a step that began now
    would make the way back too late.
    """

    state: RunState
    now: Moment
    may_begin: bool
    next: list[Next] = field(default_factory=list)
    wake: timedelta | None = None
    foresee: Foresee | None = None

    def add(self, *things: Next) -> None:
        """Wanted now, in this order."""
        self.next.extend(things)

    def wake_in(self, length: timedelta) -> None:
        """Look again after `length` at the latest."""
        length = max(length, timedelta(milliseconds=1))
        self.wake = length if self.wake is None else min(self.wake, length)


def advance(look: Look, planned: PlannedStep) -> None:
    """Adds what this step, whose predecessors are over, needs."""
    step = look.state.step(planned.address)
    act = _ADVANCES.get(step.status)
    if act is not None:
        act(look, planned, step)


def is_undo(state: RunState, address: str) -> bool:
    """Whether a step, or a fan-out around it, is part of the way back under way."""
    if state.back is None:
        return False
    names = with_parents(state, address)
    return any(row.address in names for row in state.back.rows)


def _pending(look: Look, planned: PlannedStep, step: StepState) -> None:
    if planned.left_out:
        look.add(e.StepLeftOut(planned.address, planned.left_out))
        return
    if not look.may_begin or held_by_switch(look.state, planned) or _too_early(look, planned, step):
        return
    unmet = unmet_condition(look.state, planned)
    if unmet:
        look.add(e.StepLeftOut(planned.address, unmet))
        return
    late = _too_late(look, planned) if not step.retries_used and step.retry_from is None else ""
    refused = late or _not_made(look.state, planned)
    if refused:
        look.add(e.StepFailed(planned.address, len(step.attempts) + 1, f"Not started: {refused}"))
        return
    held = _held_back(look, planned, step)
    if held is not None:
        look.add(held)
        return
    approve = planned.step.approve
    if approve is not None and not step.approved:
        look.add(
            e.QuestionAsked(
                planned.address,
                len(step.attempts) + 1,
                "approval",
                f"Approve {planned.step.title or planned.address}?",
                by=tuple(approve.by),
                need=approve.need,
                options=("approve",),
            )
        )
        return
    _begin(look, planned)


def _begin(look: Look, planned: PlannedStep) -> None:
    """Once its own switch is armed, or the one that holds it is off."""
    undo = is_undo(look.state, planned.address)
    waits, wanted = (wanted_before_undo if undo else wanted_before)(look.state, planned)
    if wanted is not None:
        look.add(wanted)
    if not waits:
        look.add(Begin(planned.address, undo=undo))


def _held_back(look: Look, planned: PlannedStep, step: StepState) -> e.StepHeldBack | None:
    """A step after which the way back would end too late waits for a person; once overridden, its deadline is past."""
    crossing = None if look.foresee is None else look.foresee(look.state, planned, look.now)
    if crossing is None or overridden(look.state, crossing):
        return None
    return e.StepHeldBack(
        planned.address,
        len(step.attempts) + 1,
        crossing.text,
        crossing.key,
        int(crossing.late / timedelta(milliseconds=1)),
        int(crossing.length / timedelta(milliseconds=1)),
    )


def _too_early(look: Look, planned: PlannedStep, step: StepState) -> bool:
    waits = []
    if planned.step.at is not None:
        waits.append(look.state.plan.inputs.at(planned.step.at) - look.now.at)
    if step.retry_from is not None and step.retry_after_ms:
        waits.append(timedelta(milliseconds=step.retry_after_ms) - look.now.since(step.retry_from))
    longest = max(waits, default=timedelta())
    if longest > timedelta():
        look.wake_in(longest)
        return True
    return False


def _too_late(look: Look, planned: PlannedStep) -> str:
    within = planned.step.within
    before = planned.after or _phase_before(look.state, planned)
    overs = [over for a in before if (over := look.state.step(a).over) is not None]
    if within is None or not overs:
        return ""
    gap = min(look.now.since(over) for over in overs)
    if gap <= within:
        return ""
    return f"it must start within {_plain(within)} of the step before, which ended {_plain(gap)} ago."


def _phase_before(state: RunState, planned: PlannedStep) -> tuple[str, ...]:
    """For the first steps of a phase, the step before is any of the phase before."""
    phases = [phase.id for phase in state.plan.phases]
    place = phases.index(planned.phase) if planned.phase in phases and not planned.parent else 0
    return tuple(p.address for p in state.plan.top(phases[place - 1])) if place else ()


def _not_made(state: RunState, planned: PlannedStep) -> str:
    """Why a step cannot start that uses an artefact which nothing made."""
    missing = [name for name in planned.step.uses if name not in state.artifacts]
    return f"{', '.join(missing)} was never made." if missing else ""


def _plain(length: timedelta) -> str:
    return f"{int(length.total_seconds())} s"


def _running(look: Look, planned: PlannedStep, step: StepState) -> None:
    limit, last = planned.step.max, step.last
    assert last is not None
    if limit is None:
        return
    # the target keeps the limit itself; the console steps in only when the target did not
    grace = limit + (timedelta(seconds=10) if last.kind in {"local", "host"} else timedelta())
    left = grace - look.now.since(last.began)
    if left > timedelta():
        look.wake_in(left)
    elif last.kind == "each":
        _stop_items(look, planned, f"Over its limit of {_plain(limit)}.")
    elif step.status is Status.RUNNING:
        look.add(e.StopRequested(planned.address, last.number, "limit", f"Over its limit of {_plain(limit)}."))


def _stop_items(look: Look, planned: PlannedStep, why: str) -> None:
    """A fan-out runs nothing itself: its items are stopped, and it ends when they have."""
    for address, item in look.state.steps.items():
        inside = look.state.plan.by_address[address].parent == planned.address
        if inside and item.last is not None and item.status is Status.RUNNING and item.last.kind != "each":
            look.add(e.StopRequested(address, item.last.number, "limit", why))


def _unknown(look: Look, planned: PlannedStep, step: StepState) -> None:
    assert step.last is not None
    look.add(e.DoubtAsked(planned.address, step.last.number, "console"))


def _fenced(look: Look, planned: PlannedStep, step: StepState) -> None:
    last = step.last
    assert last is not None
    if last.stop_asked is None and look.may_begin:
        look.add(e.RetryAllowed(planned.address, last.number, "console", "The attempt before never ran."))


def _failed(look: Look, planned: PlannedStep, step: StepState) -> None:
    retry, last = planned.step.retry, step.last
    if retry is not None and last is not None and may_retry(look.state, planned.address):
        if look.may_begin:
            every = retry.every if isinstance(retry.every, timedelta) else timedelta()
            why = f"Retry {step.retries_used + 1} of {retry.times}."
            look.add(e.RetryAllowed(planned.address, last.number, "runbook", why, int(every.total_seconds() * 1000)))
        return
    if not is_undo(look.state, planned.address):
        _after_failure(look, planned, step)


def _after_failure(look: Look, planned: PlannedStep, step: StepState) -> None:
    if look.state.countdown is not None or look.state.back is not None or step.ruled_by:
        return
    title = planned.step.title or planned.address
    then = _otherwise(planned, step)
    if then == "stop" and not look.state.stop_reason:
        look.add(e.RunStopped(planned.address, f"{title} failed: {step.reason}"))
    if then == "rollback" and not _called_off(look.state, step) and not look.state.held_by_person:
        accepts = "; ".join(c.says for c in crossed(look.state))  # with the runbook that was approved
        look.add(e.RollbackRequested("runbook", "", f"{title} failed: {step.reason}", 5000, accepts))


def waits_to_go_back(state: RunState, address: str) -> bool:
    """Whether the runbook goes back because this step failed, as soon as the person who holds the run lifts that."""
    planned, step = state.plan.by_address.get(address), state.step(address)
    if planned is None or not state.held_by_person or state.back is not None or state.countdown is not None:
        return False
    failed = gave_up(state, address) and not step.ruled_by
    return failed and _otherwise(planned, step) == "rollback" and not _called_off(state, step)


def _called_off(state: RunState, step: StepState) -> bool:
    """A person stopped the strip that this failure started; it does not start again by itself."""
    off = state.called_off
    return off is not None and step.over is not None and off.at >= step.over.at


def _otherwise(planned: PlannedStep, step: StepState) -> str:
    if planned.step.kind == "decide" and step.last is not None:
        return str(getattr(planned.step.body, "otherwise", None) or "stop")
    return planned.step.on_fail


def _waiting(look: Look, planned: PlannedStep, step: StepState) -> None:
    if step.question is not None and step.question.wants == OVERRIDE:
        _admit(look, planned)
        return
    left = settle_question(planned, step, look.now, look.next)
    if left is not None:
        look.wake_in(left)


def _admit(look: Look, planned: PlannedStep) -> None:
    """What held it back may be over: its mode was left, or another step has overridden the same deadline."""
    crossing = None if look.foresee is None else look.foresee(look.state, planned, look.now)
    if look.foresee is not None and (crossing is None or overridden(look.state, crossing)):
        why = "The way back would end in time." if crossing is None else "Its deadline was overridden for another step."
        look.add(e.StepAdmitted(planned.address, why))


_ADVANCES: dict[Status, Callable[[Look, PlannedStep, StepState], None]] = {
    Status.PENDING: _pending,
    Status.RUNNING: _running,
    Status.UNKNOWN: _unknown,
    Status.FENCED: _fenced,
    Status.FAILED: _failed,
    Status.WAITING: _waiting,
}
