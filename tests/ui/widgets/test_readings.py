"""All readings of a metric: no spike is lost at any zoom, and a time without data is a gap, never a line across it."""

from __future__ import annotations

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.widgets.plot_view import LimitView
from ui.widgets.readings import Readings

VALUES = st.lists(st.floats(min_value=-1e6, max_value=1e6), min_size=1, max_size=400)


def every_second(values: list[float]) -> Readings:
    readings = Readings(8)
    for number, value in enumerate(values):
        readings.add(float(number), value)
    return readings


@given(VALUES, st.integers(min_value=1, max_value=50))
def test_the_extremes_of_the_readings_are_those_of_the_columns(values: list[float], count: int) -> None:
    readings = every_second(values)
    columns = readings.columns(0, len(values) - 1, count)
    assert min(column.low for column in columns) == min(values)
    assert max(column.high for column in columns) == max(values)


@given(VALUES, st.integers(min_value=1, max_value=50), st.floats(min_value=-1e6, max_value=1e6))
def test_a_breach_of_one_reading_is_a_breach_of_its_column(values: list[float], count: int, limit: float) -> None:
    columns = every_second(values).columns(0, len(values) - 1, count)
    for op, holds in ((">", max(values) > limit), ("<", min(values) < limit)):
        line = LimitView(limit, op, "limit")
        assert any(line.passed_by(column.low, column.high) for column in columns) == holds


def test_one_spike_among_fifty_thousand_is_in_sight_and_there_are_no_more_columns_than_pixels() -> None:
    readings = every_second([1.0] * 30_000 + [99.0] + [1.0] * 19_999)
    columns = readings.columns(0, 49_999, 600)
    assert len(columns) <= 600
    assert max(column.high for column in columns) == 99.0


def test_a_part_of_it_brings_its_neighbours_so_that_the_line_leaves_where_it_goes() -> None:
    columns = every_second([float(n) for n in range(100)]).columns(10.5, 20.5, 300)
    assert [column.low for column in columns] == [float(n) for n in range(10, 22)]


def test_a_time_without_data_is_a_gap_with_the_words_of_the_source() -> None:
    readings = every_second([5.0] * 3)
    readings.add(3, None, "status 503")
    readings.add(4, nan)
    assert [(gap.begin, gap.end, gap.why) for gap in readings.gaps(10)] == [(2, 10, "status 503")]
    readings.add(5, 7.0)
    assert [(gap.begin, gap.end) for gap in readings.gaps(5)] == [(2, 5)]
    assert [column.broken for column in readings.columns(0, 5, 50)] == [False, False, False, True]


def test_a_silence_is_a_gap_too() -> None:
    readings = every_second([5.0] * 3)
    readings.add(60, 5.0)
    assert [(gap.begin, gap.end) for gap in readings.gaps(60)] == [(2, 60)]
    assert [(gap.begin, gap.end) for gap in readings.gaps(100)] == [(2, 60), (60, 100)]


def test_before_the_first_figure_there_is_a_gap_and_infinity_is_no_figure() -> None:
    readings = Readings(8)
    readings.add(1, inf)
    assert [(gap.begin, gap.end) for gap in readings.gaps(4)] == [(1, 4)]
    readings.add(6, 2.0)
    assert [(gap.begin, gap.end) for gap in readings.gaps(6)] == [(1, 6)]
    assert list(readings.values) == [2.0]


def test_a_clock_that_was_set_back_folds_nothing() -> None:
    readings = every_second([1.0, 2.0])
    readings.add(-500, 3.0)
    assert list(readings.times) == sorted(readings.times)


@pytest.mark.parametrize(("time", "found"), [(-5, 0.0), (3.4, 3.0), (3.6, 4.0), (99, 9.0)])
def test_the_reading_under_the_pointer_is_the_nearest_one(time: float, found: float) -> None:
    assert every_second([float(n) for n in range(10)]).nearest(time) == (found, found)


def test_without_readings_there_is_nothing_to_point_at() -> None:
    assert Readings(8).nearest(3) is None
    assert Readings(8).columns(0, 10, 5) == []
    assert Readings(8).extremes(0, 10) is None
