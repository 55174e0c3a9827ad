"""Says something to a run that another console drives, or that nobody drives, and tells what came of it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.exit_codes import ExitCode
from app.cli.lines import tell, tell_json
from app.errors import Refused
from app.reports.sentences import sentence
from app.run import events as e
from app.run import requests as r
from app.run.dead_man_state import CONFIRM, KEEP
from app.run.rulings import rule

if TYPE_CHECKING:
    from app.session import Watch

_PATIENCE = 5.0
"""Seconds to wait for the driver's word; it looks into its inbox every 100 ms."""
_TICK = 0.05

_BECOMES: dict[type[r.Request], tuple[type[e.Event], ...]] = {
    r.Hold: (e.HoldPlaced, e.RollbackRefused),
    r.Panic: (e.HoldPlaced, e.RollbackRefused, e.RollbackCalledOff),
    r.Release: (e.HoldLifted,),
    r.Note: (e.NoteAdded,),
    r.Answer: (e.AnswerGiven, e.StepOverridden),
    r.Override: (e.StepOverridden,),
    r.Retry: (e.RetryAllowed,),
    r.Rule: (e.StepRuled,),
    r.AskAgain: (e.DoubtAsked,),
    r.StopStep: (e.StopRequested,),
    r.RollBack: (e.RollbackRequested,),
    r.CallOff: (e.RollbackCalledOff,),
    r.Acknowledge: (e.MetricAcknowledged, e.TriggerAcknowledged),
    r.KeepExport: (e.RowsExported,),
    r.Close: (e.RunClosed,),
}


def say(home: Path, run: str, request: r.Request, *, as_json: bool = False, more_follows: bool = False) -> ExitCode:
    """Leave the request and wait for the driver's word; REFUSED when it was refused.

    more_follows: the verb has more to tell of a request that was not refused, and prints the one JSON object itself.
    When nobody drives the run the request is judged here, and the next `tminus resume` takes it up.
    """
    from app.session import watch

    look = watch(home, run)
    try:
        if look.driver() is None:
            _reaches_its_target(look, request)
            rule(look.state, request, look.moment())
            look.send(request)
            return _told(look, None, as_json=as_json)
        look.take()
        look.send(request)
        taken = answer_of(look, request)
        if as_json and more_follows and not _is_refused(taken):
            return ExitCode.DONE
        return _told(look, taken, as_json=as_json)
    finally:
        look.close()


def _reaches_its_target(look: Watch, request: r.Request) -> None:
    """A switch is taken off by its target, which only a console that drives the run can tell."""
    question = look.state.step(request.address).question if isinstance(request, r.Answer) else None
    if isinstance(request, r.Answer) and question is not None and question.wants == KEEP:
        hint = f"Type tminus resume {look.run} --answer {request.address}={CONFIRM}: it tells the target first."
        raise Refused("Nobody drives this run now, so its target would not be told.", hint=hint)


def say_to(look: Watch, request: r.Request) -> str:
    """The same for a request that is always lawful: what came of it, in a sentence."""
    driven = look.driver() is not None
    look.take()
    look.send(request)
    recorded = answer_of(look, request) if driven else None
    return sentence(recorded, look.state.plan) if recorded is not None else _left(look)


def answer_of(look: Watch, request: r.Request) -> e.Recorded | None:
    """What the driver recorded about it; None when it said nothing within 5 s or let go meanwhile."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        for recorded in look.take():
            if _is_about(recorded.event, request):
                return recorded
        time.sleep(_TICK)
    return None


def _is_about(event: e.Event, request: r.Request) -> bool:
    if isinstance(event, e.RequestRefused):
        return event.by == request.by and event.what.split(" ")[0] == type(request).__name__
    address = getattr(request, "address", "")
    same_person = getattr(event, "by", request.by) == request.by
    same_step = not address or getattr(event, "address", "") == address
    return isinstance(event, _BECOMES.get(type(request), ())) and same_person and same_step


def _is_refused(recorded: e.Recorded | None) -> bool:
    return recorded is not None and isinstance(recorded.event, e.RequestRefused)


def _told(look: Watch, recorded: e.Recorded | None, *, as_json: bool) -> ExitCode:
    refused = _is_refused(recorded)
    says = sentence(recorded, look.state.plan) if recorded is not None else _left(look)
    if as_json:
        tell_json({"run": look.run, "taken": recorded is not None, "refused": refused, "says": says})
    elif refused:
        raise Refused(says)
    else:
        tell(says)
    return ExitCode.REFUSED if refused else ExitCode.DONE


def _left(look: Watch) -> str:
    if look.driver() is None:
        return f"Nobody drives this run now; `tminus resume {look.run}` takes it up."
    return "Left for the console that drives the run; it has not answered yet. `tminus log` shows when it does."
