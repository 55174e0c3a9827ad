"""The real clock is aware, in UTC, and moves forward."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.connectors.clock import SystemClock

pytestmark = pytest.mark.anyio


async def test_wall_and_monotonic_time_and_waiting_agree() -> None:
    clock = SystemClock()
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    assert clock.now().utcoffset() == timedelta()
    before = clock.mono_ns()
    await clock.sleep(timedelta(milliseconds=20))
    assert clock.mono_ns() - before >= 19_000_000
    asleep = clock.asleep_ns()
    assert asleep >= 0
    await clock.sleep(timedelta(seconds=-3600))
    assert clock.asleep_ns() - asleep <= 1_000_000, "waiting is no sleep of the machine"
