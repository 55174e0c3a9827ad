"""A decision of several people at one console: one press is one person's word, however often it is pressed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.run.events import AnswerGiven
from app.run.state import Status
from tests.ui.books import calm_book
from tests.ui.driving import Seat, seated
from ui.theme import Theme

BOOK = """
runbook: 1
name: two
title: Two of three
roles: {lead: {people: [ana, bob, cleo]}}
phases:
  - id: a
    steps:
      - {id: go, title: Go, owner: lead, est: 1m, decide: {ask: Shall we, by: [lead], need: 2}}
rollback: {est: 1s}
"""


@pytest.fixture
def seat(light: Theme, tmp_path: Path) -> Iterator[Seat]:
    with seated(light, tmp_path) as somebody:
        yield somebody


def answered(seat: Seat) -> list[str]:
    with seat.run.store.view.reader() as reader:
        return [one.event.by for one in reader.since(0) if isinstance(one.event, AnswerGiven)]


def test_a_second_press_speaks_for_nobody_until_somebody_is_chosen(seat: Seat) -> None:
    seat.start(BOOK)
    seat.wait_for("question")
    seat.go_on()
    for _ in range(3):
        seat.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    seat.wait(lambda: set(answered(seat)) == {"ana"})
    question = seat.run.current.question
    seat.wait(lambda: question.people is not None and not question.people.key())
    seat.wait(lambda: not seat.run.under_hand.waits)
    assert not seat.run.current.verbs.primary.isEnabled()
    seat.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    seat.run.act.note("later")
    seat.wait(lambda: seat.notes() == 1)
    assert set(answered(seat)) == {"ana"}
    assert question.people is not None
    assert list(question.people._buttons) == ["bob", "cleo"]
    question.people._buttons["cleo"].click()
    seat.go_on()
    seat.wait(lambda: seat.session.state.status("go") is Status.DONE)
    assert set(answered(seat)) == {"ana", "cleo"}


def test_the_keyboard_is_with_the_window_when_the_boxes_of_a_check_go(seat: Seat, tmp_path: Path) -> None:
    seat.start(calm_book(tmp_path))
    seat.wait_for("question")
    for box in seat.run.current.question.items:
        box.setFocus()
        box.setChecked(True)
    seat.go_on()
    seat.wait(lambda: seat.run.store.shown.focus.address != "ready")
    seat.wait(lambda: not seat.run.current.question.items)
    assert QApplication.focusWidget() in (None, seat.window)
