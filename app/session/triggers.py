"""Triggers away from a run: tried on a record, and baselines measured ahead of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from app.connectors.clock import SystemClock
from app.engine.trigger_replay import Replayed, replay_triggers
from app.errors import Refused
from app.journal.names import find
from app.journal.reader import Reader
from app.metrics.baseline import LEAST, Taken, Usual, summed_up
from app.metrics.freshness import counted, point_of, why_dark
from app.metrics.kind import Span
from app.metrics.sources.prometheus import QuerySource
from app.metrics.window import Point
from app.ports import Sample
from app.run.state import RunState
from app.session.baselines import from_history
from app.session.log_guard import masked
from app.session.opening import first_state, inputs_of, open_runbook
from app.session.secret_room import AskSecret, secrets_of
from app.session.usual_ahead import keep
from app.session.world import Estate, build


@dataclass(frozen=True, slots=True)
class Replay:
    """What would have fired; `state`: of the run's beginning, for its plan and T."""

    state: RunState
    found: tuple[Replayed, ...]


def replay_record(home: Path, run: str, runbook: Path | None = None) -> Replay:
    """Run the triggers of a run, or those of another file, over its record. Raises Refused, RunbookInvalid."""
    book = open_runbook(runbook).sound() if runbook is not None else None
    with Reader(find(home, run)) as reader:
        entries = reader.since(0)
    if not entries:
        raise Refused("The record is empty.", where=run, hint="Start a new run.")
    _, state = first_state(entries[0])
    return Replay(state, tuple(replay_triggers(state, entries[1:], book)))


@dataclass(frozen=True, slots=True)
class Ahead:
    """Which runbook is measured, how, and for how long; a source with a history is asked for the declared span."""

    path: Path
    home: Path
    environment: str
    params: Mapping[str, str]
    length: timedelta
    ask: AskSecret | None = None


@dataclass(frozen=True, slots=True)
class MeasuredAhead:
    """`missing`: why there is none, by metric; `file`: where they are kept."""

    found: Mapping[str, Usual]
    missing: Mapping[str, str]
    file: Path


def measure_ahead(ahead: Ahead) -> MeasuredAhead:
    """Measure the baselines of a runbook now and keep them. Blocks for `length`. Raises as `new_run`."""
    now = SystemClock().now()
    inputs = inputs_of(open_runbook(ahead.path, ahead.environment), ahead.environment, dict(ahead.params), now)
    wanted = {name: metric.baseline for name, metric in inputs.runbook.metrics.items() if metric.baseline is not None}
    if not wanted:
        raise Refused("No metric declares a baseline.", where=str(ahead.path), hint="Write baseline: on the metric.")
    estate = build(inputs, ahead.home, secrets_of(inputs, ahead.ask, ahead.home))
    try:
        taken, problems = asyncio.run(_listen(estate, set(wanted), ahead.length))
        spans = {name: inputs.at(one.to) - inputs.at(one.from_) for name, one in wanted.items()}
        histories = asyncio.run(_histories(estate, now, spans, {name: one.stat for name, one in wanted.items()}))
    finally:
        estate.close()
    heard = {name: summed_up(name, one.stat, taken[name], "ahead") for name, one in wanted.items()}
    found = {name: usual for name in wanted if (usual := histories.get(name) or heard[name]) is not None}
    missing = {
        name: masked(problems.get(name, "")) or f"{len(taken[name])} good readings; it takes {LEAST}"
        for name in wanted
        if name not in found
    }
    return MeasuredAhead(found, missing, keep(ahead.home, inputs, found))


async def _listen(estate: Estate, wanted: set[str], length: timedelta) -> tuple[dict[str, list[Taken]], dict[str, str]]:
    """Every good reading of these metrics for so long, and the last problem of each."""
    heard: dict[str, list[Point]] = {name: [] for name in wanted}
    problems: dict[str, str] = {}

    def listen(sample: Sample) -> None:
        if sample.metric in wanted:
            heard[sample.metric].append(point_of(sample))
            problems[sample.metric] = why_dark(sample) or problems.get(sample.metric, "")

    estate.samples.listener = listen
    estate.sampler.start()
    try:
        await estate.world.clock.sleep(length)
    finally:
        await estate.sampler.stop()
    ages = {name: estate.metrics.scheduled[name].speaks for name in wanted}
    return {name: counted(points, ages[name]) for name, points in heard.items()}, problems


async def _histories(
    estate: Estate, now: datetime, spans: Mapping[str, timedelta], stats: Mapping[str, str]
) -> dict[str, Usual]:
    """Of sources that remember: as long a span as the runbook declares, up to now."""
    found: dict[str, Usual] = {}
    for name, length in spans.items():
        scheduled = estate.metrics.scheduled[name]
        if isinstance(scheduled.source, QuerySource) and length > timedelta():
            span = Span(now - length, now, scheduled.every)
            usual = await from_history(scheduled.source, span, (name, stats[name]))
            if usual is not None:
                found[name] = usual
    return found
