"""What became of the rows that the new side took since the switch, in plain words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from app.reports.naming import because, listed, one_line, step_name, subject
from app.reports.spans import span_ms
from app.run import events as e
from app.run.loss_state import Export
from app.runbook.order import Plan


def _dated(event: e.SwitchDated, plan: Plan) -> str:
    early = f" That is at most {span_ms(event.early_ms)} too early." if event.early_ms else ""
    name, since = one_line(event.db), clock(event.since)
    return (
        f"Rows of {name} dated from {since} on, by its own clock, count as written since the switch,"
        f" {step_name(plan, event.address)}.{early}"
    )


def _counted(event: e.RowsCounted, _plan: Plan) -> str:
    if event.problem:
        return f"Rows written since the switch could not be counted in {one_line(event.db)}{because(event.problem)}"
    if not event.tables:
        return f"Rows written after the switch can be counted in {one_line(event.db)} now."
    tables = listed(tuple(f"{one_line(row[1])} in {one_line(row[0])}" for row in event.tables))
    return f"Rows written since the switch in {one_line(event.db)}: {tables}."


def _exported(event: e.RowsExported, _plan: Plan) -> str:
    rows = f"{event.rows:,} row{'' if event.rows == 1 else 's'}"
    return (
        f"{subject(event.by)} exported {rows} written since the switch to {one_line(event.folder)},"
        f" as {one_line(event.form)}, SHA-256 {one_line(event.digest)[:16]}."
    )


def export_line(export: Export) -> str:
    """One export among the artefacts of a run: how many rows of which tables, where, and its digest."""
    tables = listed(tuple(f"{rows:,} in {one_line(table)}" for table, _, rows, _ in export.files))
    return f"{tables}: {one_line(export.folder)} (SHA-256 {export.digest[:16]})"


def clock(instant: str) -> str:
    """`21:10:02.417 UTC` from ISO; as it stands when it is none."""
    try:
        return f"{datetime.fromisoformat(instant).astimezone(UTC):%H:%M:%S.%f}"[:-3] + " UTC"
    except ValueError:
        return one_line(instant)


LOSS_SENTENCES: dict[type[e.Event], Callable[[Any, Plan], str]] = {
    e.SwitchDated: _dated,
    e.RowsCounted: _counted,
    e.RowsExported: _exported,
}
"""A sentence for each event of the rows written since the switch."""
