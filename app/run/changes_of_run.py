"""How events change the run around its steps: console, hold, the way back, modes and artefacts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.run import events as e
from app.run.changes_of_dead_man import unheard
from app.run.changes_of_metrics import afresh, not_heard_here, not_possible, nothing_due, paid
from app.run.changes_of_steps import Unlawful
from app.run.moment import Moment
from app.run.state import (
    UNDER_WAY,
    BackRow,
    Console,
    Countdown,
    Crossing,
    ModeState,
    RunState,
    SeenTarget,
    Stage,
    Status,
    StepState,
    WayBack,
)

Fields = dict[str, Any]


def _hold(state: RunState, event: e.HoldPlaced, _when: Moment, _head: str) -> Fields:
    reached = state.until_reached or event.by == "console"
    triggers = paid(state, event.by)
    return {"held_by": event.by, "held_reason": event.reason, "until_reached": reached, "triggers": triggers}


def _hold_lifted(state: RunState, _event: e.HoldLifted, _when: Moment, _head: str) -> Fields:
    stage = Stage.FORWARD if state.stage is Stage.STOPPED else state.stage
    return {"held_by": "", "held_reason": "", "stage": stage, "stop_reason": ""}


# ---------------------------------------------------------------- the run


def _attached(state: RunState, event: e.ConsoleAttached, when: Moment, _head: str) -> Fields:
    console = Console(event.operator, event.host, event.pid, event.door, attached=True, since=when)
    down, proposal = state.countdown, state.proposal
    if down is not None and down.by_trigger and down.proposal is not None:  # it never began: it is decided anew
        proposal, down = down.proposal, None
    return {
        "console": replace(console, gap_ms=state.console.gap_ms),
        "steps": _all_unknown(state),
        "dead_men": unheard(state, when),
        "countdown": replace(down, began=when) if down is not None else None,  # nobody saw it run down meanwhile
        "proposal": afresh(proposal, when),
        "metrics": not_heard_here(state),
    }


def _detached(state: RunState, _event: e.ConsoleDetached, when: Moment, _head: str) -> Fields:
    console = replace(state.console, attached=False, gap_ms=0)
    return {"console": console, "steps": _all_unknown(state), "dead_men": unheard(state, when)}


def _lost(state: RunState, event: e.ConsoleLost, when: Moment, _head: str) -> Fields:
    console = replace(state.console, attached=False, gap_ms=event.gap_ms)
    return {"console": console, "steps": _all_unknown(state), "dead_men": unheard(state, when)}


def _all_unknown(state: RunState) -> dict[str, StepState]:
    steps = dict(state.steps)
    for address, step in state.steps.items():
        last = step.last
        if last is None or last.status not in UNDER_WAY or last.kind == "each":
            continue
        attempt = replace(last, status=Status.UNKNOWN, contact_lost=None)
        steps[address] = replace(step, attempts=(*step.attempts[:-1], attempt), status=Status.UNKNOWN)
    return steps


def _stopped(_state: RunState, event: e.RunStopped, _when: Moment, _head: str) -> Fields:
    return {"stage": Stage.STOPPED, "stop_reason": event.reason}


def _finished(_state: RunState, _event: e.RunFinished, _when: Moment, _head: str) -> Fields:
    return {"stage": Stage.FINISHED}


def _closed(_state: RunState, _event: e.RunClosed, _when: Moment, _head: str) -> Fields:
    return {"stage": Stage.CLOSED, "proposal": None}


# ---------------------------------------------------------------- the way back


def _back_requested(state: RunState, event: e.RollbackRequested, when: Moment, _head: str) -> Fields:
    before = state.proposal or (state.countdown.proposal if state.countdown is not None else None)
    down = Countdown(event.scope, event.by, event.reason, when, event.countdown_ms, event.accepts, before)
    return {"countdown": down, "proposal": None}


def _called_off(state: RunState, event: e.RollbackCalledOff, when: Moment, _head: str) -> Fields:
    """What a trigger proposed before stands again, so that nothing new starts; its own ends in a hold if refused."""
    over: Fields = {"countdown": None, "called_off": when}
    down = state.countdown
    if down is None:
        return over
    if down.by_trigger and event.by == "console":
        return {**over, "triggers": not_possible(state, down.by)}
    return {**over, "proposal": afresh(down.proposal, when)}


def _back_planned(state: RunState, event: e.RollbackPlanned, when: Moment, _head: str) -> Fields:
    if state.stage in {Stage.ROLLING_BACK, Stage.CLOSED}:
        raise Unlawful(f"A rollback was planned while the run is {state.stage.value}.")
    by, reason = (state.countdown.by, state.countdown.reason) if state.countdown else ("", "")
    rows = tuple(BackRow(*row) for row in event.steps)
    way = WayBack(event.scope, by, reason, rows, when, event.loses)
    return {
        "stage": Stage.ROLLING_BACK,
        "back": way,
        "countdown": None,
        "proposal": None,
        "triggers": nothing_due(state),
        "held_by": "",
        "held_reason": "",
        "steps": _rows_again(state, rows),
    }


def _rows_again(state: RunState, rows: tuple[BackRow, ...]) -> dict[str, StepState]:
    """A second way back runs its own procedures and checks; an undo that is done is never run again.

    Questions about attempts that never began are taken back: nothing forward begins any more.
    """
    steps = {address: _as_it_ended(step) for address, step in state.steps.items()}
    for row in rows:
        old = steps.get(row.address)
        if old is None or old.status in UNDER_WAY | {Status.IN_DOUBT, Status.LEFT_OUT}:
            continue
        if row.part == "undo" and old.status is Status.DONE:
            continue
        steps[row.address] = StepState(row.address, attempts=old.attempts, saved=old.saved)
    return steps


def _as_it_ended(step: StepState) -> StepState:
    """A step that waits for a person before a new attempt stands as its last one ended, or as if never begun."""
    last = step.last
    if step.status is not Status.WAITING or (last is not None and last.status is Status.WAITING):
        return step
    status, over = (Status.PENDING, None) if last is None else (last.status, last.ended)
    return replace(step, status=status, over=over, question=None, held_for="")


def _back_ended(state: RunState, event: e.RollbackEnded, when: Moment, _head: str) -> Fields:
    if state.back is None:
        raise Unlawful("A rollback ended that never began.")
    stage = Stage.ROLLED_BACK if event.outcome == "rolled-back" else Stage.INCOMPLETE
    return {"stage": stage, "back": replace(state.back, ended=when, outcome=event.outcome)}


def _boundary(state: RunState, event: e.BoundaryCrossed, when: Moment, _head: str) -> Fields:
    return {"crossings": (*state.crossings, Crossing(event.address, event.kind, event.says, when))}


# ---------------------------------------------------------------- modes, artefacts


def _mode_on(state: RunState, event: e.ModeEntered, when: Moment, _head: str) -> Fields:
    old = state.modes.get(event.mode, ModeState(event.mode, None))
    since = old.since or when
    return {
        "modes": {**state.modes, event.mode: replace(old, since=since, entered=(*old.entered, (event.address, when)))}
    }


def _mode_off(state: RunState, event: e.ModeLeft, when: Moment, _head: str) -> Fields:
    old = state.modes.get(event.mode, ModeState(event.mode, None))
    if old.since is None:
        return {}
    spent = old.spent_ms + int(when.since(old.since).total_seconds() * 1000)
    return {"modes": {**state.modes, event.mode: replace(old, since=None, spent_ms=spent, entered=())}}


def _artifact(state: RunState, event: e.ArtifactMade, _when: Moment, _head: str) -> Fields:
    return {"artifacts": (*state.artifacts, event.artifact)} if event.artifact not in state.artifacts else {}


def _target(state: RunState, event: e.TargetSeen, when: Moment, _head: str) -> Fields:
    seen = SeenTarget(event.name, event.kind, event.identity, event.facts, event.instance, when)
    return {"targets": {**state.targets, (event.kind, event.name): seen}}


def _fault(state: RunState, _event: e.FaultSeen, _when: Moment, _head: str) -> Fields:
    return {"faults": state.faults + 1}


def _nothing(_state: RunState, _event: e.Event, _when: Moment, _head: str) -> Fields:
    return {}


CHANGES_OF_RUN: dict[type[e.Event], Callable[[RunState, Any, Moment, str], Fields]] = {
    e.ConsoleAttached: _attached,
    e.ConsoleDetached: _detached,
    e.ConsoleLost: _lost,
    e.RunStopped: _stopped,
    e.RunFinished: _finished,
    e.RunClosed: _closed,
    e.HoldPlaced: _hold,
    e.HoldLifted: _hold_lifted,
    e.NoteAdded: _nothing,
    e.RequestRefused: _nothing,
    e.RollbackRequested: _back_requested,
    e.RollbackCalledOff: _called_off,
    e.RollbackPlanned: _back_planned,
    e.RollbackEnded: _back_ended,
    e.BoundaryCrossed: _boundary,
    e.ModeEntered: _mode_on,
    e.ModeLeft: _mode_off,
    e.ArtifactMade: _artifact,
    e.ClockStepped: _nothing,
    e.MachineSlept: _nothing,
    e.TargetSeen: _target,
    e.FaultSeen: _fault,
}
"""Event -> the fields of the run that it changes."""
