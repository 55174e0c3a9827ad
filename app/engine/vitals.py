"""The signs of life around a run: samples of metrics, first reds, and jumps of the wall clock, as events."""

from __future__ import annotations

import asyncio
import operator
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.metrics.thresholds import Threshold
from app.metrics.window import Point
from app.ports import Clock, Sample
from app.run import events as e
from app.run.state import RunState

_TESTS: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
JUMP = timedelta(seconds=2)
"""A wall clock that moves this far against the monotonic one is an event of its own."""

_LOOK = timedelta(seconds=1)


def reading(state: RunState, sample: Sample, limits: tuple[Threshold, ...]) -> tuple[e.Event, ...]:
    """The events of one sample: the reading, and a first red when it passes the limit of a trigger.

    A red stays latched until a person acknowledges it, so it is recorded once. No data is never red and never healthy,
    and a reading that is older than the trigger allows is no data to it.
    """
    value = "" if sample.value is None else f"{sample.value:.12g}"
    age = int(sample.age / timedelta(milliseconds=1))
    read = e.MetricRead(sample.metric, sample.number, value, sample.problem, sample.mono_ns, age, sample.source)
    found: list[e.Event] = [read]
    known = state.metrics.get(sample.metric)
    latched = known is not None and known.red_at is not None
    passed = next((x for x in limits if _breaks(sample.value, sample.age, x)), None)
    if passed is not None and not latched and _was_calm(state, sample.metric, limits):
        found.append(e.MetricReddened(sample.metric, value, passed.text))
    return tuple(found)


def point_of(read: e.MetricRead, at: datetime, mono_ns: int) -> Point:
    """A reading as the record has it, so that rules judge the same figures now and in a replay.

    at, mono_ns: when it was recorded; the instant of the reading itself goes first when the record has it.
    """
    value = float(read.value) if read.value else None
    age = timedelta(milliseconds=read.age_ms)
    return Point(read.taken_ns or mono_ns, at, value, read.problem, age, read.source)


def is_past(value: float, limit: Threshold) -> bool:
    """Whether a value is on the wrong side of a limit; never when the limit is not known."""
    return limit.limit is not None and _TESTS[limit.op](value, limit.limit)


def _breaks(value: float | None, age: timedelta, limit: Threshold) -> bool:
    return value is not None and age <= limit.max_age and is_past(value, limit)


def _was_calm(state: RunState, metric: str, limits: tuple[Threshold, ...]) -> bool:
    """A red that was acknowledged reddens again only after the metric was back on the right side."""
    known = state.metrics.get(metric)
    if known is None:
        return True
    age = timedelta(milliseconds=known.age_ms)
    return not any(_breaks(known.value, age, x) for x in limits)


@dataclass(slots=True)
class ClockWatch:
    """Notices that the wall clock jumped, or that the machine slept."""

    clock: Clock
    _offset: timedelta | None = field(default=None)
    _asleep: timedelta = field(default=timedelta())

    async def watch(self, tell: Callable[[e.Event], None]) -> None:
        """Look once a second, for ever."""
        while True:
            for event in self.look():
                tell(event)
            await self.clock.sleep(_LOOK)

    def look(self) -> tuple[e.Event, ...]:
        """What happened to time since the last look: a sleep, and a jump that no sleep explains; each over 2 s."""
        asleep = timedelta(microseconds=self.clock.asleep_ns() // 1000)
        awake = timedelta(microseconds=self.clock.mono_ns() // 1000)
        offset = timedelta(seconds=self.clock.now().timestamp()) - awake - asleep
        before, self._offset = self._offset, offset
        slept, self._asleep = asleep - self._asleep, asleep
        if before is None:
            return ()
        found: list[e.Event] = []
        if slept > JUMP:
            found.append(e.MachineSlept(_ms(slept)))
        if abs(offset - before) > JUMP:
            found.append(e.ClockStepped(_ms(offset - before)))
        return tuple(found)


def _ms(length: timedelta) -> int:
    return round(length.total_seconds() * 1000)


def report_faults(tasks: Iterable[asyncio.Task[None]], report: Callable[[str, str], None]) -> None:
    """A watcher that breaks says so (where, traceback) at once: from then on nobody watches what it watched."""

    def ended(task: asyncio.Task[None]) -> None:
        fault = None if task.cancelled() else task.exception()
        if fault is not None:
            report(task.get_name(), "".join(traceback.format_exception(fault)))

    for task in tasks:
        task.add_done_callback(ended)


async def let_go(tasks: list[asyncio.Task[None]]) -> None:
    """End these and wait until they have."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
