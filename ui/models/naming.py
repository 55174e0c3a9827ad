"""How steps are called on screen: number and name apart, items of a fan-out by their item."""

from __future__ import annotations

from app.run.state import BackRow, RunState, Status
from app.runbook.order import Plan, PlannedStep
from ui.glyphs import Glyph

GLYPHS: dict[Status, Glyph] = {
    Status.PENDING: Glyph.WAITING,
    Status.WAITING: Glyph.DECISION,
    Status.RUNNING: Glyph.RUNNING,
    Status.STOPPING: Glyph.RUNNING,
    Status.ASKING: Glyph.RUNNING,
    Status.UNKNOWN: Glyph.UNKNOWN,
    Status.DONE: Glyph.DONE,
    Status.FAILED: Glyph.FAILED,
    Status.CANCELLED: Glyph.FAILED,
    Status.FENCED: Glyph.SKIPPED,
    Status.IN_DOUBT: Glyph.UNKNOWN,
    Status.SKIPPED: Glyph.SKIPPED,
    Status.LEFT_OUT: Glyph.SKIPPED,
}


def title_of(planned: PlannedStep) -> str:
    """What the step does, in its author's words; its address when there are none."""
    name = planned.step.title or planned.address.rsplit("/", 1)[-1]
    return f"{planned.item}: {name}" if planned.item and planned.parent else name


def number_of(planned: PlannedStep) -> str:
    """`4.14`; nothing for steps of the way back."""
    return planned.number if planned.number[:1].isdigit() and "undo" not in planned.number else ""


def numbered(plan: Plan, address: str) -> str:
    """`4.14 Switch driver`: both, as far as they exist."""
    planned = plan.by_address.get(address)
    if planned is None:
        return address
    return f"{number_of(planned)} {title_of(planned)}".strip()


def phase_name(plan: Plan, phase: str) -> str:
    """`4 Cutover`."""
    for found in plan.phases:
        if found.id == phase:
            return f"{found.number} {found.title or found.id.capitalize()}"
    return phase


def glyph_of(state: RunState, planned: PlannedStep) -> Glyph:
    """The shape of a step's status; a question to come is a diamond already."""
    status = state.status(planned.address)
    if planned.address in state.undone:
        return Glyph.UNDONE
    if state.step(planned.address).question is not None:
        return Glyph.DECISION
    if status is Status.PENDING and planned.step.kind == "decide":
        return Glyph.DECISION
    return GLYPHS[status]


def people_of(state: RunState, roles: tuple[str, ...]) -> tuple[str, ...]:
    """Everybody in these roles, each once."""
    declared = state.plan.runbook.roles
    names = [name for role in roles if role in declared for name in declared[role].people]
    return tuple(dict.fromkeys(names))


def owner_of(state: RunState, planned: PlannedStep) -> str:
    """`Ivo, app`: the one person of the owning role; the role alone when it has several, or names nobody."""
    owner = planned.step.owner
    people = people_of(state, (owner,))
    return f"{people[0]}, {owner}" if len(people) == 1 else owner


def row_name(state: RunState, row: BackRow) -> str:
    """What a row of the way back does."""
    if row.part == "nothing":
        return f"Nothing to undo: {row.reason}"
    planned = state.plan.by_address.get(row.address)
    if planned is None:
        return row.address
    if planned.step.title:
        return title_of(planned)
    undone = state.plan.by_address.get(row.undoes)
    return f"Undo {title_of(undone)}" if undone is not None else title_of(planned)
