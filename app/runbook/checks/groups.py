"""Rule 22: a command on a group says how many hosts at a time, and never destroys all of them at once."""

from __future__ import annotations

from collections.abc import Iterator

from app.errors import Problem
from app.runbook.body import Changes
from app.runbook.checks.survey import Survey
from app.runbook.units import Share

_ALL = 100


def check_groups(survey: Survey) -> Iterator[Problem]:
    """Commands on groups."""
    for spot in survey.spots:
        if spot.step.kind not in ("host", "each"):
            continue
        batch = getattr(spot.step.body, "batch", None)
        name = getattr(spot.step.body, "name", "")
        path = (*spot.path, spot.step.kind)
        if name in survey.runbook.groups and batch is None:
            what = f"`{spot.name}` runs on the group `{name}` and does not say how many hosts at a time."
            yield survey.error("RB022", what, path, "Write batch: 1, or a share such as batch: 25%.")
        if isinstance(batch, Share) and batch.percent >= _ALL and spot.changes is Changes.DESTRUCTIVE:
            what = f"`{spot.name}` is destructive on all items at once."
            yield survey.error("RB022", what, (*path, "batch"), "Write a smaller batch.")
