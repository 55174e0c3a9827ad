"""Whether the console's machine stays awake, in plain words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.reports.naming import because, one_line
from app.run.awake_events import KeptAwake, NotKeptAwake, SleepAllowed
from app.run.step_events import Event
from app.runbook.order import Plan


def _kept(event: KeptAwake, _plan: Plan) -> str:
    return f"The console's machine is kept awake while the run is live, by {one_line(event.how) or 'its system'}."


def _not_kept(event: NotKeptAwake, _plan: Plan) -> str:
    return f"The console's machine may fall asleep during the run, so keep it awake by hand{because(event.reason)}"


def _allowed(event: SleepAllowed, _plan: Plan) -> str:
    if event.early:
        return "What kept the console's machine awake has ended; it is tried again."
    return "The run is settled, so the console's machine may fall asleep again."


AWAKE_SENTENCES: dict[type[Event], Callable[[Any, Plan], str]] = {
    KeptAwake: _kept,
    NotKeptAwake: _not_kept,
    SleepAllowed: _allowed,
}
"""A sentence for each event."""
