"""What can happen to the way back: looks at what it needs, its clock and what that holds back, and the way itself."""

from __future__ import annotations

from dataclasses import dataclass

from app.run.step_events import Event

Look = tuple[str, str, str, int]
"""What was looked at (`database new`), "ok", "bad" or "unknown", in which words, and how many ms before the event."""


@dataclass(frozen=True, slots=True)
class WayBackProbed(Event):
    """What the way back needs was looked at, changing nothing. changed: how many of these words are new."""

    looks: tuple[Look, ...]
    changed: int = 0


@dataclass(frozen=True, slots=True)
class UndoTimesLearned(Event):
    """How long steps of the way back took in earlier runs of this runbook.

    times: rows of (address, environment it ran in, milliseconds of each time, newest run first); runs: the ids of the
    runs that these come from.
    """

    times: tuple[tuple[str, str, tuple[int, ...]], ...]
    runs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModeOverran(Event):
    """A mode is on for longer than its `max`, all its spells together."""

    mode: str
    max_ms: int


@dataclass(frozen=True, slots=True)
class StepHeldBack(Event):
    """A step was not begun: after it the way back would no longer end in time. A person overrides that, or goes back.

    deadline: by when the way back must have ended, ISO UTC; late_ms: how much later it would end; back_ms: how long it
    would take, p90.
    """

    address: str
    attempt: int
    text: str
    deadline: str
    late_ms: int
    back_ms: int


@dataclass(frozen=True, slots=True)
class StepOverridden(Event):
    """A person lets a step begin that was held back; from here on that deadline holds nothing back any more."""

    address: str
    deadline: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class StepAdmitted(Event):
    """What held the step back is so no more."""

    address: str
    why: str


# ---------------------------------------------------------------- going back


@dataclass(frozen=True, slots=True)
class RollbackRequested(Event):
    """The strip counts down; nothing has been sent yet. scope: "start" or a phase id; why: person or rule."""

    by: str
    scope: str
    reason: str
    countdown_ms: int
    accepts: str = ""


@dataclass(frozen=True, slots=True)
class RollbackCalledOff(Event):
    """Stopped before its first effect. reason: why the console itself did not begin it, "" for a person's wish."""

    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RollbackPlanned(Event):
    """The way back, computed from what really started, last started first; nothing forward starts after this.

    steps: rows of (address, undoes, part, reason): part is "before", "undo", "nothing", "recipe", "after", "verify".
    """

    scope: str
    steps: tuple[tuple[str, str, str, str], ...]
    loses: str = ""


@dataclass(frozen=True, slots=True)
class RollbackEnded(Event):
    """outcome: "rolled-back", or "incomplete" when an undo was given up on."""

    outcome: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BoundaryCrossed(Event):
    """From here the way back loses something (lossy) or is closed (final)."""

    address: str
    kind: str
    says: str
