"""What `decide` may ask for: record an event, begin a step, compute the way back, or be asked again later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from app.run.events import Event


@dataclass(frozen=True, slots=True)
class Begin:
    """Resolve and describe this step, record its StepStarted, and only then perform it."""

    address: str
    undo: bool = False


@dataclass(frozen=True, slots=True)
class PlanBack:
    """Compute the way back for `scope` and record it as RollbackPlanned."""

    scope: str


Next = Event | Begin | PlanBack


@dataclass(frozen=True, slots=True)
class Decision:
    """`next`: things to do now, in order; `wake`: look again after this long even if nothing happens."""

    next: tuple[Next, ...] = ()
    wake: timedelta | None = None
