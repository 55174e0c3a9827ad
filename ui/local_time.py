"""The zone of this machine's clock, asked anew for every instant: the clocks may change while a run is open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo


class MachineZone(tzinfo):
    """What the operating system says of each instant, also of one before or after a change of the clocks.

    `datetime.now().astimezone().tzinfo` is only the offset of that one instant.
    """

    def fromutc(self, moment: datetime) -> datetime:
        """The wall time of an instant, with `fold` set in the hour that the clocks show a second time."""
        there = moment.replace(tzinfo=UTC).astimezone()
        wall = there.replace(tzinfo=self, fold=0)
        return wall if _said(wall).utcoffset() == there.utcoffset() else wall.replace(fold=1)

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


def _said(wall: datetime) -> datetime:
    return wall.replace(tzinfo=None).astimezone()


LOCAL = MachineZone()
