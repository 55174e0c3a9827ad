"""What a dead-man switch asks of a run: armed before its step, confirmed before anything else changes, never run twice.

A step with `revert_unless_confirmed` begins only once the target says that its undo waits there. From then on nothing
that changes something begins until a person has confirmed the step and the target has said that the switch is off. The
console runs that undo itself only after the same word of the target. A switch that went off stops the run: what it
undid is never done again in it.
"""

from __future__ import annotations

from datetime import timedelta

from app.run import dead_man_events as d
from app.run import events as e
from app.run.dead_man_place import outran
from app.run.dead_man_state import CONFIRM, GONE, GONE_OFF, KEEP, UNANSWERED, UNSETTLED, Armament, DeadMan
from app.run.intentions import Arm, Next
from app.run.met import is_met
from app.run.moment import Moment
from app.run.state import RunState, Stage, Status
from app.runbook.body import Changes
from app.runbook.order import PlannedStep

_TAKEN = frozenset({Armament.ARMING, Armament.ARMED, Armament.SILENT, Armament.LOST})
_ASKS = frozenset({Armament.ARMED, Armament.SILENT, Armament.LOST})
_AGAIN = frozenset({Armament.NOT_ARMED, Armament.DISARMED, Armament.LOST, Armament.GIVEN_UP})

AWAY = timedelta(minutes=1)
"""How long a target may take to say that a switch is off, before a person is asked whether it is gone for good."""


def unconfirmed(state: RunState) -> tuple[DeadMan, ...]:
    """The switches that may still fire, or that nobody has confirmed, oldest first."""
    return tuple(one for one in state.dead_men.values() if one.status in UNSETTLED)


def gone_off(state: RunState) -> DeadMan | None:
    """The switch that fired in this run, if one did."""
    return next((one for one in state.dead_men.values() if one.status in GONE_OFF), None)


def behind(state: RunState, undo: str) -> DeadMan | None:
    """The switch that holds this undo."""
    return next((one for one in state.dead_men.values() if one.undo == undo), None)


def unanswered(state: RunState, address: str) -> DeadMan | None:
    """The switch behind this step, or that holds this undo, while nothing is heard of it."""
    one = state.dead_men.get(address) or behind(state, address)
    return one if one is not None and one.status in UNANSWERED else None


def next_ticket(state: RunState, address: str, undo: str) -> str:
    """The ticket that the undo is armed under: the same as long as it is in force, else one that was never used."""
    old = state.dead_men.get(address)
    if old is not None and old.status in UNSETTLED:
        return old.ticket
    return f"{state.run}/{undo}/armed-{(old.rounds if old is not None else 0) + 1}"


def held_by_switch(state: RunState, planned: PlannedStep) -> bool:
    """Whether a forward step must wait because it changes something and a switch is not confirmed.

    What puts an item back into service never waits.
    """
    if not state.dead_men or state.back is not None or planned.step.changes in {None, Changes.NOTHING}:
        return False
    if planned.role == "finally":
        return False
    return any(one.address != planned.address for one in unconfirmed(state))


def wanted_before(state: RunState, planned: PlannedStep) -> tuple[bool, Next | None]:
    """Whether a forward step must wait for its own switch, and what is to be done about that now."""
    if planned.step.revert_unless_confirmed is None:
        return False, None
    one = state.dead_men.get(planned.address)
    attempt = len(state.step(planned.address).attempts) + 1
    if one is None or one.status in _AGAIN:
        return True, Arm(planned.address)
    if one.status is Armament.ARMED:
        return (False, None) if one.attempt == attempt else (True, Arm(planned.address))
    return True, None


def wanted_before_undo(state: RunState, planned: PlannedStep) -> tuple[bool, Next | None]:
    """The same for a step of the way back: the console runs what a switch holds only once that is off."""
    one = behind(state, planned.address)
    if one is None or one.status not in UNSETTLED:
        return False, None
    by = state.back.by if state.back is not None and state.back.by else "rollback"
    return True, d.DeadManTakenOver(one.address, by) if one.status in _TAKEN else None


