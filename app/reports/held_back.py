"""Why nothing goes back by itself although the runbook says so: a person holds the run."""

from __future__ import annotations

from app.reports.naming import one_line
from app.run.advance import waits_to_go_back
from app.run.state import RunState


def held_back(state: RunState, address: str) -> str:
    """A sentence about this failed step; "" when nothing of the kind keeps the way back from beginning."""
    if not waits_to_go_back(state, address):
        return ""
    return (
        f"The runbook goes back after this failure; {one_line(state.held_by)} holds the run, so it waits for a release."
    )
