"""How a run changes: `evolve(state, recorded) -> state`, and no other way.

The rows are in `changes_of_steps`, `changes_of_run`, `changes_of_metrics` and `changes_of_back`. A row that is missing
is an error: a record that holds such an event was not written by Tminus, or Tminus broke. Times are copied from the
envelope, never read from a clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.errors import RecordDamaged
from app.run import events as e
from app.run.changes_of_awake import CHANGES_OF_AWAKE
from app.run.changes_of_back import CHANGES_OF_BACK
from app.run.changes_of_dead_man import CHANGES_OF_DEAD_MAN
from app.run.changes_of_loss import CHANGES_OF_LOSS
from app.run.changes_of_metrics import CHANGES_OF_METRICS
from app.run.changes_of_run import CHANGES_OF_RUN
from app.run.changes_of_steps import CHANGES_OF_STEPS, Unlawful
from app.run.moment import Moment
from app.run.state import RunState
from app.runbook.order import Plan

_CHANGES: dict[type[e.Event], Callable[[RunState, Any, Moment, str], dict[str, Any]]] = {
    **CHANGES_OF_STEPS,
    **CHANGES_OF_RUN,
    **CHANGES_OF_METRICS,
    **CHANGES_OF_BACK,
    **CHANGES_OF_LOSS,
    **CHANGES_OF_DEAD_MAN,
    **CHANGES_OF_AWAKE,
}


def moment_of(recorded: e.Recorded) -> Moment:
    """The instant of an event."""
    return Moment.of(recorded)


def opened(recorded: e.Recorded, plan: Plan) -> RunState:
    """The state after the first event, which must be RunOpened. `plan` is laid out from the text inside it."""
    event = recorded.event
    if not isinstance(event, e.RunOpened):
        raise RecordDamaged("The record does not begin with RunOpened.", where=f"event {recorded.seq}")
    when = moment_of(recorded)
    return RunState(
        run=event.run,
        plan=plan,
        t0=datetime.fromisoformat(event.t0),
        operator=event.operator,
        environment=event.environment,
        until=event.until,
        params=event.params,
        files=event.files,
        now=when,
        opened=when,
        seq=recorded.seq,
        head=recorded.head,
    )


def evolve(state: RunState, recorded: e.Recorded) -> RunState:
    """The next state. Raises RecordDamaged for an event that the state does not allow."""
    event = recorded.event
    when = moment_of(recorded)
    change = _CHANGES.get(type(event))
    if change is None:
        raise RecordDamaged(f"{type(event).__name__} is not an event of a run.", where=f"event {recorded.seq}")
    try:
        fields = change(state, event, when, recorded.head)
    except Unlawful as unlawful:
        raise RecordDamaged(str(unlawful), where=f"event {recorded.seq}", hint="Run `tminus verify`.") from unlawful
    return replace(state, now=when, seq=recorded.seq, head=recorded.head, **fields)


def fold(state: RunState, events: Iterable[e.Recorded]) -> RunState:
    """Evolve over many events, oldest first."""
    for recorded in events:
        state = evolve(state, recorded)
    return state
