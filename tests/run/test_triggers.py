"""What a run owes a trigger that fired: to show it, to hold, or to go back; and when it does nothing at all."""

from __future__ import annotations

import pytest

from app.errors import Refused
from app.run import events as e
from app.run import requests as r
from app.run.rulings import rule
from app.run.state import Stage as RunStage
from tests.run.stage import Stage, book

MORE = """
roles: {lead: {people: [ana, raj]}, app: {people: [ivo]}}
metrics:
  errors: {local: {argv: [errors]}, unit: '%', every: 1s}
triggers:
  - {id: look, metric: errors, when: '> 2%', do: investigate, owner: app}
  - {id: wait, metric: errors, when: '> 3%', do: pause, owner: app}
  - {id: back, metric: errors, when: '> 5%', do: rollback, owner: app}
  - {id: auto, metric: errors, when: '> 5%', do: rollback, owner: app, auto: true}
  - {id: dark, metric: errors, when: '> 5%', do: rollback, shadow: true, auto: true}
rollback: {to: start, est: 1m, decide: {by: [lead], within: 30s}}
"""
STEPS = """
- id: p
  steps:
    - {id: a, local: {argv: [a]}, changes: reversible, undo: [{local: {argv: [undo-a]}}]}
    - {id: b, local: {argv: [b]}, changes: reversible, undo: [{local: {argv: [undo-b]}}]BOUNDARY}
    - {id: c, local: {argv: [c]}, changes: nothing}
"""


def staged(boundary: str = "") -> Stage:
    """A run whose first step runs."""
    stage = Stage(
        book(STEPS.replace("BOUNDARY", f", boundary: {{kind: {boundary}, says: so}}" if boundary else ""), MORE)
    )
    stage.settle_down()
    return stage


def fired(stage: Stage, name: str, outcome: str) -> None:
    """A trigger fired on a reading of this moment."""
    shadow = int(name == "dark")
    read(stage)
    stage.record(e.TriggerFired(name, "errors", "7", "> 5%", 3000, 4, outcome, shadow))
    stage.settle_down()


def read(stage: Stage, value: str = "7", problem: str = "") -> None:
    stage.record(e.MetricRead("errors", 1, value, problem))


def marked(stage: Stage, name: str) -> bool:
    return stage.state.triggers[name].fired is not None


def goes_back(stage: Stage) -> bool:
    return stage.state.back is not None


def test_investigate_only_shows_and_stays_until_acknowledged() -> None:
    stage = staged()
    fired(stage, "look", "investigate")
    stage.done("a")
    assert stage.running() == ["b"]
    stage.record(e.TriggerCleared("look", "errors", "1"))
    assert marked(stage, "look")
    stage.say(r.Acknowledge("ana", "look"))
    assert not marked(stage, "look")
    with pytest.raises(Refused):
        rule(stage.state, r.Acknowledge("ana", "look"), stage.now)


def test_a_metric_is_acknowledged_with_all_that_fired_on_it() -> None:
    stage = staged()
    stage.record(e.MetricReddened("errors", "7", "> 5%"))
    fired(stage, "look", "investigate")
    stage.say(r.Acknowledge("ana", "errors"))
    assert stage.state.metrics["errors"].red_at is None
    assert stage.state.triggers["look"].fired is None


def test_pause_holds_the_run_with_its_reason_and_a_person_lifts_it() -> None:
    stage = staged()
    fired(stage, "wait", "pause")
    assert stage.state.held_by == "trigger wait"
    assert stage.state.held_reason == "errors is 7%, > 5%, for 3 s over 4 readings"
    stage.done("a")
    assert stage.running() == []
    stage.say(r.Release("ana"))
    assert stage.running() == ["b"]
    assert not stage.state.held  # it is not held again for the same firing


