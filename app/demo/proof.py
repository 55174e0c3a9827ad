"""What a finished demo proves, read from the estate itself and not from the run's record, in sentences."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.demo.accounting import account, rows_from_before_are_identical
from app.demo.copying import not_moved
from app.demo.layout import Layout
from app.demo.switches import RELEASES, Switches, read_switches

Ended = Literal["moved", "back"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: whether it is as it must be, and a sentence for people."""

    holds: bool
    sentence: str


def prove(folder: Path, ended: Ended) -> tuple[Finding, ...]:
    """Everything that must hold after the move ("moved") or after the way back ("back"). Reads only."""
    layout = Layout(folder)
    now = read_switches(layout)
    engine = "new" if ended == "moved" else "old"
    accounted = account(layout, engine)
    same = rows_from_before_are_identical(layout)
    return (
        Finding(now.engine == engine, f"The shop serves from the {now.engine} database."),
        Finding(not now.read_only, f"Writes are {'refused' if now.read_only else 'open'}."),
        Finding(accounted.sound, accounted.sentence(engine)),
        Finding(same, f"The rows from before are {'identical, value by value' if same else 'NOT what they were'}."),
        _all_moved(layout) if ended == "moved" else _nothing_left(layout, now),
    )


def _all_moved(layout: Layout) -> Finding:
    left = not_moved(layout)
    return Finding(not left, f"Orders of the old side that are not on the new one, or differ there unasked: {left}.")


def _nothing_left(layout: Layout, now: Switches) -> Finding:
    link = sqlite3.connect(f"file:{layout.new}?mode=ro", uri=True)
    try:
        text = "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
        tables = sorted(row[0] for row in link.execute(text) if row[0] != "tminus_marker")
    finally:
        link.close()
    behind = [worker for worker, release in now.releases.items() if release != RELEASES[0]]
    holds = not tables and not behind
    left = f"still there: {', '.join(tables + behind)}" if not holds else "no table, no release"
    return Finding(holds, f"Left of the new side: {left}.")
