"""The record in plain words: one sentence per event, for somebody who was not there.

Pure: the sentence depends on the event and the plan alone. Data in it is on one line but otherwise as it is; whoever
shows it takes care of what a terminal or a widget would act upon. What is longer than a sentence is in `details`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from app.reports.naming import because, closed, one_line, scope_name, step_name, subject
from app.reports.sentences_of_awake import AWAKE_SENTENCES
from app.reports.sentences_of_back import BACK_SENTENCES
from app.reports.sentences_of_dead_man import DEAD_MAN_SENTENCES
from app.reports.sentences_of_loss import LOSS_SENTENCES
from app.reports.sentences_of_metrics import METRIC_SENTENCES
from app.reports.sentences_of_steps import STEP_SENTENCES
from app.reports.spans import span_ms
from app.run import events as e
from app.runbook.order import Plan


def sentence(recorded: e.Recorded, plan: Plan) -> str:
    """What happened. Every class in EVENTS has its sentence."""
    return told(recorded.event, plan)


def told(event: e.Event, plan: Plan) -> str:
    """The same for an event that is in no record."""
    return one_line(_SENTENCES[type(event)](event, plan))


def _opened(event: e.RunOpened, _plan: Plan) -> str:
    at = datetime.fromisoformat(event.t0).astimezone(UTC)
    where = f" in environment {event.environment}" if event.environment else ""
    until = f", to hold after {event.until}" if event.until else ""
    title = one_line(event.title or event.name)
    return (
        f"{subject(event.operator)} opened run {event.run} of {title}{where}{until}; T-0 is {at:%Y-%m-%d %H:%M:%S} UTC,"
        f" the runbook is {one_line(event.file)} ({event.digest[:12]})."
    )


def _attached(event: e.ConsoleAttached, _plan: Plan) -> str:
    door = {"window": "the window", "terminal": "a terminal"}.get(event.door, event.door)
    return f"{subject(event.operator)} drives the run from {door} on {event.host} (process {event.pid})."


def _detached(event: e.ConsoleDetached, _plan: Plan) -> str:
    return f"The console let go{because(event.reason)} Any command that was still running goes on at its target."


def _lost(event: e.ConsoleLost, _plan: Plan) -> str:
    return (
        f"The console before (process {event.last_pid}) had ended without a word {span_ms(event.gap_ms)} earlier;"
        " whatever was still running then is unknown until its target is asked."
    )


def _stopped(event: e.RunStopped, _plan: Plan) -> str:
    return f"The run stopped{because(event.reason)} Nothing more starts by itself."


def _finished(_event: e.RunFinished, _plan: Plan) -> str:
    stays = "the run stays open until somebody closes it, so that what has a way back can still be rolled back"
    return f"The last step of the last phase is over; {stays}."


def _closed(event: e.RunClosed, _plan: Plan) -> str:
    return f"{subject(event.by)} closed the run{because(event.reason)}"


def _held(event: e.HoldPlaced, _plan: Plan) -> str:
    return f"{subject(event.by)} put the run on hold{because(event.reason)} Nothing new starts."


def _released(event: e.HoldLifted, _plan: Plan) -> str:
    return f"{subject(event.by)} lifted the hold; new steps may start again."


def _noted(event: e.NoteAdded, _plan: Plan) -> str:
    return f"{subject(event.by)} noted{because(event.text)}"


def _refused(event: e.RequestRefused, _plan: Plan) -> str:
    return f"{subject(event.by)} asked for {one_line(event.what)}, which was refused{because(event.why)}"


def _back_requested(event: e.RollbackRequested, plan: Plan) -> str:
    when = f"in {span_ms(event.countdown_ms)}, unless it is called off" if event.countdown_ms else "at once"
    accepts = f" It was accepted that this is lost: {closed(event.accepts)}" if event.accepts else ""
    scope = scope_name(plan, event.scope)
    return f"{subject(event.by)} asked to go back to {scope}, {when}{because(event.reason)}{accepts}"


def _called_off(event: e.RollbackCalledOff, _plan: Plan) -> str:
    return f"{subject(event.by)} called the rollback off before its first effect."


def _back_planned(event: e.RollbackPlanned, plan: Plan) -> str:
    undos = sum(1 for row in event.steps if row[2] not in {"nothing", "verify"})
    checks = sum(1 for row in event.steps if row[2] == "verify")
    loses = f" It loses {closed(event.loses)}" if event.loses else ""
    steps = f"{undos} step{'' if undos == 1 else 's'} and {checks} check{'' if checks == 1 else 's'}"
    return f"The way back to {scope_name(plan, event.scope)} has {steps}; nothing forward starts any more.{loses}"


def _back_ended(event: e.RollbackEnded, _plan: Plan) -> str:
    if event.outcome == "rolled-back":
        return f"The rollback is complete{because(event.reason)}"
    return f"The rollback ended incomplete{because(event.reason)}"


def _boundary(event: e.BoundaryCrossed, plan: Plan) -> str:
    what = "no way back reaches across it" if event.kind == "final" else "going back across it loses something"
    return f"With {step_name(plan, event.address)} a boundary was crossed; from here {what}{because(event.says)}"


def _mode_on(event: e.ModeEntered, plan: Plan) -> str:
    return f"Mode {event.mode} is on, or may be, since {step_name(plan, event.address)} started."


def _mode_off(event: e.ModeLeft, plan: Plan) -> str:
    return f"Mode {event.mode} is off, by {step_name(plan, event.address)}."


def _artifact(event: e.ArtifactMade, plan: Plan) -> str:
    return f"Artifact {event.artifact} was made by {step_name(plan, event.address)}."


def _stepped(event: e.ClockStepped, _plan: Plan) -> str:
    way = "forward" if event.step_ms > 0 else "back"
    return f"The wall clock of the console jumped {way} by {span_ms(abs(event.step_ms))}; lengths of time stay true."


def _slept(event: e.MachineSlept, _plan: Plan) -> str:
    others = "anything that ran on it slept too, anything that ran on another machine went on"
    return f"The console's machine slept {span_ms(event.slept_ms)}; {others}."


def _target(event: e.TargetSeen, _plan: Plan) -> str:
    return f"{one_line(event.kind).capitalize()} {one_line(event.name)} is {closed(event.identity) or 'known.'}".strip()


def _fault(event: e.FaultSeen, _plan: Plan) -> str:
    last = one_line((event.text.strip().splitlines() or [""])[-1])
    return f"Tminus itself broke in {one_line(event.where)}{because(last)}"


_SENTENCES: dict[type[e.Event], Callable[[Any, Plan], str]] = {
    **STEP_SENTENCES,
    **DEAD_MAN_SENTENCES,
    **AWAKE_SENTENCES,
    **METRIC_SENTENCES,
    **LOSS_SENTENCES,
    **BACK_SENTENCES,
    e.RunOpened: _opened,
    e.ConsoleAttached: _attached,
    e.ConsoleDetached: _detached,
    e.ConsoleLost: _lost,
    e.RunStopped: _stopped,
    e.RunFinished: _finished,
    e.RunClosed: _closed,
    e.HoldPlaced: _held,
    e.HoldLifted: _released,
    e.NoteAdded: _noted,
    e.RequestRefused: _refused,
    e.RollbackRequested: _back_requested,
    e.RollbackCalledOff: _called_off,
    e.RollbackPlanned: _back_planned,
    e.RollbackEnded: _back_ended,
    e.BoundaryCrossed: _boundary,
    e.ModeEntered: _mode_on,
    e.ModeLeft: _mode_off,
    e.ArtifactMade: _artifact,
    e.ClockStepped: _stepped,
    e.MachineSlept: _slept,
    e.TargetSeen: _target,
    e.FaultSeen: _fault,
}
