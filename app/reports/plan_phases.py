"""The phases of a plan: their tasks in a table, then each task with its code and its way back."""

from __future__ import annotations

from datetime import timedelta

from app.reports.blocks import Block, Part, Section, Table, Text
from app.reports.plan_closed import closed_after, closes, number_of, numbered
from app.reports.plan_steps import length_of, step_part, title_of
from app.runbook.body import Changes
from app.runbook.kind import Kinds
from app.runbook.model import Phase, Runbook, Step
from app.runbook.undo import UndoTime, undo_times_after
from app.runbook.units import format_duration


def phases_section(book: Runbook, kinds: Kinds) -> Section:
    """Every phase, in the order of the file."""
    return Section("phases", "Phases", tuple(_phase(book, i, kinds) for i in range(len(book.phases))))


def _phase(book: Runbook, index: int, kinds: Kinds) -> Part:
    phase, steps = book.phases[index], numbered(book, index)
    after, closed = undo_times_after(book, index, kinds), closed_after(book, index, kinds)
    rows = tuple(
        (
            number,
            title_of(step),
            step.kind,
            step.owner,
            length_of(step.est),
            step.changes.value if step.changes else "",
            "; ".join([str(step.at)] if step.at else []) or ", ".join(step.needs),
            why if why and closes(step, kinds) else _way_back(step, undos, why),
        )
        for (number, step), undos, why in zip(steps, after, closed, strict=True)
    )
    blocks: list[Block] = [Text(_about(phase))]
    if rows:
        blocks.append(
            Table(
                ("No.", "Task", "Kind", "Owner", "Estimate", "Changes", "Not before / needs", "Way back after it"), rows
            )
        )
    blocks += [step_part(number, step, kinds) for number, step in steps]
    return Part(f"Phase {number_of(book, index)}: {phase.title or phase.id}", tuple(blocks))


def _way_back(step: Step, undos: UndoTime, closed: str) -> str:
    """By estimates alone; a step that changes nothing does nothing to it."""
    if step.changes in (None, Changes.NOTHING):
        return ""
    if closed or not undos.steps:
        return closed
    return f"about {format_duration(undos.length)}" if undos.length else "not estimated"


def _about(phase: Phase) -> str:
    when = f"Planned from {phase.from_ or '?'} to {phase.to or '?'}. " if phase.from_ or phase.to else ""
    total = estimate_of(phase.steps)
    count = len(phase.steps)
    return (
        f"{when}{count} step{'' if count == 1 else 's'}, about {format_duration(total)} of work on its longest track."
    )


def estimate_of(steps: tuple[Step, ...]) -> timedelta:
    """The sum of the estimates on the longest track."""
    tracks: dict[str, timedelta] = {}
    for step in steps:
        track = step.track or ""
        tracks[track] = tracks.get(track, timedelta()) + (step.est if isinstance(step.est, timedelta) else timedelta())
    return max(tracks.values(), default=timedelta())
