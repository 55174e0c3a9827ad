"""What cannot be undone is held, not clicked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from ui.widgets.hold_button import HoldButton

Until = Callable[[Callable[[], bool]], None]


@pytest.fixture
def button(shown: Callable[[QWidget], QWidget]) -> HoldButton:
    one = HoldButton("Drop the old tables", timedelta(milliseconds=60))
    shown(one)
    return one


def test_a_click_does_nothing(button: HoldButton) -> None:
    held: list[int] = []
    button.held.connect(lambda: held.append(1))
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert (held, button.progress) == ([], 0.0)


def test_a_full_hold_acts_once(button: HoldButton, until: Until) -> None:
    held: list[int] = []
    button.held.connect(lambda: held.append(1))
    QTest.mousePress(button, Qt.MouseButton.LeftButton)
    until(lambda: bool(held))
    QApplication.processEvents()
    QTest.mouseRelease(button, Qt.MouseButton.LeftButton)
    assert held == [1]


def test_the_space_bar_holds_and_its_repeats_do_not_restart_it(button: HoldButton, until: Until) -> None:
    held: list[int] = []
    button.held.connect(lambda: held.append(1))
    QTest.keyPress(button, Qt.Key.Key_Space)
    repeat = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, " ", True, 1)
    until(lambda: button.progress > 0.2)
    before = button.progress
    QApplication.sendEvent(button, repeat)
    assert button.progress >= before
    until(lambda: bool(held))
    assert held == [1]


def test_enter_does_not_act(button: HoldButton) -> None:
    QTest.keyPress(button, Qt.Key.Key_Return)
    assert button.progress == 0.0


def test_letting_go_starts_over(button: HoldButton, until: Until) -> None:
    QTest.mousePress(button, Qt.MouseButton.LeftButton, pos=QPointF(5, 5).toPoint())
    until(lambda: button.progress > 0.1)
    QTest.mouseRelease(button, Qt.MouseButton.LeftButton)
    assert button.progress == 0.0
