"""When something happened, so that lengths of time stay true across clock jumps, sleeps and reboots."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


class _Stamp(Protocol):
    """What the record says of when an entry was written."""

    @property
    def at(self) -> datetime: ...

    @property
    def mono_ns(self) -> int: ...

    @property
    def boot(self) -> str: ...

    @property
    def asleep_ns(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant: wall clock (aware, UTC), monotonic nanoseconds, and the boot they count from.

    `mono_ns` counts the time that the machine was awake, `asleep_ns` the time that it slept in this boot. They are two
    because two things are measured. What passes at the targets, whether this machine sleeps or not, is both together:
    how long a mode is on, how old a fact is, what is left of a deadline, when the switch was. What somebody has to look
    at while it passes is the first alone: the `for` of a trigger, the schedule of a metric, patience with an answer,
    and a countdown that a person may stop.
    """

    at: datetime
    mono_ns: int
    boot: str
    asleep_ns: int = 0

    @classmethod
    def of(cls, stamp: _Stamp) -> Moment:
        """The instant of an entry of the record, or of a look at the clock."""
        return cls(stamp.at, stamp.mono_ns, stamp.boot, stamp.asleep_ns)

    @property
    def passed_ns(self) -> int:
        """Nanoseconds since this boot, asleep or awake."""
        return self.mono_ns + self.asleep_ns

    def since(self, earlier: Moment) -> timedelta:
        """Length of time from `earlier` to here, never negative: within one boot awake and asleep, else by the wall."""
        return self._from(earlier, self.passed_ns - earlier.passed_ns)

    def awake_since(self, earlier: Moment) -> timedelta:
        """The same without sleep: for how long somebody at this machine could see it."""
        return self._from(earlier, self.mono_ns - earlier.mono_ns)

    def _from(self, earlier: Moment, within_boot_ns: int) -> timedelta:
        length = timedelta(microseconds=within_boot_ns // 1000) if self.boot == earlier.boot else self.at - earlier.at
        return max(length, timedelta())
