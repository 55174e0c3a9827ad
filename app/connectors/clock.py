"""The real clock: wall time, the time this machine was awake and the time it slept, and waiting on the running loop.

Linux and macOS count sleep on one clock and leave it out on another; the difference is the time asleep. Windows has one
monotonic clock here, which goes on during sleep: there lengths of time are true as well, but nobody is told of a sleep,
and only the gap between two readings ends the `for` of a trigger.
"""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import UTC, datetime, timedelta

_MILLISECOND = 1_000_000


class SystemClock:
    """`app.ports.Clock` on this machine."""

    def now(self) -> datetime:
        """Wall time, aware, UTC."""
        return datetime.now(UTC)

    def mono_ns(self) -> int:
        """Monotonic nanoseconds; on Linux and macOS they stand still while the machine sleeps."""
        return time.monotonic_ns()

    def asleep_ns(self) -> int:
        """Nanoseconds that this machine has slept since it came up, to the millisecond.

        The clock that counts sleep is read first: what passes between the two looks is never taken for sleep.
        """
        if sys.platform == "darwin":
            slept = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW) - time.clock_gettime_ns(time.CLOCK_UPTIME_RAW)
        elif sys.platform == "linux":
            slept = time.clock_gettime_ns(time.CLOCK_BOOTTIME) - time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        else:
            slept = 0
        return max(0, slept // _MILLISECOND * _MILLISECOND)

    async def sleep(self, length: timedelta) -> None:
        """Wait; zero or less only gives the loop one turn."""
        await asyncio.sleep(max(0.0, length.total_seconds()))
