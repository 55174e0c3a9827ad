"""The time an entry is written: wall clock, time awake and asleep, which boot of this machine, the local UTC offset."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from app.journal.envelope import EPOCH, Moment
from app.ports import Clock


class Now:
    """Reads them at once; the boot is asked for only once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._boot = boot_id(clock)

    def read(self) -> Moment:
        """This moment."""
        at = self._clock.now()
        offset = at.astimezone().utcoffset() or timedelta()
        minutes = offset // timedelta(minutes=1)
        return Moment(at, self._clock.mono_ns(), self._boot, minutes, self._clock.asleep_ns())


def boot_id(clock: Clock) -> str:
    """What tells this boot of the machine from every other: the kernel's word, else the minute in which it came up."""
    told = Path("/proc/sys/kernel/random/boot_id")
    if told.exists():
        return told.read_text(encoding="ascii").strip()
    up = clock.now() - EPOCH - timedelta(microseconds=(clock.mono_ns() + clock.asleep_ns()) // 1000)
    return f"up-since-{up // timedelta(minutes=1)}"
