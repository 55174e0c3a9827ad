"""Everything that can happen in a run, in the past tense: the only words the record knows.

Fields are str, int, or tuples of str or of pairs of str, so that the stored bytes have one form. Instants and order
come from the envelope (`Recorded`). A new field gets a default; a new event is one class and one line in EVENTS.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.run.awake_events import AWAKE_EVENTS
from app.run.back_events import (
    BoundaryCrossed,
    ModeOverran,
    RollbackCalledOff,
    RollbackEnded,
    RollbackPlanned,
    RollbackRequested,
    StepAdmitted,
    StepHeldBack,
    StepOverridden,
    UndoTimesLearned,
    WayBackProbed,
)
from app.run.dead_man_events import DEAD_MAN_EVENTS
from app.run.loss_events import LOSS_EVENTS, RowsCounted, RowsExported, SwitchDated
from app.run.metric_events import (
    BaselineMeasured,
    BaselineMissing,
    MetricAcknowledged,
    MetricRead,
    MetricReddened,
    RollbackOwnerCalled,
    RollbackProposed,
    RollbackRefused,
    TriggerAcknowledged,
    TriggerCleared,
    TriggerFired,
)
from app.run.step_events import (
    AnswerGiven,
    ContactLost,
    ContactRegained,
    DoubtAsked,
    Event,
    OutputCaptured,
    Pairs,
    QuestionAsked,
    RetryAllowed,
    StepCancelled,
    StepFailed,
    StepFenced,
    StepFoundRunning,
    StepInDoubt,
    StepLeftOut,
    StepRuled,
    StepStarted,
    StepSucceeded,
    StopRequested,
)

__all__ = [
    "EVENTS",
    "AnswerGiven",
    "ArtifactMade",
    "BaselineMeasured",
    "BaselineMissing",
    "BoundaryCrossed",
    "ClockStepped",
    "ConsoleAttached",
    "ConsoleDetached",
    "ConsoleLost",
    "ContactLost",
    "ContactRegained",
    "DoubtAsked",
    "Event",
    "FaultSeen",
    "HoldLifted",
    "HoldPlaced",
    "MachineSlept",
    "MetricAcknowledged",
    "MetricRead",
    "MetricReddened",
    "ModeEntered",
    "ModeLeft",
    "ModeOverran",
    "NoteAdded",
    "OutputCaptured",
    "Pairs",
    "QuestionAsked",
    "Recorded",
    "RequestRefused",
    "RetryAllowed",
    "RollbackCalledOff",
    "RollbackEnded",
    "RollbackOwnerCalled",
    "RollbackPlanned",
    "RollbackProposed",
    "RollbackRefused",
    "RollbackRequested",
    "RowsCounted",
    "RowsExported",
    "RunClosed",
    "RunFinished",
    "RunOpened",
    "RunStopped",
    "StepAdmitted",
    "StepCancelled",
    "StepFailed",
    "StepFenced",
    "StepFoundRunning",
    "StepHeldBack",
    "StepInDoubt",
    "StepLeftOut",
    "StepOverridden",
    "StepRuled",
    "StepStarted",
    "StepSucceeded",
    "StopRequested",
    "SwitchDated",
    "TargetSeen",
    "TriggerAcknowledged",
    "TriggerCleared",
    "TriggerFired",
    "UndoTimesLearned",
    "WayBackProbed",
]


# ---------------------------------------------------------------- the run and its console


@dataclass(frozen=True, slots=True)
class RunOpened(Event):
    """First event of a record. `text` is the runbook, whole; `digest` its SHA-256; `t0` ISO UTC; params resolved.

    files: name and text of every SQL file that the runbook names, as they were when the run was opened.
    """

    run: str
    name: str
    text: str
    file: str
    digest: str
    environment: str
    params: Pairs
    t0: str
    operator: str
    version: str
    title: str = ""
    until: str = ""
    files: Pairs = ()


@dataclass(frozen=True, slots=True)
class ConsoleAttached(Event):
    """A console drives the run from here on. `door` is "window" or "terminal"."""

    operator: str
    host: str
    pid: int
    door: str
    version: str


@dataclass(frozen=True, slots=True)
class ConsoleDetached(Event):
    """The console let go in good order; commands go on at their targets."""

    reason: str


@dataclass(frozen=True, slots=True)
class ConsoleLost(Event):
    """Written by the next console: the one before ended without a word. Every running attempt is now unknown."""

    last_pid: int
    gap_ms: int


@dataclass(frozen=True, slots=True)
class RunStopped(Event):
    """Nothing more starts by itself: a step failed and the runbook or a person said stop."""

    address: str
    reason: str


@dataclass(frozen=True, slots=True)
class RunFinished(Event):
    """The last step of the last phase is over; the run stays open so that it can still be rolled back."""


@dataclass(frozen=True, slots=True)
class RunClosed(Event):
    """Nobody may act in it any more."""

    by: str
    reason: str


# ---------------------------------------------------------------- people


@dataclass(frozen=True, slots=True)
class HoldPlaced(Event):
    """Nothing new starts."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class HoldLifted(Event):
    """New steps may start again."""

    by: str


