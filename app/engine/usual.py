"""Measures what is usual for each metric that declares a baseline, from the readings of the run itself.

Within the declared span they count when the run was opened before its end. A run that was opened later has no such
span any more: then its readings count until the first step that changes something, and the record says so by the
instants it names. Fewer than three readings are no baseline, and that is said, too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from app.metrics.baseline import LEAST, Taken, Usual, summed_up
from app.run import events as e
from app.run.state import RunState
from app.runbook.body import Changes
from app.runbook.model_estate import Baseline
from app.runbook.order import Plan


@dataclass(slots=True)
class _Span:
    began: datetime
    ends: datetime | None
    stat: str
    taken: list[Taken] = field(default_factory=list)


class BaselineWatch:
    """One run's baselines that are still to be measured."""

    def __init__(self, state: RunState) -> None:
        inputs = state.plan.inputs
        opened = state.opened.at if state.opened is not None else state.now.at
        self._spans: dict[str, _Span] = {}
        for name, metric in inputs.runbook.metrics.items():
            if metric.baseline is not None and name not in state.baselines:
                began, ends = inputs.at(metric.baseline.from_), inputs.at(metric.baseline.to)
                late = ends <= opened
                stat = metric.baseline.stat
                self._spans[name] = _Span(opened if late else began, None if late else ends, stat)

    def heard(self, metric: str, taken: Taken) -> None:
        """One more good reading."""
        span = self._spans.get(metric)
        if span is not None and span.began <= taken.at and (span.ends is None or taken.at <= span.ends):
            span.taken.append(taken)

    def tick(self, state: RunState, now: datetime) -> tuple[e.Event, ...]:
        """What is measured by now, or cannot be measured any more."""
        over = [name for name, span in self._spans.items() if self._is_over(name, span, state, now)]
        spans = {name: self._spans.pop(name) for name in over}
        return tuple(_result(name, span) for name, span in spans.items() if name not in state.baselines)

    def _is_over(self, name: str, span: _Span, state: RunState, now: datetime) -> bool:
        if name in state.baselines:
            return True
        return now > span.ends if span.ends is not None else has_changed(state)


def has_changed(state: RunState) -> bool:
    """Whether a step that changes something has started."""
    return any(_changes(state.plan, address) for address in state.started)


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


def _result(name: str, span: _Span) -> e.Event:
    usual = summed_up(name, span.stat, span.taken, "run")
    if usual is not None:
        return measured(usual)
    when = "in its span" if span.ends is not None else "before the first step that changes something"
    count = len(span.taken)
    return e.BaselineMissing(name, f"{count} good reading{'' if count == 1 else 's'} {when}; it takes {LEAST}")


def _changes(plan: Plan, address: str) -> bool:
    planned = plan.by_address.get(address)
    return planned is not None and planned.step.changes not in {None, Changes.NOTHING}
