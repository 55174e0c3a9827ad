"""How an `each` goes on: batch after batch, the canary first, a pause or a person's look between, `finally` always.

The step itself is a composite: it started, it runs while its items do, and it is done when all of them are over. An
item is over when its inner steps are; it failed when one of them did. `finally` steps run for every item that started.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, cast

from app.run import events as e
from app.run.advance import Look, advance
from app.run.met import gave_up, is_met
from app.run.state import UNDER_WAY, RunState, Stage, Status
from app.runbook.order import PlannedStep


class Fan(Protocol):
    """The fields of an `each` that matter while it runs."""

    gate: str
    pause: timedelta | None
    max_failed: int | None


@dataclass(frozen=True, slots=True)
class Item:
    """One item's inner steps, `main` in order and `finals`."""

    name: str
    main: tuple[PlannedStep, ...]
    finals: tuple[PlannedStep, ...]


def fan_out(look: Look, planned: PlannedStep) -> None:
    """Adds what the composite and its items need. The composite must have started."""
    state = look.state
    step = state.step(planned.address)
    if step.last is None or step.status is not Status.RUNNING:
        return
    batches = [[_item(state, planned, name) for name in batch] for batch in state.plan.items(planned.address)]
    failed = sum(_failed(state, item) for batch in batches for item in batch)
    fan = cast("Fan", planned.step.body)
    too_many = failed > (fan.max_failed or 0) or _over_limit(look, planned)
    for number, batch in enumerate(batches):
        begun = any(_begun(state, item) for item in batch)
        if not begun and (too_many or not _may_open(look, planned, batches, number)):
            break
        for item in batch:
            _advance_item(look, item)
        if not all(_over(state, item) for item in batch):
            break
    _close(look, planned, batches)


def _over_limit(look: Look, planned: PlannedStep) -> bool:
    """Past its own limit a fan-out opens nothing new: an item that starts would be stopped in the same breath."""
    last, limit = look.state.step(planned.address).last, planned.step.max
    return last is not None and limit is not None and look.now.since(last.began) >= limit


def _item(state: RunState, planned: PlannedStep, name: str) -> Item:
    children = state.plan.children(planned.address, name)
    return Item(
        name,
        tuple(c for c in children if c.role != "finally"),
        tuple(c for c in children if c.role == "finally"),
    )


def _begun(state: RunState, item: Item) -> bool:
    return any(state.status(c.address) is not Status.PENDING and not c.left_out for c in (*item.main, *item.finals))


def _failed(state: RunState, item: Item) -> bool:
    return any(_is_bad(state, c) for c in item.main)


def _is_bad(state: RunState, child: PlannedStep) -> bool:
    status = state.status(child.address)
    if status is Status.FAILED:
        return gave_up(state, child.address) and child.step.on_fail != "continue"
    return status in {Status.CANCELLED, Status.IN_DOUBT}


def _main_over(state: RunState, item: Item) -> bool:
    return _failed_for_good(state, item) or all(is_met(state, c.address) for c in item.main)


def _failed_for_good(state: RunState, item: Item) -> bool:
    """One failed, and none runs or is in doubt: only then may `finally` put the item back into service."""
    open_ends = UNDER_WAY | {Status.IN_DOUBT}
    return _failed(state, item) and not any(state.status(c.address) in open_ends for c in item.main)


def _over(state: RunState, item: Item) -> bool:
    finals_over = all(is_met(state, c.address) or _is_bad(state, c) for c in item.finals)
    return _main_over(state, item) and finals_over


def _advance_item(look: Look, item: Item) -> None:
    state = look.state
    for child in item.main:
        if is_met(state, child.address):
            continue
        _advance_child(look, child)
        break
    if _main_over(state, item) and _begun(state, item):
        _advance_finals(look, item)


def _advance_finals(look: Look, item: Item) -> None:
    """What puts an item back into service also runs when the run was stopped meanwhile."""
    before = look.may_begin
    look.may_begin = before or (look.state.stage is Stage.STOPPED and not look.state.held)
    for child in item.finals:
        if is_met(look.state, child.address):
            continue
        _advance_child(look, child)
        break
    look.may_begin = before


def _advance_child(look: Look, child: PlannedStep) -> None:
    if child.step.kind == "each":
        fan_out(look, child)
    advance(look, child)


def _may_open(look: Look, planned: PlannedStep, batches: list[list[Item]], number: int) -> bool:
    """Whether the next batch may begin: pause over, and a person has looked where the runbook wants one."""
    state = look.state
    if number == 0:
        return True
    fan = cast("Fan", planned.step.body)
    ends = [
        over
        for item in batches[number - 1]
        for child in (*item.main, *item.finals)
        if (over := state.step(child.address).over) is not None
    ]
    if isinstance(fan.pause, timedelta) and ends:
        left = fan.pause - min(look.now.since(end) for end in ends)
        if left > timedelta():
            look.wake_in(left)
            return False
    step = state.step(planned.address)
    gates = {"each": number, "first": 1}.get(fan.gate or "none", 0)
    if step.gates_passed >= gates:
        return True
    if step.question is None and step.last is not None and look.may_begin:
        done = ", ".join(item.name for item in batches[number - 1])
        following = ", ".join(item.name for item in batches[number])
        text = f"{done} is done. Continue with {following}?"
        look.add(e.QuestionAsked(planned.address, step.last.number, "gate", text, options=("continue",)))
    return False


def _close(look: Look, planned: PlannedStep, batches: list[list[Item]]) -> None:
    state = look.state
    step = state.step(planned.address)
    assert step.last is not None
    items = [item for batch in batches for item in batch]
    if any(state.status(c.address) in UNDER_WAY for item in items for c in (*item.main, *item.finals)):
        return
    failed = [item.name for item in items if _failed(state, item)]
    fan = cast("Fan", planned.step.body)
    spent = int(look.now.since(step.last.began).total_seconds() * 1000)
    allowed = fan.max_failed or 0
    finals_over = all(_over(state, item) for item in items if _begun(state, item))
    if _over_limit(look, planned) and not all(_over(state, item) for item in items):
        if finals_over:
            look.add(e.StepFailed(planned.address, step.last.number, "Over its time limit.", "", spent, timed_out=1))
    elif len(failed) > allowed:
        if planned.step.on_fail != "ask" and finals_over:
            what = f"{len(failed)} of {len(items)} failed ({', '.join(failed[:5])}); {allowed} may."
            look.add(e.StepFailed(planned.address, step.last.number, what, elapsed_ms=spent))
    elif all(_over(state, item) for item in items):
        what = f"{len(items) - len(failed)} of {len(items)} done"
        look.add(e.StepSucceeded(planned.address, step.last.number, what, elapsed_ms=spent))
