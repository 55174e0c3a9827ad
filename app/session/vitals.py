"""What a console watches as long as it drives: every reading with its triggers, the clock, and what is usual."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from app.engine.loop import Engine
from app.engine.usual import BaselineWatch, is_past, measured
from app.engine.vitals import ClockWatch, point_of, reading
from app.engine.watching import TriggerWatch
from app.errors import TminusError
from app.metrics.baseline import Taken, Usual, summed_up
from app.metrics.kind import NoData, Span, figure
from app.metrics.sampler import Sampler
from app.metrics.sources.prometheus import QuerySource
from app.ports import Clock, Sample
from app.run.events import MetricRead
from app.run.state import RunState, Status
from app.session.gauges import Metrics
from app.session.loss import loss_watch
from app.session.way_back_probes import keep_probing
from app.session.world import Estate

_TICK = timedelta(milliseconds=500)
_HISTORY_LIMIT = timedelta(seconds=20)
_MOST_READINGS = 5_000
"""As many figures of a history at most; Prometheus itself refuses more than 11,000."""


def begin_vitals(engine: Engine, estate: Estate) -> list[asyncio.Task[None]]:
    """Start to watch. Call it in the engine's loop, and cancel what it answers with at the end."""
    clock = estate.world.clock
    vitals = _Vitals(engine, estate.metrics, estate.sampler, clock)
    estate.samples.listener = vitals.heard
    estate.sampler.start()
    losses = loss_watch(engine, estate)
    return [
        *([asyncio.create_task(losses.watch(), name="rows written")] if losses is not None else []),
        asyncio.create_task(vitals.beat(), name="triggers"),
        asyncio.create_task(vitals.learn(), name="baselines"),
        asyncio.create_task(ClockWatch(clock).watch(engine.tell), name="clock"),
        asyncio.create_task(keep_probing(engine, estate), name="way back"),
    ]


class _Vitals:
    """`heard` is called with every sample, in the engine's loop."""

    def __init__(self, engine: Engine, metrics: Metrics, sampler: Sampler, clock: Clock) -> None:
        self._engine, self._metrics, self._clock = engine, metrics, clock
        self._triggers = TriggerWatch(engine.state)
        self._baselines = BaselineWatch(engine.state)
        self._results = _Results(sampler)

    def heard(self, sample: Sample) -> None:
        """Record it, and what the triggers make of it."""
        state = self._engine.state
        for event in reading(state, sample, self._triggers.limits(state, sample.metric)):
            self._engine.tell(event)
            if isinstance(event, MetricRead):
                point = point_of(event, sample.at, sample.mono_ns)
                if point.value is not None:
                    self._baselines.heard(sample.metric, Taken(sample.at, point.value))
                for news in self._triggers.heard(state, sample.metric, point):
                    self._engine.tell(news)

    async def beat(self) -> None:
        """Twice a second, for ever: what has become too old, what is measured by now, what a step came to."""
        while True:
            await self._clock.sleep(_TICK)
            state = self._engine.state
            self._results.publish(state)
            now = self._clock.now()
            for event in (*self._triggers.tick(state, self._clock.mono_ns(), now), *self._baselines.tick(state, now)):
                self._engine.tell(event)

    async def learn(self) -> None:
        """Baselines whose span was over when the run was opened: from the source's own history, or measured ahead."""
        state = self._engine.state
        for name, metric in state.plan.runbook.metrics.items():
            if metric.baseline is None or name in state.baselines or not is_past(state, metric.baseline):
                continue
            inputs = state.plan.inputs
            span = (inputs.at(metric.baseline.from_), inputs.at(metric.baseline.to))
            scheduled = self._metrics.scheduled[name]
            usual = None
            if isinstance(scheduled.source, QuerySource):
                asked = Span(*span, scheduled.every)
                usual = await from_history(scheduled.source, asked, (name, metric.baseline.stat))
            usual = usual or self._metrics.ahead.get(name)
            known = self._engine.state.baselines.get(name)
            if usual is not None and (known is None or known.why):
                self._engine.tell(measured(usual))


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


@dataclass(slots=True)
class _Results:
    """Metrics that a step measures: published once for each attempt that ended well."""

    sampler: Sampler
    told: dict[str, int] = field(default_factory=dict)

    def publish(self, state: RunState) -> None:
        """Those of steps that are done by now."""
        for name, metric in state.plan.runbook.metrics.items():
            step = state.step(metric.step) if metric.step else None
            if step is None or step.status is not Status.DONE or self.told.get(name) == len(step.attempts):
                continue
            self.told[name] = len(step.attempts)
            try:
                self.sampler.publish(name, figure(_saved(dict(step.saved), metric.value)))
            except NoData as trouble:
                self.sampler.publish(name, None, str(trouble))


def _saved(saved: Mapping[str, str], wanted: str) -> str:
    """The value of that name, or the only one there is."""
    if not wanted and len(saved) == 1:
        return next(iter(saved.values()))
    if wanted not in saved:
        raise NoData(f"the step saves no {wanted or 'single value'}")
    return saved[wanted]
