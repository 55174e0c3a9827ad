"""Dead-man switches in the pure core: armed before the step, one confirmation, one undo, lawful moves."""

from __future__ import annotations

import pytest

from app.errors import RecordDamaged, Refused
from app.run import dead_man_events as d
from app.run import events as e
from app.run import requests as r
from app.run.dead_man import next_ticket
from app.run.dead_man_state import Armament
from app.run.decide import blocked_by_person, decide
from app.run.intentions import Arm, Begin
from app.run.rulings import rule
from app.run.state import RunState, Status
from app.run.state import Stage as RunStage
from tests.run.stage import Stage, book

BOOK = book(
    """
    - id: p
      steps:
        - id: close
          local: {argv: [close]}
          changes: reversible
          revert_unless_confirmed: 10m
          undo: [{local: {argv: [open]}}]
        - {id: look, local: {argv: [look]}, changes: nothing}
        - {id: next, local: {argv: [go]}, changes: reversible, undo: [{local: {argv: [back]}}]}
    """,
    "rollback: {est: 1m}",
)
UNDO, WHERE = "close/undo/1", "host web1"
FIRED = "2026-03-14T21:11:07Z"


def wants(stage: Stage) -> list[object]:
    return list(decide(stage.state, stage.now).next)


def arming(stage: Stage, attempt: int = 1) -> d.DeadManArming:
    return d.DeadManArming(
        "close", attempt, UNDO, next_ticket(stage.state, "close", UNDO), 600_000, "local", "open", "d"
    )


def armed() -> Stage:
    stage = Stage(BOOK)
    assert wants(stage) == [Arm("close")]
    stage.record(arming(stage))
    assert wants(stage) == []
    ticket = stage.state.dead_men["close"].ticket
    stage.record(d.DeadManArmed("close", ticket, WHERE))
    return stage


def done() -> Stage:
    stage = armed()
    stage.settle_down()
    stage.done("close", "look")
    return stage


def status(state: RunState) -> Armament:
    return state.dead_men["close"].status


def test_the_step_begins_only_once_its_target_says_that_the_undo_waits_there() -> None:
    stage = armed()
    assert wants(stage) == [Begin("close")]


def test_what_changes_nothing_goes_on_and_what_changes_waits_for_the_confirmation() -> None:
    stage = done()
    assert stage.state.status("look") is Status.DONE
    assert stage.state.status("next") is Status.PENDING
    assert [p.address for p in blocked_by_person(stage.state)] == ["close"]
    stage.record(*rule(stage.state, r.Answer("raj", "close", "confirm"), stage.now))
    stage.settle_down()
    assert status(stage.state) is Armament.DISARMING
    assert "next" not in stage.began
    stage.record(d.DeadManDisarmed("close", WHERE))
    stage.settle_down()
    assert stage.began[-1] == "next"


def test_a_run_does_not_end_and_cannot_be_closed_while_a_step_is_not_confirmed() -> None:
    stage = done()
    with pytest.raises(Refused, match="not confirmed"):
        rule(stage.state, r.Close("ana", "enough"), stage.now)
    assert stage.state.stage is RunStage.FORWARD


def test_an_undo_that_could_not_be_armed_fails_its_step_before_it_begins() -> None:
    stage = Stage(BOOK)
    stage.record(arming(stage))
    stage.record(d.DeadManNotArmed("close", "no room"))
    assert stage.state.status("close") is Status.FAILED
    assert stage.state.step("close").attempts == ()
    stage.record(*rule(stage.state, r.Retry("ana", "close"), stage.now))
    assert wants(stage) == [Arm("close")]


def test_one_that_may_have_arrived_is_taken_off_before_it_is_armed_anew_under_another_ticket() -> None:
    stage = Stage(BOOK)
    stage.record(arming(stage))
    first = stage.state.dead_men["close"].ticket
    stage.record(d.DeadManNotArmed("close", "the line was cut", 0))
    stage.record(*rule(stage.state, r.Retry("ana", "close"), stage.now))
    assert wants(stage) == []
    stage.record(d.DeadManDisarmed("close", WHERE))
    assert wants(stage) == [Arm("close")]
    assert next_ticket(stage.state, "close", UNDO) != first


def test_another_attempt_renews_the_switch_under_the_same_ticket() -> None:
    stage = armed()
    ticket = stage.state.dead_men["close"].ticket
    stage.settle_down()
    stage.fail("close")
    stage.record(*rule(stage.state, r.Retry("ana", "close"), stage.now))
    assert wants(stage) == [Arm("close")]
    assert next_ticket(stage.state, "close", UNDO) == ticket


