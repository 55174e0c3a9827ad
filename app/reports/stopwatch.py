"""How long steps took by the record itself, for outcomes whose target gave no length of its own."""

from __future__ import annotations

from datetime import timedelta

from app.run import events as e
from app.run.evolve import moment_of
from app.run.moment import Moment

_ENDS = (e.StepSucceeded, e.StepFailed, e.StepCancelled, e.StepInDoubt)


class Stopwatch:
    """Shown every entry in order, answers with the time from a step's start to its end."""

    def __init__(self) -> None:
        self._began: dict[tuple[str, int], Moment] = {}

    def took(self, recorded: e.Recorded) -> timedelta | None:
        """The length, when this entry ends an attempt whose start was shown and that has no length of its own."""
        event = recorded.event
        if isinstance(event, e.StepStarted):
            self._began[event.address, event.attempt] = moment_of(recorded)
            return None
        if not isinstance(event, _ENDS):
            return None
        began = self._began.pop((event.address, event.attempt), None)
        if began is None or (isinstance(event, e.StepSucceeded | e.StepFailed) and event.elapsed_ms):
            return None
        return moment_of(recorded).since(began)
