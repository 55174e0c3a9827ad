"""Random orders of triggers, holds, presses, failures and dying consoles: nobody's hold and nobody's data is lost."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from app.errors import Refused
from app.rollback.planner import plan_back
from app.run import events as e
from app.run import requests as r
from app.run.consequences import consequences
from app.run.evolve import evolve
from app.run.state import RunState
from tests.run.stage import Stage, book
from tests.run.test_back_by_itself import MORE
from tests.run.test_random_runs import ENDS, live

UNDO = "changes: reversible, undo: [{local: {argv: [u]}}]"
STEPS = f"""
- id: p
  steps:
    - {{id: a, local: {{argv: [a]}}, on_fail: rollback, {UNDO}}}
    - {{id: b, local: {{argv: [b]}}, {UNDO}, BOUNDARY}}
    - {{id: go, decide: {{ask: Go?, by: [lead], otherwise: rollback}}}}
- id: q
  steps:
    - {{id: c, local: {{argv: [c]}}, on_fail: rollback, at: T+3m, {UNDO}}}
    - {{id: d, local: {{argv: [d]}}, on_fail: stop, {UNDO}}}
"""
TRIGGERS = {"back": "rollback", "auto": "rollback", "wait": "pause"}


class Watched(Stage):
    """A stage on which every single event is looked at, before and after."""

    def record(self, *events: e.Event) -> None:
        """One event at a time."""
        for event in [x for one in events for x in (one, *consequences(self.state, one))]:
            before = self.state
            self._loses(before, event)
            self.state = self._after(event)
            a_persons_hold_is_lifted_by_a_person(before, event, self.state)
            nothing_starts_against_anybody(before, event)
            a_proposal_is_answered(before, event, self.state)

    def _after(self, event: e.Event) -> RunState:
        return evolve(self.state, self._stamp(event))

    def _loses(self, before: RunState, event: e.Event) -> None:
        if isinstance(event, e.RollbackPlanned) and plan_back(before, event.scope).zone != "lossless":
            assert before.countdown is not None
            assert before.countdown.accepts, f"{before.countdown.by} goes back across a loss that nobody accepted"
            assert not before.countdown.by_trigger


def a_persons_hold_is_lifted_by_a_person(before: RunState, event: e.Event, after: RunState) -> None:
    if not before.held_by_person or after.held_by_person:
        return
    if isinstance(event, e.RollbackPlanned):
        assert before.countdown is not None
        assert before.countdown.by in {"ana", "raj"}, f"{before.countdown.by} lifted the hold of {before.held_by}"
    else:
        assert isinstance(event, e.HoldLifted), event


def nothing_starts_against_anybody(before: RunState, event: e.Event) -> None:
    if isinstance(event, e.StepStarted):
        assert not before.held, before.held_by
        assert before.proposal is None
        assert before.countdown is None


def a_proposal_is_answered(before: RunState, event: e.Event, after: RunState) -> None:
    """What stood, in the open or behind a strip, goes only by an answer to it, or into a hold that says why."""
    stood = before.proposal or (before.countdown.proposal if before.countdown is not None else None)
    stands = after.proposal or (after.countdown.proposal if after.countdown is not None else None)
    if stood is None or stands is not None:
        return
    if isinstance(event, e.RollbackCalledOff):
        assert before.countdown is not None
        assert before.countdown.by_trigger
        assert after.triggers[stood.trigger].due == "pause"
    else:
        assert isinstance(event, e.RollbackRefused | e.RollbackPlanned | e.RunClosed), event


def something_happens(stage: Watched, dice: random.Random) -> None:
    roll, running = dice.random(), live(stage)
    if roll < 0.06:
        stage.record(e.ConsoleLost(1, 1000))
        stage.go(seconds=dice.choice([1, 40]))
        stage.record(e.ConsoleAttached("ana", "laptop", 2, "terminal", "0"))
    elif roll < 0.25 and running:
        address = dice.choice(running)
        stage.record(dice.choice(ENDS)(address, stage.attempt(address)))
    elif roll < 0.5:
        value, problem = dice.choice([("7", ""), ("7", ""), ("7", ""), ("1", ""), ("", "status 503")])
        stage.record(e.MetricRead("errors", 1, value, problem))
    elif roll < 0.6:
        a_trigger_tells(stage, dice)
    elif roll < 0.8:
        stage.go(seconds=dice.choice([1, 6, 31, 120, 301]))
    else:
        somebody_speaks(stage, dice)
    stage.settle_down()


def a_trigger_tells(stage: Stage, dice: random.Random) -> None:
    name = dice.choice(list(TRIGGERS))
    told = stage.state.triggers.get(name)
    if told is not None and told.active and dice.random() < 0.4:
        stage.record(e.TriggerCleared(name, "errors", "1"))
    elif dice.random() < 0.2:
        stage.record(e.TriggerFired(name, "errors", "", "> 5%", 3000, 0, "pause", problem="status 503"))
    else:
        stage.record(e.TriggerFired(name, "errors", "7", "> 5%", 3000, 4, TRIGGERS[name]))


SAYS: tuple[Callable[[str], r.Request], ...] = (
    r.Panic,
    r.Hold,
    lambda by: r.Hold(by, "known"),
    r.Release,
    r.Release,
    r.CallOff,
    r.CallOff,
    r.RollBackNow,
    lambda by: r.RollBack(by, "", "red"),
    lambda by: r.RollBack(by, "start", "red", 5000, "orders"),
    lambda by: r.RollBack(by, "p", "red", 0),
    lambda by: r.Rule(by, "b", "done", "by hand"),
    lambda by: r.Rule(by, "a", "skipped", "not needed"),
    lambda by: r.Retry(by, "a", "again"),
    lambda by: r.Answer(by, "go", "go"),
    lambda by: r.Answer(by, "go", "no-go"),
)


def somebody_speaks(stage: Stage, dice: random.Random) -> None:
    in_strip = stage.state.countdown is not None and dice.random() < 0.5
    request = (r.Hold if in_strip else dice.choice(SAYS))(dice.choice(["ana", "raj"]))
    try:
        stage.say(request)
    except Refused:
        return
    if isinstance(request, r.Panic):
        assert stage.state.held_by_person


@pytest.mark.parametrize("boundary", ["", "lossy", "final"])
@pytest.mark.parametrize("to", ["", "to: start, ", "to: q, "])
def test_whatever_happens_a_hold_holds_and_nothing_is_lost_unasked(boundary: str, to: str) -> None:
    crosses = f"boundary: {{kind: {boundary}, says: orders}}" if boundary else "title: b"
    steps = STEPS.replace("BOUNDARY", crosses)
    went_back = 0
    for seed in range(60):
        dice = random.Random(seed)
        stage = Watched(book(steps, MORE.replace("rollback: {est", f"rollback: {{{to}est")))
        stage.settle_down()
        for _ in range(80):
            something_happens(stage, dice)
        went_back += stage.state.back is not None
    assert went_back > 10
