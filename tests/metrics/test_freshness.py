"""Old readings and repeated ones say nothing new, and how old is too old is the metric's own business."""

from __future__ import annotations

from datetime import timedelta

from app.metrics.freshness import counted, longest_age
from tests.metrics.rules import at, metric, trigger

AGE = timedelta(seconds=45)
READ, STEP = metric(), metric(step="count")


def test_a_page_that_stands_still_counts_once() -> None:
    points = [at(0, 1, source="a"), at(1, 1, source="a"), at(2, None), at(3, 1, source="a"), at(4, 2, source="b")]
    assert [one.value for one in counted(points, AGE)] == [1, 2]


def test_a_source_without_marks_counts_every_time() -> None:
    assert len(counted([at(0, 1), at(1, 1), at(2, 1)], AGE)) == 3


def test_what_was_old_at_its_source_does_not_count() -> None:
    points = [at(0, 1, age=44, source="a"), at(15, 1, age=46, source="b"), at(30, float("nan"), source="c")]
    assert len(counted(points, AGE)) == 1


def test_a_reading_speaks_for_three_periods_or_as_long_as_a_trigger_says() -> None:
    every = timedelta(seconds=15)
    assert longest_age("m", READ, every, []) == timedelta(seconds=45)
    assert longest_age("m", READ, every, [trigger(max_age="5m"), trigger(metric="other", max_age="9m")]) == timedelta(
        minutes=5
    )
    assert longest_age("m", READ, every, [trigger(max_age="20s")]) == timedelta(seconds=20)
    assert longest_age("m", READ, every, [trigger(max_age="20s"), trigger()]) == timedelta(seconds=45)


def test_what_a_step_measured_speaks_until_it_is_measured_again() -> None:
    every = timedelta(seconds=15)
    assert longest_age("m", STEP, every, [trigger()]) == timedelta.max
    assert longest_age("m", STEP, every, [trigger(max_age="5m")]) == timedelta(minutes=5)