def test_a_pause_waits_for_a_persons_own_hold_and_is_forgotten_when_it_is_over() -> None:
    stage = staged()
    stage.say(r.Hold("ana", "lunch"))
    fired(stage, "wait", "pause")
    assert stage.state.held_by == "ana"
    stage.say(r.Release("ana"))
    assert stage.state.held_by == "trigger wait"
    stage.say(r.Release("ana"))
    stage.say(r.Hold("ana", "again"))
    fired(stage, "wait", "pause")
    stage.record(e.TriggerCleared("wait", "errors", "1"))
    stage.say(r.Release("ana"))
    assert not stage.state.held


def test_no_data_never_goes_back_and_pauses_when_the_metric_says_so() -> None:
    stage = staged()
    stage.record(e.TriggerFired("auto", "errors", "", "> 5%", 3000, 0, "pause", problem="status 503"))
    stage.settle_down()
    assert stage.state.held_by == "trigger auto"
    assert stage.state.proposal is None
    stage.go(hours=1)
    assert stage.stands(RunStage.FORWARD)


def test_rollback_proposes_calls_the_next_owner_at_zero_and_stays() -> None:
    stage = staged()
    fired(stage, "back", "rollback")
    assert stage.state.proposal is not None
    assert stage.state.proposal.asks == ("ivo", "ana", "raj")
    stage.done("a")
    assert stage.running() == []  # nothing new starts while it stands
    stage.go(seconds=31)
    stage.go(seconds=31)
    called = [x.event.name for x in stage.events if isinstance(x.event, e.RollbackOwnerCalled)]
    assert called == ["ana", "raj"]
    stage.go(hours=1)
    assert stage.stands(RunStage.FORWARD)
    assert stage.state.proposal is not None
    stage.roll_back()
    assert goes_back(stage)
    assert stage.state.proposal is None


def test_auto_goes_back_at_zero_while_it_is_red_by_fresh_data() -> None:
    stage = staged()
    fired(stage, "auto", "rollback")
    stage.go(seconds=29)
    assert not goes_back(stage)
    stage.go(seconds=0.5)
    read(stage)
    stage.go(seconds=1)
    assert stage.state.back is not None
    assert stage.state.back.by == "trigger auto"


@pytest.mark.parametrize("how", ["stale", "none", "cleared"])
def test_auto_does_not_act_on_what_is_stale_missing_or_over(how: str) -> None:
    stage = staged()
    fired(stage, "auto", "rollback")
    stage.go(seconds=29)
    if how == "none":
        read(stage, "", "status 503")
    if how == "cleared":
        read(stage, "1")
        stage.record(e.TriggerCleared("auto", "errors", "1"))
    stage.go(seconds=10)
    assert not goes_back(stage)
    assert stage.state.proposal is not None
    if how != "cleared":
        read(stage)  # red again, by fresh data
        stage.settle_down()
        assert goes_back(stage)


def test_a_hold_with_a_reason_holds_it_off_and_it_comes_again_if_it_stays_red() -> None:
    stage = staged()
    fired(stage, "back", "rollback")
    with pytest.raises(Refused, match="proposes to go back"):
        rule(stage.state, r.Hold("ana"), stage.now)
    stage.say(r.Hold("ana", "cause known"))
    assert stage.state.proposal is None
    assert stage.state.held_by == "ana"
    stage.say(r.Release("ana"))
    stage.go(minutes=4)
    assert stage.state.proposal is None
    stage.go(minutes=2)
    assert stage.state.proposal is not None


def test_held_off_and_over_it_does_not_come_again() -> None:
    stage = staged()
    fired(stage, "back", "rollback")
    stage.say(r.Hold("ana", "cause known"))
    stage.record(e.TriggerCleared("back", "errors", "1"))
    stage.go(hours=1)
    assert stage.state.proposal is None


def test_two_triggers_at_once_are_one_proposal_and_one_answer() -> None:
    stage = staged()
    read(stage)
    for name in ("back", "auto"):
        stage.record(e.TriggerFired(name, "errors", "7", "> 5%", 3000, 4, "rollback"))
    stage.settle_down()
    assert stage.names().count("RollbackProposed") == 1
    stage.say(r.Hold("ana", "both known"))
    stage.go(minutes=1)
    assert stage.names().count("RollbackProposed") == 1


