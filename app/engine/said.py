"""What the runbook wants said to people: once a step is done, and when the way back begins."""

from __future__ import annotations

from app.run import events as e
from app.run.scope import scope_of
from app.run.state import RunState
from app.runbook.model_step import Say
from app.runbook.order import PlannedStep
from app.runbook.substitute import MissingValue, substitute


def to_say(state: RunState, event: e.Event) -> tuple[e.Event, ...]:
    """Notes to record together with an event, whoever brought it about. `state` is the one after it."""
    match event:
        case e.StepSucceeded() | e.StepRuled(ruling="done"):
            planned = state.plan.by_address[event.address]
            return _filled_in(state, planned, planned.step.say, event.address)
        case e.RollbackPlanned():
            planned = next(iter(state.plan.by_address.values()))  # any step's: the run's own values are in each
            return _filled_in(state, planned, state.plan.runbook.rollback.say, "the rollback")
        case _:
            return ()


def _filled_in(state: RunState, planned: PlannedStep, say: Say | None, whose: str) -> tuple[e.Event, ...]:
    if say is None:
        return ()
    try:
        said: Say = substitute(say, scope_of(state, planned))
    except MissingValue as missing:
        return (e.NoteAdded("console", f"The message of {whose} could not be written: {missing}"),)
    return (e.NoteAdded("runbook", f"Say to {', '.join(said.to)}: {said.text}"),)
