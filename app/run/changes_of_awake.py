"""How a run knows whether the machine of its console is kept awake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.run.awake_events import KeptAwake, NotKeptAwake, SleepAllowed
from app.run.moment import Moment
from app.run.state import RunState
from app.run.step_events import Event

Fields = dict[str, Any]


def _kept(state: RunState, event: KeptAwake, _when: Moment, _head: str) -> Fields:
    return {"console": replace(state.console, awake=event.how, may_sleep="")}


def _not_kept(state: RunState, event: NotKeptAwake, _when: Moment, _head: str) -> Fields:
    return {"console": replace(state.console, awake="", may_sleep=event.reason)}


def _allowed(state: RunState, _event: SleepAllowed, _when: Moment, _head: str) -> Fields:
    return {"console": replace(state.console, awake="", may_sleep="")}


CHANGES_OF_AWAKE: dict[type[Event], Callable[[RunState, Any, Moment, str], Fields]] = {
    KeptAwake: _kept,
    NotKeptAwake: _not_kept,
    SleepAllowed: _allowed,
}
"""Event -> the fields of the run that it changes."""
