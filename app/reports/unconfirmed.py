"""What letting go of a run sets going: the steps that their targets will take back by themselves."""

from __future__ import annotations

from app.reports.naming import one_line, step_name
from app.reports.spans import span_ms
from app.run.dead_man import unconfirmed
from app.run.dead_man_state import Armament, DeadMan
from app.run.state import RunState


def will_be_taken_back(state: RunState) -> tuple[str, ...]:
    """A sentence for each step that nobody has confirmed: which, where, and how long after this console was heard."""
    return tuple(
        _sentence(state, one)
        for one in unconfirmed(state)
        if one.status is not Armament.LOST and state.step(one.address).started
    )


def _sentence(state: RunState, one: DeadMan) -> str:
    where = "this machine" if one.seen_from in {"", "local", "this machine"} else one_line(one.seen_from)
    unless = " unless it has heard of the confirmation" if one.status is Armament.DISARMING else ""
    return (
        f"{step_name(state.plan, one.address)} is not confirmed: {where} takes it back by itself{unless} "
        f"{span_ms(one.limit_ms)} after it last heard this console."
    )
