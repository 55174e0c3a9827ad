"""A figure from a web address: `value: json.path` of the answer, or the whole body when it is a number."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.metrics.kind import Dated, NoData, Reach, dig, figure
from app.ports import Http, HttpAnswer, HttpWork, SecretText
from app.runbook.model_estate import Metric

_LARGEST = 4 << 20
_ERROR = 400
_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Address:
    """What is asked; always by GET."""

    url: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str | SecretText], ...] = ()


@dataclass(frozen=True, slots=True)
class HttpSource:
    """Reads one address."""

    http: Http
    address: Address
    value: str

    async def read(self, ticket: str, limit: timedelta) -> float | Dated:
        """The figure now; dated when a cache on the way says how old it is."""
        answer = await get(self.http, self.address, ticket, limit)
        text = answer.body.decode("utf-8", "replace")
        plain = self.value in ("", "stdout")
        value = figure(text) if plain else figure(dig(as_json(text), self.value.removeprefix("json.")))
        age = next((text for name, text in answer.headers if name.lower() == "age"), "")
        return (
            Dated(value, timedelta(seconds=int(age)))
            if age.isascii() and age.isdigit() and len(age) < _DIGITS
            else value
        )


def source(metric: Metric, reach: Reach) -> HttpSource:
    """From a resolved metric."""
    body: Any = metric.body
    address = Address(body.url, tuple(body.query.items()), tuple(body.headers.items()))
    return HttpSource(reach.http, address, metric.value)


async def get(http: Http, address: Address, ticket: str, limit: timedelta) -> HttpAnswer:
    """One GET. Raises NoData for silence, an error status, and a body that is too large."""
    answer = await http.send(
        HttpWork(ticket, "GET", address.url, address.query, address.headers, timeout=limit, max_bytes=_LARGEST)
    )
    if not answer.status:
        raise NoData(f"no answer: {answer.error}")
    if answer.status >= _ERROR:
        raise NoData(f"status {answer.status}")
    if answer.truncated:
        raise NoData(f"the answer is larger than {_LARGEST >> 20} MiB")
    return answer


def as_json(text: str) -> Any:  # noqa: ANN401 - JSON is any value
    """The text parsed. Raises NoData when it is no JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise NoData("the answer is no JSON") from None
