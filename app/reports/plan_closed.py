"""Where the way back is closed, as the planner of a run sees it: a final boundary, and phases without undos.

Steps are taken in the order of the file, each as if all before it had run.
"""

from __future__ import annotations

from app.reports.plan_steps import title_of, with_inner
from app.runbook.kind import Kinds
from app.runbook.model import Phase, Runbook, Step


def numbered(book: Runbook, index: int) -> list[tuple[str, Step]]:
    """The steps of a phase with the numbers that people call them by, such as `4.2`."""
    return [(f"{number_of(book, index)}.{i}", step) for i, step in enumerate(book.phases[index].steps, 1)]


def number_of(book: Runbook, index: int) -> int:
    """The phase's number as written, else its place in the file."""
    written = book.phases[index].number
    return index if written is None else written


def finals_in(book: Runbook, index: int, kinds: Kinds) -> list[tuple[str, Step]]:
    """The steps of a phase, inner ones too, from whose start on it has no way back."""
    return [found for top, step in numbered(book, index) for found in _finals(top, step, kinds)]


def closed_after(book: Runbook, index: int, kinds: Kinds) -> tuple[str, ...]:
    """For each step of a phase, why there is no way back once it has started; "" where there is one."""
    said = ""
    for before in range(_scope(book, index), index):
        ends = finals_in(book, before, kinds)
        said = said or _by_boundary(ends) or (_by_phase(book, before) if book.phases[before].steps else "")
    found = []
    for number, step in numbered(book, index):
        said = said or _by_boundary(_finals(number, step, kinds)) or _by_phase(book, index)
        found.append(said)
    return tuple(found)


def closes(step: Step, kinds: Kinds) -> bool:
    """Whether the step, or one inside of it, is a final boundary."""
    return bool(_finals("", step, kinds))


def closings(book: Runbook, kinds: Kinds) -> tuple[str, ...]:
    """Everything that no way back reaches across once it has started, in the order of the file."""
    found = []
    for index, phase in enumerate(book.phases):
        how = _how(phase)
        name = f"Phase {number_of(book, index)}: {phase.title or phase.id}"
        if how == "none":
            found.append(f"{name}, which has no way back")
        elif how == "rerun":
            found.append(f"{name}, which goes back only by a new run")
        for number, step in finals_in(book, index, kinds):
            says = step.boundary.says if step.boundary else ""
            found.append(f"{number} {title_of(step)}, a final boundary: {says}")
    return tuple(found)


def _finals(number: str, step: Step, kinds: Kinds) -> list[tuple[str, Step]]:
    inside = with_inner(number, step, kinds)
    return [(n, one) for n, one in inside if one.boundary is not None and one.boundary.kind == "final"]


def _scope(book: Runbook, index: int) -> int:
    """The phase at whose beginning the way back from this phase ends: the runbook's choice, unless it lies ahead."""
    to, names = book.rollback.to, [phase.id for phase in book.phases]
    if to == "start":
        return 0
    return min(names.index(to), index) if to in names else index


def _by_boundary(finals: list[tuple[str, Step]]) -> str:
    return f"none: {finals[0][0]} is a final boundary" if finals else ""


def _by_phase(book: Runbook, index: int) -> str:
    how = _how(book.phases[index])
    if how == "none":
        return f"none: phase {number_of(book, index)} has no way back"
    return f"none: phase {number_of(book, index)} goes back only by a new run" if how == "rerun" else ""


def _how(phase: Phase) -> str:
    return phase.rollback.how if phase.rollback is not None else "reverse"
