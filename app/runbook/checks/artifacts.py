"""Rule 14: what is used was made before; a backup that nobody checks is a hope."""

from __future__ import annotations

from collections.abc import Iterator

from app.errors import Problem
from app.runbook.checks.survey import Survey


def check_artifacts(survey: Survey) -> Iterator[Problem]:
    """Artifacts used before anything makes them, and artifacts without a check."""
    known = survey.runbook.artifacts
    first: dict[str, int] = {}
    for spot in survey.forward():
        for name in spot.step.makes:
            first.setdefault(name, spot.order)
    yield from _used_too_early(survey, first)
    for name in survey.runbook.rollback.uses:
        if name in known and name not in first:
            what = f"The rollback uses the artifact `{name}`, which nothing makes."
            yield survey.error("RB014", what, ("rollback", "uses"), f"Write makes: [{name}] on a step.")
    for name, artifact in known.items():
        if not artifact.check:
            hint = "Write check: and the step that proves that it can be restored."
            yield survey.warning("RB014", f"Nothing checks the artifact `{name}`.", ("artifacts", name), hint)


def _used_too_early(survey: Survey, first: dict[str, int]) -> Iterator[Problem]:
    known = survey.runbook.artifacts
    for spot in survey.spots:
        at = next((each.order for each in spot.chain() if each.forward), None)  # an undo runs after its step began
        for name in spot.step.uses:
            if name in known and (name not in first or (at is not None and first[name] > at)):
                what = f"`{spot.name}` uses the artifact `{name}`, which nothing makes before it."
                hint = f"Write makes: [{name}] on a step before."
                yield survey.error("RB014", what, (*spot.path, "uses"), hint)
