"""Lengths of time and instants read like a person says them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.reports.spans import both_clocks, span, t_clock


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (0.4, "0.4 s"),
        (9, "9 s"),
        (12.4, "12 s"),
        (60, "1 min"),
        (250, "4 min 10 s"),
        (3599.9, "1 h"),
        (7500, "2 h 5 min"),
        (273_600, "3 d 4 h"),
        (-90, "-1 min 30 s"),
    ],
)
def test_spans(seconds: float, said: str) -> None:
    assert span(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(("seconds", "said"), [(-7199, "T-1:59:59"), (0, "T+0:00:00"), (93_784, "T+26:03:04")])
def test_the_t_clock(seconds: int, said: str) -> None:
    assert t_clock(timedelta(seconds=seconds)) == said


def test_local_time_and_utc_stand_side_by_side() -> None:
    at = datetime(2026, 3, 14, 21, 10, 2, tzinfo=UTC)
    assert both_clocks(at, 60) == "2026-03-14 22:10:02 +01:00 (21:10:02 UTC)"
    assert both_clocks(at, 0) == "2026-03-14 21:10:02 UTC"
    assert both_clocks(at, 345) == "2026-03-15 02:55:02 +05:45 (2026-03-14 21:10:02 UTC)"
    assert both_clocks(at, -210) == "2026-03-14 17:40:02 -03:30 (21:10:02 UTC)"