def test_the_console_runs_the_undo_itself_only_after_the_target_said_that_it_never_will() -> None:
    stage = done()
    stage.record(e.RollbackRequested("ana", "start", "why not", 0))
    stage.settle_down()
    assert status(stage.state) is Armament.DISARMING
    assert UNDO not in stage.began
    stage.record(d.DeadManDisarmed("close", WHERE))
    stage.settle_down()
    assert stage.began[-1] == UNDO
    own = stage.state.step(UNDO).last
    assert own is not None
    assert own.ticket != stage.state.dead_men["close"].ticket


def test_an_undo_that_the_target_ran_is_asked_about_and_never_run_again() -> None:
    stage = done()
    ticket = stage.state.dead_men["close"].ticket
    stage.record(d.DeadManFired("close", UNDO, ticket, FIRED, 600, WHERE))
    stage.settle_down()
    assert stage.state.stage is RunStage.STOPPED
    last = stage.state.step(UNDO).last
    assert last is not None
    assert (last.status, last.ticket, last.is_undo) == (Status.ASKING, ticket, True)
    stage.record(e.StepSucceeded(UNDO, 1, "exit 0"))
    stage.settle_down()
    assert status(stage.state) is Armament.REVERTED
    assert stage.state.undone == {"close"}
    for asked in (r.Release("ana"), r.Retry("ana", "close"), r.Retry("ana", "next")):
        with pytest.raises(Refused):
            rule(stage.state, asked, stage.now)
    assert UNDO not in stage.began
    assert stage.began.count("close") == 1


def test_a_switch_that_fires_during_the_way_back_counts_as_its_undo() -> None:
    stage = done()
    stage.record(e.RollbackRequested("ana", "start", "why not", 0))
    stage.settle_down()
    ticket = stage.state.dead_men["close"].ticket
    stage.record(d.DeadManFired("close", UNDO, ticket, FIRED, 600, WHERE))
    stage.settle_down()
    stage.record(e.StepSucceeded(UNDO, 1, "exit 0"))
    stage.settle_down()
    assert stage.state.stage is RunStage.ROLLED_BACK
    assert UNDO not in stage.began


def test_a_console_that_comes_back_does_not_begin_the_step_before_the_target_was_heard() -> None:
    stage = armed()
    stage.record(e.ConsoleLost(1, 60_000), e.ConsoleAttached("ana", "laptop", 2, "terminal", "0"))
    assert status(stage.state) is Armament.SILENT
    assert wants(stage) == []
    stage.record(d.DeadManHeard("close", WHERE))
    assert wants(stage) == [Begin("close")]


LATER: dict[Armament, list[e.Event]] = {
    Armament.ARMING: [],
    Armament.ARMED: [d.DeadManArmed("close", "t", WHERE)],
    Armament.SILENT: [d.DeadManArmed("close", "t", WHERE), d.DeadManSilent("close", WHERE, 5000)],
    Armament.LOST: [d.DeadManArmed("close", "t", WHERE), d.DeadManLost("close", WHERE, "gone")],
    Armament.NOT_ARMED: [d.DeadManNotArmed("close", "no room")],
    Armament.DISARMING: [d.DeadManArmed("close", "t", WHERE), d.DeadManConfirmed("close", "ana")],
    Armament.DISARMED: [d.DeadManArmed("close", "t", WHERE), d.DeadManDisarmed("close", WHERE)],
    Armament.GIVEN_UP: [
        d.DeadManArmed("close", "t", WHERE),
        d.DeadManSilent("close", WHERE, 5000),
        d.DeadManGivenUp("close", "ana", "it burned"),
    ],
    Armament.FIRED: [d.DeadManArmed("close", "t", WHERE), d.DeadManFired("close", UNDO, "t", FIRED, 9, WHERE)],
}
MOVES: list[tuple[e.Event, set[Armament]]] = [
    (d.DeadManArmed("close", "t", WHERE), {Armament.ARMING, Armament.ARMED, Armament.SILENT, Armament.LOST}),
    (d.DeadManSilent("close", WHERE, 1), {Armament.ARMED}),
    (d.DeadManLost("close", WHERE, "gone"), {Armament.ARMED, Armament.SILENT}),
    (
        d.DeadManConfirmed("close", "ana"),
        {Armament.ARMING, Armament.ARMED, Armament.SILENT, Armament.LOST, Armament.DISARMING},
    ),
    (
        d.DeadManDisarmed("close", WHERE),
        {
            Armament.ARMING,
            Armament.ARMED,
            Armament.SILENT,
            Armament.LOST,
            Armament.DISARMING,
            Armament.GIVEN_UP,
        },
    ),
    (
        d.DeadManFired("close", UNDO, "t", FIRED, 9, WHERE),
        {
            Armament.ARMING,
            Armament.ARMED,
            Armament.SILENT,
            Armament.LOST,
            Armament.DISARMING,
            Armament.GIVEN_UP,
        },
    ),
    (d.DeadManGivenUp("close", "ana", "it burned"), {Armament.SILENT, Armament.LOST, Armament.DISARMING}),
    (d.DeadManReverted("close", UNDO, FIRED, 9, WHERE), {Armament.FIRED}),
]


