"""One run at a time: one press starts one run, none is driven unseen, and a window that goes lets go of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog

from app.run import events as e
from app.session import RunOrder, Session, list_runs, new_run, resume, watch
from tests.ui.books import calm_book
from tests.ui.driving import PATIENCE, Seat, seated
from tests.ui.test_preflight import PLAIN, begun, found_in
from ui.dialogs.told import ToldDialog
from ui.theme import Theme


@pytest.fixture
def seat(light: Theme, tmp_path: Path) -> Iterator[Seat]:
    with seated(light, tmp_path) as somebody:
        yield somebody


def calm(seat: Seat, name: str = "calm.yaml") -> RunOrder:
    """An order for a run that waits for a person."""
    path = seat.home / name
    path.write_text(calm_book(seat.home), encoding="utf-8")
    return RunOrder(path, seat.home, "ana", "window")


def held_up(seat: Seat, until: Event, began: Event) -> Callable[[], Session]:
    """Opens a run, but only once it is let."""
    order = calm(seat)

    def work() -> Session:
        began.set()
        assert until.wait(PATIENCE)
        return new_run(order)

    return work


def told(seat: Seat) -> str:
    """What the dialog that is open says; it is closed."""
    dialog = seat.dialog()
    assert isinstance(dialog, ToldDialog)
    said = dialog.accessibleName()
    dialog.reject()
    seat.wait(lambda: not any(one.isVisible() for one in seat.window.findChildren(QDialog)))
    return said


def undriven(seat: Seat, run: str) -> tuple[e.Event, ...]:
    """The events of a run that nobody drives any more."""
    look = watch(seat.home, run)
    try:
        assert look.driver() is None
        assert not look.state.console.attached
        with look.reader() as reader:
            return tuple(one.event for one in reader.since(0))
    finally:
        look.close()


# ---------------------------------------------------------------- one at a time


def test_one_preflight_starts_one_run_however_often_it_is_pressed(seat: Seat) -> None:
    screen = begun(seat, PLAIN)
    found_in(seat, screen)
    for _ in range(3):
        screen.start_asked.emit()
    assert not screen.start.isEnabled()
    assert not screen.again.isEnabled()
    seat.primary()
    seat.wait_for("finished")
    seat.flows.starting.start()  # the same look again
    seat.wait(lambda: not seat.window.aside.busy)
    assert len(list_runs(seat.home)) == 1


def test_a_start_that_was_refused_can_be_pressed_again(seat: Seat) -> None:
    screen = begun(seat, PLAIN)
    found_in(seat, screen)
    good = (seat.home / "book.yaml").read_text(encoding="utf-8")
    (seat.home / "book.yaml").write_text(good + "\n# changed\n", encoding="utf-8")
    screen.start_asked.emit()
    assert "was changed after it was looked at" in told(seat)
    (seat.home / "book.yaml").write_text(good, encoding="utf-8")
    assert screen.start.isEnabled()
    screen.start.click()
    seat.wait_for("finished")


def test_while_a_run_is_opened_no_other_is_and_that_is_said(seat: Seat) -> None:
    go, began = Event(), Event()
    seat.flows.one.open(held_up(seat, go, began), seat.flows.show_view)
    seat.wait(began.is_set)
    others: tuple[Callable[[], None], ...] = (
        lambda: seat.flows.demo(""),
        lambda: seat.flows.resume_run("any"),
        lambda: seat.flows.watch_run("any"),
        lambda: seat.flows.start_run(calm(seat)),
    )
    for ask in others:
        ask()
        assert told(seat).startswith("A run is being opened already.")
    go.set()
    seat.wait_for("question")
    assert len(list_runs(seat.home)) == 1


def test_a_run_that_is_still_driven_when_another_is_shown_is_let_go_of(seat: Seat) -> None:
    seat.start(calm_book(seat.home))
    seat.wait_for("question")
    first, second = seat.session, new_run(calm(seat))
    seat.flows.show_view(second)
    seat.wait(lambda: first.ended, "it is driven with nobody to see it")
    undriven(seat, first.run)
    assert not second.ended


# ---------------------------------------------------------------- letting go for another


def test_another_run_is_opened_only_when_the_one_before_is_let_go_of(seat: Seat) -> None:
    other = new_run(calm(seat, "other.yaml"))
    other.detach()
    seat.start(calm_book(seat.home))
    seat.wait_for("question")
    first = seat.session
    seat.flows.resume_run(other.run)
    dialog = seat.dialog()
    assert isinstance(dialog, ToldDialog)
    dialog.button.click()
    seat.wait(lambda: seat.run.store.view.run == other.run, "the other run was not shown")
    assert isinstance(undriven(seat, first.run)[-1], e.ConsoleDetached)
    assert not seat.session.ended


def test_a_run_that_does_not_let_go_in_time_keeps_the_next_one_shut(
    seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = new_run(calm(seat, "other.yaml"))
    other.detach()
    seat.start(calm_book(seat.home))
    seat.wait_for("question")
    first = seat.session
    monkeypatch.setattr(first, "detach", lambda reason="": None)  # its ten seconds went by
    seat.flows.resume_run(other.run)
    dialog = seat.dialog()
    assert isinstance(dialog, ToldDialog)
    dialog.button.click()
    seat.wait(lambda: not dialog_is(dialog))
    assert "is not let go of yet" in told(seat)
    assert seat.session is first
    assert watch(seat.home, other.run).driver() is None
    monkeypatch.undo()


def dialog_is(dialog: QDialog) -> bool:
    """Whether it is still there to be seen."""
    try:
        return dialog.isVisible()
    except RuntimeError:  # Qt has deleted it
        return False


# ---------------------------------------------------------------- the window goes


def test_a_window_that_closes_while_a_run_is_opened_asks_and_leaves_none_driven(light: Theme, tmp_path: Path) -> None:
    with seated(light, tmp_path) as seat:
        began = Event()
        order = calm(seat)

        def work() -> Session:
            began.set()
            while not seat.flows.one.left():
                began.wait(0.001)
            return new_run(order)

        seat.flows.one.open(work, seat.flows.show_view)
        seat.wait(began.is_set)
        assert not seat.window.close()
        dialog = seat.dialog()
        assert isinstance(dialog, ToldDialog)
        assert "A run is being opened" in dialog.accessibleName()
        dialog.button.click()
        seat.wait(lambda: not seat.window.isVisible(), "the window stayed")
        (run,) = list_runs(seat.home)
        assert any(isinstance(one, e.ConsoleDetached) for one in undriven(seat, run.run))
        QApplication.processEvents()
        assert seat.flows.run_screen is None


def test_a_signal_while_a_run_is_resumed_leaves_it_to_be_resumed(light: Theme, tmp_path: Path) -> None:
    with seated(light, tmp_path) as seat:
        made = new_run(calm(seat))
        made.detach()
        began = Event()

        def work() -> Session:
            session = resume(seat.home, made.run, operator="ana", door="window")
            began.set()
            return session

        seat.flows.one.open(work, seat.flows.show_view)
        assert began.wait(PATIENCE)  # no event of the window is looked at meanwhile: what was opened is not shown yet
        seat.window.leave()
        undriven(seat, made.run)


# ---------------------------------------------------------------- the stop keys


def test_the_stop_keys_answer_while_a_file_is_chosen(seat: Seat) -> None:
    seat.start(calm_book(seat.home))
    seat.wait_for("question")
    seat.flows.choose_file()
    dialog = seat.dialog()
    assert isinstance(dialog, QFileDialog)
    assert dialog.testOption(QFileDialog.Option.DontUseNativeDialog)
    assert dialog.testAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    QTest.keyClick(dialog, Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)
    seat.wait(lambda: seat.run.store.shown.state.held, "the stop key was not heard")
    assert dialog.isVisible()
    strip = seat.run.strip
    assert dialog.frameGeometry().top() >= strip.mapToGlobal(strip.rect().bottomLeft()).y()
    dialog.reject()
