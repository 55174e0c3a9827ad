"""Rules 8 and 9: what may not stand after a point of no return, and what must stand before any boundary."""

from __future__ import annotations

from collections.abc import Iterator

from app.errors import Problem
from app.runbook.checks.survey import Spot, Survey


def check_final(survey: Survey) -> Iterator[Problem]:
    """Rule 8: nothing after a `final` boundary may go back across it."""
    finals = [spot for spot in survey.forward() if spot.step.boundary and spot.step.boundary.kind == "final"]
    for spot in finals:
        if spot.step.undo_steps:
            what = f"`{spot.name}` is a final boundary, so it cannot have an undo."
            yield survey.error("RB008", what, (*spot.path, "undo"), "Write undo: {none: reason}, or kind: lossy.")
    if not finals:
        return
    first = finals[0]
    after = [spot for spot in survey.forward() if spot.order > first.order and _crosses(survey, first, spot)]
    for spot in after:
        yield from _of_step(survey, spot, first)
    yield from _of_triggers(survey, first)
    yield from _of_phases(survey, first)


def _scope_start(survey: Survey, spot: Spot) -> int:
    """The index of the phase at whose beginning a rollback from this step ends."""
    to = survey.runbook.rollback.to
    if to == "start":
        return 0
    names = [phase.id for phase in survey.runbook.phases]
    current = spot.phase if spot.phase >= 0 else len(names)
    return min(names.index(to), current) if to in names else current


def _crosses(survey: Survey, final: Spot, spot: Spot) -> bool:
    """Whether going back from `spot` would pass the boundary: the scope starts before it."""
    if final.role == "task":
        return spot.role == "task"
    return _scope_start(survey, spot) <= final.phase


def _of_step(survey: Survey, spot: Spot, final: Spot) -> Iterator[Problem]:
    hint = "Write on_fail: stop or ask."
    if spot.step.on_fail == "rollback":
        what = f"`{spot.name}` goes back when it fails, across the final boundary `{final.name}`."
        yield survey.error("RB008", what, (*spot.path, "on_fail"), hint)
    if getattr(spot.step.body, "otherwise", "") == "rollback":
        what = f"`{spot.name}` goes back without a go, across the final boundary `{final.name}`."
        yield survey.error("RB008", what, (*spot.path, spot.step.kind, "otherwise"), "Write otherwise: stop.")


def _of_triggers(survey: Survey, final: Spot) -> Iterator[Problem]:
    if final.role == "task":
        return
    numbers = {phase.id: index for index, phase in enumerate(survey.runbook.phases)}
    later = any(spot.phase == final.phase and spot.order > final.order for spot in survey.main())
    for index, trigger in enumerate(survey.runbook.triggers):
        during = [numbers[name] for name in trigger.during or numbers if name in numbers]
        reaches = [number for number in during if number > final.phase or (number == final.phase and later)]
        to = survey.runbook.rollback.to
        crossing = [number for number in reaches if number == final.phase or to is not None]
        if trigger.do == "rollback" and crossing:
            what = f"The trigger `{trigger.id}` goes back across the final boundary `{final.name}`."
            hint = "Write do: pause, or end `during` before the boundary."
            yield survey.error("RB008", what, ("triggers", index, "do"), hint)


def _of_phases(survey: Survey, final: Spot) -> Iterator[Problem]:
    numbers = {phase.id: index for index, phase in enumerate(survey.runbook.phases)}
    for index, phase in enumerate(survey.runbook.phases):
        back = phase.rollback
        if back is None or back.how != "rerun" or final.role == "task" or index < final.phase:
            continue
        if any(numbers.get(name, len(numbers)) <= final.phase for name in back.phases):
            what = f"The way back of phase `{phase.id}` reaches across the final boundary `{final.name}`."
            yield survey.error("RB008", what, ("phases", index, "rollback", "phases"), "Write how: none.")


def check_boundaries(survey: Survey) -> Iterator[Problem]:
    """Rule 9: a decision directly before every boundary, and a plan that does not promise more than there is."""
    boundaries = [spot for spot in survey.forward() if spot.step.boundary]
    before = _neighbours(survey)
    for spot in boundaries:
        neighbours = before.get(spot.top.order, ())
        if not any(each.step.kind == "decide" for each in neighbours):
            what = f"The boundary at `{spot.name}` has no decision directly before it."
            hint = "Put a decide step before it, on its track or in its needs."
            yield survey.error("RB009", what, (*spot.path, "boundary"), hint)
    promised = survey.runbook.plan.rollback
    inside = [spot for spot in boundaries if spot.role != "task"]
    if promised == "automated" and inside:
        what = f"plan.rollback says automated, but `{inside[0].name}` is a boundary."
        yield survey.error("RB009", what, ("plan", "rollback"), "Write rollback: limited.")
    undone = next((spot for spot in survey.main() if spot.step.undo_steps), None)
    if promised == "none" and undone is not None and not inside:
        what = f"plan.rollback says none, but `{undone.name}` can be undone and there is no boundary."
        yield survey.error("RB009", what, ("plan", "rollback"), "Write rollback: automated, manual or limited.")


def _neighbours(survey: Survey) -> dict[int, tuple[Spot, ...]]:
    """For each step, by its order, the one before it on its track and those it needs."""
    last: dict[tuple[int, str], Spot] = {}
    result: dict[int, tuple[Spot, ...]] = {}
    for spot in survey.spots:
        if spot.role not in ("main", "task"):
            continue
        track = (spot.phase, spot.step.track or "")
        needed = tuple(survey.by_id[name] for name in spot.step.needs if name in survey.by_id)
        before = (last[track],) if track in last else ()
        result[spot.order] = (*before, *needed)
        last[track] = spot
    return result
