"""A run's time as seconds on one axis: monotonic within a boot, sleep included; a clock that jumps bends nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.run import events as e
from app.run.moment import Moment
from app.run.state import RunState


class RunAxis:
    """Seconds since the run was opened. Instants of another boot are placed by the wall clock."""

    def __init__(self, state: RunState) -> None:
        self._zero = state.opened or state.now

    @property
    def origin(self) -> datetime:
        """The wall clock at second zero."""
        return self._zero.at

    def at(self, moment: Moment) -> float:
        """An instant on the axis; negative before the run was opened."""
        if moment.boot == self._zero.boot:
            return (moment.passed_ns - self._zero.passed_ns) / 1e9
        return (moment.at - self._zero.at).total_seconds()

    def at_reading(self, one: e.Recorded, read: e.MetricRead) -> float:
        """When a reading was taken, which is a little before it was recorded."""
        return self.at(Moment(one.at, read.taken_ns or one.mono_ns, one.boot, one.asleep_ns))

    def at_wall(self, instant: datetime) -> float:
        """An instant of the wall clock."""
        return (instant - self._zero.at) / timedelta(seconds=1)
