"""Rule 22: a command on a group says how many hosts at a time, and never destroys all of them at once."""

from __future__ import annotations

from collections.abc import Iterator

from app.errors import Problem
from app.runbook.body import Changes
from app.runbook.checks.enums import item_names, possible
from app.runbook.checks.survey import Spot, Survey
from app.runbook.part import Raw
from app.runbook.read import Path
from app.runbook.units import Share

_ALL = 100


def check_groups(survey: Survey) -> Iterator[Problem]:
    """Commands on groups, and eaches."""
    destroying = _destroying(survey)
    for spot in survey.spots:
        if spot.step.kind not in ("host", "each"):
            continue
        batch = getattr(spot.step.body, "batch", None)
        path = (*spot.path, spot.step.kind)
        groups = _groups(survey, spot)
        if groups and batch is None:
            may = "runs" if groups[0] == getattr(spot.step.body, "name", "") else "may run"
            what = f"`{spot.name}` {may} on the group `{groups[0]}` and does not say how many hosts at a time."
            yield survey.error("RB022", what, path, "Write batch: 1, or a share such as batch: 25%.")
        if spot.path in destroying and _all_at_once(batch, _sizes(survey, spot, groups)):
            what = f"`{spot.name}` is destructive on all items at once."
            yield survey.error("RB022", what, (*path, "batch"), "Write a smaller batch.")


def _groups(survey: Survey, spot: Spot) -> list[str]:
    """The groups that a command runs on, by every name that it may be given. A host of that name goes first."""
    name = str(getattr(spot.step.body, "name", "")) if spot.step.kind == "host" else ""
    names = (possible(name, survey.runbook, spot) or _usual(name, survey)) if "${" in name else (name,)
    return [each for each in names if each in survey.runbook.groups and each not in survey.runbook.hosts]


def _usual(name: str, survey: Survey) -> tuple[str, ...]:
    """What a free parameter stands for when nobody gives it another value."""
    param = survey.runbook.params.get(name.removeprefix("${params.").removesuffix("}"))
    return (str(param.default),) if param is not None and param.default is not None else ()


def _destroying(survey: Survey) -> frozenset[Path]:
    """Where a step is destructive itself, or a step inside it is; its undo and its probe are not inside."""
    found: set[Path] = set()
    for spot in survey.spots:
        if spot.changes is not Changes.DESTRUCTIVE or spot.role == "probe":
            continue
        for each in spot.chain():
            if (each.role == "undo") != (spot.role == "undo"):
                break
            found.add(each.path)
    return frozenset(found)


def _sizes(survey: Survey, spot: Spot, groups: list[str]) -> list[int]:
    """How many items there are, for each group that it may be; empty when that cannot be told before the run."""
    if spot.step.kind == "host":
        return [len(survey.runbook.groups[name]) for name in groups]
    if getattr(spot.step.body, "canary", None) is not None:
        return []  # those go first, so a number never takes all of them at once
    count, source = getattr(spot.step.body, "count", None), getattr(spot.step.body, "in_", "")
    if isinstance(count, int):
        return [count]
    names = item_names(source, survey.runbook) if source else ()
    return [len(names)] if names else []


def _all_at_once(batch: Raw, sizes: list[int]) -> bool:
    if isinstance(batch, Share):
        return batch.percent >= _ALL or any(size > 1 and batch.of(size) >= size for size in sizes)
    return isinstance(batch, int) and any(1 < size <= batch for size in sizes)
