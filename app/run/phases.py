"""Where a run is in its phases, how far back a rollback from there leads, and which boundaries it crosses.

Whoever proposes a way back and whoever plans it ask here, so that nobody promises another one than is gone.
"""

from __future__ import annotations

from app.run.met import is_met
from app.run.state import Crossing, RunState


def current_phase(state: RunState) -> str:
    """The phase that the run is in: the first with a step that is not over, else the last."""
    for phase in state.plan.phases:
        if any(not is_met(state, p.address) for p in state.plan.top(phase.id)):
            return phase.id
    return state.plan.phases[-1].id if state.plan.phases else ""


def phase_of(state: RunState, address: str) -> str:
    """The phase that a step belongs to; "" when the plan does not know it."""
    planned = state.plan.by_address.get(address)
    return planned.phase if planned is not None else ""


def started_in(state: RunState, phase: str) -> bool:
    """Whether anything of this phase was started and is not undone."""
    return any(phase_of(state, a) == phase and a not in state.undone for a in state.started)


def own_scope(state: RunState) -> str:
    """Where a rollback leads when nobody says how far: the runbook's own choice, or to the beginning of this phase.

    The choice counts as long as it lies behind. Between two phases this phase is the one before: the next one has
    nothing to undo yet.
    """
    started = [p.id for p in state.plan.phases if started_in(state, p.id)]
    current = current_phase(state)
    current = current if current in started or not started else started[-1]
    declared, order = state.plan.runbook.rollback.to, ["start", *(p.id for p in state.plan.phases)]
    behind = declared in order and current in order and order.index(declared) <= order.index(current)
    return declared if declared and behind else current


def phases_back(state: RunState, scope: str) -> tuple[str, ...]:
    """The phases that a rollback to `scope` undoes ("start", or a phase of the plan), in the order of the plan."""
    ids = tuple(p.id for p in state.plan.phases)
    return ids if scope not in ids else ids[ids.index(scope) :]


def crossed(state: RunState, scope: str = "") -> tuple[Crossing, ...]:
    """The boundaries that a rollback to `scope` ("" for the runbook's own choice) leads back across."""
    within = {"", *phases_back(state, scope or own_scope(state))}  # one of no phase counts: rather asked than lost
    return tuple(c for c in state.crossings if phase_of(state, c.address) in within)
