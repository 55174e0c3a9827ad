"""`tminus confirm`: keep a step whose target would take it back by itself, and wait for the target's word."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import typer

from app.cli.asking import say
from app.cli.books import AsJson
from app.cli.exit_codes import ExitCode
from app.cli.lines import tell, tell_json
from app.cli.places import As, Home, RunId, name_for, settings_for
from app.cli.step import StepAddress
from app.errors import Refused
from app.reports.sentences import sentence
from app.run.dead_man_events import DeadManDisarmed, DeadManFired, DeadManGivenUp
from app.run.dead_man_state import CONFIRM, GONE_OFF, Armament
from app.run.events import Recorded
from app.run.requests import Answer

if TYPE_CHECKING:
    from app.session import Watch

_PATIENCE = 30.0
"""Seconds to wait for the target, which may be away for a moment."""
_TICK = 0.05


def confirm(
    ctx: typer.Context, run: RunId, step: StepAddress, *, as_: As = "", as_json: AsJson = False, home: Home = None
) -> ExitCode:
    """Confirm a step behind a dead-man switch: its target no longer takes it back by itself."""
    from app.session import watch

    settings = settings_for(ctx, home)
    look = watch(settings.home, run)
    try:
        if look.driver() is None:
            hint = (
                f"Type tminus resume {run} --answer {step}={CONFIRM}: it tells the target, if that has not fired yet."
            )
            raise Refused("Nobody drives this run now, so its target would not be told.", hint=hint)
        request = Answer(name_for(settings, as_), step, CONFIRM)
        code = say(settings.home, run, request, as_json=as_json, more_follows=True)
        if code is not ExitCode.DONE:
            return code
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            told = next((one for one in look.take() if _settles(one, step)), None)
            if told is not None:
                return _told(look, told, look.state.dead_men[step].status, as_json=as_json)
            time.sleep(_TICK)
        hint = "The console that drives the run goes on telling it; `tminus log` shows when it was reached."
        raise Refused(f"The target of {step} has not said yet that its switch is off.", hint=hint)
    finally:
        look.close()


def _settles(recorded: Recorded, step: str) -> bool:
    told = DeadManDisarmed | DeadManFired | DeadManGivenUp
    return isinstance(recorded.event, told) and recorded.event.address == step


def _told(look: Watch, told: Recorded, status: Armament, *, as_json: bool) -> ExitCode:
    fired = status in GONE_OFF
    says = sentence(told, look.state.plan)
    if as_json:
        tell_json({"run": look.run, "taken": True, "refused": False, "confirmed": not fired, "says": says})
    elif fired:
        raise Refused(says, hint="It was too late: the step counts as undone.")
    else:
        tell(says)
    return ExitCode.REFUSED if fired else ExitCode.DONE
