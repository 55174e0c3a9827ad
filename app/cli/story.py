"""The live account of a run in a terminal: one calm line for each thing that begins or ends."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from app.cli.lines import tell, tell_block, tell_json_lines
from app.reports.details import details, text_of
from app.reports.record_json import as_json
from app.reports.sentences import sentence
from app.reports.spans import span, t_clock
from app.reports.stopwatch import Stopwatch
from app.run import dead_man_events as d
from app.run import events as e
from app.run.awake_events import KeptAwake, NotKeptAwake, SleepAllowed
from app.run.state import RunState

_WORDS: dict[type[e.Event], tuple[str, str]] = {
    e.StepStarted: ("start", ""),
    e.StepFoundRunning: ("runs", ""),
    e.StepSucceeded: ("done", "ok"),
    e.StepFailed: ("FAILED", "bad"),
    e.StepCancelled: ("ended", "warn"),
    e.StepFenced: ("fenced", "warn"),
    e.StepInDoubt: ("DOUBT", "bad"),
    e.StepLeftOut: ("skip", "muted"),
    e.StepRuled: ("ruled", "warn"),
    e.QuestionAsked: ("asks", "strong"),
    e.AnswerGiven: ("answer", ""),
    e.HoldPlaced: ("HOLD", "warn"),
    e.HoldLifted: ("go on", ""),
    e.NoteAdded: ("note", ""),
    e.RequestRefused: ("no", "warn"),
    e.RollbackRequested: ("BACK", "bad"),
    e.RollbackPlanned: ("BACK", "bad"),
    e.RollbackCalledOff: ("back", "warn"),
    e.RollbackEnded: ("back", "strong"),
    e.BoundaryCrossed: ("limit", "warn"),
    e.MetricReddened: ("red", "bad"),
    e.BaselineMissing: ("usual", "warn"),
    e.TriggerFired: ("FIRED", "bad"),
    e.TriggerCleared: ("over", "ok"),
    e.RollbackProposed: ("BACK?", "bad"),
    e.RollbackOwnerCalled: ("calls", "warn"),
    e.RollbackRefused: ("held", "warn"),
    e.ContactLost: ("silent", "warn"),
    d.DeadManNotArmed: ("FAIL", "bad"),
    d.DeadManArmed: ("armed", "ok"),
    d.DeadManSilent: ("silent", "warn"),
    d.DeadManLost: ("GONE", "bad"),
    d.DeadManDisarmed: ("kept", "ok"),
    d.DeadManGivenUp: ("ruled", "warn"),
    d.DeadManFired: ("REVERT", "bad"),
    d.DeadManReverted: ("REVERT", "bad"),
    d.DeadManOverlapped: ("DOUBT", "bad"),
    NotKeptAwake: ("sleep?", "warn"),
    e.StepHeldBack: ("LATE", "bad"),
    e.StepOverridden: ("ruled", "warn"),
    e.ModeOverran: ("OVER", "bad"),
    e.RunStopped: ("STOP", "bad"),
    e.RunFinished: ("end", "ok"),
    e.FaultSeen: ("FAULT", "bad"),
}
_QUIET = frozenset(
    {
        e.RunOpened,
        e.ConsoleDetached,
        e.OutputCaptured,
        e.MetricRead,
        e.RowsCounted,
        e.SwitchDated,
        e.ModeEntered,
        e.ModeLeft,
        e.ArtifactMade,
        e.WayBackProbed,
        KeptAwake,
        SleepAllowed,
    }
)
_TAIL = 12
"""Lines of output shown when a step failed."""


class Tells(Protocol):
    """Whoever tells what happened while it happens."""

    def tell(self, news: Sequence[e.Recorded], state: RunState) -> None:
        """Tell of these entries; `state` is the newest."""


class Story:
    """Lines for people. `verbose` adds the exact text of each step and all of its output."""

    def __init__(self, *, verbose: bool = False) -> None:
        self._verbose = verbose
        self._tails: dict[str, deque[str]] = {}
        self._watch = Stopwatch()

    def tell(self, news: Sequence[e.Recorded], state: RunState) -> None:
        """One line each; output only when asked for, or when its step failed."""
        for recorded in news:
            event, took = recorded.event, self._watch.took(recorded)
            if isinstance(event, e.OutputCaptured):
                self._keep(event)
            if type(event) in _QUIET and not (self._verbose and isinstance(event, e.OutputCaptured)):
                continue
            self._line(recorded, state, took)
            self._more(recorded, state)

    def _line(self, recorded: e.Recorded, state: RunState, took: timedelta | None) -> None:
        if isinstance(recorded.event, e.OutputCaptured):
            return
        word, style = _WORDS.get(type(recorded.event), ("", "muted"))
        clock = t_clock(recorded.at - state.t0)
        tell(
            f"{clock:>12}  {word:<6}  {sentence(recorded, state.plan)}{_beside(recorded.event, state, took)}",
            style=style,
        )

    def _more(self, recorded: e.Recorded, state: RunState) -> None:
        show = self._verbose or isinstance(recorded.event, e.StepInDoubt | e.QuestionAsked | e.RollbackPlanned)
        if show:
            for detail in details(recorded, state.plan):
                if detail.label != "ticket":
                    tell_block(detail.text, indent=f"{'':22}{'[ ] ' if detail.label == 'item' else ''}")
        if isinstance(recorded.event, e.StepFailed) and not self._verbose:
            tell_block("\n".join(self._tails.pop(recorded.event.address, ())), indent=f"{'':22}| ")

    def _keep(self, event: e.OutputCaptured) -> None:
        tail = self._tails.setdefault(event.address, deque(maxlen=_TAIL))
        tail.extend(text_of(event).splitlines())


class JsonStory:
    """One JSON object per entry of the record."""

    def tell(self, news: Sequence[e.Recorded], state: RunState) -> None:
        """All of them, output included."""
        tell_json_lines(as_json(recorded, state.plan) for recorded in news)


def _beside(event: e.Event, state: RunState, took: timedelta | None) -> str:
    """Beside what happened: who does the step, how long it took, and how long it was meant to take."""
    planned = state.plan.by_address.get(getattr(event, "address", ""))
    if planned is None or not isinstance(event, e.StepStarted | e.StepSucceeded | e.StepFailed):
        return ""
    step = planned.step
    said = [f"owner {step.owner}"] if step.owner and isinstance(event, e.StepStarted) else []
    said += [f"took {span(took)}"] if took is not None else []
    said += [f"est. {span(step.est)}"] if step.est else []
    return f" [{', '.join(said)}]" if said else ""