@dataclass(frozen=True, slots=True)
class NoteAdded(Event):
    """A person's words, kept with the run."""

    by: str
    text: str


@dataclass(frozen=True, slots=True)
class RequestRefused(Event):
    """Somebody asked for what the state does not allow."""

    by: str
    what: str
    why: str


# ---------------------------------------------------------------- modes, artefacts, the machine


@dataclass(frozen=True, slots=True)
class ModeEntered(Event):
    """A mode went on (or may have: its step started)."""

    mode: str
    address: str


@dataclass(frozen=True, slots=True)
class ModeLeft(Event):
    """A mode went off."""

    mode: str
    address: str


@dataclass(frozen=True, slots=True)
class ArtifactMade(Event):
    """A backup or dump exists."""

    artifact: str
    address: str


@dataclass(frozen=True, slots=True)
class ClockStepped(Event):
    """The wall clock jumped against the monotonic one, by more than 2 s."""

    step_ms: int


@dataclass(frozen=True, slots=True)
class MachineSlept(Event):
    """The machine was asleep."""

    slept_ms: int


@dataclass(frozen=True, slots=True)
class TargetSeen(Event):
    """Who answers under a name of the runbook, in the target's own words; every later write goes there or nowhere.

    kind: "database" or "host"; facts: what must stay the same; instance: tells two addresses of one target apart from
    two targets.
    """

    name: str
    kind: str
    identity: str
    facts: Pairs = ()
    instance: str = ""


@dataclass(frozen=True, slots=True)
class FaultSeen(Event):
    """Tminus itself broke. `text` is the traceback, redacted."""

    where: str
    text: str


EVENTS: tuple[type[Event], ...] = (
    RunOpened,
    ConsoleAttached,
    ConsoleDetached,
    ConsoleLost,
    RunStopped,
    RunFinished,
    RunClosed,
    StepStarted,
    StepFoundRunning,
    OutputCaptured,
    StepSucceeded,
    StepFailed,
    StepCancelled,
    StepFenced,
    StepInDoubt,
    DoubtAsked,
    StepRuled,
    StepLeftOut,
    RetryAllowed,
    StopRequested,
    ContactLost,
    ContactRegained,
    QuestionAsked,
    AnswerGiven,
    HoldPlaced,
    HoldLifted,
    NoteAdded,
    RequestRefused,
    RollbackRequested,
    RollbackCalledOff,
    RollbackPlanned,
    RollbackEnded,
    BoundaryCrossed,
    ModeEntered,
    ModeLeft,
    ArtifactMade,
    MetricRead,
    MetricReddened,
    MetricAcknowledged,
    BaselineMeasured,
    BaselineMissing,
    TriggerFired,
    TriggerCleared,
    TriggerAcknowledged,
    RollbackProposed,
    RollbackOwnerCalled,
    RollbackRefused,
    ClockStepped,
    MachineSlept,
    TargetSeen,
    *LOSS_EVENTS,
    *DEAD_MAN_EVENTS,
    *AWAKE_EVENTS,
    FaultSeen,
    WayBackProbed,
    UndoTimesLearned,
    ModeOverran,
    StepHeldBack,
    StepOverridden,
    StepAdmitted,
)
"""Every event, literally. The stored name of an event is its class name; it never changes."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as it stands in the record.

    seq: from 1, the order; at: wall clock, aware UTC; mono_ns: monotonic within `boot`; offset_min: local UTC offset;
    head: hex hash of the chain up to and including this event; asleep_ns: how long the machine slept within `boot`.
    """

    seq: int
    at: datetime
    mono_ns: int
    boot: str
    offset_min: int
    event: Event
    head: str
    asleep_ns: int = 0
