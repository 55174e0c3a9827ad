"""What the run owes a trigger that fired: a hold, or a rollback that is proposed, called for, and started at zero.

Only what is red by data acts: a rollback starts by itself at zero if the trigger says `auto`, its condition still
holds, the metric was read well within the last `max_age`, and no boundary was crossed in what would be undone. In every
other case, and while a person holds the run, the next person is called and the proposal stays, and nothing new starts
meanwhile. Once a rollback is
counting down or under way, triggers only tell.
"""

from __future__ import annotations

import math
from datetime import timedelta

from app.run import events as e
from app.run.advance import Look
from app.run.phases import crossed, own_scope
from app.run.rulings import people_of
from app.run.state import Proposal, RunState, Stage, TriggerState
from app.runbook.model_estate import Trigger

PATIENCE = timedelta(minutes=1)
"""How long a proposal waits for each person, unless `rollback.decide.within` says."""

_EVERY = timedelta(seconds=15)
_AGES = 3
_LISTENING = frozenset({Stage.FORWARD, Stage.STOPPED, Stage.FINISHED})


def answer_triggers(look: Look) -> None:
    """Adds the hold or the proposal that a trigger which fired is owed, and moves a standing proposal on."""
    state = look.state
    if state.stage not in _LISTENING or state.countdown is not None or state.back is not None:
        return
    if state.proposal is not None:
        look.may_begin = False
        _move_on(look, state.proposal)
    for trigger in state.plan.runbook.triggers:
        fired = state.triggers.get(trigger.id)
        if fired is not None and not fired.shadow:
            _answer(look, trigger, fired)


def _answer(look: Look, trigger: Trigger, fired: TriggerState) -> None:
    if fired.due == "pause":
        _hold(look, fired, _because(look.state, fired))
        return
    if fired.dark_due:
        _hold(look, fired, f"{fired.metric} has given no data for {fired.dark_ms / 1000:.0f} s: {fired.problem}")
    seen = fired.active and not fired.blind  # without data nobody knows that it is still red: it waits for data
    wanted = seen and (fired.due == "rollback" or _comes_again(look, fired))
    one_stands = look.state.proposal is not None or any(isinstance(x, e.RollbackProposed) for x in look.next)
    if wanted and not one_stands:
        _propose(look, trigger, fired)


def _comes_again(look: Look, fired: TriggerState) -> bool:
    """A person held it off, and the time they bought is over."""
    if fired.refused is None or not fired.again_ms:
        return False
    left = timedelta(milliseconds=fired.again_ms) - look.now.since(fired.refused)
    if left > timedelta():
        look.wake_in(left)
    return left <= timedelta()


def _hold(look: Look, fired: TriggerState, reason: str) -> None:
    """A run that is held already stays held by whoever holds it; the trigger's turn comes when that is lifted."""
    if look.state.held or look.state.stage is not Stage.FORWARD:
        return
    look.may_begin = False
    if not any(isinstance(x, e.HoldPlaced) for x in look.next):
        look.add(e.HoldPlaced(f"trigger {fired.trigger}", reason))


def _propose(look: Look, trigger: Trigger, fired: TriggerState) -> None:
    state = look.state
    look.may_begin = False
    scope = own_scope(state)
    behind = crossed(state, scope)
    final = next((c for c in behind if c.kind == "final"), None)
    if final is not None:
        _hold(look, fired, f"{_because(state, fired)}. There is no way back any more: {final.says}")
        return
    rollback = state.plan.runbook.rollback
    asks = (
        *people_of(state, (trigger.owner,)),
        *people_of(state, tuple(rollback.decide.by if rollback.decide else ())),
    )
    look.add(
        e.RollbackProposed(
            trigger.id,
            scope,
            _because(state, fired),
            int(patience(state).total_seconds() * 1000),
            auto=int(bool(trigger.auto) and not behind),
            asks=tuple(dict.fromkeys(asks)) or (state.operator,),
        )
    )


def patience(state: RunState) -> timedelta:
    """How long a proposal waits before it acts, or before the next person is called."""
    decide = state.plan.runbook.rollback.decide
    within = decide.within if decide is not None else None
    return within if isinstance(within, timedelta) else PATIENCE


def _move_on(look: Look, proposal: Proposal) -> None:
    left = timedelta(milliseconds=proposal.length_ms) - look.now.awake_since(proposal.began)
    is_due = left <= timedelta() or proposal.asked > 1  # zero has passed: red again by fresh data is enough
    alone = starts_alone(look.state, proposal) and is_due
    if alone and still_red(look, proposal.trigger):
        who = f"trigger {proposal.trigger}"
        look.add(e.RollbackRequested(who, proposal.scope, proposal.reason, countdown_ms=0))
    elif left > timedelta():
        look.wake_in(left)
    elif proposal.asked < len(proposal.asks):
        look.add(e.RollbackOwnerCalled(proposal.trigger, proposal.asks[proposal.asked]))


def starts_alone(state: RunState, proposal: Proposal) -> bool:
    """Whether it starts by itself at zero: neither while a person holds the run, nor where something would be lost."""
    return proposal.auto and not state.held_by_person and not crossed(state, proposal.scope)


def still_red(look: Look, name: str) -> bool:
    """Whether its condition holds now, by a reading of this console that is young enough to say so."""
    fired = look.state.triggers.get(name)
    metric = look.state.metrics.get(fired.metric) if fired is not None else None
    if fired is None or not fired.active or metric is None or not metric.here:
        return False
    if metric.value is None or metric.at is None:
        return False
    age = look.now.since(metric.at) + timedelta(milliseconds=metric.age_ms)
    return math.isfinite(metric.value) and age <= _max_age(look.state, name)


def _max_age(state: RunState, name: str) -> timedelta:
    trigger = next((t for t in state.plan.runbook.triggers if t.id == name), None)
    if trigger is not None and trigger.max_age is not None:
        return trigger.max_age
    metric = state.plan.runbook.metrics.get(trigger.metric) if trigger is not None else None
    if metric is not None and metric.step:
        return timedelta.max  # what a step measured stands until it is measured again
    return (metric.every if metric is not None and metric.every is not None else _EVERY) * _AGES


def _because(state: RunState, fired: TriggerState) -> str:
    seconds = fired.span_ms / 1000
    metric = state.plan.runbook.metrics.get(fired.metric)
    unit = metric.unit if metric is not None else ""
    value = f"{fired.value}{unit if unit in {'', '%'} else f' {unit}'}"
    return f"{fired.metric} is {value}, {fired.threshold}, for {seconds:.0f} s over {fired.n} readings"
