"""What is known of the way back beside its rows: how its targets were seen, its times, who overrode its clock."""

from __future__ import annotations

from dataclasses import dataclass

from app.run.moment import Moment


@dataclass(frozen=True, slots=True)
class Seen:
    """The last look at something that the way back needs. word: "ok", "bad" or "unknown"; since: first seen like that.

    at: when it was looked at, by the console's clock.
    """

    subject: str
    word: str
    detail: str
    at: Moment
    since: Moment


@dataclass(frozen=True, slots=True)
class UndoTime:
    """How long a step of the way back took in earlier runs, each time in milliseconds, newest first."""

    address: str
    environment: str
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Override:
    """Who let which step begin although after it the way back would not end by `deadline` (ISO UTC), and why."""

    address: str
    deadline: str
    by: str
    reason: str
    at: Moment
