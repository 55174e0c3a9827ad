"""The zone of this machine's clock, asked anew for every instant: the clocks may change while a run is open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

_QUARTER = 900


class MachineZone(tzinfo):
    """What the operating system says of each instant, also of one before or after a change of the clocks.

    `datetime.now().astimezone().tzinfo` is only the offset of that one instant.
    """

    def fromutc(self, moment: datetime) -> datetime:
        """The wall time of an instant, with `fold` set in the hour that the clocks show a second time."""
        offset, fold = _offset(int(moment.replace(tzinfo=UTC).timestamp()) // _QUARTER)
        return (moment + offset).replace(fold=fold)

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        """The offset at that wall time."""
        return None if moment is None else _said(moment).utcoffset()

    def dst(self, moment: datetime | None) -> timedelta | None:
        """Nobody asks the system how much of the offset is summer time."""
        del moment
        return None

    def tzname(self, moment: datetime | None) -> str | None:
        """`CET`, `CEST` and the like; "local time" for no instant in particular."""
        return "local time" if moment is None else _said(moment).tzname()

    def __repr__(self) -> str:
        return "MachineZone()"


@lru_cache(maxsize=1024)
def _offset(quarter: int) -> tuple[timedelta, int]:
    """The offset and the fold of a quarter of an hour: no clocks change inside of one, and a log has many lines."""
    there = datetime.fromtimestamp(quarter * _QUARTER, UTC).astimezone()
    again = _said(there.replace(tzinfo=None, fold=0))
    return there.utcoffset() or timedelta(), int(again.utcoffset() != there.utcoffset())


def _said(wall: datetime) -> datetime:
    return wall.replace(tzinfo=None).astimezone()


LOCAL = MachineZone()
