"""Whether a step and the undo behind its switch are at one place: only there the one is ended before the other.

At the same place the watcher ends or fences the step first. Anywhere else the step may take effect after its undo.
"""

from __future__ import annotations

from app.run.dead_man_state import DeadMan
from app.run.state import UNDER_WAY, RunState, Status
from app.runbook.undo import same_place


def outran(state: RunState, one: DeadMan | None) -> bool:
    """Whether the undo ran while nobody knew that its step was over, and its target could not see to that."""
    if one is None or state.step(one.address).status not in UNDER_WAY | {Status.IN_DOUBT}:
        return False
    steps = state.plan.by_address
    return not same_place(steps[one.address].step, steps[one.undo].step)
