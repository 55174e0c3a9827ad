"""A step after which the way back would no longer end in time is held back until a person overrides that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.run.moment import Moment
from app.run.state import RunState
from app.runbook.order import PlannedStep

OVERRIDE = "override"
"""What is wanted of a person, and the answer."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """If this step began now: by when the way back would have to end (aware UTC), and what would come of that.

    length: of the way back then, p90; late: how much later than `deadline` it would end, its margin included; text:
    the same for people.
    """

    deadline: datetime
    length: timedelta
    late: timedelta
    text: str

    @property
    def key(self) -> str:
        """The deadline as the record holds it."""
        return self.deadline.isoformat()


Foresee = Callable[[RunState, PlannedStep, Moment], Crossing | None]
"""Whether a step that began now would make the way back too late; None when it would not."""


def overridden(state: RunState, crossing: Crossing) -> bool:
    """Whether a person has said why this deadline holds nothing back any more."""
    return any(one.deadline == crossing.key for one in state.overrides)
