"""What happened to a dead-man switch, in plain words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from app.reports.naming import because, one_line, step_name, subject
from app.reports.spans import span_ms
from app.run import dead_man_events as d
from app.run.step_events import Event
from app.runbook.order import Plan


def _arming(event: d.DeadManArming, plan: Plan) -> str:
    return (
        f"Before {step_name(plan, event.address)}, its undo is laid at {_target(event.target)} to run there by itself"
        f" once no console was heard for {span_ms(event.limit_ms)}."
    )


def _armed(event: d.DeadManArmed, plan: Plan) -> str:
    return f"The dead-man switch of {step_name(plan, event.address)} is armed on {_target(event.seen_from)}."


def _not_armed(event: d.DeadManNotArmed, plan: Plan) -> str:
    unsure = "" if event.sure else " It may have arrived all the same, so it is taken off."
    return f"The dead-man switch of {step_name(plan, event.address)} could not be armed{because(event.reason)}{unsure}"


def _silent(event: d.DeadManSilent, plan: Plan) -> str:
    where = _target(event.seen_from)
    return (
        f"There is no contact with {where} about the dead-man switch of {step_name(plan, event.address)}; "
        f"it takes the step back by itself in {span_ms(event.left_ms)} if that goes on."
    )


def _heard(event: d.DeadManHeard, plan: Plan) -> str:
    where = _target(event.seen_from)
    return f"{_cap(where)} is reached again: the dead-man switch of {step_name(plan, event.address)} has not fired."


def _lost(event: d.DeadManLost, plan: Plan) -> str:
    name = step_name(plan, event.address)
    where = _target(event.seen_from)
    return (
        f"The dead-man switch of {name} is gone from {where}; nothing there has been taken back{because(event.reason)}"
    )


def _confirmed(event: d.DeadManConfirmed, plan: Plan) -> str:
    name = step_name(plan, event.address)
    return f"{subject(event.by)} confirmed {name}; its dead-man switch is being taken off at the target."


def _taken_over(event: d.DeadManTakenOver, plan: Plan) -> str:
    name = step_name(plan, event.address)
    return f"The way back has come to {name}; its dead-man switch is taken off first, so that the undo runs once."


def _disarmed(event: d.DeadManDisarmed, plan: Plan) -> str:
    name = step_name(plan, event.address)
    where = _cap(_target(event.seen_from))
    return f"{where} says that the dead-man switch of {name} has not fired and never will{because(event.reason)}"


def _given_up(event: d.DeadManGivenUp, plan: Plan) -> str:
    name = step_name(plan, event.address)
    return (
        f"{subject(event.by)} gave up the dead-man switch of {name}, because its target is gone for good"
        f"{because(event.reason)} Nobody waits for it any more."
    )


def _fired(event: d.DeadManFired, plan: Plan) -> str:
    name = step_name(plan, event.address)
    return f"{_cap(_target(event.seen_from))} began to take {name} back by itself{_when(event)}."


def _reverted(event: d.DeadManReverted, plan: Plan) -> str:
    name = step_name(plan, event.address)
    return f"{_cap(_target(event.seen_from))} reverted {name} by itself{_when(event)}. The step counts as undone."


def _overlapped(event: d.DeadManOverlapped, plan: Plan) -> str:
    name = step_name(plan, event.address)
    return f"The undo of {name} is over, but {name} does not count as undone{because(event.reason)}"


def _when(event: d.DeadManFired | d.DeadManReverted) -> str:
    """At 03:21:07 UTC, because ..."""
    try:
        at = f" at {datetime.fromisoformat(event.fired).astimezone(UTC):%H:%M:%S} UTC by its clock"
    except ValueError:  # a target whose clock could not be written down
        at = ""
    return f"{at}, because nobody had confirmed it and no console was heard there for {span_ms(event.silent_s * 1000)}"


def _target(name: str) -> str:
    return "this machine" if name == "local" else one_line(name) or "its target"


def _cap(text: str) -> str:
    return text[:1].upper() + text[1:]


DEAD_MAN_SENTENCES: dict[type[Event], Callable[[Any, Plan], str]] = {
    d.DeadManArming: _arming,
    d.DeadManArmed: _armed,
    d.DeadManNotArmed: _not_armed,
    d.DeadManSilent: _silent,
    d.DeadManHeard: _heard,
    d.DeadManLost: _lost,
    d.DeadManConfirmed: _confirmed,
    d.DeadManTakenOver: _taken_over,
    d.DeadManDisarmed: _disarmed,
    d.DeadManGivenUp: _given_up,
    d.DeadManFired: _fired,
    d.DeadManReverted: _reverted,
    d.DeadManOverlapped: _overlapped,
}
"""A sentence for each event of a switch."""
