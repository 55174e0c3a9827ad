"""Rule 32: what a target is to run by itself is one command on one machine, needs nobody, and undoes a command there.

Only a command of the same machine and user can be ended or kept from starting before its undo. Anything else (SQL, a
request, a person, a command elsewhere) could take effect after it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from app.errors import Problem
from app.runbook.checks.survey import Spot, Survey
from app.runbook.undo import AT_A_PLACE, same_place

SHORTEST = timedelta(seconds=30)
"""A deadline below this is a warning: a busy network alone may let it pass."""

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
    if len(undos) != 1 or undos[0].kind not in AT_A_PLACE:
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
    elif not same_place(spot.step, undo):
        what = f"`{spot.name}` does not run where its undo would, so it could take effect after that."
        yield survey.error("RB032", what, path, "Make both `host` (same `name`, same `sudo`) or both `local`.")
    if spot.step.changes_identity or undo.changes_identity:
        what = f"`{spot.name}` changes who answers, so the machine that holds its undo could not be told from another."
        yield survey.error("RB032", what, (*spot.path, "revert_unless_confirmed"), "Revert it by hand.")
    for key in _WANTS_SOMEBODY:
        if getattr(undo, key):
            what = f"The undo of `{spot.name}` has `{key}`, which nobody looks at when its target runs it by itself."
            yield survey.error("RB032", what, (*path, 0, key), "Leave it out, or revert by hand.")
