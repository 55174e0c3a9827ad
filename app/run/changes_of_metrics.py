"""How events change metrics, their baselines, the triggers on them, and a rollback that a trigger proposes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.run import events as e
from app.run.changes_of_steps import Unlawful
from app.run.moment import Moment
from app.run.state import BaselineState, MetricState, Proposal, RunState, TriggerState

Fields = dict[str, Any]


def nothing_due(state: RunState) -> dict[str, TriggerState]:
    """The triggers, none of which the run owes anything any more."""
    return {name: replace(one, due="", dark_due="") for name, one in state.triggers.items()}


def paid(state: RunState, by: str) -> dict[str, TriggerState]:
    """The triggers after a hold that one of them placed."""
    found = state.triggers.get(by.removeprefix("trigger "))
    if found is None or not by.startswith("trigger "):
        return dict(state.triggers)
    owed = "rollback" if found.dark_due and found.due == "rollback" else ""  # a hold for no data pays for no red
    refused = found.refused if found.dark_due else None  # held off and red again: this hold was the answer to it
    return {**state.triggers, found.trigger: replace(found, due=owed, dark_due="", refused=refused)}


def _read(state: RunState, event: e.MetricRead, when: Moment, _head: str) -> Fields:
    old = state.metrics.get(event.metric, MetricState(event.metric))
    value = float(event.value) if event.value else None
    new = replace(old, number=event.number, at=when, value=value, problem=event.problem, age_ms=event.age_ms, here=True)
    return {"metrics": {**state.metrics, event.metric: new}}


def _red(state: RunState, event: e.MetricReddened, when: Moment, _head: str) -> Fields:
    old = state.metrics.get(event.metric, MetricState(event.metric))
    new = replace(old, red_at=when, red_value=event.value, red_limit=event.limit)
    return {"metrics": {**state.metrics, event.metric: new}}


def _seen(state: RunState, event: e.MetricAcknowledged, _when: Moment, _head: str) -> Fields:
    old = state.metrics.get(event.metric, MetricState(event.metric))
    new = replace(old, red_at=None, red_value="", red_limit="")
    return {"metrics": {**state.metrics, event.metric: new}}


def _measured(state: RunState, event: e.BaselineMeasured, _when: Moment, _head: str) -> Fields:
    new = BaselineState(
        event.metric,
        float(event.value),
        event.stat,
        event.n,
        float(event.median),
        float(event.p95),
        event.began,
        event.ended,
        event.source,
    )
    return {"baselines": {**state.baselines, event.metric: new}}


def _missing(state: RunState, event: e.BaselineMissing, _when: Moment, _head: str) -> Fields:
    return {"baselines": {**state.baselines, event.metric: BaselineState(event.metric, why=event.why)}}


# ---------------------------------------------------------------- triggers


def _fired(state: RunState, event: e.TriggerFired, when: Moment, _head: str) -> Fields:
    old = state.triggers.get(event.trigger) or TriggerState(event.trigger, event.metric, when)
    told = replace(old, fired=old.fired or when, shadow=bool(event.shadow), firings=old.firings + 1)
    owed = "" if event.shadow or event.outcome == "investigate" else event.outcome
    new = _went_dark(told, event, when, owed) if event.problem else _went_red(told, event, when, owed)
    return {"triggers": {**state.triggers, event.trigger: new}}


def _went_red(told: TriggerState, event: e.TriggerFired, when: Moment, owed: str) -> TriggerState:
    return replace(
        told,
        newest=when,
        value=event.value,
        threshold=event.threshold,
        span_ms=event.span_ms,
        n=event.n,
        outcome=event.outcome,
        problem="",
        dark_ms=0,
        active=True,
        cleared=None,
        due=owed,
        refused=None,
    )


def _went_dark(told: TriggerState, event: e.TriggerFired, when: Moment, owed: str) -> TriggerState:
    """What a red said, and what is owed to it, stays as it is: no data neither ends it nor is a reason of its own."""
    return replace(
        told,
        newest=told.newest if told.active else when,
        threshold=told.threshold or event.threshold,
        problem=event.problem,
        dark_ms=event.span_ms,
        blind=True,
        dark_due=owed,
    )


def _cleared(state: RunState, event: e.TriggerCleared, when: Moment, _head: str) -> Fields:
    old = state.triggers.get(event.trigger)
    if old is None:
        raise Unlawful(f"{event.trigger} is over, but it never fired.")
    if event.problem:
        new = replace(old, blind=False, dark_due="")
    else:
        cleared = None if event.why else when
        new = replace(old, active=False, cleared=cleared, problem="", dark_ms=0, due="", refused=None)
    return {"triggers": {**state.triggers, event.trigger: new}}


def _acknowledged(state: RunState, event: e.TriggerAcknowledged, _when: Moment, _head: str) -> Fields:
    old = state.triggers.get(event.trigger)
    if old is None:
        raise Unlawful(f"{event.trigger} was acknowledged, but it never fired.")
    return {"triggers": {**state.triggers, event.trigger: replace(old, fired=None)}}


# ---------------------------------------------------------------- a rollback that a trigger proposes


def _proposed(state: RunState, event: e.RollbackProposed, when: Moment, _head: str) -> Fields:
    if state.back is not None:
        raise Unlawful(f"{event.trigger} proposed a rollback while one is under way.")
    one = state.triggers.get(event.trigger) or TriggerState(event.trigger, "", when)
    proposal = Proposal(
        event.trigger, event.scope, event.reason, when, event.countdown_ms, bool(event.auto), event.asks
    )
    return {
        "proposal": proposal,
        "triggers": {**state.triggers, event.trigger: replace(one, due="", refused=None)},
    }


def afresh(proposal: Proposal | None, when: Moment) -> Proposal | None:
    """What stood before a strip, or before this console came: its countdown begins again, with the first who is asked.

    Nobody saw the rest of it run down, and whoever has just called a rollback off is not answered by the same at once.
    """
    return replace(proposal, began=when, asked=1) if proposal is not None else None


def not_heard_here(state: RunState) -> dict[str, MetricState]:
    """The metrics when another console comes: what the one before read says nothing about now."""
    return {name: replace(one, here=False) for name, one in state.metrics.items()}


def not_possible(state: RunState, by: str) -> dict[str, TriggerState]:
    """The triggers when the rollback that one of them asked for did not begin: it is owed a hold."""
    found = state.triggers.get(by.removeprefix("trigger "))
    return dict(state.triggers) if found is None else {**state.triggers, found.trigger: replace(found, due="pause")}


def _called(state: RunState, event: e.RollbackOwnerCalled, when: Moment, _head: str) -> Fields:
    if state.proposal is None or state.proposal.trigger != event.trigger:
        raise Unlawful(f"{event.name} was called for a rollback that nobody proposed.")
    return {"proposal": replace(state.proposal, began=when, asked=state.proposal.asked + 1)}


def _refused(state: RunState, event: e.RollbackRefused, when: Moment, _head: str) -> Fields:
    """One word is enough for all that is red now."""
    triggers = nothing_due(state)
    for name, one in triggers.items():
        if one.active and one.outcome == "rollback":
            triggers[name] = replace(one, refused=when, again_ms=event.again_ms)
    return {"proposal": None, "triggers": triggers}


CHANGES_OF_METRICS: dict[type[e.Event], Callable[[RunState, Any, Moment, str], Fields]] = {
    e.MetricRead: _read,
    e.MetricReddened: _red,
    e.MetricAcknowledged: _seen,
    e.BaselineMeasured: _measured,
    e.BaselineMissing: _missing,
    e.TriggerFired: _fired,
    e.TriggerCleared: _cleared,
    e.TriggerAcknowledged: _acknowledged,
    e.RollbackProposed: _proposed,
    e.RollbackOwnerCalled: _called,
    e.RollbackRefused: _refused,
}
"""Event -> the fields of the run that it changes."""
