"""Points in time as they are written: with a zone to read them in, and what the clocks do there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo

from app.errors import Problem, Refused
from app.runbook.checks.survey import Survey
from app.runbook.fields import Moment
from app.runbook.inputs import zone_of
from app.runbook.model_plan import Window
from app.runbook.read import Path


def check_times(survey: Survey) -> Iterator[Problem]:
    """The zone, local times without one or that its clocks skip or show twice, and what lies inside of the window."""
    schedule = survey.runbook.schedule
    local = tuple(_local(survey))
    if not schedule.timezone:
        hint = "Write timezone: Europe/Berlin, or another one, under schedule; or write the time as T-2h."
        for path, _ in local:
            yield survey.error("RB001", "A local time needs a time zone.", path, hint)
        return
    try:
        zone = zone_of(schedule.timezone)
    except Refused as trouble:
        yield survey.error("RB001", trouble.what, ("schedule", "timezone"), trouble.hint)
        return
    for path, moment in local:
        yield from _by_the_clock(survey, path, moment, zone)
    yield from _in_the_window(survey, zone)


def _local(survey: Survey) -> Iterator[tuple[Path, datetime]]:
    """Every local time of the runbook and where it stands."""
    schedule = survey.runbook.schedule
    if isinstance(schedule.t0, datetime):
        yield ("schedule", "t0"), schedule.t0
    for path, moment in _moments(survey):
        if moment is not None and moment.local is not None:
            yield path, moment.local


def _moments(survey: Survey) -> Iterator[tuple[Path, Moment | None]]:
    book, schedule = survey.runbook, survey.runbook.schedule
    if schedule.window is not None:
        yield from _both(("schedule", "window"), schedule.window)
    yield ("schedule", "abort_by"), schedule.abort_by
    for index, blackout in enumerate(schedule.blackout):
        yield from _both(("schedule", "blackout", index), blackout)
    for index, phase in enumerate(book.phases):
        yield ("phases", index, "from"), phase.from_
        yield ("phases", index, "to"), phase.to
    for spot in survey.spots:
        yield (*spot.path, "at"), spot.step.at
    for index, criterion in enumerate(book.success):
        yield ("success", index, "at"), criterion.at
    for name, metric in book.metrics.items():
        if metric.baseline is not None:
            yield ("metrics", name, "baseline", "from"), metric.baseline.from_
            yield ("metrics", name, "baseline", "to"), metric.baseline.to


def _both(path: Path, window: Window) -> Iterator[tuple[Path, Moment]]:
    yield (*path, "from"), window.from_
    yield (*path, "to"), window.to


def _by_the_clock(survey: Survey, path: Path, local: datetime, zone: tzinfo) -> Iterator[Problem]:
    """A change of the clocks leaves an hour out in spring and shows one twice in autumn."""
    try:
        first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
        again = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    except OverflowError:
        what = f"{local} lies outside of the calendar."
        yield survey.error("RB001", what, path, "Write a time between the years 1 and 9999 in UTC.")
        return
    if again != local:
        what = f"{local:%Y-%m-%d %H:%M} is on no clock in {zone}: the clocks go forward over it."
        yield survey.error("RB001", what, path, f"The same instant is {again:%Y-%m-%d %H:%M} there.")
    elif first.utcoffset() != second.utcoffset():
        what = f"{local:%Y-%m-%d %H:%M} is on the clocks in {zone} twice; the first of the two is meant here."
        yield survey.warning("RB030", what, path, "Write an offset from T, or a time before or after that hour.")


def _in_the_window(survey: Survey, zone: tzinfo) -> Iterator[Problem]:
    """Where T is written, or both ends are: a change of the clocks, and a blackout, between them."""
    schedule = survey.runbook.schedule
    start = schedule.t0.replace(tzinfo=zone) if isinstance(schedule.t0, datetime) else None
    ends = _stretch(schedule.window, start, zone) if schedule.window is not None else None
    if ends is None:
        return
    path: Path = ("schedule", "window")
    before, after = (end.astimezone(zone).utcoffset() or timedelta() for end in ends)
    if before != after:
        minutes = abs(after - before) // timedelta(minutes=1)
        way = "forward" if after > before else "back"
        what = f"The clocks in {zone} go {way} by {minutes} minutes inside of the window."
        yield survey.warning("RB030", what, path, "Have everybody work in offsets from T, or in UTC.")
    for index, blackout in enumerate(schedule.blackout):
        dark = _stretch(blackout, start, zone)
        if dark is not None and dark[0] < ends[1] and ends[0] < dark[1]:
            why = f" ({blackout.text})" if blackout.text else ""
            what = f"The blackout from {blackout.from_} to {blackout.to}{why} lies inside of the window."
            yield survey.warning("RB030", what, ("schedule", "blackout", index), "Nothing can be started in it.")


def _stretch(window: Window, start: datetime | None, zone: tzinfo) -> tuple[datetime, datetime] | None:
    """Both ends in UTC; None where one hangs on a T that is not written, or no calendar holds it."""
    ends: list[datetime] = []
    for moment in (window.from_, window.to):
        t0 = start if moment.local is None else datetime(2000, 1, 1, tzinfo=UTC)
        if t0 is None:
            return None
        try:
            ends.append(moment.at(t0.astimezone(UTC), zone).astimezone(UTC))
        except OverflowError:
            return None
    return ends[0], ends[1]
