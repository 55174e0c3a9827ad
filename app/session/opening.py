"""From a file, or from a record's first event, to a runbook laid out for a run."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from app.run.events import Recorded, RunOpened
from app.run.evolve import opened
from app.run.state import RunState
from app.runbook.inputs import Inputs, bind
from app.runbook.kind import Kinds
from app.runbook.load import Loaded, load
from app.runbook.order import Plan, lay_out
from app.runbook.parse import parse
from app.runbook.read import read
from app.steps import BUILT_IN
from app.steps.live import StepKind


def kinds() -> Kinds:
    """The table of step kinds by name, for reading and checking."""
    return {kind.name: kind for kind in BUILT_IN}


def live_kinds() -> dict[str, StepKind]:
    """The same table, for running."""
    return {kind.name: kind for kind in BUILT_IN}


def open_runbook(path: Path | str, environment: str = "") -> Loaded:
    """Read, parse and check a file. Never raises for what is wrong inside: see `Loaded.problems`."""
    return load(path, kinds(), environment or None)


def inputs_of(loaded: Loaded, environment: str, params: dict[str, str], t0: datetime) -> Inputs:
    """The runbook bound to an environment and parameters. Raises RunbookInvalid, Refused."""
    return bind(loaded.sound(), environment or None, params, t0)


def plan_of(inputs: Inputs) -> Plan:
    """Every step that may run."""
    return lay_out(inputs, kinds())


def first_state(first: Recorded) -> tuple[Loaded, RunState]:
    """The runbook inside a record, and the state after its first event. The file on disk plays no part any more.

    It was checked when the run began and is only read here: a later version's stricter rules must not lock anybody
    out of a run, and reading alone is several times faster.
    """
    event = first.event
    assert isinstance(event, RunOpened)
    text = event.text.encode()
    document = read(text, event.file)
    runbook, problems = parse(document, kinds())
    loaded = Loaded(runbook, document, problems, text, event.digest)
    inputs = inputs_of(loaded, event.environment, dict(event.params), datetime.fromisoformat(event.t0))
    return loaded, opened(first, plan_of(inputs))
