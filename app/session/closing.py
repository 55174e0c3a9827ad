"""Closing a run that nobody drives: one word in its record, without an engine, a target or a secret."""

from __future__ import annotations

from pathlib import Path

from app.connectors.clock import SystemClock
from app.errors import Refused
from app.journal.names import find
from app.journal.now import Now
from app.journal.reader import Reader
from app.journal.store import open_for_driving
from app.run import events as e
from app.run.evolve import fold
from app.run.moment import Moment
from app.run.requests import Close
from app.run.rulings import rule
from app.session.opening import first_state


def close_run(home: Path, run: str, request: Close) -> tuple[e.Recorded, ...]:
    """The entries that close it. Raises Refused (a mode is on, a step may run), AnotherConsole, RecordUnwritable."""
    path, clock = find(home, run), SystemClock()
    with Reader(path) as reader:
        first = reader.since(0, 1)
    if not first:
        raise Refused("The record is empty.", where=str(path), hint="There is nothing to close.")
    _, state = first_state(first[0])
    journal = open_for_driving(path, clock, request.by)
    try:
        state = fold(state, (one for one in journal.replay() if one.seq > 1))
        closing = rule(state, request, Moment.of(Now(clock).read()))
        return tuple(journal.append(closing))
    finally:
        journal.close()