def left_over(state: RunState) -> tuple[bool, Next | None]:
    """Going back in a way that does not use the undo of a switch (a recipe): that switch comes off first."""
    assert state.back is not None
    rows = {row.address for row in state.back.rows}
    phases = [phase.id for phase in state.plan.phases]
    start = 0 if state.back.scope not in phases else phases.index(state.back.scope)
    for one in unconfirmed(state):
        phase = state.plan.by_address[one.address].phase
        if one.undo in rows or (phase in phases and phases.index(phase) < start):
            continue
        return True, d.DeadManTakenOver(one.address, state.back.by or "rollback") if one.status in _TAKEN else None
    return False, None


def watch_switches(state: RunState, now: Moment) -> tuple[Next, ...]:
    """What the switches themselves need now: a person, their target's word, or the run to stop."""
    wanted: list[Next] = []
    for one in state.dead_men.values():
        step, undo = state.step(one.address), state.step(one.undo)
        if one.status is Armament.FIRED and undo.status is Status.UNKNOWN and undo.last is not None:
            wanted.append(e.DoubtAsked(one.undo, undo.last.number, "console"))
        if one.status in GONE_OFF and state.stage is Stage.FORWARD:
            wanted.append(e.RunStopped(one.address, f"{_title(state, one)} was taken back by its target itself."))
        asks = one.status in _ASKS and step.question is None and is_met(state, one.address)
        if asks and state.stage in {Stage.FORWARD, Stage.STOPPED, Stage.FINISHED}:
            wanted.append(_question(state, one, max(len(step.attempts), 1)))
        if one.status is Armament.DISARMING and step.question is None and now.since(one.since) >= AWAY:
            wanted.append(_is_it_gone(state, one, max(len(step.attempts), 1)))
    return tuple(wanted)


def follows(state: RunState, event: e.Event) -> tuple[e.Event, ...]:
    """What is recorded in the same breath as `event`; `state` is the one before it."""
    if isinstance(event, d.DeadManNotArmed) and state.status(event.address) is Status.PENDING:
        number = len(state.step(event.address).attempts) + 1
        return (e.StepFailed(event.address, number, f"Not started: its undo could not be armed: {event.reason}"),)
    if isinstance(event, e.AnswerGiven) and event.value == CONFIRM and _waits(state, event.address):
        return (d.DeadManConfirmed(event.address, event.by),)
    done = isinstance(event, e.StepSucceeded) or (isinstance(event, e.StepRuled) and event.ruling == "done")
    if done and isinstance(event, (e.StepSucceeded, e.StepRuled)):
        one = behind(state, event.address)
        if one is not None and one.status is Armament.FIRED:
            if isinstance(event, e.StepSucceeded) and _by_target(state, one) and (one.overlapped or outran(state, one)):
                return (d.DeadManOverlapped(one.address, one.undo, _overlap(state, one)),)
            return (d.DeadManReverted(one.address, one.undo, one.fired, one.silent_s, one.seen_from),)
    return ()


def _by_target(state: RunState, one: DeadMan) -> bool:
    """Whether the newest run of the undo is the one that its target began, and not one that the console ran since."""
    last = state.step(one.undo).last
    return last is not None and last.ticket == one.ticket


def _overlap(state: RunState, one: DeadMan) -> str:
    return (
        f"{one.seen_from or 'The target'} ran it while {_title(state, one)} was not over, which may have taken effect "
        "after it. Look at what stands there now."
    )


def _waits(state: RunState, address: str) -> bool:
    question = state.step(address).question
    return question is not None and question.wants == KEEP


def _question(state: RunState, one: DeadMan, attempt: int) -> e.QuestionAsked:
    minutes = one.limit_ms // 1000
    length = f"{minutes // 60} min" if minutes % 60 == 0 and minutes else f"{minutes} s"
    where = one.seen_from or "its target"
    text = (
        f"Keep {_title(state, one)}? Until you confirm, nothing else is changed, and {where} takes it back by itself "
        f"once this console was not heard for {length}."
    )
    return e.QuestionAsked(one.address, attempt, KEEP, text, options=(CONFIRM,))


def _is_it_gone(state: RunState, one: DeadMan, attempt: int) -> e.QuestionAsked:
    where = one.seen_from or "its target"
    text = (
        f"Is {where} gone for good? It has not said that it will not take {_title(state, one)} back by itself, and is "
        "asked again and again. If it is gone, say so with a reason, and nobody waits for it any more."
    )
    return e.QuestionAsked(one.address, attempt, GONE, text, options=(GONE,))


def _title(state: RunState, one: DeadMan) -> str:
    return state.plan.by_address[one.address].step.title or one.address
