"""What happened to the way back, in plain words: what was seen of its targets, its clock, and who overrode that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from app.reports.naming import because, closed, listed, one_line, step_name, subject
from app.reports.spans import span_ms
from app.run import events as e
from app.runbook.order import Plan

_NAMED = 3
_WEIGHT = {"bad": 0, "unknown": 1}


def _probed(event: e.WayBackProbed, _plan: Plan) -> str:
    count = len(event.looks)
    troubles = sorted((look for look in event.looks if look[1] != "ok"), key=lambda look: _WEIGHT.get(look[1], 1))
    if not troubles:
        names = listed(tuple(one_line(look[0]) for look in event.looks[:_NAMED]))
        more = f" and {count - _NAMED} more" if count > _NAMED else ""
        they = "it" if count == 1 else "they"
        return f"The way back was looked at, changing nothing: {names}{more} answered as {they} should."
    told = "; ".join(f"{one_line(look[0])}: {one_line(look[2])}" for look in troubles[:_NAMED])
    more = f"; and {len(troubles) - _NAMED} more" if len(troubles) > _NAMED else ""
    return f"The way back was looked at, changing nothing, and not all is well: {closed(told + more)}"


def _learned(event: e.UndoTimesLearned, _plan: Plan) -> str:
    runs, steps = len(event.runs), len(event.times)
    if not steps:
        return "No earlier run of this runbook says how long its undos take; estimates are all there is."
    came = (
        f"{steps} step{'' if steps == 1 else 's'} of the way back took in {runs} earlier run{'' if runs == 1 else 's'}"
    )
    return f"Known from the records: how long {came} ({', '.join(map(one_line, event.runs[:_NAMED]))})."


def _overran(event: e.ModeOverran, _plan: Plan) -> str:
    return f"Mode {one_line(event.mode)} is on for longer than its maximum of {span_ms(event.max_ms)}."


def _held_back(event: e.StepHeldBack, plan: Plan) -> str:
    return f"{step_name(plan, event.address)} was not begun{because(event.text)}"


def _overridden(event: e.StepOverridden, plan: Plan) -> str:
    clock = f"{datetime.fromisoformat(event.deadline):%H:%M:%S}"
    name = step_name(plan, event.address)
    who = subject(event.by)
    return f"{who} let {name} begin although the way back would not end by {clock} UTC{because(event.reason)}"


def _admitted(event: e.StepAdmitted, plan: Plan) -> str:
    return f"{step_name(plan, event.address)} is held back no more{because(event.why)}"


BACK_SENTENCES: dict[type[e.Event], Callable[[Any, Plan], str]] = {
    e.WayBackProbed: _probed,
    e.UndoTimesLearned: _learned,
    e.ModeOverran: _overran,
    e.StepHeldBack: _held_back,
    e.StepOverridden: _overridden,
    e.StepAdmitted: _admitted,
}
"""A sentence for each event of the way back's readiness and clock."""
