"""How the way back goes on: stop what runs, settle every doubt, then the rows one after the other, newest first."""

from __future__ import annotations

from app.run import events as e
from app.run.advance import Look, advance
from app.run.dead_man import left_over
from app.run.fanout import fan_out
from app.run.met import is_met, with_parents
from app.run.state import UNDER_WAY, RunState, Status


def go_back(look: Look) -> None:
    """Adds what the rollback under way needs next."""
    state = look.state
    assert state.back is not None
    if _still_forward(look):
        return
    waits, wanted = left_over(state)
    if wanted is not None and look.may_begin:
        look.add(wanted)
    if waits:
        return
    for row in state.back.rows:
        if row.part == "nothing" or is_met(state, row.address):
            continue
        planned = state.plan.by_address[row.address]
        if planned.step.kind == "each":
            fan_out(look, planned)
        advance(look, planned)
        return
    over = {Status.DONE, Status.LEFT_OUT}
    missed = [r.address for r in state.back.rows if r.address and state.status(r.address) not in over]
    if missed:
        look.add(e.RollbackEnded("incomplete", f"Not done: {', '.join(missed)}"))
    else:
        look.add(e.RollbackEnded("rolled-back"))


def _still_forward(look: Look) -> bool:
    """Whether forward steps still run or are in doubt; asks them to stop, or the target what became of them."""
    state = look.state
    assert state.back is not None
    homeward = {row.address for row in state.back.rows}
    waiting = False
    for address in state.started:
        step = state.step(address)
        last = step.last
        if last is None:
            continue
        if address in homeward or _belongs_to(state, address, homeward):
            waiting = waiting or (step.status in UNDER_WAY and not last.is_undo)  # begun before, and let end
        elif last.kind != "each":
            _bring_to_an_end(look, address)
            waiting = waiting or step.status in UNDER_WAY | {Status.IN_DOUBT}
    if not waiting:
        _end_composites(look, homeward)
    return waiting


def _bring_to_an_end(look: Look, address: str) -> None:
    """Ask it to stop, ask its target what became of it, or take its question back."""
    state, step = look.state, look.state.step(address)
    assert state.back is not None
    assert step.last is not None
    if step.status is Status.RUNNING and not state.plan.by_address[address].step.uninterruptible:
        by = state.back.by or "console"
        look.add(e.StopRequested(address, step.last.number, by, "The way back started."))
    elif step.status is Status.UNKNOWN:
        advance(look, state.plan.by_address[address])
    elif step.status is Status.WAITING and step.last.status is Status.WAITING:
        look.add(e.StepCancelled(address, step.last.number, "The way back started before an answer."))


def _end_composites(look: Look, homeward: set[str]) -> None:
    """A fan-out that was under way ends here, once none of its items runs."""
    state = look.state
    for address in state.started:
        last = state.step(address).last
        under_way = last is not None and last.kind == "each" and last.status is Status.RUNNING
        if last is not None and under_way and address not in homeward and not _belongs_to(state, address, homeward):
            look.add(e.StepCancelled(address, last.number, "The way back started."))


def _belongs_to(state: RunState, address: str, homeward: set[str]) -> bool:
    return any(parent in homeward for parent in with_parents(state, address)[1:])
