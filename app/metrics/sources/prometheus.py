"""A figure from Prometheus: an instant query to a server, or one sample of a metrics page read directly.

`url` that ends in `/metrics` is such a page, and `query` then names one sample of it: `name` or `name{label="value"}`.
Any other `url` is a server's base address, and `query` is PromQL that must give exactly one value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from app.metrics.kind import Dated, NoData, Reach, Span, dig, figure
from app.metrics.sources.http import Address, as_json, get
from app.ports import Clock, Http
from app.runbook.model_estate import Metric

T = TypeVar("T")
_LABELS = r'\{(?P<labels>(?:[^"}]|"(?:[^"\\]|\\.)*")*)\}'
_SAMPLE = re.compile(
    rf"(?P<name>[A-Za-z_:][\w:]*)\s*(?:{_LABELS})?\s+(?P<value>\S+)(?:\s+(?P<stamp>\d+(?:\.\d+)?))?(?:\s.*)?"
)
_SELECTOR = re.compile(rf"\s*(?P<name>[A-Za-z_:][\w:]*)\s*(?:{_LABELS})?\s*")
_LABEL = re.compile(r'\s*([A-Za-z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)')
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Series:
    """A name and its labels."""

    name: str
    labels: Mapping[str, str]

    def matches(self, other: Series) -> bool:
        """Whether the other has this name and at least these labels."""
        return self.name == other.name and self.labels.items() <= other.labels.items()


@dataclass(frozen=True, slots=True)
class PageSource:
    """One sample of a metrics page."""

    http: Http
    address: Address
    wanted: str
    clock: Clock

    async def read(self, ticket: str, limit: timedelta) -> float | Dated:
        """The figure now, dated when the page says when it was taken."""
        series = selector(self.wanted)
        answer = await get(self.http, self.address, ticket, limit)
        found = [
            (value, at) for one, value, at in samples(answer.body.decode("utf-8", "replace")) if series.matches(one)
        ]
        value, at = _only(found, self.wanted)
        return figure(value) if not at else Dated(figure(value), self._age(at), at)

    def _age(self, stamp: str) -> timedelta:
        """By this machine's clock; a stamp from the future is young."""
        milliseconds = figure(stamp)
        taken = timedelta(milliseconds=milliseconds)
        return max(timedelta(), timedelta(seconds=self.clock.now().timestamp()) - taken)


@dataclass(frozen=True, slots=True)
class QuerySource:
    """An instant query."""

    http: Http
    address: Address

    async def read(self, ticket: str, limit: timedelta) -> float:
        """The figure now."""
        answer = await get(self.http, self.address, ticket, limit)
        data = as_json(answer.body.decode("utf-8", "replace"))
        result, form = dig(data, "data.result"), dig(data, "data.resultType")
        if form == "scalar":
            return figure(dig(result, "1"))
        if form != "vector":
            raise NoData(f"the query gives a {form}; it must give one value")
        return figure(dig(_only(result, "the query"), "value.1"))

    async def history(self, span: Span, limit: timedelta) -> tuple[tuple[datetime, float], ...]:
        """A range query. Figures that are no numbers (NaN) are left out."""
        query = (
            *self.address.query,
            ("start", f"{span.began.timestamp():.3f}"),
            ("end", f"{span.ended.timestamp():.3f}"),
            ("step", f"{span.step.total_seconds():.3f}"),
        )
        asked = replace(self.address, url=f"{self.address.url}_range", query=query)
        answer = await get(self.http, asked, "metric/history", limit)
        data = as_json(answer.body.decode("utf-8", "replace"))
        found = dig(data, "data.result")
        if not isinstance(found, list) or dig(data, "data.resultType") != "matrix":
            raise NoData("the range query gives no series")
        return tuple(_figures(dig(_only(found, "the range query"), "values")))


def source(metric: Metric, reach: Reach) -> PageSource | QuerySource:
    """From a resolved metric."""
    asked = metric.prometheus
    assert asked is not None
    headers = tuple(asked.headers.items())
    if urlsplit(asked.url).path.rstrip("/").endswith("/metrics"):
        return PageSource(reach.http, Address(asked.url, headers=headers), asked.query or metric.value, reach.clock)
    url = f"{asked.url.rstrip('/')}/api/v1/query"
    return QuerySource(reach.http, Address(url, (("query", asked.query),), headers))


def samples(page: str) -> Iterator[tuple[Series, str, str]]:
    """Every sample of a page in the text format (Prometheus 0.0.4, OpenMetrics): name, value, time in ms or "".

    What is no sample is passed over; OpenMetrics writes seconds with a fraction, which are turned into milliseconds.
    """
    for line in page.splitlines():
        if not line.startswith("#") and (hit := _SAMPLE.fullmatch(line.strip())):
            yield Series(hit["name"], _labels(hit["labels"])), hit["value"], _milliseconds(hit["stamp"] or "")


def _milliseconds(stamp: str) -> str:
    return f"{float(stamp) * 1000:.0f}" if "." in stamp else stamp


def selector(text: str) -> Series:
    """`name` or `name{label="value", ...}`. Raises NoData for anything else."""
    hit = _SELECTOR.fullmatch(text)
    if hit is None:
        raise NoData(f'`{text[:60]}` names no sample; write name or name{{label="value"}}')
    labels = _labels(hit["labels"])
    if (hit["labels"] or "").count("=") and not labels:
        raise NoData(f'`{text[:60]}` has labels that cannot be read; write name{{label="value"}}')
    return Series(hit["name"], labels)


def _labels(text: str | None) -> dict[str, str]:
    return {name: _ESCAPED.sub(_unescaped, value) for name, value in _LABEL.findall(text or "")}


def _unescaped(hit: re.Match[str]) -> str:
    return "\n" if hit[1] == "n" else hit[1]


def _figures(pairs: Any) -> Iterator[tuple[datetime, float]]:  # noqa: ANN401 - JSON is any value
    for pair in pairs if isinstance(pairs, list) else ():
        value = float(dig(pair, "1"))
        if math.isfinite(value):
            yield datetime.fromtimestamp(figure(dig(pair, "0")), UTC), value


def _only(found: list[T], what: str) -> T:
    if not found:
        raise NoData(f"{what} has no value now")
    if len(found) > 1:
        raise NoData(f"{what} has {len(found)} values; narrow it to one")
    return found[0]
