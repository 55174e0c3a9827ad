"""The cutover as a checklist by the clock: T-2h, T-0, T+2h, and whatever else the runbook puts at a time."""

from __future__ import annotations

from datetime import timedelta

from app.reports.blocks import Block, Items, Part, Section, Text
from app.reports.plan_closed import number_of, numbered
from app.reports.plan_steps import title_of
from app.runbook.kind import Kinds
from app.runbook.model import Runbook
from app.runbook.units import format_offset

CUTOVER = 4
"""The number of the phase in which users are switched over."""

_Slots = dict[timedelta, list[str]]
_BEFORE, _SWITCH, _AFTERWARDS = timedelta(hours=-2), timedelta(), timedelta(hours=2)
_WORDS = {_BEFORE: "two hours before", _SWITCH: "the switch", _AFTERWARDS: "two hours after"}


def checklist_section(book: Runbook, kinds: Kinds) -> Section:
    """A box for every step of the cutover, and for whatever else is due between T-2h and T+2h."""
    del kinds
    slots: _Slots = {_BEFORE: [], _SWITCH: [], _AFTERWARDS: []}
    for index in _cutover(book):
        _add_steps(book, index, slots)
    _add_due(book, slots)
    parts: list[Block] = [_slot(offset, items) for offset, items in sorted(slots.items())]
    intro = Text("Each box is ticked by the person named, when it is so. Times are not before.")
    return Section("cutover", "Cutover checklist", (intro, *parts))


def _cutover(book: Runbook) -> list[int]:
    found = [i for i in range(len(book.phases)) if number_of(book, i) == CUTOVER]
    return found or [len(book.phases) - 1] * bool(book.phases)


def _add_steps(book: Runbook, index: int, slots: _Slots) -> None:
    start = book.phases[index].from_
    slot = start.offset if start is not None and start.offset is not None else _SWITCH
    for number, step in numbered(book, index):
        if step.at is not None and step.at.offset is not None:
            slot = step.at.offset
        at = f" at {step.at}" if step.at is not None and step.at.offset is None else ""
        owner = f" — {step.owner}" if step.owner else ""
        slots.setdefault(slot, []).append(f"{number} {title_of(step)}{at}{owner}")


def _add_due(book: Runbook, slots: _Slots) -> None:
    """Dependencies, success criteria and tasks that fall into these hours."""
    for need in book.dependencies:
        if need.due is not None and _BEFORE <= need.due.latest <= _AFTERWARDS:
            slots.setdefault(need.due.latest, []).append(f"Dependency {need.id}: {need.text}")
    for criterion in book.success:
        at = criterion.at.offset if criterion.at is not None else None
        if at is not None and _SWITCH <= at <= _AFTERWARDS:
            what = criterion.text or f"{criterion.metric or criterion.mode} {criterion.is_ or ''}".strip()
            slots.setdefault(at, []).append(f"Success criterion {criterion.id}: {what}")
    for task in book.after:
        if task.due is not None and task.due.latest <= _AFTERWARDS:
            slots.setdefault(task.due.latest, []).append(f"Afterwards: {title_of(task)}")


def _slot(offset: timedelta, items: list[str]) -> Part:
    words = f", {_WORDS[offset]}" if offset in _WORDS else ""
    block: Block = Items(tuple(items), boxes=True) if items else Text("Nothing is planned for this time.")
    return Part(f"{format_offset(offset)}{words}", (block,))
