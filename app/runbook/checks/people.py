"""Parts of rules 5, 25 and 28: more voices than people, facts that come too late, risks that nothing watches."""

from __future__ import annotations

from collections.abc import Iterator

from app.errors import Problem
from app.runbook.checks.survey import Spot, Survey
from app.runbook.read import Path


def check_decisions(survey: Survey) -> Iterator[Problem]:
    """Rule 5, as far as the file alone tells."""
    for spot in survey.spots:
        step = spot.step
        if step.approve:
            yield from _voices(survey, (step.approve.by, step.approve.need), (*spot.path, "approve"))
        if step.kind == "decide":
            by, need = getattr(step.body, "by", ()), int(getattr(step.body, "need", 1))
            yield from _voices(survey, (by, need), (*spot.path, "decide"))
            yield from _late_facts(survey, spot)
    decide = survey.runbook.rollback.decide
    if decide:
        yield from _voices(survey, (decide.by, decide.need), ("rollback", "decide"))


def _voices(survey: Survey, asked: tuple[tuple[str, ...], int], path: Path) -> Iterator[Problem]:
    by, need = asked
    roles = survey.runbook.roles
    if not by or any(name not in roles or not roles[name].people for name in by):
        return
    people = {person for name in by for person in roles[name].people}
    if need > len(people):
        what = f"{need} people must agree, but {', '.join(by)} are only {len(people)}."
        yield survey.error("RB005", what, (*path, "need"), "Add people to the roles, or lower need.")


def _late_facts(survey: Survey, spot: Spot) -> Iterator[Problem]:
    for name in getattr(spot.step.body, "facts", ()):
        fact = survey.by_id.get(name)
        if fact is not None and fact.order > spot.order and name not in spot.top.step.needs:
            what = f"The fact `{name}` comes after the decision that rests on it."
            yield survey.error("RB005", what, (*spot.path, "decide", "facts"), "Move the step before the decision.")


def check_plan(survey: Survey) -> Iterator[Problem]:
    """Warnings of rules 25 and 28."""
    for index, risk in enumerate(survey.runbook.risks):
        if not risk.watched_by:
            what = f"Nothing watches the risk `{risk.id}`."
            hint = "Write watched_by: and a step, a metric or a trigger."
            yield survey.warning("RB025", what, ("risks", index), hint)
    for index, criterion in enumerate(survey.runbook.success):
        if criterion.at is None:
            what = f"The criterion `{criterion.id}` does not say when it is judged."
            yield survey.warning("RB028", what, ("success", index), "Write at: T+24h.")
