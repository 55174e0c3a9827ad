"""What is usual, learned as long as a console drives: from the run's readings, also those that consoles before took.

A baseline that the readings do not give is asked for elsewhere, from the source's own history or from what was measured
ahead, before the record says that nobody knows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from app.connectors.own_thread import on_own_thread
from app.engine.loop import Engine
from app.engine.usual import BaselineWatch, is_known, is_past, measured
from app.engine.vitals import point_of
from app.errors import TminusError
from app.journal.reader import Reader
from app.metrics.baseline import Taken, Usual, summed_up
from app.metrics.kind import NoData, Span
from app.metrics.sources.prometheus import QuerySource
from app.metrics.window import Point
from app.ports import Clock
from app.run.events import BaselineMissing, Event, MetricRead
from app.session.gauges import Metrics

_TICK = timedelta(milliseconds=500)
_HISTORY_LIMIT = timedelta(seconds=20)
_MOST_READINGS = 5_000
"""As many figures of a history at most; Prometheus itself refuses more than 11,000."""

_PAGE = 2_000
"""Readings of a record that are taken at one go."""


class Baselines:
    """One console's. `record`: the file of the run, with the readings of the consoles before."""

    def __init__(self, engine: Engine, metrics: Metrics, clock: Clock, record: Path) -> None:
        self._engine, self._metrics, self._clock, self._record = engine, metrics, clock, record
        self._watch = BaselineWatch(engine.state)
        self._read_until = engine.state.seq
        self._read_before = [name for name in self._watch.wanted if name in engine.state.metrics]

    def heard(self, metric: str, point: Point) -> None:
        """One more reading."""
        self._watch.heard(metric, point)

    async def learn(self) -> None:
        """Until each baseline is measured or known to be missing."""
        await self._remember()
        async with asyncio.TaskGroup() as both:  # a source that does not answer holds up no other baseline
            both.create_task(self._learn_of_the_past())
            both.create_task(self._learn_as_it_comes())

    async def _learn_as_it_comes(self) -> None:
        while self._watch.wanted:
            for event in self._watch.tick(self._engine.state, self._clock.now()):
                found = await self._or_elsewhere(event)
                if found is not None:
                    self._engine.tell(found)
            await self._clock.sleep(_TICK)

    async def _remember(self) -> None:
        """Take over what the consoles before have read: nothing is over, and nothing missing, until that is done."""
        if not self._read_before:
            return
        look = partial(readings_in, self._record, self._read_before, self._read_until)
        try:
            found = await on_own_thread(look, name="tminus-baseline")
        except TminusError as trouble:
            self._engine.report("baselines", f"What earlier consoles read could not be read back. {trouble}")
            return
        for name, points in found.items():
            self._watch.remember(name, points)

    async def _learn_of_the_past(self) -> None:
        """Those whose span was over when the run was opened: somebody else may have measured it."""
        state = self._engine.state
        for name, metric in state.plan.runbook.metrics.items():
            if metric.baseline is None or is_known(state, name) or not is_past(state, metric.baseline):
                continue
            usual = await self._elsewhere(name)
            if usual is not None and not is_known(self._engine.state, name):
                self._engine.tell(measured(usual))

    async def _or_elsewhere(self, event: Event) -> Event | None:
        """What to record instead of a baseline that is missing; None when the record says so already."""
        if not isinstance(event, BaselineMissing):
            return event
        usual = await self._elsewhere(event.metric)
        if usual is not None:
            return measured(usual)
        return event if event.metric not in self._engine.state.baselines else None

    async def _elsewhere(self, name: str) -> Usual | None:
        """From the source's own history, or measured ahead."""
        inputs = self._engine.state.plan.inputs
        baseline = inputs.runbook.metrics[name].baseline
        scheduled = self._metrics.scheduled[name]
        usual = None
        if baseline is not None and isinstance(scheduled.source, QuerySource):
            span = Span(inputs.at(baseline.from_), inputs.at(baseline.to), scheduled.every)
            usual = await from_history(scheduled.source, span, (name, baseline.stat))
        return usual or self._metrics.ahead.get(name)


async def from_history(source: QuerySource, span: Span, of: tuple[str, str]) -> Usual | None:
    """None when the source has none to give; then it is measured in another way, or missing, and that is said.

    of: the metric and the statistic. A figure per `span.step`, or fewer when those would be too many for one answer.
    """
    step = max(span.step, (span.ended - span.began) / _MOST_READINGS)
    try:
        found = await source.history(replace(span, step=step), _HISTORY_LIMIT)
    except (NoData, TminusError):
        return None
    return summed_up(of[0], of[1], [Taken(at, value) for at, value in found], "prometheus")


def readings_in(record: Path, metrics: Iterable[str], until: int) -> Mapping[str, list[Point]]:
    """What the record holds of these metrics up to entry `until`, oldest first. Blocks; raises RecordDamaged."""
    found: dict[str, list[Point]] = {}
    with Reader(record) as reader:
        for metric in metrics:
            points, after = found.setdefault(metric, []), 0
            while page := [one for one in reader.samples(metric, after, _PAGE) if one.seq <= until]:
                points += [point_of(x.event, x.at, x.mono_ns) for x in page if isinstance(x.event, MetricRead)]
                after = page[-1].seq
    return found
