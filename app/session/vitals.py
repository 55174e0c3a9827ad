"""What a console watches as long as it drives: every reading with its triggers, the clock, and what is usual."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from app.engine.loop import Engine
from app.engine.vitals import ClockWatch, point_of, reading
from app.engine.watching import TriggerWatch
from app.metrics.kind import Dated, NoData, figure
from app.metrics.sampler import Sampler
from app.ports import Clock, Sample
from app.run.events import MetricRead
from app.run.state import RunState, Status
from app.session.baselines import Baselines
from app.session.loss import loss_watch
from app.session.way_back_probes import keep_probing
from app.session.world import Estate

_TICK = timedelta(milliseconds=500)


def begin_vitals(engine: Engine, estate: Estate, record: Path) -> list[asyncio.Task[None]]:
    """Start to watch a run with this record. Call it in the engine's loop; cancel what it answers with at the end."""
    clock = estate.world.clock
    baselines = Baselines(engine, estate.metrics, clock, record)
    vitals = _Vitals(engine, baselines, estate.sampler, clock)
    estate.samples.listener = vitals.heard
    estate.sampler.start()
    losses = loss_watch(engine, estate)
    return [
        *([asyncio.create_task(losses.watch(), name="rows written")] if losses is not None else []),
        asyncio.create_task(vitals.beat(), name="triggers"),
        asyncio.create_task(baselines.learn(), name="baselines"),
        asyncio.create_task(ClockWatch(clock).watch(engine.tell), name="clock"),
        asyncio.create_task(keep_probing(engine, estate), name="way back"),
    ]


class _Vitals:
    """`heard` is called with every sample, in the engine's loop."""

    def __init__(self, engine: Engine, baselines: Baselines, sampler: Sampler, clock: Clock) -> None:
        self._engine, self._baselines, self._clock = engine, baselines, clock
        self._triggers = TriggerWatch(engine.state)
        self._results = _Results(sampler)

    def heard(self, sample: Sample) -> None:
        """Record it, and what the triggers make of it."""
        state = self._engine.state
        for event in reading(state, sample, self._triggers.limits(state, sample.metric)):
            self._engine.tell(event)
            if isinstance(event, MetricRead):
                point = point_of(event, sample.at, sample.mono_ns)
                self._baselines.heard(sample.metric, point)
                for news in self._triggers.heard(state, sample.metric, point):
                    self._engine.tell(news)

    async def beat(self) -> None:
        """Twice a second, for ever: what has become too old, and what a step came to."""
        while True:
            await self._clock.sleep(_TICK)
            state = self._engine.state
            now = self._clock.now()
            self._results.publish(state, now)
            for event in self._triggers.tick(state, self._clock.mono_ns(), now):
                self._engine.tell(event)


@dataclass(slots=True)
class _Results:
    """Metrics that a step measures: published once for each attempt that ended well."""

    sampler: Sampler
    told: dict[str, int] = field(default_factory=dict)

    def publish(self, state: RunState, now: datetime) -> None:
        """Those of steps that are done by now. What a step came to before this console came is as old as that."""
        for name, metric in state.plan.runbook.metrics.items():
            step = state.step(metric.step) if metric.step else None
            if step is None or step.status is not Status.DONE or self.told.get(name) == len(step.attempts):
                continue
            self.told[name] = len(step.attempts)
            age = now - step.over.at if step.over is not None else timedelta()
            mark = step.last.ticket if step.last is not None else ""
            try:
                value = figure(_saved(dict(step.saved), metric.value))
                self.sampler.publish(name, Dated(value, max(age, timedelta()), mark))
            except NoData as trouble:
                self.sampler.publish(name, None, str(trouble))


def _saved(saved: Mapping[str, str], wanted: str) -> str:
    """The value of that name, or the only one there is."""
    if not wanted and len(saved) == 1:
        return next(iter(saved.values()))
    if wanted not in saved:
        raise NoData(f"the step saves no {wanted or 'single value'}")
    return saved[wanted]
