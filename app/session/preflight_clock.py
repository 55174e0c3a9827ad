"""Before a run: at which step the clock of the way back will hold it, if it starts now and goes as expected.

A run is held at the first step after which going back would end too late (see `app.run.crossing`). Who learns that
beforehand mends the estimates or the window, or has a reason ready.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from app.reports.naming import step_name
from app.rollback.ahead import After, ahead, why_late
from app.run import events as e
from app.run.evolve import fold, opened
from app.run.moment import Moment
from app.run.state import RunState
from app.runbook.order import Plan
from app.session.earlier_runs import undo_times
from app.session.preflight import PreflightLine


def clock_lines(plan: Plan, home: Path, digest: str, now: datetime) -> Iterator[PreflightLine]:
    """One for each deadline that would hold the run, at the step that comes first. `now` is aware UTC."""
    state = _at_its_start(plan, home, digest, now)
    told: set[datetime | None] = set()
    for after in ahead(state, Moment(now, 0, "")).values():
        if after.crosses and after.deadline not in told:
            told.add(after.deadline)
            yield PreflightLine(f"way back by {after.deadline:%H:%M} UTC", "warning", _words(state, after))


def _words(state: RunState, after: After) -> str:
    return (
        f"A run that starts now will be held at {step_name(state.plan, after.address)}. {why_late(state, after)} "
        "To begin it all the same needs a reason; steps after it are then not held for this deadline."
    )


def _at_its_start(plan: Plan, home: Path, digest: str, now: datetime) -> RunState:
    """A run of this plan before its first step, with the times of earlier ways back."""
    inputs = plan.inputs
    first = e.RunOpened("", inputs.runbook.name, "", "", digest, inputs.env or "", (), inputs.t0.isoformat(), "", "")
    events = (first, *undo_times(home, plan, digest))
    recorded = [e.Recorded(seq, now, 0, "", 0, event, "") for seq, event in enumerate(events, 1)]
    return fold(opened(recorded[0], plan), recorded[1:])
