"""What happens while the eyes or the hands are elsewhere: output behind a preview, and a countdown while one writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.ui.driving import Seat, seated
from ui.theme import Theme

BOOK = """
runbook: 1
name: meanwhile
title: Meanwhile
phases:
  - id: a
    steps:
      - id: talk
        est: 1m
        changes: reversible
        local: {argv: [sh, -c, 'echo one; until [ -e HOME/gate ]; do sleep 0.02; done; echo two; sleep 60']}
        undo: [{local: {argv: ['true']}}]
rollback: {to: start, est: 1m}
"""


@pytest.fixture
def seat(light: Theme, tmp_path: Path) -> Iterator[Seat]:
    with seated(light, tmp_path) as somebody:
        somebody.start(BOOK.replace("HOME", str(tmp_path)))
        somebody.wait(lambda: "one" in somebody.run.current.output.toPlainText())
        yield somebody
        somebody.run.act.roll_back()
        somebody.wait(lambda: somebody.run.store.shown.state.countdown is not None)
        somebody.run.act.start_now()
        somebody.wait(lambda: somebody.run.store.shown.state.back is not None)
    (tmp_path / "gate").touch()


def test_output_that_comes_behind_a_preview_is_there_when_the_step_is_back(seat: Seat) -> None:
    run = seat.run
    run.store.peek(peeking=True)
    seat.wait(lambda: run.middle.currentWidget() is run.preview)
    (seat.home / "gate").touch()
    seat.wait(lambda: any("two" in line.text for line in run.store.lines_of("talk")))
    run.store.peek(peeking=False)
    seat.wait(lambda: run.middle.currentWidget() is run.current)
    seat.wait(lambda: "two" in run.current.output.toPlainText())
    said = [line.strip() for line in run.current.output.toPlainText().splitlines()]
    assert sum("one" in line for line in said) == sum("two" in line for line in said) == 1


def test_a_countdown_takes_no_words_from_somebody_who_writes(seat: Seat) -> None:
    seat.press(Qt.Key.Key_N)
    note = seat.run.log.note
    seat.wait(note.hasFocus)
    QTest.keyClicks(note, "we")
    seat.run.act.roll_back()
    seat.wait(seat.run.strip.red.isVisible)
    assert note.hasFocus()
    seat.press(Qt.Key.Key_Space)
    assert note.text() == "we "
    assert seat.run.store.shown.state.countdown is not None
    seat.press(Qt.Key.Key_Escape)  # which answers from everywhere
    seat.wait(lambda: seat.run.store.shown.state.countdown is None)
    assert note.text() == "we "
