"""What can happen to the rows that the new side took since the switch: dated, counted, exported before going back."""

from __future__ import annotations

from dataclasses import dataclass

from app.run.step_events import Event


@dataclass(frozen=True, slots=True)
class SwitchDated(Event):
    """Rows of `db` dated from `since` on (ISO, UTC, by that server's own clock) count as written since the switch.

    address: the step that opened writes on the new side; early_ms: `since` is at most so much too early, never late.
    """

    db: str
    address: str
    since: str
    early_ms: int = 0


@dataclass(frozen=True, slots=True)
class RowsCounted(Event):
    """What the new side took since the switch, counted by its server; or `problem` says why nobody could count.

    tables: rows of (table, rows, rows without a date, milliseconds since the newest or ""), as decimal text; none of
    them, and no problem: before the switch, what was in the way of counting is out of it.
    """

    db: str
    tables: tuple[tuple[str, str, str, str], ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RowsExported(Event):
    """The rows written since the switch lie in a folder: an artefact of the run.

    digest: SHA-256 of its manifest, which holds those of the files; rows: of all tables; form: "ndjson" or "csv";
    files: rows of (table, file, rows, SHA-256).
    """

    by: str
    folder: str
    digest: str
    rows: int
    since: str
    form: str
    files: tuple[tuple[str, str, str, str], ...] = ()


LOSS_EVENTS: tuple[type[Event], ...] = (SwitchDated, RowsCounted, RowsExported)
"""All of them, for EVENTS."""
