"""How events change a dead-man switch: the table of lawful moves.

ARMING --target says so--> ARMED <--heard, unheard--> SILENT
ARMED, SILENT --watcher gone--> LOST --armed again--> ARMED
any of them --confirmed, taken over--> DISARMING --target says so--> DISARMED       any of them --> FIRED --> REVERTED
SILENT, LOST, DISARMING --a person's word--> GIVEN_UP --its target was there after all--> DISARMED, FIRED
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from app.run import dead_man_events as d
from app.run.changes_of_steps import Fields, Unlawful
from app.run.dead_man_place import outran
from app.run.dead_man_state import GONE, KEEP, UNANSWERED, UNSETTLED, Armament, DeadMan
from app.run.moment import Moment
from app.run.state import Attempt, RunState, Status
from app.run.step_events import Event

_A = Armament


def unheard(state: RunState, when: Moment) -> Mapping[str, DeadMan]:
    """The switches once a console came or went: those that were armed may have fired since."""
    return {
        name: replace(one, status=_A.SILENT, since=when, left_ms=0) if one.status is _A.ARMED else one
        for name, one in state.dead_men.items()
    }


def _move(state: RunState, event: Any, when: Moment, to: Armament) -> DeadMan:  # noqa: ANN401 - any event with an address
    one = state.dead_men.get(event.address)
    name = type(event).__name__
    if one is None:
        raise Unlawful(f"{name} of {event.address}, which has no switch.")
    if one.status not in _FROM[to]:
        raise Unlawful(f"{name} of {event.address} while its switch is {one.status.value}.")
    return replace(one, status=to, since=when, seen_from=getattr(event, "seen_from", "") or one.seen_from)


_FROM: Mapping[Armament, frozenset[Armament]] = {
    _A.ARMED: frozenset({_A.ARMING, _A.SILENT, _A.LOST, _A.ARMED}),
    _A.NOT_ARMED: frozenset({_A.ARMING}),
    _A.SILENT: frozenset({_A.ARMED}),
    _A.LOST: frozenset({_A.ARMED, _A.SILENT}),
    _A.DISARMING: UNSETTLED,
    _A.GIVEN_UP: UNANSWERED,
    _A.DISARMED: UNSETTLED | {_A.GIVEN_UP},
    _A.FIRED: UNSETTLED | {_A.GIVEN_UP},
    _A.REVERTED: frozenset({_A.FIRED}),
}


def _put(state: RunState, one: DeadMan) -> Fields:
    return {"dead_men": {**state.dead_men, one.address: one}}


def _arming(state: RunState, event: d.DeadManArming, when: Moment, _head: str) -> Fields:
    old = state.dead_men.get(event.address)
    if old is not None and old.status in {_A.DISARMING, _A.FIRED, _A.REVERTED}:
        raise Unlawful(f"The switch of {event.address} was armed again while it is {old.status.value}.")
    fresh = old is None or old.ticket != event.ticket
    one = DeadMan(
        event.address,
        event.attempt,
        event.undo,
        event.ticket,
        event.limit_ms,
        event.kind,
        event.text,
        event.digest,
        _A.ARMING,
        when,
        event.target,
        rounds=(old.rounds if old is not None else 0) + fresh,
        target=event.target,
        facts=old.facts if old is not None and not fresh else (),
    )
    return _put(state, one)


def _armed(state: RunState, event: d.DeadManArmed, when: Moment, _head: str) -> Fields:
    """From here on only the machine that the run knew by then is asked about it."""
    one = _move(state, event, when, _A.ARMED)
    kind, _, name = one.target.partition(" ")
    known = state.targets.get((kind, name))
    facts = one.facts or (known.facts if known is not None else ())
    return _put(state, replace(one, reason="", left_ms=0, facts=facts))


def _heard(state: RunState, event: d.DeadManHeard, when: Moment, _head: str) -> Fields:
    return _put(state, replace(_move(state, event, when, _A.ARMED), reason="", left_ms=0))


def _not_armed(state: RunState, event: d.DeadManNotArmed, when: Moment, _head: str) -> Fields:
    one = state.dead_men.get(event.address)
    if one is None or one.status is not _A.ARMING:  # it was refused before anything was asked of the target
        return {}
    return _put(
        state, replace(_move(state, event, when, _A.NOT_ARMED if event.sure else _A.DISARMING), reason=event.reason)
    )


def _silent(state: RunState, event: d.DeadManSilent, when: Moment, _head: str) -> Fields:
    return _put(state, replace(_move(state, event, when, _A.SILENT), left_ms=event.left_ms))


def _lost(state: RunState, event: d.DeadManLost, when: Moment, _head: str) -> Fields:
    return _put(state, replace(_move(state, event, when, _A.LOST), reason=event.reason))


def _taken_off(state: RunState, event: d.DeadManConfirmed | d.DeadManTakenOver, when: Moment, _head: str) -> Fields:
    step = replace(state.step(event.address), question=None)
    one = replace(_move(state, event, when, _A.DISARMING), by=event.by)
    return {**_put(state, one), "steps": {**state.steps, event.address: step}}


def _disarmed(state: RunState, event: d.DeadManDisarmed, when: Moment, _head: str) -> Fields:
    one = replace(_move(state, event, when, _A.DISARMED), reason=event.reason)
    return {**_put(state, one), **_not_asked(state, event.address, GONE)}


def _given_up(state: RunState, event: d.DeadManGivenUp, when: Moment, _head: str) -> Fields:
    one = replace(_move(state, event, when, _A.GIVEN_UP), by=event.by, reason=event.reason)
    return {**_put(state, one), **_not_asked(state, event.address, KEEP, GONE)}


def _not_asked(state: RunState, address: str, *wants: str) -> Fields:
    """Takes back what is asked about its switch."""
    step = state.step(address)
    if step.question is None or step.question.wants not in wants:
        return {}
    return {"steps": {**state.steps, address: replace(step, question=None)}}


def _fired(state: RunState, event: d.DeadManFired, when: Moment, head: str) -> Fields:
    """The undo gets an attempt that this console did not see; its target is asked what became of it."""
    one = _move(state, event, when, _A.FIRED)
    undo = state.step(one.undo)
    if state.dead_men[event.address].status is _A.GIVEN_UP and undo.attempts:  # this console ran it meanwhile
        return _put(state, replace(one, fired=event.fired, silent_s=event.silent_s))
    attempt = Attempt(
        number=len(undo.attempts) + 1,
        ticket=one.ticket,
        status=Status.UNKNOWN,
        began=when,
        kind=one.kind,
        text=one.text,
        digest=one.digest,
        head=head,
        target=one.seen_from,
        is_undo=True,
    )
    undo = replace(undo, status=Status.UNKNOWN, attempts=(*undo.attempts, attempt), question=None, over=None)
    step = replace(state.step(one.address), question=None)
    return {
        **_put(state, replace(one, fired=event.fired, silent_s=event.silent_s)),
        "steps": {**state.steps, one.address: step, one.undo: undo},
    }


def _reverted(state: RunState, event: d.DeadManReverted, when: Moment, _head: str) -> Fields:
    undone = state.undone if outran(state, state.dead_men.get(event.address)) else state.undone | {event.address}
    return {**_put(state, _move(state, event, when, _A.REVERTED)), "undone": undone}


def _overlapped(state: RunState, event: d.DeadManOverlapped, when: Moment, _head: str) -> Fields:
    """The undo is in doubt: whether it has to run again is a person's to say, once the step is over."""
    one, undo = state.dead_men.get(event.address), state.step(event.undo)
    if one is None or one.status is not _A.FIRED or undo.last is None or undo.status is not Status.DONE:
        raise Unlawful(f"DeadManOverlapped of {event.address}, whose undo was not run by its target.")
    row = ("Was the step over before its undo?", "no, or nobody knows", "it may take effect afterwards")
    last = replace(undo.last, status=Status.IN_DOUBT, summary=event.reason, evidence=(*undo.last.evidence, row))
    undo = replace(undo, status=Status.IN_DOUBT, attempts=(*undo.attempts[:-1], last), reason=event.reason, over=None)
    return {
        **_put(state, replace(one, overlapped=True, since=when)),
        "steps": {**state.steps, event.undo: undo},
        "undone": state.undone - {event.address},
    }


CHANGES_OF_DEAD_MAN: dict[type[Event], Callable[[RunState, Any, Moment, str], Fields]] = {
    d.DeadManArming: _arming,
    d.DeadManArmed: _armed,
    d.DeadManHeard: _heard,
    d.DeadManNotArmed: _not_armed,
    d.DeadManSilent: _silent,
    d.DeadManLost: _lost,
    d.DeadManConfirmed: _taken_off,
    d.DeadManTakenOver: _taken_off,
    d.DeadManDisarmed: _disarmed,
    d.DeadManGivenUp: _given_up,
    d.DeadManFired: _fired,
    d.DeadManReverted: _reverted,
    d.DeadManOverlapped: _overlapped,
}
"""Event -> the fields of the run that it changes."""
