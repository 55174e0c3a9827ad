"""Reads every metric on its own schedule and publishes each reading (`app.ports.Gauges`).

No metric waits for another. A reading that fails, hangs or gives no number is a sample too: `value` None, and why.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from app.errors import Refused, TminusError
from app.metrics.kind import Dated, NoData, Source
from app.metrics.rule import AGES
from app.ports import Clock, Sample

EVERY = timedelta(seconds=15)
"""How often a metric without `every` is read."""

_SHORTEST_LIMIT = timedelta(seconds=2)
_LONGEST_LIMIT = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A source, how often it is read, and the unit of its figure. `source` None: somebody else publishes it.

    max_age: how long a reading speaks; None: so many periods as `app.metrics.rule.AGES`.
    """

    source: Source | None
    every: timedelta = EVERY
    unit: str = ""
    max_age: timedelta | None = None

    @property
    def speaks(self) -> timedelta:
        """A reading that is older says nothing about now."""
        return self.every * AGES if self.max_age is None else self.max_age

    @property
    def limit(self) -> timedelta:
        """How long one reading may take."""
        return min(max(self.every, _SHORTEST_LIMIT), _LONGEST_LIMIT)


@dataclass(slots=True)
class _Gauge:
    newest: Sample | None = None
    waiting: list[asyncio.Future[Sample]] = field(default_factory=list)


class Sampler:
    """Belongs to one loop. `listen` is called in it with every sample, from oldest to newest."""

    def __init__(
        self, scheduled: Mapping[str, Scheduled], clock: Clock, listen: Callable[[Sample], None] = lambda _: None
    ) -> None:
        self._scheduled = dict(scheduled)
        self._clock = clock
        self._listen = listen
        self._gauges = {name: _Gauge() for name in scheduled}
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to read all of them now. Call it in the loop."""
        for name, scheduled in self._scheduled.items():
            if scheduled.source is not None:
                self._tasks.add(asyncio.create_task(self._read_for_ever(name, scheduled), name=f"metric {name}"))

    async def stop(self) -> None:
        """Stop reading; what is being read is cancelled. Returns when nothing runs any more."""
        tasks, self._tasks = self._tasks, set()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def latest(self, metric: str) -> Sample | None:
        """The newest sample."""
        gauge = self._gauges.get(metric)
        return gauge.newest if gauge else None

    async def next(self, metric: str, after: int) -> Sample:
        """The first sample numbered above `after` that is still known. Raises Refused for an unknown metric."""
        gauge = self._gauges.get(metric)
        if gauge is None:
            raise Refused(f"There is no metric called {metric}.", hint="Declare it under `metrics`.")
        while gauge.newest is None or gauge.newest.number <= after:
            coming: asyncio.Future[Sample] = asyncio.get_running_loop().create_future()
            gauge.waiting.append(coming)
            try:
                await coming
            finally:
                if coming in gauge.waiting:
                    gauge.waiting.remove(coming)
        return gauge.newest

    def publish(self, metric: str, figure: float | Dated | None, problem: str = "") -> Sample:
        """One more sample, also of a metric that a step measures."""
        gauge = self._gauges[metric]
        number = gauge.newest.number + 1 if gauge.newest else 1
        dated = figure if isinstance(figure, Dated) else None
        sample = Sample(
            metric,
            number,
            self._clock.now(),
            figure.value if isinstance(figure, Dated) else figure,
            problem,
            self._scheduled[metric].unit,
            self._clock.mono_ns(),
            dated.age if dated is not None else timedelta(),
            dated.mark if dated is not None else "",
            self._scheduled[metric].speaks,
        )
        gauge.newest = sample
        waiting, gauge.waiting = gauge.waiting, []
        for coming in waiting:
            if not coming.done():
                coming.set_result(sample)
        self._listen(sample)
        return sample

    async def _read_for_ever(self, name: str, scheduled: Scheduled) -> None:
        due = self._clock.mono_ns()
        step = max(1, int(scheduled.every / timedelta(microseconds=1)) * 1000)
        while True:
            await self._read_once(name, scheduled)
            now = self._clock.mono_ns()
            due += step * (1 + max(0, now - due) // step)  # beats that were missed stay missed
            await self._clock.sleep(timedelta(microseconds=(due - now) // 1000))

    async def _read_once(self, name: str, scheduled: Scheduled) -> None:
        """Publish one reading. One that hangs is told of at its limit, then waited for: two never run at once."""
        assert scheduled.source is not None
        ticket = f"metric/{name}/{self._clock.mono_ns()}"
        task: asyncio.Task[float | Dated] = asyncio.create_task(scheduled.source.read(ticket, scheduled.limit))
        try:
            await asyncio.wait([task], timeout=scheduled.limit.total_seconds())
            if task.done():
                self._publish_result(name, task)
            else:
                self.publish(name, None, f"no answer within {scheduled.limit.total_seconds():g} s")
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait([task])

    def _publish_result(self, name: str, task: asyncio.Task[float | Dated]) -> None:
        try:
            self.publish(name, task.result())
        except (NoData, TminusError) as trouble:
            self.publish(name, None, str(trouble))
        except Exception as fault:  # noqa: BLE001 - one broken source must not end the others in silence
            self.publish(name, None, f"the source broke: {type(fault).__name__}")
