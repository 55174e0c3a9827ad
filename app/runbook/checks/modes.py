"""Rule 11: what is switched on comes off, on the way forward, by the undo, and in every environment."""

from __future__ import annotations

from collections.abc import Iterator

from app.errors import Problem
from app.runbook.checks.survey import Spot, Survey
from app.runbook.order import left_out


def check_modes(survey: Survey) -> Iterator[Problem]:
    """Modes entered and not left, left and not entered."""
    entered: set[str] = set()
    recipes = _left_by_recipes(survey)
    for spot in survey.forward():
        yield from _never_entered(survey, spot, entered)
        entered |= set(spot.step.enter)
        yield from _not_undone(survey, spot, recipes.get(spot.phase))
    seen: set[tuple[str, str]] = set()
    for env in ("", *survey.runbook.environments):
        for mode, spot in _still_on(survey, env).items():
            if (mode, spot.name) not in seen:
                seen.add((mode, spot.name))
                where = f" in {env}" if env and not _on_in_all(survey, mode) else ""
                what = f"The mode `{mode}`, entered by `{spot.name}`, is still on after the last task{where}."
                hint = f"Write leave: [{mode}] on the step that switches it off."
                yield survey.error("RB011", what, (*spot.path, "enter"), hint)


def _never_entered(survey: Survey, spot: Spot, entered: set[str]) -> Iterator[Problem]:
    for mode in spot.step.leave:
        if mode not in entered and mode in survey.runbook.modes:
            what = f"`{spot.name}` leaves the mode `{mode}`, which no step before it enters."
            hint = f"Write enter: [{mode}] on the step that switches it on."
            yield survey.error("RB011", what, (*spot.path, "leave"), hint)


def _left_by_recipes(survey: Survey) -> dict[int, set[str]]:
    """What the way back leaves in each phase that goes back by a recipe of its own, by the phase's index."""
    found: dict[int, set[str]] = {
        index: set()
        for index, phase in enumerate(survey.runbook.phases)
        if phase.rollback and phase.rollback.how == "steps"
    }
    for spot in survey.spots:
        if spot.role == "procedure" and spot.phase in found and spot.path[2:4] == ("rollback", "steps"):
            found[spot.phase] |= set(spot.step.leave)
    return found


def _not_undone(survey: Survey, spot: Spot, recipe: set[str] | None) -> Iterator[Problem]:
    """A recipe runs instead of the undos of its phase, so there it is the recipe that has to leave the mode."""
    left = {mode for each in spot.chain() for step in each.step.undo_steps for mode in step.leave}
    left = left if recipe is None else set(recipe)
    left |= {mode for step in survey.runbook.rollback.after for mode in step.leave}
    for mode in spot.step.enter:
        if mode in survey.runbook.modes and mode not in left and mode not in spot.step.leave:
            way = "its undo does" if recipe is None else "the rollback steps of its phase do"
            what = f"`{spot.name}` enters the mode `{mode}`, and {way} not leave it."
            at = "its undo" if recipe is None else "the phase's rollback"
            yield survey.error("RB011", what, (*spot.path, "enter"), f"Write leave: [{mode}] on a step of {at}.")


def _still_on(survey: Survey, env: str) -> dict[str, Spot]:
    on: dict[str, Spot] = {}
    for spot in survey.forward():
        if any(left_out(each.step, env) for each in spot.chain()):
            continue
        for mode in spot.step.enter:
            on.setdefault(mode, spot)
        for mode in spot.step.leave:
            on.pop(mode, None)
    return {mode: spot for mode, spot in on.items() if mode in survey.runbook.modes}


def _on_in_all(survey: Survey, mode: str) -> bool:
    return mode in _still_on(survey, "")
