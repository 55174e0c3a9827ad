"""The clocks of modes: how long each was on, how much of its `max` is used, and the event when that is passed."""

from __future__ import annotations

from datetime import timedelta

from app.run import events as e
from app.run.advance import Look
from app.run.moment import Moment
from app.run.state import ModeState


def spent_in(mode: ModeState, now: Moment) -> timedelta:
    """All its spells together, the one under way included."""
    spent = timedelta(milliseconds=mode.spent_ms)
    return spent + now.since(mode.since) if mode.since is not None else spent


def watch_modes(look: Look) -> None:
    """Adds the word that a mode was on for longer than it may be; once in a run, in whatever direction it goes."""
    declared = look.state.plan.runbook.modes
    for name, mode in look.state.modes.items():
        limit = declared[name].max if name in declared else None
        if limit is None or mode.since is None or mode.overran is not None:
            continue
        left = limit - spent_in(mode, look.now)
        if left > timedelta():
            look.wake_in(left)
        else:
            look.add(e.ModeOverran(name, int(limit / timedelta(milliseconds=1))))
