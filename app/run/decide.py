"""What should happen next: `decide(state, now)`, a pure look at the whole run.

It answers with things to record (events), steps to begin, or the way back to be computed. Whatever has an effect is
announced by an event that is on disk first; asking twice with the same state gives the same answer, and once it is
recorded the answer is no longer given. Batches of a fan-out are in `fanout`, the way back in `homeward`, what triggers
are owed in `proposals`.
"""

from __future__ import annotations

from datetime import timedelta

from app.run import events as e
from app.run.advance import Look, advance
from app.run.clocked import watch_modes
from app.run.crossing import Foresee
from app.run.dead_man import gone_off, unconfirmed, watch_switches
from app.run.dead_man_state import GONE, KEEP
from app.run.fanout import fan_out
from app.run.homeward import go_back
from app.run.intentions import Decision, PlanBack
from app.run.met import is_met, may_retry, with_parents
from app.run.moment import Moment
from app.run.phases import current_phase
from app.run.proposals import answer_triggers
from app.run.state import MET, UNDER_WAY, RunState, Stage, Status, StepState
from app.runbook.order import PlannedStep

_GOING = frozenset({Stage.FORWARD, Stage.STOPPED})


def decide(state: RunState, now: Moment, foresee: Foresee | None = None) -> Decision:
    """What to do now, and when to look again. Nothing while no console is attached.

    foresee: knows how long the way back would take after a step; without it no step is held back for that.
    """
    if not state.console.attached or state.stage is Stage.CLOSED:
        return Decision()
    may_begin = not state.held and state.countdown is None and state.stage in {Stage.FORWARD, Stage.ROLLING_BACK}
    if state.stage is Stage.FORWARD and gone_off(state) is not None:
        may_begin = False
    look = Look(state, now, may_begin, foresee=foresee)
    if state.countdown is not None:
        _count_down(look)
    if state.triggers:
        answer_triggers(look)
    look.add(*watch_switches(state, now))
    if state.stage is Stage.ROLLING_BACK:
        go_back(look)
    elif state.stage in _GOING:
        _go_forward(look)
    watch_modes(look)
    return Decision(tuple(look.next), look.wake)


def _count_down(look: Look) -> None:
    down = look.state.countdown
    assert down is not None
    left = timedelta(milliseconds=down.length_ms) - look.now.awake_since(down.began)
    if left <= timedelta():
        look.add(PlanBack(down.scope))
    else:
        look.wake_in(left)


def _go_forward(look: Look) -> None:
    state = look.state
    phase = current_phase(state)
    steps = state.plan.top(phase)
    if state.until and not state.held and is_met(state, state.until) and not state.until_reached:
        look.add(e.HoldPlaced("console", f"Held after {state.until}, as asked."))
        look.may_begin = False
    _attend(look)
    for planned in steps:
        if is_met(state, planned.address) or not all(is_met(state, a) for a in planned.after):
            continue
        if planned.step.kind == "each":
            fan_out(look, planned)
        advance(look, planned)
    open_ended = _busy(state) or unconfirmed(state) or gone_off(state)
    if state.stage is Stage.FORWARD and all(is_met(state, p.address) for p in steps) and not open_ended:
        look.add(e.RunFinished())


def _attend(look: Look) -> None:
    """Whatever is under way is looked after, wherever it stands: its limit holds, and its target is asked."""
    for address, step in look.state.steps.items():
        if step.status in {Status.RUNNING, Status.UNKNOWN}:
            advance(look, look.state.plan.by_address[address])


def _busy(state: RunState) -> bool:
    return any(s.status in UNDER_WAY for s in state.steps.values())


def blocked_by_person(state: RunState) -> tuple[PlannedStep, ...]:
    """The steps that wait for somebody: a question, a failure to rule on, a doubt. In file order.

    A switch whose target may be gone waits for somebody whichever way the run goes.
    """
    wants = {Status.WAITING, Status.FAILED, Status.IN_DOUBT, Status.CANCELLED, Status.FENCED}
    back = {row.address for row in state.back.rows} if state.back else set()
    found = []
    for address, step in state.steps.items():
        planned = state.plan.by_address.get(address)
        if planned is None or (step.status not in wants and step.question is None):
            continue
        if step.question is not None and step.question.wants == GONE:
            found.append(planned)
            continue
        if (is_met(state, address) and not _to_confirm(step)) or address in state.undone or _goes_on(state, planned):
            continue
        homeward = any(name in back for name in with_parents(state, address))
        if state.back is not None and not homeward and step.status is not Status.IN_DOUBT:
            continue
        found.append(planned)
    order = {p.address: i for i, p in enumerate(state.plan.by_address.values())}
    return tuple(sorted(found, key=lambda p: order[p.address]))


def _to_confirm(step: StepState) -> bool:
    """It is done, and a person says whether it stays."""
    return step.question is not None and step.question.wants == KEEP


def _goes_on(state: RunState, planned: PlannedStep) -> bool:
    """The runbook itself tries it once more, or it is a failed item of a fan-out that ended well all the same."""
    step = state.step(planned.address)
    if step.status is Status.FAILED and may_retry(state, planned.address):
        return True
    if step.status is Status.FENCED and step.last is not None and step.last.stop_asked is None:
        return True
    return bool(planned.parent) and state.status(planned.parent) in MET
