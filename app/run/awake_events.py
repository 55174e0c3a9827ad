"""What can happen to the console's machine while a run is live: it is kept awake, or it may fall asleep."""

from __future__ import annotations

from dataclasses import dataclass

from app.run.step_events import Event


@dataclass(frozen=True, slots=True)
class KeptAwake(Event):
    """The console's machine does not fall asleep by itself while the run is live. how: by what."""

    how: str


@dataclass(frozen=True, slots=True)
class NotKeptAwake(Event):
    """Nothing here could keep it awake; reason: what was tried, and what that said."""

    reason: str


@dataclass(frozen=True, slots=True)
class SleepAllowed(Event):
    """The run is settled, so the machine may fall asleep again; or what kept it awake has ended by itself (early 1)."""

    early: int = 0


AWAKE_EVENTS: tuple[type[Event], ...] = (KeptAwake, NotKeptAwake, SleepAllowed)
"""All of them, for EVENTS."""
