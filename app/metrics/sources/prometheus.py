"""A figure from Prometheus: an instant query to a server, or one sample of a metrics page read directly.

`url` that ends in `/metrics` is such a page, and `query` then names one sample of it: `name` or `name{label="value"}`.
Any other `url` is a server's base address, and `query` is PromQL that must give exactly one value.
"""

from __future__ import annotations

import asyncio
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
_LABEL = re.compile(r'\s*([A-Za-z_]\w*|"(?:[^"\\]|\\.)*")\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|\Z)')
_ESCAPED = re.compile(r"\\(.)")
_SLICE = 1 << 15
"""Characters of a page that are read at one go (a few milliseconds) before the console may do something else; no line
of a page is longer."""

_DIGITS_OF_MS = 12
"""A stamp with fewer digits cannot be milliseconds of this century (1e11 ms is 1973): it is in seconds."""


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
        found: list[tuple[str, str]] = []
        for part in slices(answer.body.decode("utf-8", "replace"), series.name):
            found += [(value, at) for one, value, at in samples(part, series.name) if series.matches(one)]
            await asyncio.sleep(0)  # a large page takes its time: who hears H and who keeps a promise gets a turn
        value, at = _only(found, self.wanted)
        return figure(value) if not at else Dated(figure(value), self._age(at), at)

    def _age(self, stamp: str) -> timedelta:
        """By this machine's clock; a stamp from the future is young."""
        try:
            taken = timedelta(milliseconds=figure(stamp))
        except OverflowError:
            raise NoData(f"`{stamp[:20]}` is no time") from None
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


def slices(page: str, name: str) -> Iterator[str]:
    """A page in pieces of whole lines. A longer line is passed over; NoData when it may be the one of `name`."""
    begins = 0
    while begins < len(page):
        ends = page.rfind("\n", begins, begins + _SLICE) + 1
        if begins + _SLICE >= len(page):
            ends = len(page)
        if ends:
            yield page[begins:ends]
        elif page.startswith(name, begins):
            raise NoData(f"a line of {name[:60]} is longer than {_SLICE >> 10} KiB")
        else:
            ends = page.find("\n", begins) + 1 or len(page)
        begins = ends


def samples(page: str, name: str = "") -> Iterator[tuple[Series, str, str]]:
    """Every sample of a page in the text format (Prometheus 0.0.4, OpenMetrics): series, value, time in ms or "".

    Only those of `name`, when it is given: the other lines are not looked into. What is no sample is passed over.
    """
    for line in map(str.strip, page.split("\n")):
        if line.startswith("#") or not line.startswith(name):
            continue
        hit = _SAMPLE.fullmatch(line)
        labels = _labels(hit["labels"]) if hit is not None else None
        if hit is not None and labels is not None:
            yield Series(hit["name"], labels), hit["value"], _milliseconds(hit["stamp"] or "")


def _milliseconds(stamp: str) -> str:
    """OpenMetrics writes seconds, mostly with a fraction."""
    seconds = "." in stamp or 0 < len(stamp) < _DIGITS_OF_MS
    return f"{float(stamp) * 1000:.0f}" if seconds else stamp


def selector(text: str) -> Series:
    """`name` or `name{label="value", ...}`. Raises NoData for anything else."""
    hit = _SELECTOR.fullmatch(text)
    if hit is None:
        raise NoData(f'`{text[:60]}` names no sample; write name or name{{label="value"}}')
    labels = _labels(hit["labels"])
    if labels is None:
        raise NoData(f'`{text[:60]}` has labels that cannot be read; write name{{label="value"}}')
    return Series(hit["name"], labels)


def _labels(text: str | None) -> dict[str, str] | None:
    """One after the other from the left, so that it takes no longer than the text is long; None when they are none."""
    text, found, at = (text or "").strip(), {}, 0
    while at < len(text):
        hit = _LABEL.match(text, at)
        if hit is None:
            return None
        found[hit[1]] = _ESCAPED.sub(_unescaped, hit[2])
        at = hit.end()
    return found


def _unescaped(hit: re.Match[str]) -> str:
    return "\n" if hit[1] == "n" else hit[1]


def _figures(pairs: Any) -> Iterator[tuple[datetime, float]]:  # noqa: ANN401 - JSON is any value
    for pair in pairs if isinstance(pairs, list) else ():
        one = _dated(pair)
        if one is not None:
            yield one


def _dated(pair: Any) -> tuple[datetime, float] | None:  # noqa: ANN401 - JSON is any value
    """None for NaN, text, null, and an instant that no calendar has."""
    try:
        return datetime.fromtimestamp(figure(dig(pair, "0")), UTC), figure(dig(pair, "1"))
    except (NoData, OverflowError, ValueError, OSError):
        return None


def _only(found: list[T], what: str) -> T:
    if not found:
        raise NoData(f"{what} has no value now")
    if len(found) > 1:
        raise NoData(f"{what} has {len(found)} values; narrow it to one")
    return found[0]