@pytest.mark.parametrize("at", LATER, ids=lambda at: at.name)
@pytest.mark.parametrize(("event", "lawful"), MOVES, ids=[type(event).__name__ for event, _ in MOVES])
def test_every_move_is_lawful_or_an_error(at: Armament, event: e.Event, lawful: set[Armament]) -> None:
    stage = Stage(BOOK)
    stage.record(arming(stage), *LATER[at])
    assert status(stage.state) is at
    if at in lawful:
        stage.record(event)
    else:
        with pytest.raises(RecordDamaged):
            stage.record(event)


def test_a_way_back_by_a_recipe_takes_the_switch_off_first() -> None:
    text = BOOK.replace(
        "- id: p\n", "- id: p\n    rollback: {how: steps, steps: [{local: {argv: [all]}, changes: reversible}]}\n"
    )
    stage = Stage(text)
    stage.record(arming(stage))
    stage.record(d.DeadManArmed("close", stage.state.dead_men["close"].ticket, WHERE))
    stage.settle_down()
    stage.done("close", "look")
    stage.record(e.RollbackRequested("ana", "start", "why not", 0))
    stage.settle_down()
    assert status(stage.state) is Armament.DISARMING
    assert "p/rollback/1" not in stage.began
    stage.record(d.DeadManDisarmed("close", WHERE))
    stage.settle_down()
    assert stage.began[-1] == "p/rollback/1"


ELSEWHERE = BOOK.replace("local: {argv: [close]}", "host: {name: web1, argv: [close]}")


def fired_before_its_step_was_over(text: str) -> Stage:
    """The console came back: the step is asked about, and the target has run its undo meanwhile."""
    stage = Stage(text)
    stage.record(arming(stage))
    ticket = stage.state.dead_men["close"].ticket
    stage.record(d.DeadManArmed("close", ticket, WHERE), e.StepStarted("close", 1, "r1/close/1", "host", "close", "d"))
    stage.record(e.ConsoleLost(1, 60_000), e.ConsoleAttached("ana", "laptop", 2, "terminal", "0"))
    stage.record(d.DeadManFired("close", UNDO, ticket, FIRED, 600, WHERE), e.DoubtAsked(UNDO, 1, "console"))
    stage.record(e.StepSucceeded(UNDO, 1, "exit 0"))
    return stage


def test_a_step_that_may_take_effect_after_its_undo_is_never_told_as_undone_but_put_before_a_person() -> None:
    stage = fired_before_its_step_was_over(ELSEWHERE)
    assert (stage.state.undone, stage.state.status(UNDO)) == (frozenset(), Status.IN_DOUBT)
    stage.record(e.DoubtAsked("close", 1, "console"), e.StepSucceeded("close", 1, "exit 0"))
    stage.record(e.DoubtAsked(UNDO, 1, "ana"), e.StepSucceeded(UNDO, 1, "exit 0"))  # asked again, it says the same
    assert (stage.state.undone, stage.state.status(UNDO)) == (frozenset(), Status.IN_DOUBT)
    assert UNDO in [p.address for p in blocked_by_person(stage.state)]
    stage.record(e.StepRuled(UNDO, 1, "done", "ana", "I looked: it is open"))
    assert (stage.state.undone, status(stage.state)) == (frozenset({"close"}), Armament.REVERTED)


def test_a_step_at_the_place_of_its_undo_was_ended_before_it_and_counts_as_undone() -> None:
    stage = fired_before_its_step_was_over(BOOK)
    assert (stage.state.undone, status(stage.state)) == (frozenset({"close"}), Armament.REVERTED)


def test_only_the_machine_where_it_was_armed_is_asked_about_it_also_when_it_is_renewed() -> None:
    text = ELSEWHERE.replace("local: {argv: [open]}", "host: {name: web1, argv: [open]}")
    stage = Stage(text)
    before = e.TargetSeen("web1", "host", "web1", (("machine", "a"),))
    stage.record(before, d.DeadManArming("close", 1, UNDO, "t", 9000, "host", "open", "d", "host web1"))
    stage.record(d.DeadManArmed("close", "t", WHERE))
    stage.record(e.TargetSeen("web1", "host", "web1", (("machine", "b"),)), d.DeadManLost("close", WHERE, "gone"))
    stage.record(d.DeadManArmed("close", "t", WHERE))
    assert stage.state.dead_men["close"].facts == (("machine", "a"),)
    stage.record(d.DeadManArming("close", 2, UNDO, "t", 9000, "host", "open", "d", "host web1"))
    assert stage.state.dead_men["close"].facts == (("machine", "a"),)
