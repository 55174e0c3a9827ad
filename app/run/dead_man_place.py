"""Whether a step and the undo behind its switch are at one place: only there the one is ended before the other.

At the same place the watcher ends or fences the step first. Anywhere else the step may take effect after its undo.
"""

from __future__ import annotations

from app.run.dead_man_state import DeadMan
from app.run.state import UNDER_WAY, RunState, Status
from app.runbook.model_step import Step

AT_A_PLACE = frozenset({"host", "local"})
"""Kinds whose commands a target can end and fence."""


def same_place(step: Step, undo: Step) -> bool:
    """Whether both are commands on one machine under one user; what references stand for is compared as written."""
    return step.kind in AT_A_PLACE and _place(step) == _place(undo)


def _place(step: Step) -> tuple[str, str, str]:
    return step.kind, str(getattr(step.body, "name", "")), str(getattr(step.body, "sudo", ""))


def outran(state: RunState, one: DeadMan | None) -> bool:
    """Whether the undo ran while nobody knew that its step was over, and its target could not see to that."""
    if one is None or state.step(one.address).status not in UNDER_WAY | {Status.IN_DOUBT}:
        return False
    steps = state.plan.by_address
    return not same_place(steps[one.address].step, steps[one.undo].step)
