"""The filled button never changes its meaning under the hand: what comes by itself cannot be pressed for a moment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject

from app.run import requests as r
from app.run.state import Status
from tests.ui.driving import Seat, seated
from ui.screens.under_hand import UnderHand
from ui.store import Tick
from ui.theme import Theme

TWO_QUESTIONS = """
runbook: 1
name: two
roles: {lead: {people: [ana, mei]}}
phases:
  - id: cut
    steps:
      - {id: one, title: First, decide: {ask: First, by: [lead]}}
      - {id: two, title: Second, decide: {ask: Second, by: [lead]}}
"""


@pytest.fixture
def seat(light: Theme, tmp_path: Path) -> Iterator[Seat]:
    with seated(light, tmp_path) as somebody:
        yield somebody


def at_first(seat: Seat) -> None:
    seat.start(TWO_QUESTIONS)
    seat.wait_for("question")
    seat.wait(lambda: not seat.run.under_hand.waits)


def test_a_key_and_a_click_that_were_meant_for_the_question_before_answer_nothing(seat: Seat) -> None:
    at_first(seat)
    primary = seat.run.current.verbs.primary
    waited: list[bool] = []

    def press(tick: Tick) -> None:
        focus = tick.shown.focus
        if (focus.address, focus.why) == ("two", "question") and not waited:
            waited.append(primary.waits)
            seat.run.say_primary()
            primary.click()

    seat.run.store.ticked.connect(press)
    seat.run.store.send(r.Answer("mei", "one", "go"))
    seat.wait(lambda: bool(waited), "the second question was not shown")
    assert waited == [True]
    seat.wait(lambda: not primary.waits, "it can never be pressed")
    assert seat.run.store.shown.step.question is not None
    assert seat.session.state.status("two") is not Status.DONE
    seat.go_on()
    seat.wait_for("finished")
    (last,) = seat.session.state.step("two").attempts
    assert last.summary == "Go, says ana"


def test_where_a_person_goes_to_can_be_pressed_at_once(seat: Seat) -> None:
    at_first(seat)
    seat.run.steps.chosen.emit("two")
    assert seat.run.current.verbs.primary.text() == "Back to now"
    assert not seat.run.under_hand.waits
    seat.primary()
    assert seat.run.current.title.text() == "First"
    assert not seat.run.under_hand.waits


def test_the_stop_key_answers_while_the_middle_is_too_new(seat: Seat) -> None:
    at_first(seat)
    pressed: list[str] = []

    def press(tick: Tick) -> None:
        if tick.shown.focus.address == "two" and seat.run.under_hand.waits and not pressed:
            pressed.append("stop")
            seat.run.act.panic()

    seat.run.store.ticked.connect(press)
    seat.run.store.send(r.Answer("mei", "one", "go"))
    seat.wait(lambda: seat.run.store.shown.state.held, "the stop key waited")
    assert pressed


def test_the_first_thing_shown_is_not_new_and_what_was_asked_for_is_not_either(theme: Theme) -> None:
    parent = QObject()
    hand = UnderHand(parent)
    waits = []
    for subject, asked in (("a", False), ("a", False), ("b", False), ("c", True)):
        hand.show(subject, asked=asked)
        waits.append(hand.waits)
    assert waits == [False, False, True, False]
