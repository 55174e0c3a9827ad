"""What a runbook asks for that this version does not keep, and times that speak against a start: said before a run.

A field that is read and then ignored would be a lie. What safety rests on is refused; what a person can look after is a
warning, which also goes into the record of the run.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from app.runbook.order import Plan, PlannedStep
from app.session.loss import uncountable
from app.session.preflight import PreflightLine, may_run

_BY_PEOPLE = frozenset({"check", "decide", "each"})


def unkept(plan: Plan, now: datetime) -> tuple[PreflightLine, ...]:
    """Findings that the file and the clock alone give. `now`: aware."""
    return (*_times(plan, now), *_of_the_run(plan), *(line for step in may_run(plan) for line in _of_a_step(step)))


def _times(plan: Plan, now: datetime) -> Iterator[PreflightLine]:
    inputs = plan.inputs
    for blackout in inputs.runbook.schedule.blackout:
        if inputs.at(blackout.from_) <= now <= inputs.at(blackout.to):
            why = f": {blackout.text}" if blackout.text else ""
            yield PreflightLine("schedule", "refused", f"Nothing may happen now{why}.")
    if inputs.window is not None and not inputs.window[0] <= now <= inputs.window[1]:
        span = f"{inputs.window[0]:%Y-%m-%d %H:%M} to {inputs.window[1]:%Y-%m-%d %H:%M} UTC"
        yield PreflightLine("schedule", "warning", f"Now is outside of the window, {span}.")


def _of_the_run(plan: Plan) -> Iterator[PreflightLine]:
    book = plan.runbook
    if book.locks:
        names = ", ".join(book.locks)
        detail = f"Nothing holds {names} at the targets yet; see to it that nobody else drives this meanwhile."
        yield PreflightLine("locks", "warning", detail)
    if why := uncountable(plan):
        detail = f"Rows written since the switch cannot be counted: {why}."
        yield PreflightLine("rollback.loss", "warning", detail)


def _of_a_step(planned: PlannedStep) -> Iterator[PreflightLine]:
    step = planned.step
    if step.revert_unless_confirmed is not None:
        length = f"{int(step.revert_unless_confirmed.total_seconds())} s"
        detail = f"Its target takes it back by itself {length} after it last heard a console, unless you confirm it."
        yield PreflightLine(planned.address, "ok", detail)
    if getattr(step.body, "rehearsed", None) is not None:
        yield PreflightLine(planned.address, "warning", "No rehearsal is on record yet: it cannot be answered go.")
    unseen = [name for name in ("expect", "save", "probe") if getattr(step, name)]
    if step.kind in _BY_PEOPLE and unseen:
        detail = f"{' and '.join(unseen)} of a {step.kind} {'are' if len(unseen) > 1 else 'is'} never looked at."
        yield PreflightLine(planned.address, "warning", detail)
