"""Rule 29: steps that can never run: a constant `when`, environments that cancel out, needs in a circle."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping

from app.errors import Problem
from app.runbook.checks.survey import Spot, Survey
from app.runbook.conditions import Condition

_TESTS = {"==": operator.eq, "!=": operator.ne}


def check_reach(survey: Survey) -> Iterator[Problem]:
    """Steps that are never reached."""
    for spot in survey.spots:
        yield from _environments(survey, spot)
        yield from _when(survey, spot)
    for index in range(len(survey.runbook.phases)):
        yield from _needs(survey, index)


def _environments(survey: Survey, spot: Spot) -> Iterator[Problem]:
    step = spot.step
    if step.only and set(step.only) <= set(step.not_in):
        what = f"`{spot.name}` can never run: `only` and `not_in` cancel out."
        yield survey.error("RB029", what, (*spot.path, "only"), "Keep one of the two.")


def _when(survey: Survey, spot: Spot) -> Iterator[Problem]:
    by_left: dict[str, list[Condition]] = {}
    for condition in spot.step.when:
        by_left.setdefault(condition.left, []).append(condition)
    for left, conditions in by_left.items():
        results = {_holds(conditions, value) for value in _values(survey, left)}
        path = (*spot.path, "when")
        said = " and ".join(str(each) for each in conditions)
        if results == {False}:
            yield survey.error("RB029", f"`{spot.name}` can never run: `{said}` never holds.", path, "Correct it.")
        elif results == {True}:
            yield survey.warning("RB029", f"`{said}` always holds.", path, "Leave it out.")


def _values(survey: Survey, left: str) -> tuple[str, ...]:
    """Every value of a parameter with choices, or of the environment; empty when they cannot be told."""
    if left == "env":
        return ("", *survey.runbook.environments)
    section, _, name = left.partition(".")
    param = survey.runbook.params.get(name) if section == "params" else None
    return param.values if param and param.type == "enum" else ()


def _holds(conditions: list[Condition], value: str) -> bool | None:
    """None: cannot be told before the run."""
    known = [each for each in conditions if each.test.op in _TESTS and "${" not in each.test.right]
    if any(not _TESTS[each.test.op](value, each.test.right) for each in known):
        return False
    return True if len(known) == len(conditions) else None


def _needs(survey: Survey, index: int) -> Iterator[Problem]:
    phase = survey.runbook.phases[index]
    before = survey.before[index]
    for number, step in enumerate(phase.steps):
        for need in step.needs:
            needed = survey.by_id.get(need)
            if needed is not None and (needed.top.phase > index or needed.role == "task"):
                what = f"`{step.id}` waits for `{need}`, which comes in a later phase."
                hint = "A phase starts when the one before has ended; move one of the two."
                yield survey.error("RB029", what, ("phases", index, "steps", number, "needs"), hint)
    circle = _circle(before)
    if circle:
        at = next(number for number, step in enumerate(phase.steps) if step.id == circle[0])
        what = f"These steps wait for each other: {' -> '.join((*circle, circle[0]))}."
        hint = "Take one of the needs out; steps of one track wait for the one before anyway."
        yield survey.error("RB029", what, ("phases", index, "steps", at, "needs"), hint)


def _circle(before: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The first circle of a graph, () when there is none. Iterative: a phase may have thousands of steps."""
    done: set[str] = set()
    for start in before:
        trail: list[str] = []
        on_trail: set[str] = set()
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:
            name, leaving = stack.pop()
            if leaving:
                done.add(name)
                on_trail.discard(trail.pop())
                continue
            if name in on_trail:
                return tuple(trail[trail.index(name) :])
            if name in done or name not in before:
                continue
            trail.append(name)
            on_trail.add(name)
            stack.append((name, True))
            stack.extend((other, False) for other in before[name])
    return ()
