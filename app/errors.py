"""The few errors of Tminus, each of which says what is wrong, where, and what to do next.

    TminusError                     anything Tminus tells a person instead of showing a traceback
      RunbookInvalid                the file has problems; carries all of them (exit 1)
      Refused                       asked for something that may not happen now (exit 1)
      TargetUnreachable             a host, database or service did not answer
      AnotherConsole                another process drives this run (exit 3)
      RecordUnwritable              no durable word can be written, so nothing may start (exit 5)
      RecordDamaged                 the chain of the record does not hold (exit 6)
      AnswerMissing                 a person is needed and nobody is there (exit 10)

What is expected (a command that exits 1) is an outcome, never an error. What cannot happen is asserted.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Place:
    """A spot in a file: 1-based line and column. `line` 0 means the file as a whole."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


class Severity(StrEnum):
    """How much a problem weighs: an error blocks a run, a warning wants a written reason."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a runbook.

    code: stable, `RB` and three digits (`tminus explain CODE`); what: one sentence of plain text;
    place: where; hint: what to write instead; path: dotted address inside the file, for tools.
    """

    code: str
    what: str
    place: Place
    hint: str = ""
    severity: Severity = Severity.ERROR
    path: str = ""

    def __str__(self) -> str:
        hint = f" {self.hint}" if self.hint else ""
        return f"{self.place}: {self.severity.value} {self.code}: {self.what}{hint}"


class TminusError(Exception):
    """Something a person must be told. `what` is a sentence, `where` a place or target, `hint` the next step."""

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        hint = f" {self.hint}" if self.hint else ""
        return f"{where}{self.what}{hint}"


class RunbookInvalid(TminusError):
    """The runbook has at least one error. `problems` holds all of them, warnings included, in file order."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        errors = sum(1 for p in problems if p.severity is Severity.ERROR)
        first = next((p for p in problems if p.severity is Severity.ERROR), None)
        what = f"{errors} error(s) in the runbook; the first: {first.what}" if first is not None else "No runbook."
        where = str(first.place) if first is not None else ""
        super().__init__(what, where=where, hint="Run `tminus check` for all of them.")
        self.problems = problems


class Refused(TminusError):
    """Asked for something that may not happen now; nothing was changed."""


class TargetUnreachable(TminusError):
    """A host, database or service did not answer. Says nothing about what already runs there."""


class AnotherConsole(TminusError):
    """Another process drives this run."""

    exit_code = 3


class RecordUnwritable(TminusError):
    """The record cannot be written, so no step may start."""

    exit_code = 5


class RecordDamaged(TminusError):
    """The record was changed after it was written, or cannot be verified."""

    exit_code = 6


class AnswerMissing(TminusError):
    """A question waits for a person and nobody is there to answer it."""

    exit_code = 10
