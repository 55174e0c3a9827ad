"""What can happen to a dead-man switch: an undo that waits at its target and runs by itself when nobody is heard."""

from __future__ import annotations

from dataclasses import dataclass

from app.run.step_events import Event


@dataclass(frozen=True, slots=True)
class DeadManArming(Event):
    """The intent. On disk before anything is laid at the target. `text` is exactly what would run, secrets masked.

    address, attempt: the step that it stands behind; undo, kind: of the step that would run; ticket: of that run.
    """

    address: str
    attempt: int
    undo: str
    ticket: str
    limit_ms: int
    kind: str
    text: str
    digest: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class DeadManArmed(Event):
    """The target says that it waits there."""

    address: str
    ticket: str
    seen_from: str


@dataclass(frozen=True, slots=True)
class DeadManNotArmed(Event):
    """It could not be armed. `sure` 0: the request may have arrived all the same, so it is taken off."""

    address: str
    reason: str
    sure: int = 1


@dataclass(frozen=True, slots=True)
class DeadManSilent(Event):
    """The target was not reached for a while: it fires in `left_ms` by its own clock if that goes on."""

    address: str
    seen_from: str
    left_ms: int


@dataclass(frozen=True, slots=True)
class DeadManHeard(Event):
    """The target was reached again, and it has not fired."""

    address: str
    seen_from: str


@dataclass(frozen=True, slots=True)
class DeadManLost(Event):
    """Its watcher at the target is gone: as it stands it would not fire."""

    address: str
    seen_from: str
    reason: str


@dataclass(frozen=True, slots=True)
class DeadManConfirmed(Event):
    """A person keeps the step: the switch is taken off for good. It is off once the target has said so."""

    address: str
    by: str


@dataclass(frozen=True, slots=True)
class DeadManTakenOver(Event):
    """The way back has come to this undo: the switch is taken off, so that the console alone runs it."""

    address: str
    by: str


@dataclass(frozen=True, slots=True)
class DeadManDisarmed(Event):
    """The target says that it has not fired and never will. reason: why, when the target itself decided that."""

    address: str
    seen_from: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DeadManGivenUp(Event):
    """A person's word: its target is gone for good, so nobody waits for what it says of the switch any more."""

    address: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class DeadManFired(Event):
    """The target went about the undo by itself. fired: when, by its own clock, ISO UTC; silent_s: how long unheard."""

    address: str
    undo: str
    ticket: str
    fired: str
    silent_s: int
    seen_from: str


@dataclass(frozen=True, slots=True)
class DeadManReverted(Event):
    """The undo that the target ran by itself is done; the step counts as undone. Fields as above."""

    address: str
    undo: str
    fired: str
    silent_s: int
    seen_from: str


@dataclass(frozen=True, slots=True)
class DeadManOverlapped(Event):
    """The undo that the target ran is over, but its step was not: it may take effect after it. A person looks."""

    address: str
    undo: str
    reason: str


DEAD_MAN_EVENTS: tuple[type[Event], ...] = (
    DeadManArming,
    DeadManArmed,
    DeadManNotArmed,
    DeadManSilent,
    DeadManHeard,
    DeadManLost,
    DeadManConfirmed,
    DeadManTakenOver,
    DeadManDisarmed,
    DeadManGivenUp,
    DeadManFired,
    DeadManReverted,
    DeadManOverlapped,
)
"""All of them, for EVENTS."""
