"""What `${...}` means at this moment of a run, seen from one step."""

from __future__ import annotations

from datetime import timedelta

from app.run.state import RunState
from app.runbook.order import PlannedStep
from app.runbook.scope import Scope


def scope_of(state: RunState, planned: PlannedStep) -> Scope:
    """The values that the step's references have now; a sibling in the same item goes before a step of that name."""

    def saved(step: str, name: str) -> str | None:
        inside = f"{planned.parent}[{planned.item}]/{step}" if planned.parent else ""
        for address in (inside, step):
            found = state.steps.get(address)
            if found is not None and name in (values := dict(found.saved)):
                return values[name]
        return None

    def measured(mode: str) -> timedelta | None:
        found = state.modes.get(mode)
        if found is None:
            return None
        spent = timedelta(milliseconds=found.spent_ms)
        if found.since is not None:
            spent += state.now.since(found.since)
        return timedelta(seconds=max(1, round(spent.total_seconds())))

    return Scope(state.plan.inputs, dict(planned.bindings), saved, measured, state.now.at)
