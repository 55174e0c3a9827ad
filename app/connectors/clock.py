"""The real clock: the machine's wall time, its monotonic time, and waiting on the running loop."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta


class SystemClock:
    """`app.ports.Clock` on this machine."""

    def now(self) -> datetime:
        """Wall time, aware, UTC."""
        return datetime.now(UTC)

    def mono_ns(self) -> int:
        """Monotonic nanoseconds; on Linux they stand still while the machine sleeps."""
        return time.monotonic_ns()

    async def sleep(self, length: timedelta) -> None:
        """Wait; zero or less only gives the loop one turn."""
        await asyncio.sleep(max(0.0, length.total_seconds()))


def asleep_ns() -> int:
    """Nanoseconds that this machine has slept since it came up; 0 where the system does not count them."""
    if not hasattr(time, "CLOCK_BOOTTIME"):
        return 0
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) - time.clock_gettime_ns(time.CLOCK_MONOTONIC)
