"""What kind of log row an event is: its glyph, its tone, who it is about, and under which chips it shows."""

from __future__ import annotations

from app.run import dead_man_events as d
from app.run import events as e
from app.run.awake_events import NotKeptAwake
from app.runbook.order import Plan
from ui.glyphs import Glyph
from ui.models.naming import number_of
from ui.tokens import Tone

ALL, WARNINGS, DECISIONS, COMMANDS, UNDOS = "all", "warnings", "decisions", "commands", "undos"

_HIDDEN = (e.OutputCaptured, e.MetricRead, e.RowsCounted)
_WARNING = (
    e.StepFailed,
    e.StepInDoubt,
    e.StepCancelled,
    e.StepFenced,
    e.RequestRefused,
    e.ConsoleLost,
    e.ContactLost,
    e.RunStopped,
    e.MetricReddened,
    e.BaselineMissing,
    e.TriggerFired,
    e.RollbackProposed,
    e.RollbackOwnerCalled,
    e.ClockStepped,
    e.MachineSlept,
    e.FaultSeen,
    e.BoundaryCrossed,
    e.RollbackRequested,
    e.ModeOverran,
    e.StepHeldBack,
    d.DeadManNotArmed,
    d.DeadManSilent,
    d.DeadManLost,
    d.DeadManFired,
    d.DeadManReverted,
    d.DeadManOverlapped,
    NotKeptAwake,
)
_DECISION = (
    e.QuestionAsked,
    e.AnswerGiven,
    e.StepRuled,
    e.HoldPlaced,
    e.HoldLifted,
    e.NoteAdded,
    e.RetryAllowed,
    e.DoubtAsked,
    e.StopRequested,
    e.RollbackRequested,
    e.RollbackCalledOff,
    e.RollbackRefused,
    e.RowsExported,
    e.MetricAcknowledged,
    e.TriggerAcknowledged,
    e.RunClosed,
    e.StepHeldBack,
    e.StepOverridden,
    d.DeadManConfirmed,
    d.DeadManGivenUp,
)
_COMMAND = (e.StepStarted, e.StepSucceeded, e.StepFailed, e.StepCancelled, e.StepFenced, e.StepFoundRunning)
_BAD = (
    d.DeadManFired,
    d.DeadManReverted,
    d.DeadManOverlapped,
    d.DeadManLost,
    e.StepFailed,
    e.FaultSeen,
    e.MetricReddened,
    e.TriggerFired,
    e.RunStopped,
)
_GLYPHS: dict[type[e.Event], Glyph] = {
    e.StepStarted: Glyph.RUNNING,
    d.DeadManNotArmed: Glyph.FAILED,
    d.DeadManSilent: Glyph.WARNING,
    d.DeadManLost: Glyph.WARNING,
    d.DeadManDisarmed: Glyph.DONE,
    d.DeadManFired: Glyph.WARNING,
    d.DeadManReverted: Glyph.UNDONE,
    d.DeadManOverlapped: Glyph.WARNING,
    NotKeptAwake: Glyph.WARNING,
    e.StepFoundRunning: Glyph.RUNNING,
    e.StepSucceeded: Glyph.DONE,
    e.StepFailed: Glyph.FAILED,
    e.StepCancelled: Glyph.FAILED,
    e.StepFenced: Glyph.SKIPPED,
    e.StepLeftOut: Glyph.SKIPPED,
    e.StepInDoubt: Glyph.UNKNOWN,
    e.DoubtAsked: Glyph.UNKNOWN,
    e.ConsoleLost: Glyph.WARNING,
    e.ContactLost: Glyph.WARNING,
    e.RequestRefused: Glyph.WARNING,
    e.RunStopped: Glyph.FAILED,
    e.MetricReddened: Glyph.FAILED,
    e.TriggerFired: Glyph.FAILED,
    e.TriggerCleared: Glyph.DONE,
    e.BaselineMeasured: Glyph.DONE,
    e.BaselineMissing: Glyph.WARNING,
    e.FaultSeen: Glyph.FAILED,
    e.ClockStepped: Glyph.WARNING,
    e.MachineSlept: Glyph.WARNING,
    e.BoundaryCrossed: Glyph.WARNING,
    e.RollbackEnded: Glyph.DONE,
    e.RunFinished: Glyph.DONE,
    e.ArtifactMade: Glyph.DONE,
    e.ModeEntered: Glyph.RECORDING,
    e.ModeLeft: Glyph.WAITING,
    e.ModeOverran: Glyph.WARNING,
}


def filters_of(event: e.Event) -> tuple[str, ...]:
    """The chips under which it shows; output and single readings have places of their own."""
    if isinstance(event, _HIDDEN) or (isinstance(event, e.WayBackProbed) and not event.changed):
        return ()
    if isinstance(event, e.WayBackProbed):
        return (ALL, UNDOS, WARNINGS) if _amiss(event) else (ALL, UNDOS)
    undo = (isinstance(event, e.StepStarted) and event.undo) or "/undo/" in str(getattr(event, "address", ""))
    chips = [ALL]
    for chip, kinds in ((WARNINGS, _WARNING), (DECISIONS, _DECISION), (COMMANDS, _COMMAND)):
        if isinstance(event, kinds):
            chips.append(chip)
    if undo or type(event).__name__.startswith("Rollback"):
        chips.append(UNDOS)
    return tuple(chips)


def glyph_of(event: e.Event) -> Glyph:
    """Its shape; a person's doing is a diamond."""
    if isinstance(event, e.WayBackProbed):
        return Glyph.WARNING if _amiss(event) else Glyph.DONE
    if isinstance(event, _DECISION) and type(event) not in _GLYPHS:
        return Glyph.DECISION
    return _GLYPHS.get(type(event), Glyph.RECORDING)


def _amiss(event: e.WayBackProbed) -> bool:
    """Whether something that the way back needs was not seen to be well."""
    return any(word != "ok" for _, word, _, _ in event.looks)


def tone_of(event: e.Event) -> Tone:
    """Red for what failed, else the tone of text."""
    return Tone.BAD if isinstance(event, _BAD) else Tone.TEXT


def who_of(event: e.Event, plan: Plan) -> str:
    """`step 4.14`, `undo 4.12`, `metric`, `operator`, `record`..."""
    address = str(getattr(event, "address", ""))
    planned = plan.by_address.get(address)
    if planned is not None:
        if "/undo/" in address or not number_of(planned):
            origin = plan.by_address.get(address.split("/undo/", maxsplit=1)[0])
            return f"undo {number_of(origin)}" if origin is not None and "/undo/" in address else "way back"
        return f"step {number_of(planned)}"
    name = type(event).__name__
    for start, word in _WHO:
        if name.startswith(start):
            return word
    return "run"


_WHO = (
    ("Rollback", "way back"),
    ("WayBack", "way back"),
    ("UndoTimes", "way back"),
    ("Metric", "metric"),
    ("Baseline", "metric"),
    ("Trigger", "trigger"),
    ("Console", "console"),
    ("Note", "note"),
    ("Hold", "operator"),
    ("Request", "operator"),
    ("Mode", "mode"),
    ("Artifact", "backup"),
    ("Machine", "machine"),
    ("Clock", "machine"),
    ("Fault", "tminus"),
)
