"""How events change what is known of the rows that the new side took since the switch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.run.loss_events import RowsCounted, RowsExported, SwitchDated
from app.run.loss_state import Export, TableRows, Written
from app.run.moment import Moment
from app.run.state import RunState
from app.run.step_events import Event

Fields = dict[str, Any]


def _dated(state: RunState, event: SwitchDated, when: Moment, _head: str) -> Fields:
    old = state.written or Written(event.db)
    return {"written": replace(old, address=event.address, since=event.since, dated=when)}


def _counted(state: RunState, event: RowsCounted, when: Moment, _head: str) -> Fields:
    """A count that failed leaves the last good one as it is: it was true when it was made."""
    old = state.written or Written(event.db)
    if event.problem or not event.tables:
        return {"written": replace(old, problem=event.problem)}
    tables = tuple(_table(row) for row in event.tables)
    return {"written": replace(old, tables=tables, counted=when, problem="")}


def _table(row: tuple[str, str, str, str]) -> TableRows:
    name, rows, undated, newest = row
    return TableRows(name, int(rows), int(undated), int(newest) if newest else None)


def _exported(state: RunState, event: RowsExported, when: Moment, _head: str) -> Fields:
    files = tuple((table, file, int(rows), digest) for table, file, rows, digest in event.files)
    one = Export(event.by, event.folder, event.digest, event.rows, event.since, event.form, files, when)
    return {"exports": (*state.exports, one)}


CHANGES_OF_LOSS: dict[type[Event], Callable[[RunState, Any, Moment, str], Fields]] = {
    SwitchDated: _dated,
    RowsCounted: _counted,
    RowsExported: _exported,
}
"""Event -> the fields of the run that it changes."""
