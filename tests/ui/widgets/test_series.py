"""Buckets by absolute sample number: what was finished never changes, and spikes survive the folding."""

from __future__ import annotations

from math import isnan, nan

from hypothesis import given
from hypothesis import strategies as st

from ui.widgets.series import Bucket, Series

READINGS = st.lists(st.floats(min_value=-1e6, max_value=1e6), max_size=300)


@given(READINGS, st.integers(min_value=1, max_value=40))
def test_samples_fold_the_same_however_they_arrive(values: list[float], lump: int) -> None:
    at_once, in_lumps = Series(100, 10), Series(100, 10)
    at_once.append(values)
    for i in range(0, len(values), lump):
        in_lumps.append(values[i : i + lump])
    assert at_once.finished() == in_lumps.finished()
    assert at_once.tail() == in_lumps.tail()


@given(READINGS)
def test_a_finished_bucket_never_changes(values: list[float]) -> None:
    series, seen = Series(100, 10), dict[int, Bucket]()
    for value in values:
        series.append([value])
        for bucket in series.finished():
            assert seen.setdefault(bucket.number, bucket) == bucket


def test_one_spike_among_thousands_is_kept() -> None:
    series = Series(3600, 200)
    series.append([1.0] * 1000 + [99.0] + [1.0] * 2599)
    assert series.extremes() == (1.0, 99.0)


def test_the_window_moves_on_and_memory_stays_bounded() -> None:
    series = Series(3600, 200)
    for i in range(20_000):
        series.append([float(i)])
    assert len(series.finished()) <= 201
    assert len(series._raw) <= 3600 + 10 * series.size
    assert series.extremes()[0] >= 20_000 - 3600 - series.size


def test_a_silence_is_a_gap_not_a_zero() -> None:
    series = Series(40, 4)
    series.append([5.0] * 10 + [nan] * 10 + [7.0] * 3)
    assert [isnan(bucket.low) for bucket in series.finished()] == [False, True]
    assert series.extremes() == (5.0, 7.0)


def test_nothing_heard_has_no_extremes() -> None:
    assert all(isnan(value) for value in Series().extremes())
    assert isnan(Series().last())
