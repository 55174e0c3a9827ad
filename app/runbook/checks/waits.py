"""Rule 18: nothing waits or retries without an end."""

from __future__ import annotations

from collections.abc import Iterator

from app.errors import Problem
from app.runbook.checks.survey import Spot, Survey
from app.runbook.part import Part
from app.runbook.read import Path


def check_waits(survey: Survey) -> Iterator[Problem]:
    """Waits without a timeout or an interval, retries without a bound."""
    for spot in survey.spots:
        if getattr(spot.step.body, "until", None) is not None:
            path = (*spot.path, spot.step.kind)
            yield from _unbounded(survey, spot, (spot.step.body, "waits", path), ("timeout", "every"))
        if spot.step.retry is not None:
            yield from _unbounded(survey, spot, (spot.step.retry, "retries", (*spot.path, "retry")), ("times", "every"))
        elif spot.step.on_fail == "retry":
            what = f"`{spot.name}` retries for ever when it fails."
            yield survey.error("RB018", what, (*spot.path, "on_fail"), "Write retry: {times: 5, every: 10s}.")


def _unbounded(survey: Survey, spot: Spot, what: tuple[Part, str, Path], keys: tuple[str, str]) -> Iterator[Problem]:
    part, verb, path = what
    examples = {"timeout": "10m", "every": "5s", "times": "5"}
    for key in keys:
        if getattr(part, key) is None:
            hint = f"Write {key}: {examples[key]}."
            yield survey.error("RB018", f"`{spot.name}` {verb} without `{key}`.", path, hint)
