"""How events change what is known of the way back: its targets, its times, and the steps that its clock holds back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from app.run import events as e
from app.run.back_state import Override, Seen, UndoTime
from app.run.changes_of_steps import Unlawful
from app.run.crossing import OVERRIDE
from app.run.moment import Moment
from app.run.state import ModeState, Question, RunState, Status, StepState

Fields = dict[str, Any]


def _probed(state: RunState, event: e.WayBackProbed, when: Moment, _head: str) -> Fields:
    probes = dict(state.probes)
    for subject, word, detail, age_ms in event.looks:
        at = Moment(
            when.at - timedelta(milliseconds=age_ms), when.mono_ns - age_ms * 1_000_000, when.boot, when.asleep_ns
        )
        old = probes.get(subject)
        since = old.since if old is not None and old.word == word else at
        probes[subject] = Seen(subject, word, detail, at, since)
    return {"probes": probes}


def _learned(_state: RunState, event: e.UndoTimesLearned, _when: Moment, _head: str) -> Fields:
    times = {address: UndoTime(address, where, values) for address, where, values in event.times if values}
    return {"undo_times": times, "undo_runs": event.runs}


def _overran(state: RunState, event: e.ModeOverran, when: Moment, _head: str) -> Fields:
    old = state.modes.get(event.mode, ModeState(event.mode, None))
    return {"modes": {**state.modes, event.mode: replace(old, overran=old.overran or when)}}


# ---------------------------------------------------------------- steps that the clock holds back


def _held_back(state: RunState, event: e.StepHeldBack, when: Moment, _head: str) -> Fields:
    step = state.step(event.address)
    if step.status is not Status.PENDING:
        raise Unlawful(f"{event.address} was held back while it is {step.status.value}.")
    question = Question(OVERRIDE, event.text, (), (), 1, (OVERRIDE,), when)
    held = replace(step, status=Status.WAITING, question=question, held_for=event.deadline)
    return {"steps": {**state.steps, event.address: held}}


def _overridden(state: RunState, event: e.StepOverridden, when: Moment, _head: str) -> Fields:
    freed = _free(state, event.address, "overridden")
    override = Override(event.address, event.deadline, event.by, event.reason, when)
    return {"steps": {**state.steps, event.address: freed}, "overrides": (*state.overrides, override)}


def _admitted(state: RunState, event: e.StepAdmitted, _when: Moment, _head: str) -> Fields:
    return {"steps": {**state.steps, event.address: _free(state, event.address, "admitted")}}


def _free(state: RunState, address: str, word: str) -> StepState:
    step = state.step(address)
    if step.question is None or step.question.wants != OVERRIDE:
        raise Unlawful(f"{address} was {word}, but nothing held it back.")
    return replace(step, status=Status.PENDING, question=None, held_for="")


CHANGES_OF_BACK: dict[type[e.Event], Callable[[RunState, Any, Moment, str], Fields]] = {
    e.WayBackProbed: _probed,
    e.UndoTimesLearned: _learned,
    e.ModeOverran: _overran,
    e.StepHeldBack: _held_back,
    e.StepOverridden: _overridden,
    e.StepAdmitted: _admitted,
}
"""Event -> the fields of the run that it changes."""
