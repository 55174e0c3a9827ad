"""`http`: one request, one answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from app.runbook.body import Body, Changes, Target, Writes
from app.runbook.fields import Arg, Sealable
from app.runbook.kind import Inner
from app.runbook.part import Raw
from app.steps.http_live import HttpLive

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class HttpBody(Body):
    """Method, address, query (encoded by Tminus), headers, and a body: text as it is, anything else as JSON."""

    sealed: ClassVar[frozenset[str]] = frozenset({"headers"})
    encoded: ClassVar[frozenset[str]] = frozenset({"url"})

    method: Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    url: str
    query: dict[str, Arg] = Field(default_factory=dict)
    headers: dict[str, Sealable] = Field(default_factory=dict)
    body: Raw = None


@dataclass(frozen=True, slots=True)
class HttpKind(HttpLive):
    """The static half of `http`; the live half is HttpLive."""

    name: str = "http"
    model: type[HttpBody] = HttpBody
    available: str = ""

    def targets(self, body: HttpBody, /) -> tuple[Target, ...]:
        """The address."""
        return (Target("http", body.url),)

    def writes(self, body: HttpBody, /) -> Writes:
        """Reading methods change nothing."""
        return Writes.NEVER if body.method in _READING else Writes.MAYBE

    def default_changes(self, body: HttpBody, /) -> Changes | None:
        """Nothing for a reading method; otherwise the step must say."""
        return Changes.NOTHING if body.method in _READING else None

    def inner(self, body: HttpBody, /) -> Inner:
        """None."""
        del body
        return ()

    def describe(self, body: HttpBody, /) -> str:
        """The request line, the query, the headers and the body."""
        lines = [f"{body.method} {body.url}"]
        lines += [f"? {name}={value}" for name, value in body.query.items()]
        lines += [f"{name}: {value}" for name, value in body.headers.items()]
        if body.body is not None:
            lines += ["", body.body if isinstance(body.body, str) else json.dumps(body.body, ensure_ascii=False)]
        return "\n".join(lines)
