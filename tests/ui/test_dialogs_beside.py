"""Dialogs beside the run: Enter leaves what weighs something, a writer keeps the keyboard, and it is given back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.errors import TminusError
from tests.ui.books import calm_book
from tests.ui.driving import Seat, seated
from ui.dialogs.beside import open_beside, open_unasked
from ui.dialogs.told import ToldDialog
from ui.theme import Theme


@pytest.fixture
def seat(light: Theme, tmp_path: Path) -> Iterator[Seat]:
    with seated(light, tmp_path) as somebody:
        yield somebody


def at_a_question(seat: Seat, folder: Path) -> None:
    seat.start(calm_book(folder))
    seat.wait_for("question")


def test_enter_stays_where_something_can_be_left(seat: Seat, tmp_path: Path) -> None:
    at_a_question(seat, tmp_path)
    assert not seat.window.close()
    dialog = seat.dialog()
    assert isinstance(dialog, ToldDialog)
    agreed: list[bool] = []
    dialog.agreed.connect(lambda: agreed.append(True))
    seat.wait(lambda: QApplication.activeWindow() is dialog)
    QTest.keyClick(QApplication.focusWidget() or dialog, Qt.Key.Key_Return)
    seat.wait(lambda: QApplication.activeWindow() is seat.window, "Enter left nothing")
    assert not agreed
    assert seat.window.isVisible()
    assert seat.run.store.driving


def test_a_dialog_that_nobody_asked_for_takes_no_key_from_somebody_who_writes(seat: Seat, tmp_path: Path) -> None:
    at_a_question(seat, tmp_path)
    seat.press(Qt.Key.Key_N)
    note = seat.run.log.note
    seat.wait(note.hasFocus)
    told = ToldDialog("That did not work", "On purpose", "Close", seat.window)
    open_unasked(told, seat.window)
    seat.wait(told.isVisible)
    seat.wait(note.hasFocus)
    assert QApplication.activeWindow() is seat.window
    QTest.keyClicks(note, "still writing")
    seat.press(Qt.Key.Key_Return)
    seat.wait(lambda: seat.notes() == 1, "the note was not written")
    seat.press(Qt.Key.Key_Escape)
    seat.wait(told.isActiveWindow, "it waits for the keyboard for ever")
    told.reject()


def test_a_desktop_that_activates_what_is_new_does_not_take_the_keyboard_from_a_writer(
    seat: Seat, tmp_path: Path
) -> None:
    at_a_question(seat, tmp_path)
    seat.press(Qt.Key.Key_N)
    seat.wait(seat.run.log.note.hasFocus)
    told = ToldDialog("That did not work", "On purpose", "Close", seat.window)
    open_unasked(told, seat.window)
    told.activateWindow()
    seat.wait(told.isActiveWindow)
    seat.wait(seat.run.log.note.hasFocus, "the keyboard did not come back")
    assert told.isVisible()
    seat.press(Qt.Key.Key_Escape)
    seat.wait(told.isActiveWindow)
    told.reject()


def test_what_the_window_has_to_say_by_itself_is_such_a_dialog(seat: Seat, tmp_path: Path) -> None:
    at_a_question(seat, tmp_path)
    seat.press(Qt.Key.Key_N)
    seat.wait(seat.run.log.note.hasFocus)
    seat.flows.starting.trouble.emit(TminusError("It did not work."))
    dialog = seat.dialog()
    seat.wait(seat.run.log.note.hasFocus)
    assert not dialog.isActiveWindow()
    dialog.reject()


def test_the_keyboard_goes_back_to_the_dialog_that_had_it(seat: Seat, tmp_path: Path) -> None:
    at_a_question(seat, tmp_path)
    seat.run.act.say("skip")
    first = seat.dialog()
    seat.wait(first.isActiveWindow)
    had = QApplication.focusWidget()
    told = ToldDialog("That did not work", "On purpose", "Close", seat.window)
    open_beside(told, seat.window)
    seat.wait(told.isActiveWindow)
    told.button.click()
    seat.wait(first.isActiveWindow, "the keyboard went elsewhere")
    assert QApplication.focusWidget() is had
    first.reject()
    seat.wait(seat.window.isActiveWindow)
