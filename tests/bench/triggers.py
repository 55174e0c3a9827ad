"""Fifty metrics at one second: what it costs to record, evolve and judge an hour of them, as a share of one core."""

from __future__ import annotations

import tempfile
import textwrap
import time
from datetime import timedelta
from pathlib import Path

from app.connectors.clock import SystemClock
from app.engine.vitals import point_of, reading
from app.engine.watching import TriggerWatch
from app.journal.store import Journal, create
from app.ports import Sample
from app.run.events import MetricRead
from app.run.evolve import evolve
from app.run.state import RunState
from tests.run.stage import Stage, book

Row = tuple[str, str, str, str, str, bool]
METRICS = 50
SECONDS = 120
"""Simulated seconds that are really measured; an hour is thirty times that."""

ALLOWED = 0.10


def measure() -> list[Row]:
    """One row."""
    spent = _spent()
    share = spent / SECONDS
    name = f"{METRICS} metrics at 1 s with a trigger each: recorded, evolved, judged"
    seen = f"{share * 3600:.0f} s of an hour, {share * 100:.1f} % of one core"
    return [(name, seen, "an hour of one core", f"{share:.3f}", f"{ALLOWED:.2f}", share <= ALLOWED)]


def _spent() -> float:
    """Seconds of this process's own time for SECONDS of readings, each committed alone: the dearest way there is."""
    stage = Stage(_book())
    stage.settle_down()
    watch = TriggerWatch(stage.state)
    with (
        tempfile.TemporaryDirectory(prefix="tminus-bench-") as folder,
        create(Path(folder) / "run.tminus", "run", SystemClock()) as journal,
    ):
        began = time.process_time()
        state = stage.state
        for second in range(SECONDS):
            for number in range(METRICS):
                state = _one(state, watch, journal, (f"m{number}", second))
            watch.tick(state, second * 1_000_000_000, stage.now.at + timedelta(seconds=second))
        return time.process_time() - began


def _one(state: RunState, watch: TriggerWatch, journal: Journal, which: tuple[str, int]) -> RunState:
    metric, second = which
    at = state.t0 + timedelta(seconds=second)
    sample = Sample(metric, second + 1, at, float(second % 7), mono_ns=second * 1_000_000_000)
    for event in reading(state, sample, watch.limits(state, metric)):
        told = [event]
        if isinstance(event, MetricRead):
            told += watch.heard(state, metric, point_of(event, at, sample.mono_ns))
        for recorded in journal.append(told):
            state = evolve(state, recorded)
    return state


def _book() -> str:
    metrics = "".join(f"  m{n}: {{local: {{argv: [m]}}, unit: ms, every: 1s}}\n" for n in range(METRICS))
    triggers = "".join(f"  - {{id: t{n}, metric: m{n}, when: '> 5ms', for: 10s}}\n" for n in range(METRICS))
    steps = "".join(f"    - {{id: s{n}, check: {{text: go}}}}\n" for n in range(60))
    return book(textwrap.dedent("- id: p\n  steps:\n") + steps, f"metrics:\n{metrics}triggers:\n{triggers}")
