"""Everything an operator may say to a run, from any door. Whether it is lawful is decided in `rulings`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody asks for something. `by` is a person's name."""

    by: str


@dataclass(frozen=True, slots=True)
class Hold(Request):
    """Start nothing new. With a reason it also holds off a rollback that a trigger proposes."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Panic(Request):
    """Start nothing new, whatever stands: a countdown is called off, a proposed rollback waits, undos wait too."""


@dataclass(frozen=True, slots=True)
class Release(Request):
    """Lift the hold, or go on after a stop."""


@dataclass(frozen=True, slots=True)
class Note(Request):
    """Put words into the record."""

    text: str


@dataclass(frozen=True, slots=True)
class Answer(Request):
    """Answer a question of a step: "done", "failed", "go", "no-go", "approve", "continue"."""

    address: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Retry(Request):
    """A new attempt of a failed, cancelled or doubtful step."""

    address: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rule(Request):
    """A person's word on a step: `ruling` "done", "failed" or "skipped", with a reason."""

    address: str
    ruling: str
    reason: str


@dataclass(frozen=True, slots=True)
class Override(Request):
    """Let a step begin that the clock of the way back holds back. A reason is needed."""

    address: str
    reason: str


@dataclass(frozen=True, slots=True)
class AskAgain(Request):
    """Ask the target once more about a step in doubt."""

    address: str


@dataclass(frozen=True, slots=True)
class StopStep(Request):
    """Ask the target to end a running step."""

    address: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RollBack(Request):
    """Go back to `scope`: "start", a phase id, or "" for the runbook's own choice. Countdown 0 starts at once."""

    scope: str = ""
    reason: str = ""
    countdown_ms: int = 5000
    accepts: str = ""


@dataclass(frozen=True, slots=True)
class RollBackNow(Request):
    """End the countdown and start."""


@dataclass(frozen=True, slots=True)
class CallOff(Request):
    """Stop the countdown; nothing has been sent."""


@dataclass(frozen=True, slots=True)
class Acknowledge(Request):
    """Seen: unlatch a red metric with all that fired on it, or one trigger. `metric` holds the name of either."""

    metric: str


@dataclass(frozen=True, slots=True)
class KeepExport(Request):
    """Rows written since the switch were exported; keep where they lie with the run (see RowsExported)."""

    folder: str
    digest: str
    rows: int
    since: str
    form: str
    files: tuple[tuple[str, str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Close(Request):
    """End the run for good."""

    reason: str = ""


REQUESTS: tuple[type[Request], ...] = (
    Hold,
    Panic,
    Release,
    Note,
    Answer,
    Retry,
    Rule,
    Override,
    AskAgain,
    StopStep,
    RollBack,
    RollBackNow,
    CallOff,
    Acknowledge,
    KeepExport,
    Close,
)
"""Every request, literally. The stored name is the class name."""
