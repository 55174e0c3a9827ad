"""Plain words for durations, clocks, counts and ages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ui import words

S = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0:00"), (22, "0:22"), (242, "4:02"), (3850, "1:04:10"), (-96, "\u22121:36"), (576_000, "6 d 16 h")],
)
def test_durations_read_like_a_stopwatch(seconds: int, said: str) -> None:
    assert words.duration(seconds * S) == said


def test_estimates_carry_a_tilde_or_about() -> None:
    assert words.estimate(120 * S) == "~2:00"
    assert words.about(14 * 60 * S) == "about 14 min"
    assert words.about(20 * S) == "about 20 s"
    assert words.about(145 * 60 * S) == "about 2 h 25 min"


def test_the_clock_counts_down_to_t_and_up_after_it() -> None:
    assert words.clock(timedelta(minutes=-12, seconds=-46)) == "T\u221200:12:46"
    assert words.clock(timedelta(minutes=13, seconds=40)) == "T+00:13:40"
    assert words.clock(timedelta(0)) == "T+00:00:00"


def test_the_clock_reads_zero_only_when_t_is_reached() -> None:
    assert words.clock(timedelta(milliseconds=-1)) == "T\u221200:00:01"
    assert words.clock(timedelta(milliseconds=999)) == "T+00:00:00"


@pytest.mark.parametrize(("seconds", "said"), [(1040, "in 17:20"), (0.4, "now"), (-242, "4:02 ago")])
def test_time_left_turns_into_time_passed(seconds: float, said: str) -> None:
    assert words.remaining(seconds * S) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(4, "4 s ago"), (130, "2 min ago"), (800_000, "9 d ago"), (-3, "0 s ago")]
)
def test_ages_have_one_unit_and_are_never_negative(seconds: int, said: str) -> None:
    assert words.ago(seconds * S) == said


def test_a_silent_metric_was_never_heard() -> None:
    assert words.heard(None) == "never heard"


def test_slip_is_told_against_the_plan() -> None:
    assert words.slip(2 * 60 * S) == "2 min late"
    assert words.slip(-96 * S) == "1:36 under plan"
    assert words.slip(10 * S) == "on plan"


def test_counts_are_grouped_and_zero_rows_are_always_said() -> None:
    assert words.count(11_482) == "11\u202f482"
    assert words.loses(0) == "loses 0 rows"
    assert words.loses(1) == "loses 1 row"
    assert words.loses(None) == "rows lost: not known"


def test_times_are_told_in_the_zone_of_the_window() -> None:
    moment = datetime(2026, 3, 15, 1, 23, 39, 204_900, tzinfo=UTC)
    berlin = ZoneInfo("Europe/Berlin")
    assert words.time_of_day(moment, berlin) == "02:23"
    assert words.time_of_log(moment, berlin) == "02:23:39.204"
    assert words.zone_name(moment, berlin) == "CET"


@pytest.mark.parametrize(("value", "said"), [(0.6, "0.6"), (12.44, "12.4"), (310.0, "310"), (2039.2, "2\u202f039")])
def test_readings_keep_at_most_four_figures(value: float, said: str) -> None:
    assert words.number(value) == said
