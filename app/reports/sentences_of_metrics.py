"""What happened to metrics, baselines and triggers, in plain words: value, threshold, how long and how often."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from app.reports.naming import because, listed, one_line, scope_name, subject
from app.reports.spans import span_ms
from app.run import events as e
from app.runbook.order import Plan

_WANTS = {"investigate": "Somebody must look", "pause": "It holds the run", "rollback": "It wants to go back"}
_SOURCES = {
    "run": "from this run",
    "ahead": "measured ahead of the run",
    "prometheus": "from the history of its source",
}


def with_unit(value: str, unit: str) -> str:
    """`12.4%`, `190 ms`, `7`."""
    return f"{value}{unit if unit == '%' else f' {unit}'.rstrip()}"


def _metric(event: e.MetricRead, plan: Plan) -> str:
    if not event.value:
        return f"Metric {event.metric} gave no data{because(event.problem)}"
    old = f", {span_ms(event.age_ms)} old when it arrived" if event.age_ms >= 1000 else ""  # noqa: PLR2004 - a second
    return f"Metric {event.metric} is {with_unit(event.value, _unit(plan, event.metric))}{old}."


def _red(event: e.MetricReddened, _plan: Plan) -> str:
    return f"Metric {event.metric} is {event.value} and passed its limit of {one_line(event.limit)}."


def _seen(event: e.MetricAcknowledged, _plan: Plan) -> str:
    return f"{subject(event.by)} acknowledged the red mark of metric {event.metric}."


def _baseline(event: e.BaselineMeasured, plan: Plan) -> str:
    unit = _unit(plan, event.metric)
    source = _SOURCES.get(event.source, one_line(event.source))
    readings = f"{event.n} readings between {_clock(event.began)} and {_clock(event.ended)} UTC"
    figures = f"median {with_unit(event.median, unit)}, p95 {with_unit(event.p95, unit)}"
    usual = with_unit(event.value, unit)
    return f"The baseline of metric {event.metric} is {usual}, its {event.stat}: {readings}, {figures}, {source}."


def _no_baseline(event: e.BaselineMissing, plan: Plan) -> str:
    names = [t.id for t in plan.runbook.triggers if t.metric == event.metric and "baseline" in str(t.when)]
    blind = f" Without it {listed(tuple(names), 'and')} cannot judge." if names else ""
    return f"Metric {event.metric} has no baseline{because(event.why)}{blind}"


def _fired(event: e.TriggerFired, plan: Plan) -> str:
    held = span_ms(event.span_ms)
    wants = "It only tells" if event.shadow else _WANTS.get(event.outcome, one_line(event.outcome))
    if event.problem:
        why = because(event.problem)
        return f"Trigger {event.trigger} has had no data of metric {event.metric} for {held}{why} {wants}."
    value = with_unit(event.value, _unit(plan, event.metric))
    readings = f"{event.n} reading{'' if event.n == 1 else 's'} over {held}"
    limit = one_line(event.threshold)
    return f"Trigger {event.trigger} fired: metric {event.metric} is {value}, {limit}, {readings}. {wants}."


def _cleared(event: e.TriggerCleared, plan: Plan) -> str:
    if event.why:
        return f"Trigger {event.trigger} is over{because(event.why)}"
    value = with_unit(event.value, _unit(plan, event.metric))
    return f"Trigger {event.trigger} is over: metric {event.metric} is {value}. It stays marked until acknowledged."


def _acknowledged(event: e.TriggerAcknowledged, _plan: Plan) -> str:
    return f"{subject(event.by)} acknowledged trigger {event.trigger}."


def _proposed(event: e.RollbackProposed, plan: Plan) -> str:
    scope, left = scope_name(plan, event.scope), span_ms(event.countdown_ms)
    then = (
        f"It starts by itself in {left} unless somebody holds it" if event.auto else f"Somebody decides within {left}"
    )
    asks = f", {listed(tuple(map(one_line, event.asks)), 'then')}" if event.asks else ""
    return f"Trigger {event.trigger} proposes to go back to {scope}{because(event.reason)} {then}{asks}."


def _called(event: e.RollbackOwnerCalled, _plan: Plan) -> str:
    return f"Nobody answered the rollback that trigger {event.trigger} proposes; {one_line(event.name)} is called now."


def _refused(event: e.RollbackRefused, _plan: Plan) -> str:
    again = f" If it is still red in {span_ms(event.again_ms)}, it comes again." if event.again_ms else ""
    return (
        f"{subject(event.by)} held off the rollback that trigger {event.trigger} proposed{because(event.reason)}{again}"
    )


def _unit(plan: Plan, name: str) -> str:
    metric = plan.runbook.metrics.get(name)
    return metric.unit if metric is not None else ""


def _clock(instant: str) -> str:
    return f"{datetime.fromisoformat(instant).astimezone(UTC):%H:%M:%S}"


METRIC_SENTENCES: dict[type[e.Event], Callable[[Any, Plan], str]] = {
    e.MetricRead: _metric,
    e.MetricReddened: _red,
    e.MetricAcknowledged: _seen,
    e.BaselineMeasured: _baseline,
    e.BaselineMissing: _no_baseline,
    e.TriggerFired: _fired,
    e.TriggerCleared: _cleared,
    e.TriggerAcknowledged: _acknowledged,
    e.RollbackProposed: _proposed,
    e.RollbackOwnerCalled: _called,
    e.RollbackRefused: _refused,
}
"""A sentence for each event of metrics and triggers."""
