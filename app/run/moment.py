"""When something happened, so that lengths of time stay true across clock jumps and reboots."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant: wall clock (aware, UTC), monotonic nanoseconds, and the boot they count from."""

    at: datetime
    mono_ns: int
    boot: str

    def since(self, earlier: Moment) -> timedelta:
        """Length of time from `earlier` to here: monotonic within one boot, else by the wall clock, never negative."""
        if self.boot == earlier.boot:
            length = timedelta(microseconds=(self.mono_ns - earlier.mono_ns) // 1000)
        else:
            length = self.at - earlier.at
        return max(length, timedelta())
