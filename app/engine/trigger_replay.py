"""Runs triggers over a record: what would have fired, and when. The record's own rules, or others to be tried on it.

The readings are judged as they stand in the record, with the phases and steps of the run around them. A console that
came later began to count anew then, and so does the replay; what had fired and what cooled down it knew, and the replay
knows what it said itself. Before a console was found to be lost nobody looked at the clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.engine.vitals import point_of
from app.engine.watching import TriggerWatch
from app.run import events as e
from app.run.changes_of_metrics import CHANGES_OF_METRICS
from app.run.evolve import evolve
from app.run.moment import Moment
from app.run.state import RunState, TriggerState
from app.runbook.model import Runbook

_TICK_NS = 500_000_000
_MOST_TICKS = 1200
"""In a longer silence (ten minutes) nothing new comes of looking at the clock."""

_NEWS = (e.TriggerFired, e.TriggerCleared)


@dataclass(frozen=True, slots=True)
class Replayed:
    """A trigger fired or was over then, by the record's clock."""

    when: Moment
    event: e.TriggerFired | e.TriggerCleared

    @property
    def at(self) -> datetime:
        """By the wall clock."""
        return self.when.at


@dataclass(slots=True)
class _Clock:
    """The last look at the clock, within one boot of the console's machine."""

    mono_ns: int
    boot: str


def replay_triggers(state: RunState, recorded: Iterable[e.Recorded], book: Runbook | None = None) -> Iterator[Replayed]:
    """`state`: after the first entry; `recorded`: all the others, oldest first; `book`: other rules than the run's."""
    watch, looked = TriggerWatch(state, book), _Clock(state.now.mono_ns, state.now.boot)
    found: dict[str, TriggerState] = {}
    for one in recorded:
        told: list[Replayed] = []
        if state.console.attached and not isinstance(one.event, e.ConsoleLost):  # nobody looked before it was written
            told += _ticks(watch, state, looked, one)
        if isinstance(one.event, e.MetricRead):
            point = point_of(one.event, one.at, one.mono_ns)
            told += _told(Moment.of(one), watch.heard(state, one.event.metric, point))
        for news in told:
            found = _after(replace(state, triggers=found), news)
        yield from told
        state = evolve(state, one)
        if isinstance(one.event, e.ConsoleAttached):
            watch = TriggerWatch(replace(state, triggers=found), book)
            looked = _Clock(one.mono_ns, one.boot)


def fired_in(recorded: Iterable[e.Recorded]) -> tuple[Replayed, ...]:
    """What the record itself says."""
    return tuple(Replayed(Moment.of(one), one.event) for one in recorded if isinstance(one.event, _NEWS))


def _ticks(watch: TriggerWatch, state: RunState, looked: _Clock, until: e.Recorded) -> Iterator[Replayed]:
    """The looks at the clock since the last one. The wall clock is the one of the entry before them."""
    if until.boot != looked.boot:
        return
    for _ in range(_MOST_TICKS):
        if looked.mono_ns + _TICK_NS > until.mono_ns:
            break
        looked.mono_ns += _TICK_NS
        at = state.now.at + timedelta(microseconds=(looked.mono_ns - state.now.mono_ns) // 1000)
        now = Moment(at, looked.mono_ns, looked.boot, state.now.asleep_ns)
        yield from _told(now, watch.tick(state, now.mono_ns, now.at))
    else:
        looked.mono_ns = until.mono_ns


def _told(when: Moment, events: Iterable[e.Event]) -> Iterator[Replayed]:
    for event in events:
        if isinstance(event, _NEWS):
            yield Replayed(when, event)


def _after(state: RunState, news: Replayed) -> dict[str, TriggerState]:
    """What a console would know of its triggers once this was recorded."""
    triggers: dict[str, TriggerState] = CHANGES_OF_METRICS[type(news.event)](state, news.event, news.when, "")[
        "triggers"
    ]
    return triggers
