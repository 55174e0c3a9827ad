"""Rule 17, and parts of 4 and 30: estimates of the way back, steps that nobody owns, long steps without a limit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from app.errors import Problem
from app.runbook.checks.survey import Survey
from app.runbook.model import Phase
from app.runbook.undo import scope_of, undo_time
from app.runbook.units import format_duration

_LONG = timedelta(minutes=15)
_WORKING = frozenset({"sql", "host", "local", "http", "copy", "compare"})


def check_rollback_time(survey: Survey) -> Iterator[Problem]:
    """Rule 17."""
    for index, phase in enumerate(survey.runbook.phases):
        yield from _of_phase(survey, index, phase)
    yield from _of_run(survey)


def _of_phase(survey: Survey, index: int, phase: Phase) -> Iterator[Problem]:
    path = ("phases", index)
    back = phase.rollback
    undos = undo_time((phase,), survey.runbook, survey.kinds)
    if back is None:
        if undos.steps and survey.runbook.rollback.est is None:
            hint = "Write rollback: {how: reverse, est: 10m}."
            yield survey.warning("RB017", f"Phase `{phase.id}` does not say how long its way back takes.", path, hint)
        return
    if back.how == "none":
        return
    if back.est is None:
        hint = f"Write est: {format_duration(undos.length)} or more." if undos.length else "Write est: 10m."
        what = f"The way back of phase `{phase.id}` has no estimate."
        yield survey.error("RB017", what, (*path, "rollback"), hint)
    elif back.how in ("reverse", "steps") and back.est < undos.length:
        what = f"The way back of phase `{phase.id}` is estimated at {format_duration(back.est)}; "
        what += f"its steps need {format_duration(undos.length)}."
        hint = f"Write est: {format_duration(undos.length)} or more."
        yield survey.error("RB017", what, (*path, "rollback", "est"), hint)


def _of_run(survey: Survey) -> Iterator[Problem]:
    back = survey.runbook.rollback
    if "rollback" not in survey.runbook.model_fields_set:
        return
    undos = undo_time(scope_of(survey.runbook), survey.runbook, survey.kinds)
    if back.est is None:
        yield survey.error("RB017", "The way back of the run has no estimate.", ("rollback",), "Write est: 20m.")
    elif back.est < undos.length:
        what = f"The way back is estimated at {format_duration(back.est)}; "
        what += f"its steps need {format_duration(undos.length)}."
        hint = f"Write est: {format_duration(undos.length)} or more."
        yield survey.error("RB017", what, ("rollback", "est"), hint)


def check_steps_complete(survey: Survey) -> Iterator[Problem]:
    """Parts of rules 4 and 30: owner, estimate, and a limit for long steps."""
    for spot in survey.spots:
        if spot.role not in ("main", "task"):
            continue
        step = spot.step
        missing = [
            word for word, value in (("owner", step.owner), ("estimate", step.est or step.body.lasts)) if not value
        ]
        if spot.role == "task":
            missing = [word for word in missing if word == "owner"]
        if missing:
            what = f"`{spot.name}` has no {' and no '.join(missing)}."
            yield survey.warning("RB004", what, spot.path, "Write owner: a role, and est: 5m.")
        if step.kind in _WORKING and step.est and step.est > _LONG and not step.max:
            what = f"`{spot.name}` may take {format_duration(step.est)} and has no hard stop."
            yield survey.warning("RB030", what, (*spot.path, "est"), f"Write max: {format_duration(step.est * 2)}.")
    for name, role in survey.runbook.roles.items():
        if len(role.people) == 1:
            what = f"`{role.people[0]}` is alone in the role `{name}`."
            yield survey.warning("RB004", what, ("roles", name, "people"), "Name somebody who can stand in.")
