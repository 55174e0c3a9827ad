"""The zone of the machine's clock, on the nights when the clocks change."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ui.local_time import LOCAL, _offset

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(autouse=True)
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    _offset.cache_clear()
    yield
    monkeypatch.undo()
    time.tzset()
    _offset.cache_clear()


@pytest.mark.parametrize("day", [datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 10, 24, 22, tzinfo=UTC)])
def test_every_instant_of_such_a_night_has_its_own_wall_time_and_comes_back_from_it(day: datetime) -> None:
    for quarter in range(24):
        instant = day + timedelta(minutes=15 * quarter)
        here, there = instant.astimezone(LOCAL), instant.astimezone(BERLIN)
        assert f"{here:%F %T %z %Z}" == f"{there:%F %T %z %Z}"
        assert here.astimezone(UTC) == instant


def test_a_run_of_the_other_half_of_the_year_keeps_its_hours() -> None:
    assert f"{datetime(2026, 1, 5, 12, tzinfo=UTC).astimezone(LOCAL):%H:%M}" == "13:00"
    assert f"{datetime(2026, 7, 5, 12, tzinfo=UTC).astimezone(LOCAL):%H:%M}" == "14:00"
