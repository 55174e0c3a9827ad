"""Static facts about the way back: how long the undos of a stretch take together, and where its boundaries are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.runbook.kind import Kinds
from app.runbook.model import Phase, Runbook
from app.runbook.model_step import Boundary, Step


@dataclass(frozen=True, slots=True)
class UndoTime:
    """The sum of the estimates of all undos in a stretch, and how many undo steps there are."""

    length: timedelta
    steps: int

    def __add__(self, other: UndoTime) -> UndoTime:
        return UndoTime(self.length + other.length, self.steps + other.steps)


AT_A_PLACE = frozenset({"host", "local"})
"""Kinds whose commands their target can end, and keep from ever starting."""


def same_place(step: Step, undo: Step) -> bool:
    """Whether both are commands on one machine under one user; what references stand for is compared as written."""
    return step.kind in AT_A_PLACE and _place(step) == _place(undo)


def _place(step: Step) -> tuple[str, str, str]:
    return step.kind, str(getattr(step.body, "name", "")), str(getattr(step.body, "sudo", ""))


def scope_of(runbook: Runbook) -> tuple[Phase, ...]:
    """The phases that a rollback from the end of the run passes: from `rollback.to`, by default the last one only."""
    to = runbook.rollback.to
    if to == "start":
        return runbook.phases
    names = [phase.id for phase in runbook.phases]
    return runbook.phases[names.index(to) :] if to in names else runbook.phases[-1:]


def undo_time(phases: tuple[Phase, ...], runbook: Runbook, kinds: Kinds) -> UndoTime:
    """The time of all undos in these phases, each once; an undo without an estimate takes its step's.

    Unknown estimates count as nothing, so the sum is a lower bound.
    """
    total = UndoTime(timedelta(), 0)
    for phase in phases:
        if phase.rollback is not None and phase.rollback.how == "steps":
            for step in phase.rollback.steps:
                total += UndoTime(step.est or timedelta(), 1)
        elif phase.rollback is None or phase.rollback.how == "reverse":
            for step in phase.steps:
                total += _of_step(step, None, runbook, kinds)
    return total


def undo_times_after(runbook: Runbook, index: int, kinds: Kinds) -> tuple[UndoTime, ...]:
    """For each step of a phase, the time of all undos from the scope's beginning up to and with that step.

    The scope is the runbook's own where it lies before the phase, else the phase itself.
    """
    to, phase = runbook.rollback.to, runbook.phases[index]
    names = [one.id for one in runbook.phases]
    first = 0 if to == "start" else names.index(to) if to in names and names.index(to) <= index else index
    total, found = undo_time(runbook.phases[first:index], runbook, kinds), []
    reverse = phase.rollback is None or phase.rollback.how == "reverse"
    recipe = undo_time((phase,), runbook, kinds)
    for number, step in enumerate(phase.steps):
        total += _of_step(step, None, runbook, kinds) if reverse else recipe if not number else UndoTime(timedelta(), 0)
        found.append(total)
    return tuple(found)


def boundaries(phases: tuple[Phase, ...]) -> tuple[tuple[str, Boundary], ...]:
    """The boundaries in these phases with the ids of their steps, in file order."""
    return tuple(
        (step.id or "", step.boundary) for phase in phases for step in phase.steps if step.boundary is not None
    )


def _of_step(step: Step, est: timedelta | None, runbook: Runbook, kinds: Kinds) -> UndoTime:
    own = step.est if step.est is not None else est
    lengths = [undo.est if undo.est is not None else own or timedelta() for undo in step.undo_steps]
    total = UndoTime(sum(lengths, timedelta()), len(lengths))
    for _, steps in kinds[step.kind].inner(step.body):
        for inner in steps:
            of_item = _of_step(inner, None, runbook, kinds)
            total += UndoTime(of_item.length * _items(step.body, runbook), of_item.steps)
    return total


def _items(body: Any, runbook: Runbook) -> int:  # noqa: ANN401 - any kind that has inner steps
    source = getattr(body, "in_", "")
    if isinstance(source, tuple):
        return len(source)
    return len(runbook.groups.get(source, ("one",)))
