"""Faults of the window are told once, and a listener that breaks as well ends nothing."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QPushButton

from ui import problem
from ui.problem import Problems
from ui.theme import Theme


@pytest.fixture
def problems(light: Theme) -> Problems:
    return Problems()


def test_a_listener_that_breaks_is_not_told_of_its_own_fault_without_end(problems: Problems) -> None:
    heard: list[str] = []

    class Broken(QObject):
        def hear(self, _where: str, text: str) -> None:
            heard.append(text)
            raise ValueError(f"listening failed after {len(heard)}")

    broken, button = Broken(), QPushButton()
    problems.seen.connect(broken.hear)
    button.clicked.connect(lambda: 1 / 0)
    problems.install()
    try:
        button.click()
    finally:
        problems.release()
    assert len(heard) == 1
    assert "ZeroDivisionError" in heard[0]
    assert problems.count == 2


def test_a_fault_that_comes_with_every_tick_is_told_on_once_in_a_while(
    problems: Problems, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    problems.seen.connect(lambda _where, text: heard.append(text))
    for _ in range(50):
        problems.tell("window", "the disk is full")
    problems.tell("window", "something else")
    assert heard == ["the disk is full", "something else"]
    assert problems.count == 51
    monkeypatch.setattr(problem, "AGAIN_S", 0.0)
    problems.tell("window", "the disk is full")
    assert heard[2:] == ["the disk is full"]


def test_a_fault_of_another_thread_is_told_while_one_of_the_window_is(problems: Problems) -> None:
    heard: list[str] = []

    def listen(_where: str, text: str) -> None:
        heard.append(text)
        if text == "first":
            other = threading.Thread(target=problems.tell, args=("thread", "second"))
            other.start()
            other.join()

    problems.seen.connect(listen)
    problems.tell("window", "first")
    QApplication.processEvents()
    assert heard == ["first", "second"]
