"""The runs of a home folder: what exists, where each stands, and whether its record is whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.errors import TminusError
from app.journal.chain import Verification, Witness, verify
from app.journal.names import Listed, find
from app.journal.names import list_runs as listed_runs
from app.run.events import RunOpened
from app.run.state import RunState, Stage, Status
from app.session.watch import watch


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run of the list. `stage` and `summary` are words; `began` aware UTC; `problem` why it cannot be read."""

    run: str
    path: Path
    name: str = ""
    title: str = ""
    environment: str = ""
    began: datetime | None = None
    stage: str = ""
    summary: str = ""
    driven: str = ""
    events: int = 0
    production: bool = False
    rehearsal: bool = False
    problem: str = ""


def list_runs(home: Path) -> tuple[RunLine, ...]:
    """Every run, newest first. One that cannot be read is in the list with its reason."""
    return tuple(_line(home, listed) for listed in listed_runs(home))


def verify_run(home: Path, run: str, witnesses: Sequence[str] = ()) -> Verification:
    """Read the whole record again and check the chain; `witnesses` are `seq:head` words kept elsewhere."""
    return verify(find(home, run), [Witness.parse(text) for text in witnesses])


def _line(home: Path, listed: Listed) -> RunLine:
    driver = str(listed.driver) if listed.driver is not None else ""
    if listed.first is None or not isinstance(listed.first.event, RunOpened):
        return RunLine(listed.run, listed.path, driven=driver, problem=listed.problem or "The record is empty.")
    event = listed.first.event
    try:
        look = watch(home, str(listed.path))
    except TminusError as trouble:
        return RunLine(listed.run, listed.path, event.name, driven=driver, problem=str(trouble))
    try:
        state = look.state
        badge = state.plan.inputs.environment
        return RunLine(
            listed.run,
            listed.path,
            event.name,
            event.title or event.name,
            event.environment,
            listed.first.at,
            state.stage.value,
            summary(state),
            driver,
            state.seq,
            bool(badge.production),
            bool(badge.rehearsal),
        )
    finally:
        look.close()


def summary(state: RunState) -> str:
    """Where the run stands, in a few words."""
    done = sum(1 for p in state.plan.steps if not p.parent and state.status(p.address) is Status.DONE)
    total = sum(1 for p in state.plan.steps if not p.parent and not p.left_out)
    doubt = [a for a, s in state.steps.items() if s.status is Status.IN_DOUBT]
    if doubt:
        return f"{doubt[0]} is in doubt"
    if state.stage is Stage.STOPPED:
        return state.stop_reason
    if state.back is not None:
        undone = sum(1 for r in state.back.rows if r.address and state.status(r.address) is Status.DONE)
        return f"{undone} of {sum(1 for r in state.back.rows if r.address)} undone and checked"
    return f"{done} of {total} steps done"
