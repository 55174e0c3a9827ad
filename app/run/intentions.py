"""What `decide` may ask for: record an event, begin a step, compute the way back, arm an undo, or look again later."""

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


@dataclass(frozen=True, slots=True)
class Arm:
    """Have the undo of this step wait at its target; record that as DeadManArming first."""

    address: str


Next = Event | Begin | PlanBack | Arm


@dataclass(frozen=True, slots=True)
class Decision:
    """`next`: things to do now, in order; `wake`: look again after this long even if nothing happens."""

    next: tuple[Next, ...] = ()
    wake: timedelta | None = None