def test_a_pause_and_a_rollback_at_once_hold_and_propose() -> None:
    stage = staged()
    read(stage)
    stage.record(e.TriggerFired("wait", "errors", "7", "> 3%", 3000, 4, "pause"))
    stage.record(e.TriggerFired("auto", "errors", "7", "> 5%", 3000, 4, "rollback"))
    stage.settle_down()
    assert stage.state.held_by == "trigger wait"
    stage.go(seconds=30)
    read(stage)
    stage.go(seconds=1)
    assert goes_back(stage)  # a hold never stands in the way back


def test_a_trigger_that_fires_while_the_way_back_is_under_way_only_tells() -> None:
    stage = staged()
    stage.done("a")
    stage.roll_back()
    before = stage.state.back
    for name, outcome in (("auto", "rollback"), ("wait", "pause")):
        fired(stage, name, outcome)
    stage.go(minutes=10)
    assert stage.state.back == before
    assert stage.state.proposal is None
    assert not stage.state.held


def test_a_persons_strip_goes_first_and_once_called_off_the_trigger_has_its_turn() -> None:
    stage = staged()
    stage.say(r.RollBack("ana", countdown_ms=5000))
    fired(stage, "back", "rollback")
    assert stage.state.proposal is None
    stage.say(r.CallOff("ana"))
    assert stage.state.proposal is not None


def test_past_the_final_boundary_it_holds_and_says_why() -> None:
    stage = staged("final")
    stage.done("a")
    assert stage.running() == ["b"]
    fired(stage, "auto", "rollback")
    assert stage.state.proposal is None
    assert stage.state.held_by == "trigger auto"
    assert "no way back any more: so" in stage.state.held_reason
    stage.go(hours=1)
    assert not goes_back(stage)


def test_past_a_lossy_boundary_auto_only_proposes() -> None:
    stage = staged("lossy")
    stage.done("a")
    fired(stage, "auto", "rollback")
    assert stage.state.proposal is not None
    assert not stage.state.proposal.auto
    for _ in range(10):
        stage.go(seconds=30)
        read(stage)
    assert not goes_back(stage)


def test_a_rollback_that_is_not_possible_ends_in_a_hold() -> None:
    steps = STEPS.replace("BOUNDARY", "").replace("- id: p", "- id: p\n  rollback: {how: none}")
    stage = Stage(book(steps, MORE))
    stage.settle_down()
    fired(stage, "auto", "rollback")
    stage.go(seconds=29)
    read(stage)
    stage.go(seconds=1)
    assert not goes_back(stage)
    assert stage.state.held_by == "trigger auto"


def test_a_shadow_only_tells() -> None:
    stage = staged()
    fired(stage, "dark", "rollback")
    stage.done("a")
    assert stage.running() == ["b"]
    assert stage.state.proposal is None
    assert stage.state.triggers["dark"].fired is not None


def test_after_the_last_step_it_can_still_propose() -> None:
    stage = staged()
    stage.done("a", "b", "c")
    assert stage.stands(RunStage.FINISHED)
    fired(stage, "auto", "rollback")
    stage.go(seconds=29)
    read(stage)
    stage.go(seconds=1)
    assert goes_back(stage)


def test_a_console_that_comes_later_finds_what_fired() -> None:
    stage = staged()
    fired(stage, "back", "rollback")
    stage.crash()
    assert stage.state.proposal is not None
    assert stage.state.triggers["back"].active


@pytest.mark.parametrize("placed", [r.Panic("raj"), r.Hold("raj", "let me look")], ids=["stop key", "hold"])
def test_while_a_person_holds_the_run_auto_only_calls_its_owners_until_that_is_lifted(placed: r.Request) -> None:
    stage = staged()
    stage.say(placed)
    fired(stage, "auto", "rollback")
    for _ in range(5):
        stage.go(seconds=29)
        read(stage)
        stage.go(seconds=2)
    assert not goes_back(stage)
    assert stage.state.proposal is not None
    assert stage.state.proposal.asked == len(stage.state.proposal.asks)
    stage.say(r.Release("raj"))
    stage.go(seconds=1)
    assert goes_back(stage)
