"""A dead-man switch whose target never answers again, and other ways in which a person was left without a way out."""

from __future__ import annotations

import pytest

from app.errors import Refused
from app.run import dead_man_events as d
from app.run import events as e
from app.run import requests as r
from app.run.dead_man import AWAY, next_ticket
from app.run.dead_man_state import GONE, Armament
from app.run.decide import blocked_by_person
from app.run.rulings import rule
from app.run.state import Stage as RunStage
from app.run.state import Status
from tests.run.stage import Stage, book
from tests.run.test_dead_man import BOOK, FIRED, UNDO, WHERE, armed, arming, done, status

RECIPE = BOOK.replace(
    "- id: p\n", "- id: p\n    rollback: {how: steps, steps: [{local: {argv: [all]}, changes: reversible}]}\n"
)
MINUTE = AWAY.total_seconds()


def waits(stage: Stage) -> list[str]:
    return [p.address for p in blocked_by_person(stage.state)]


def asks(stage: Stage) -> str:
    question = stage.state.step("close").question
    return question.wants if question is not None else ""


def going_back_by_a_recipe() -> Stage:
    stage = Stage(RECIPE)
    stage.record(arming(stage))
    stage.record(d.DeadManArmed("close", stage.state.dead_men["close"].ticket, WHERE))
    stage.settle_down()
    stage.done("close", "look")
    stage.roll_back("start")
    assert status(stage.state) is Armament.DISARMING
    assert stage.running() == []
    return stage


def test_a_way_back_by_a_recipe_goes_on_once_a_person_says_that_the_target_is_gone_for_good() -> None:
    stage = going_back_by_a_recipe()
    assert waits(stage) == [], "it may answer in a moment"
    stage.go(seconds=MINUTE)
    assert (waits(stage), asks(stage)) == (["close"], GONE)
    with pytest.raises(Refused, match="reason"):
        stage.say(r.Answer("ana", "close", GONE))
    stage.say(r.Answer("ana", "close", GONE, "the rack burned down"))
    assert status(stage.state) is Armament.GIVEN_UP
    assert stage.state.dead_men["close"].reason == "the rack burned down"
    assert stage.running() == ["p/rollback/1"]
    stage.done("p/rollback/1")
    assert stage.stands(RunStage.ROLLED_BACK)
    stage.say(r.Close("ana"))


@pytest.mark.parametrize("address", ["close", UNDO])
def test_a_ruling_with_a_reason_says_the_same_of_the_step_or_of_its_undo(address: str) -> None:
    stage = going_back_by_a_recipe()
    with pytest.raises(Refused, match="reason"):
        stage.say(r.Rule("ana", address, "done", " "))
    stage.say(r.Rule("ana", address, "done", "its target is gone for good"))
    assert status(stage.state) is Armament.GIVEN_UP
    assert stage.running() == ["p/rollback/1"]


def test_a_ruling_on_the_undo_that_the_way_back_uses_settles_its_switch_too() -> None:
    stage = done()
    stage.roll_back("start")
    assert status(stage.state) is Armament.DISARMING
    stage.say(r.Rule("ana", UNDO, "skipped", "its target is gone for good"))
    assert status(stage.state) is Armament.GIVEN_UP
    assert stage.status(UNDO) is Status.SKIPPED
    assert stage.state.stage in {RunStage.ROLLED_BACK, RunStage.INCOMPLETE}
    stage.say(r.Close("ana"))


def test_forward_a_confirmed_step_whose_target_is_gone_holds_the_run_no_longer_than_a_person_wants() -> None:
    stage = done()
    stage.answer("close", "confirm")
    stage.go(seconds=MINUTE)
    assert asks(stage) == GONE
    stage.say(r.Answer("ana", "close", GONE, "it burned"))
    assert stage.running() == ["next"]


def test_a_target_that_speaks_after_all_takes_the_question_back_and_is_believed_after_it_was_given_up() -> None:
    stage = done()
    stage.answer("close", "confirm")
    stage.go(seconds=MINUTE)
    assert asks(stage) == GONE
    stage.record(d.DeadManDisarmed("close", WHERE))
    stage.settle_down()
    assert asks(stage) == ""
    late = done()
    late.answer("close", "confirm")
    late.say(r.Rule("ana", "close", "done", "it burned"))
    late.record(d.DeadManFired("close", UNDO, late.state.dead_men["close"].ticket, FIRED, 600, WHERE))
    late.settle_down()
    assert late.status(UNDO) is Status.ASKING
    assert late.stands(RunStage.STOPPED)


@pytest.mark.parametrize("lost", [True, False])
def test_a_run_with_a_switch_that_nothing_is_heard_of_closes_with_a_reason(lost: bool) -> None:
    stage = done()
    gone = d.DeadManLost("close", WHERE, "gone") if lost else d.DeadManSilent("close", WHERE, 1)
    stage.record(gone)
    with pytest.raises(Refused, match="not confirmed") as no:
        rule(stage.state, r.Close("ana"), stage.now)
    assert "reason" in no.value.hint
    stage.say(r.Close("ana", "its target is gone for good"))
    assert stage.stands(RunStage.CLOSED)
    assert "DeadManGivenUp" in stage.names()


def test_a_person_rules_on_a_fired_undo_although_its_target_could_not_write_the_time() -> None:
    stage = done()
    stage.record(d.DeadManFired("close", UNDO, stage.state.dead_men["close"].ticket, "", 600, WHERE))
    stage.settle_down()
    stage.record(e.StepInDoubt(UNDO, 1, "nobody knows"))
    stage.say(r.Rule("ana", UNDO, "done", "I looked"))
    assert status(stage.state) is Armament.REVERTED


def test_an_armed_step_that_never_began_has_a_way_out_and_it_is_named() -> None:
    stage = armed()
    stage.record(e.HoldPlaced("raj", "wait"))
    stage.settle_down()
    for asked in (r.Close("ana", "enough"), r.Answer("ana", "close", "confirm"), r.RollBack("ana", "", "why", 0)):
        with pytest.raises(Refused) as no:
            rule(stage.state, asked, stage.now)
        assert "skip close with a reason, then confirm it" in no.value.hint
    stage.say(r.Rule("ana", "close", "skipped", "not tonight"))
    stage.answer("close", "confirm")
    assert status(stage.state) is Armament.DISARMING
    stage.record(d.DeadManDisarmed("close", WHERE))
    stage.settle_down()
    stage.say(r.Close("ana", "enough"))


EACH = book(
    """
    - id: p
      steps:
        - id: roll
          changes: reversible
          each:
            in: [x]
            steps:
              - id: cut
                local: {argv: [cut]}
                changes: reversible
                revert_unless_confirmed: 10m
                undo: [{local: {argv: [mend]}}]
              - {id: more, local: {argv: [more]}, changes: reversible, undo: [{local: {argv: [less]}}]}
            finally:
              - {id: serve, local: {argv: [serve]}, changes: reversible}
    """,
    "rollback: {est: 1m}",
)


def test_what_puts_an_item_back_into_service_does_not_wait_for_the_switch_of_the_step_that_failed() -> None:
    stage = Stage(EACH)
    stage.record(e.StepStarted("roll", 1, "t", "each", "text", "d"))
    cut, mend = "roll[x]/cut", "roll[x]/cut/undo/1"
    ticket = next_ticket(stage.state, cut, mend)
    stage.record(d.DeadManArming(cut, 1, mend, ticket, 600_000, "local", "mend", "d"))
    stage.record(d.DeadManArmed(cut, ticket, WHERE))
    stage.settle_down()
    stage.fail(cut)
    assert stage.running() == ["roll[x]/serve"]
