"""What the window remembers of its metrics: how long each was red, and what happened, for the marks on plots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from app.run import events as e
from app.run.moment import Moment
from app.run.state import RunState
from ui.models.metric_rules import MetricRules

_MARKS = (e.MetricReddened, e.MetricAcknowledged, e.TriggerFired, e.TriggerCleared, e.RollbackProposed)


@dataclass(frozen=True, slots=True)
class Red:
    """A first red: when it began, and when the metric was back on the right side, None while it is not."""

    began: Moment
    ended: Moment | None = None


class MetricMemory:
    """Of one run, filled from the entries that the window takes in. Not thread-safe."""

    def __init__(self, state: RunState) -> None:
        self.rules = MetricRules(state)
        self.marks: list[e.Recorded] = []
        self._reds: dict[str, Red] = {}
        self._heard: dict[str, Moment] = {}

    def take(self, state: RunState, events: Sequence[e.Recorded]) -> None:
        """Take in entries, each once, in order."""
        self.rules.take(state, events)
        for one in events:
            if isinstance(one.event, e.MetricRead):
                self._read(state, one.event, one)
            elif isinstance(one.event, _MARKS):
                self.marks.append(one)
                if isinstance(one.event, e.MetricReddened):
                    self._reds[one.event.metric] = Red(moment_of(one))

    def red_for(self, metric: str, now: Moment) -> timedelta | None:
        """How long the first red lasted, or lasts; None when its readings are not known here."""
        red, heard = self._reds.get(metric), self._heard.get(metric)
        if red is None or heard is None or red.began.since(heard) <= timedelta() < heard.since(red.began):
            return None
        return (red.ended or now).since(red.began)

    def _read(self, state: RunState, read: e.MetricRead, one: e.Recorded) -> None:
        self._heard.setdefault(read.metric, moment_of(one))
        red = self._reds.get(read.metric)
        if red is None or red.ended is not None or not read.value:
            return
        value = float(read.value)
        if not any(r.when.holds(value) for r in self.rules.of(state, read.metric) if not r.shadow):
            self._reds[read.metric] = replace(red, ended=moment_of(one))


def moment_of(one: e.Recorded) -> Moment:
    """When an entry was recorded."""
    return Moment.of(one)
