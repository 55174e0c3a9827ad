"""Metric sources: one file per kind. `source_of` is the only place that names them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app.metrics.kind import Reach, Source
from app.metrics.sources import http, local, prometheus, sql
from app.runbook.model_estate import Metric

SOURCES: Mapping[str, Callable[[Metric, Reach], Source]] = {
    "sql": sql.source,
    "http": http.source,
    "local": local.source,
    "host": local.host_source,
    "prometheus": prometheus.source,
}


def source_of(metric: Metric, reach: Reach) -> Source | None:
    """The source of a metric whose references are resolved; None for one that a step measures."""
    make = SOURCES.get(metric.kind or ("prometheus" if metric.prometheus is not None else ""))
    return make(metric, reach) if make else None
