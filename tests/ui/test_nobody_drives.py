"""A run that this window shows and nobody drives: it says so, sends nothing that nobody hears, and can be resumed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.errors import RecordUnwritable
from app.run import events as e
from app.run import requests as r
from app.session import resume, watch
from tests.ui.books import calm_book
from tests.ui.driving import Seat, seated
from tests.ui.test_window import reach_decision
from ui.dialogs.told import ToldDialog
from ui.theme import Theme


@pytest.fixture
def seat(light: Theme, tmp_path: Path) -> Iterator[Seat]:
    with seated(light, tmp_path) as somebody:
        yield somebody


def recorded(seat: Seat, kind: type[e.Event]) -> list[e.Event]:
    with seat.run.store.view.reader() as reader:
        return [one.event for one in reader.since(0) if isinstance(one.event, kind)]


def says(seat: Seat, words: str) -> None:
    """Wait until the notice says it."""
    seat.wait(lambda: seat.run.notice.words.text().startswith(words), f"it says {seat.run.notice.words.text()}")


def test_after_a_fault_of_the_engine_nothing_is_dropped_without_a_word_and_the_run_is_resumed(
    light: Theme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ZeroDivisionError("on purpose")

    with seated(light, tmp_path, faults=1) as seat:
        seat.start(calm_book(tmp_path))
        reach_decision(seat)
        before = seat.session
        engine = before._engine
        assert engine is not None
        monkeypatch.setattr(engine, "_go_on", broken)
        seat.run.store.send(r.Note("ana", "the straw"))
        seat.wait(lambda: before.ended, "the engine did not break")
        dialog = seat.dialog()
        assert isinstance(dialog, ToldDialog)
        dialog.reject()
        seat.wait(seat.run.notice.resume.isVisible, "nothing offers to resume it")
        assert not seat.run.store.driving
        seat.wait(lambda: not seat.run.current.verbs.primary.isEnabled(), "a verb can still be said")
        QTest.mouseClick(seat.run.strip.calm.button, Qt.MouseButton.LeftButton)
        says(seat, "Roll back was not sent: nobody drives this run.")
        seat.run.notice.forget()
        seat.run.act.note("does anybody hear")
        says(seat, "Not sent: nobody drives this run.")
        seat.run.notice.resume.click()
        seat.wait(lambda: seat.run.store.driving, "it was not resumed")
        seat.wait_for("question")
        assert recorded(seat, e.RollbackRequested) == []
        seat.wait(seat.run.current.verbs.primary.isEnabled)
        QTest.mouseClick(seat.run.strip.calm.button, Qt.MouseButton.LeftButton)
        seat.wait(lambda: seat.run.store.shown.state.countdown is not None, "Roll back does nothing after the resume")
        seat.run.act.call_off()
        seat.wait(lambda: seat.run.store.shown.state.countdown is None)


def test_a_watched_run_that_nobody_drives_is_never_told_to_go_back_later(seat: Seat) -> None:
    seat.start(calm_book(seat.home))
    reach_decision(seat)
    run = seat.session.run
    seat.flows.let_go("for the test")
    seat.flows.watch_run(run)
    seat.wait(lambda: not seat.run.store.driving and seat.run.notice.resume.isVisible())
    for _ in range(2):
        QTest.mouseClick(seat.run.strip.calm.button, Qt.MouseButton.LeftButton)
        QApplication.processEvents()
    seat.run.act.start_now()
    says(seat, "Roll back was not sent: nobody drives this run.")
    assert seat.run.notice.resume.isVisible()
    seat.run.act.note("left for whoever drives next")
    seat.run.notice.resume.click()
    seat.wait(lambda: seat.run.store.driving, "it was not resumed")
    seat.wait(lambda: seat.notes() > 0, "what was left in the inbox was not taken")
    assert recorded(seat, e.RollbackRequested) == []
    assert recorded(seat, e.RollbackPlanned) == []
    assert seat.run.store.shown.state.countdown is None


def test_going_back_from_a_window_that_watches_reaches_the_console_that_drives(seat: Seat) -> None:
    seat.start(calm_book(seat.home))
    reach_decision(seat)
    driven, look = seat.session, watch(seat.home, seat.session.run)
    seat.run.store.stop()
    seat.flows.store = None  # as a window of its own would: what drives is elsewhere
    try:
        seat.flows.show_view(look)
        seat.wait(lambda: seat.run.store.shown.focus.why == "question")
        seat.run.act.roll_back()
        seat.wait(lambda: driven.state.countdown is not None, "it was not heard")
        seat.run.act.call_off()
        seat.wait(lambda: seat.run.store.shown.state.countdown is None)
    finally:
        driven.detach()


def test_what_cannot_be_written_into_the_inbox_is_said_and_breaks_nothing(
    seat: Seat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_request: r.Request) -> None:
        raise RecordUnwritable("The disk is full.", where="the inbox")

    seat.start(calm_book(tmp_path))
    seat.wait_for("question")
    monkeypatch.setattr(seat.run.store._handle, "send", full)
    seat.press(Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)
    says(seat, "Not sent: The disk is full.")


def test_a_window_that_let_go_names_who_drives_the_run_now_and_that_it_shows_an_old_picture(seat: Seat) -> None:
    seat.start(calm_book(seat.home))
    reach_decision(seat)
    let_go = seat.session
    let_go.detach("for the test")
    seat.wait(seat.run.notice.resume.isVisible, "nothing offers to resume it")
    other = resume(seat.home, let_go.run, operator="raj")
    try:
        seat.wait(lambda: "drives this run now" in seat.run.notice.words.text(), "it does not say who drives")
        assert seat.run.notice.words.text().startswith("raj on ")
        assert "This is how it stood at" in seat.run.notice.words.text()
        assert not seat.run.notice.resume.isVisible()
        stood = seat.run.store.shown.now
        seat.run.act.note("does it hear")
        says(seat, "Not sent: raj on ")
        seat.wait(lambda: seat.run.store._looked.elapsed() < 200)
        assert seat.run.store.shown.now == stood
    finally:
        other.detach("the test is over")
        other.wait_ended(timedelta(seconds=20))
    seat.wait(seat.run.notice.resume.isVisible, "it stays with who is gone")
