"""What a metric source is: something that can be read again and again for one figure, and what it may reach."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from app.ports import Clock, Database, Http, Payload


class NoData(Exception):
    """There is no figure now, and why: one plain line."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A short command that has ended: exit status and what it wrote."""

    exit: int
    out: bytes
    err: bytes


class ShortCommands(Protocol):
    """Runs a command that only looks, attached to this process and ended with it."""

    async def run(self, payload: Payload, limit: timedelta) -> Finished:
        """Wait for its end; kills its process group at `limit` or when cancelled, then raises TargetUnreachable."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What sources may read."""

    clock: Clock
    databases: Mapping[str, Database]
    http: Http
    commands: ShortCommands
    hosts: Mapping[str, ShortCommands] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dated:
    """A figure whose source says when it was taken: its age now, and a mark that changes with each new reading."""

    value: float
    age: timedelta
    mark: str = ""


class Source(Protocol):
    """One figure. Reading changes nothing and may be cancelled at any point."""

    async def read(self, ticket: str, limit: timedelta) -> float | Dated:
        """The figure now. Raises NoData, or a TminusError when the target does not answer."""


class History(Source, Protocol):
    """A source that remembers."""

    async def history(self, span: Span, limit: timedelta) -> tuple[tuple[datetime, float], ...]:
        """Its figures in a span of the past, oldest first, what is no number left out. Raises as `read`."""


@dataclass(frozen=True, slots=True)
class Span:
    """From one instant to another, one figure each `step`."""

    began: datetime
    ended: datetime
    step: timedelta


_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_LONGEST = 1000
"""Characters of a number; megabytes of digits would take the console's time for nothing."""


def figure(value: object) -> float:
    """A finite number from a number or from text that is one. Raises NoData for anything else, and says what it was."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise NoData(f"{_name(value)} is no number")
    if isinstance(value, str):
        value = value.strip()
        if len(value) > _LONGEST or not _NUMBER.fullmatch(value):
            raise NoData(f"`{value[:40]}` is no number" if value else "the answer is empty")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise NoData(f"{number} is no figure")
    return number


def dig(value: Any, path: str) -> Any:  # noqa: ANN401 - JSON is any value
    """A value inside JSON by dotted path; a number is a place in a list. Raises NoData when it is not there."""
    for key in path.split("."):
        if isinstance(value, Mapping) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            raise NoData(f"there is no {path[:60]} in the answer")
    return value


def _name(value: object) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else f"a {type(value).__name__}"
