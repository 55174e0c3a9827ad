"""Rule 32: what a target is to run by itself is one command on one machine, and needs nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from app.errors import Problem
from app.runbook.checks.survey import Spot, Survey

SHORTEST = timedelta(seconds=30)
"""A deadline below this is a warning: a busy network alone may let it pass."""

_FIRES = frozenset({"host", "local"})
_WANTS_SOMEBODY = ("approve", "when", "at", "only", "not_in", "within", "retry")


def check_dead_man(survey: Survey) -> Iterator[Problem]:
    """Steps with `revert_unless_confirmed` whose undo could not be armed at one target."""
    for spot in survey.spots:
        limit = spot.step.revert_unless_confirmed
        if limit is None:
            continue
        path = (*spot.path, "revert_unless_confirmed")
        if limit < timedelta(seconds=1):
            yield survey.error("RB032", f"`{spot.name}` would revert at once.", path, "Write 10m.")
        elif limit < SHORTEST:
            what = f"`{spot.name}` reverts {int(limit.total_seconds())} s after its target last heard the console."
            yield survey.warning("RB032", what, path, "A busy network may take as long: write 5m or more.")
        yield from _undo(survey, spot)


def _undo(survey: Survey, spot: Spot) -> Iterator[Problem]:
    undos = spot.step.undo_steps
    path = (*spot.path, "undo") if spot.step.undo is not None else (*spot.path, "revert_unless_confirmed")
    if not spot.forward:
        what = f"`{spot.name}` is no step of the way forward, so nothing can revert it."
        yield survey.error("RB032", what, (*spot.path, "revert_unless_confirmed"), "Leave it out here.")
        return
    if len(undos) != 1 or undos[0].kind not in _FIRES:
        what = f"The undo of `{spot.name}` cannot be armed: it is not exactly one `host` or `local` step."
        yield survey.error("RB032", what, path, "Put what it takes into one script, and call that on one host.")
        return
    undo = undos[0]
    name = str(getattr(undo.body, "name", ""))
    if name in survey.runbook.groups and name not in survey.runbook.hosts:
        what = f"The undo of `{spot.name}` runs on the group {name}; it can be armed on one host only."
        yield survey.error(
            "RB032", what, (*path, 0, "host", "name"), "Name one host, or write an `each` over the group."
        )
    for key in _WANTS_SOMEBODY:
        if getattr(undo, key):
            what = f"The undo of `{spot.name}` has `{key}`, which nobody looks at when its target runs it by itself."
            yield survey.error("RB032", what, (*path, 0, key), "Leave it out, or revert by hand.")
