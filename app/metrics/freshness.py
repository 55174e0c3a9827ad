"""Which readings say something new about now: young enough at their source, and not the same one once more. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from app.metrics.baseline import Taken
from app.metrics.rule import AGES
from app.metrics.window import Point
from app.ports import Sample
from app.runbook.model_estate import Metric, Trigger


def longest_age(name: str, metric: Metric, every: timedelta, triggers: Iterable[Trigger]) -> timedelta:
    """How long a reading of a metric speaks at most: AGES periods, or as long as a trigger on it says.

    What a step measured speaks until it is measured again, where no trigger says otherwise.
    """
    usual = timedelta.max if metric.step else every * AGES
    return max((one.max_age or usual for one in triggers if one.metric == name), default=usual)


def point_of(sample: Sample) -> Point:
    """A sample as rules see it."""
    return Point(sample.mono_ns, sample.at, sample.value, sample.problem, sample.age, sample.source)


def why_dark(sample: Sample) -> str:
    """Why it is no data; "" for one that counts."""
    return point_of(sample).trouble(sample.max_age)


def counted(points: Iterable[Point], max_age: timedelta) -> list[Taken]:
    """The good readings among these, oldest first: a page that stands still is one reading."""
    found: list[Taken] = []
    mark = ""
    for point in points:
        if point.value is None or point.trouble(max_age) or (point.source and point.source == mark):
            continue
        mark = point.source
        found.append(Taken(point.at, point.value))
    return found
