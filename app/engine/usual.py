"""Measures what is usual for each metric that declares a baseline, from the readings of the run itself.

Within the declared span they count when the run was opened before its end. A run that was opened later has no such
span any more: then its readings count until the first step that changes something, and the record says so by the
instants it names. Fewer than three readings are no baseline, and that is said, too. One that was too old at its source,
and the same one once more, do not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.metrics.baseline import LEAST, Taken, Usual, summed_up
from app.metrics.freshness import counted, longest_age
from app.metrics.sampler import EVERY
from app.metrics.window import Point
from app.run import events as e
from app.run.state import RunState
from app.runbook.body import Changes
from app.runbook.model_estate import Baseline
from app.runbook.order import Plan


@dataclass(slots=True)
class _Span:
    """`ends` None: with the first step that changes something. max_age: a reading that was older does not count."""

    began: datetime
    ends: datetime | None
    stat: str
    max_age: timedelta
    points: list[Point] = field(default_factory=list)

    def taken(self, state: RunState) -> list[Taken]:
        """The good readings within it."""
        ends = self.ends or changed_at(state)
        inside = (one for one in self.points if self.began <= one.at and (ends is None or one.at <= ends))
        return counted(inside, self.max_age)


class BaselineWatch:
    """One run's baselines that are still to be measured."""

    def __init__(self, state: RunState) -> None:
        inputs = state.plan.inputs
        opened = state.opened.at if state.opened is not None else state.now.at
        self._spans: dict[str, _Span] = {}
        for name, metric in inputs.runbook.metrics.items():
            if metric.baseline is not None and not is_known(state, name):
                began, ends = inputs.at(metric.baseline.from_), inputs.at(metric.baseline.to)
                late = ends <= opened
                age = longest_age(name, metric, metric.every or EVERY, inputs.runbook.triggers)
                self._spans[name] = _Span(opened if late else began, None if late else ends, metric.baseline.stat, age)

    @property
    def wanted(self) -> tuple[str, ...]:
        """The metrics whose baseline is still to be measured."""
        return tuple(self._spans)

    def heard(self, metric: str, point: Point) -> None:
        """One more reading."""
        span = self._spans.get(metric)
        if span is not None and span.began <= point.at:
            span.points.append(point)

    def remember(self, metric: str, points: Sequence[Point]) -> None:
        """The readings of the run before this console came, oldest first."""
        span = self._spans.get(metric)
        if span is not None:
            span.points[:0] = points

    def tick(self, state: RunState, now: datetime) -> tuple[e.Event, ...]:
        """What is measured by now, or cannot be measured any more; each is told of once."""
        over = [name for name, span in self._spans.items() if self._is_over(name, span, state, now)]
        spans = {name: self._spans.pop(name) for name in over}
        return tuple(_result(name, span, state) for name, span in spans.items() if not is_known(state, name))

    def _is_over(self, name: str, span: _Span, state: RunState, now: datetime) -> bool:
        if is_known(state, name):
            return True
        return now > span.ends if span.ends is not None else changed_at(state) is not None


def is_known(state: RunState, metric: str) -> bool:
    """Whether its baseline is measured. One that was called missing may still be found by another console."""
    known = state.baselines.get(metric)
    return known is not None and not known.why


def changed_at(state: RunState) -> datetime | None:
    """When the first step that changes something started; None as long as none has."""
    attempts = (state.step(address).attempts for address in state.started if _changes(state.plan, address))
    return min((tried[0].began.at for tried in attempts if tried), default=None)


def measured(usual: Usual) -> e.BaselineMeasured:
    """As it goes into the record."""
    return e.BaselineMeasured(
        usual.metric,
        usual.stat,
        f"{usual.value:.12g}",
        f"{usual.median:.12g}",
        f"{usual.p95:.12g}",
        usual.n,
        usual.began.isoformat(),
        usual.ended.isoformat(),
        usual.source,
    )


def is_past(state: RunState, baseline: Baseline) -> bool:
    """Whether its span was over when the run was opened: then only somebody else can have measured it."""
    opened = state.opened.at if state.opened is not None else state.now.at
    return state.plan.inputs.at(baseline.to) <= opened


def _result(name: str, span: _Span, state: RunState) -> e.Event:
    taken = span.taken(state)
    usual = summed_up(name, span.stat, taken, "run")
    if usual is not None:
        return measured(usual)
    when = "in its span" if span.ends is not None else "before the first step that changes something"
    count = len(taken)
    return e.BaselineMissing(name, f"{count} good reading{'' if count == 1 else 's'} {when}; it takes {LEAST}")


def _changes(plan: Plan, address: str) -> bool:
    planned = plan.by_address.get(address)
    return planned is not None and planned.step.changes not in {None, Changes.NOTHING}
