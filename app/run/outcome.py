"""What an attempt came to: observed facts, a verdict, and the evidence behind a doubt."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """How an attempt ended. IN_DOUBT is never rounded to either side."""

    DONE = "done"
    FAILED = "failed"
    TIMED_OUT = "timed-out"
    CANCELLED = "cancelled"
    NEVER_RAN = "never-ran"
    IN_DOUBT = "in-doubt"


class PointsTo(StrEnum):
    """Which way one piece of evidence points."""

    DONE = "done"
    NOT_DONE = "not done"
    HALF_DONE = "half done"
    STARTED = "it did start"
    NOT_RUNNING = "not running"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One row of the table shown in doubt: a question, the answer in the target's words, and where it points."""

    question: str
    answer: str
    points_to: PointsTo = PointsTo.UNKNOWN


@dataclass(frozen=True, slots=True)
class Observed:
    """Facts by name, for `expect`, `save` and `when`.

    Names: exit (int), stdout, stderr (text, redacted), status (int), headers (dict, lower-case names), json (any),
    rows (int), row (dict, first row), duration (timedelta), mismatches (int), value (float). Only what was seen.
    """

    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of an attempt. `summary` is one plain line ("exit 0", "3 rows", "no answer: connection refused")."""

    verdict: Verdict
    summary: str
    observed: Observed = field(default_factory=Observed)
    evidence: tuple[Evidence, ...] = ()
    seen_from: str = ""
    elapsed: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Intent:
    """Proof that the intent to act is on disk: only the journal's answer to a written StepStarted makes one.

    run: run id; address: of the step; attempt: from 1; ticket: run/address/attempt; digest: SHA-256 of the resolved
    text; head: hash of the record up to and including the StepStarted.
    """

    run: str
    address: str
    attempt: int
    ticket: str
    digest: str
    head: str
