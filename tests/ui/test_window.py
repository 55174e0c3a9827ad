"""The window on the real engine: everything by keyboard, the way back in one click, and what happens when it closes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from app.demo.run import runs
from app.run import requests as r
from app.run.state import Stage, Status
from app.session import RunOrder, new_run, resume, watch
from tests.ui.books import broken_book, calm_book, doubtful_book, silent_server
from tests.ui.driving import Seat, seated
from ui.dialogs.ask import AskDialog
from ui.dialogs.told import ToldDialog
from ui.theme import Theme
from ui.widgets.rollback_button import RollbackMood


@pytest.fixture
def seat(light: Theme, tmp_path: Path) -> Iterator[Seat]:
    with seated(light, tmp_path) as somebody:
        yield somebody


def test_a_whole_run_is_driven_by_keyboard_alone(seat: Seat, tmp_path: Path) -> None:
    seat.start(calm_book(tmp_path))
    seat.wait_for("question")
    question = seat.run.current.question
    seat.wait(lambda: len(question.items) == 2)
    assert not seat.run.current.verbs.primary.isEnabled()
    seat.primary()
    for box in list(question.items):
        seat.tab_to(box)
        seat.press(Qt.Key.Key_Space)
    assert seat.run.current.verbs.primary.isEnabled()
    seat.go_on()
    seat.wait(lambda: seat.run.store.shown.focus.address == "really")
    seat.press(Qt.Key.Key_N)
    QTest.keyClicks(seat.run.log.note, "all quiet n n")
    seat.press(Qt.Key.Key_Return)
    seat.window.setFocus()
    seat.go_on()
    seat.wait_for("finished")
    assert (tmp_path / "there").exists()
    assert seat.session.state.stage is Stage.FINISHED
    assert seat.notes() == 1
    answers = seat.session.state.step("really").last
    assert answers is not None
    assert answers.summary == "Go, says mei"


def test_one_click_starts_the_way_back_and_stop_leaves_everything_as_it_is(seat: Seat, tmp_path: Path) -> None:
    seat.start(calm_book(tmp_path))
    reach_decision(seat)
    button = seat.run.strip.calm.button
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    seat.wait(lambda: seat.run.store.shown.state.countdown is not None)
    seat.wait(seat.run.strip.red.isVisible)
    assert "Nothing has been sent yet" in seat.run.strip.red.accessibleName()
    seat.press(Qt.Key.Key_Escape)
    seat.wait(lambda: seat.run.store.shown.state.countdown is None)
    assert (tmp_path / "there").exists()
    assert "RollbackPlanned" not in seat.events()


def test_roll_back_and_start_now_are_the_same_spot_and_undo_what_was_done(seat: Seat, tmp_path: Path) -> None:
    seat.start(calm_book(tmp_path))
    reach_decision(seat)
    calm = seat.run.strip.calm.button
    place = calm.mapTo(seat.window, calm.rect().center())
    QTest.mouseClick(calm, Qt.MouseButton.LeftButton)
    seat.wait(seat.run.strip.red.isVisible)
    start = seat.run.strip.red.start
    assert start.rect().contains(start.mapFrom(seat.window, place))
    QTest.mouseClick(start, Qt.MouseButton.LeftButton)
    seat.wait_for("rolled-back")
    assert not (tmp_path / "there").exists()
    assert button_mood(seat) is RollbackMood.ROLLED
    assert seat.run.steps.count.text() == "1 of 1 undone"


def test_the_undos_are_shown_before_anybody_presses(seat: Seat, tmp_path: Path) -> None:
    seat.start(calm_book(tmp_path))
    reach_decision(seat)
    seat.run.strip.calm.undos.click()
    seat.wait(lambda: seat.run.middle.currentWidget() is seat.run.preview)
    rows = seat.run.steps.rows
    assert "Take the file away" in str(rows.index(0).data())
    assert "RollbackRequested" not in seat.events()


def test_a_failed_step_says_why_and_waits_for_words(seat: Seat) -> None:
    seat.start(broken_book())
    seat.wait_for("failed")
    seat.wait(seat.run.current.trouble.isVisible)
    assert "exit 4" in seat.run.current.trouble.words.text()
    seat.wait(lambda: "outbox copy aborted" in seat.run.current.output.toPlainText())
    assert seat.run.current.verbs.primary.text() == "Retry Copy the final delta"
    assert button_mood(seat) is RollbackMood.ALARM
    seat.run.act.say("skip")
    seat.give_reason("the rows are copied by hand")
    seat.wait_for("finished")
    assert seat.session.state.status("delta") is Status.SKIPPED


def test_retry_is_a_new_attempt(seat: Seat) -> None:
    seat.start(broken_book())
    seat.wait_for("failed")
    seat.go_on()
    seat.wait(lambda: len(seat.session.state.step("delta").attempts) == 2)
    seat.wait_for("failed")


def test_a_doubt_shows_its_evidence_and_running_again_is_typed(seat: Seat) -> None:
    with silent_server() as port:
        seat.start(doubtful_book(port))
        seat.wait_for("doubt")
    seat.wait(lambda: seat.run.middle.currentWidget() is seat.run.doubt)
    assert len(seat.run.doubt.ways) == 3
    assert not seat.run.side.isVisible()
    seat.run.act.say("run-again")
    dialog = seat.dialog()
    assert isinstance(dialog, AskDialog)
    assert dialog.confirm is not None
    QTest.keyClicks(dialog.reason, "the balancer says old")
    assert not dialog.confirm.isEnabled()
    QTest.keyClicks(dialog.typed, f"127.0.0.1:{port}")
    assert dialog.confirm.isEnabled()
    dialog.reject()
    seat.run.act.say("mark-done")
    seat.give_reason("the balancer says new")
    seat.wait_for("finished")
    assert seat.session.state.step("switch").ruled_by == "ana"


def test_another_console_drives_and_this_window_watches_and_asks_through_the_record(seat: Seat, tmp_path: Path) -> None:
    path = tmp_path / "calm.yaml"
    path.write_text(calm_book(tmp_path), encoding="utf-8")
    other = new_run(RunOrder(path, seat.home, "mei", "terminal"))
    try:
        seat.flows.watch_run(other.run)
        seat.wait_for("question")
        seat.wait(seat.run.notice.isVisible)
        assert seat.run.notice.words.text().startswith("You are watching. mei on ")
        for box in seat.run.current.question.items:
            box.setChecked(True)
        seat.go_on()
        seat.wait(lambda: other.state.status("ready") is Status.DONE)
        seat.wait(lambda: seat.run.store.shown.focus.address == "really")
    finally:
        other.detach()
    seat.wait(seat.run.notice.resume.isVisible)


def test_a_run_that_nobody_drives_is_resumed_in_one_click(seat: Seat, tmp_path: Path) -> None:
    path = tmp_path / "calm.yaml"
    path.write_text(calm_book(tmp_path), encoding="utf-8")
    other = new_run(RunOrder(path, seat.home, "mei", "terminal"))
    other.detach()
    seat.flows.watch_run(other.run)
    seat.wait(lambda: seat.flows.run_screen is not None and seat.run.notice.resume.isVisible())
    seat.run.notice.resume.click()
    seat.wait(lambda: seat.run.store.driving)
    seat.wait_for("question")
    assert seat.session.state.console.operator == "ana"
    assert seat.run.log.model is not None
    assert seat.run.log.model.total > 3


def test_closing_says_that_it_lets_go_and_the_run_can_be_resumed(seat: Seat, tmp_path: Path) -> None:
    seat.start(calm_book(tmp_path))
    seat.wait_for("question")
    run = seat.session.run
    assert not seat.window.close()
    dialog = seat.dialog()
    assert isinstance(dialog, ToldDialog)
    assert "stops nothing" in dialog.accessibleName()
    dialog.button.click()
    seat.wait(lambda: not seat.window.isVisible())
    look = watch(seat.home, run)
    assert not look.state.console.attached
    assert look.state.stage is Stage.FORWARD
    look.close()
    again = resume(seat.home, run, operator="mei")
    again.detach()


def test_closing_the_run_for_good_is_held_for_a_second_not_clicked(seat: Seat, tmp_path: Path) -> None:
    seat.start(calm_book(tmp_path))
    reach_decision(seat)
    seat.go_on()
    seat.wait_for("finished")
    seat.go_on()
    dialog = seat.dialog()
    assert isinstance(dialog, AskDialog)
    assert dialog.hold is not None
    dialog.hold.click()
    QTest.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert dialog.isVisible()
    QTest.mousePress(dialog.hold, Qt.MouseButton.LeftButton)
    seat.wait(lambda: not dialog.isVisible() if _alive(dialog) else True)
    seat.wait_for("closed")


def test_a_demo_that_is_closed_sends_its_customers_home(seat: Seat) -> None:
    seat.flows.demo("")
    seat.wait_for("question")
    estate = Path(dict(seat.session.state.params)["estate"])
    assert runs(estate)
    seat.run.act.close_run()
    dialog = seat.dialog()
    assert isinstance(dialog, AskDialog)
    assert dialog.hold is not None
    QTest.mousePress(dialog.hold, Qt.MouseButton.LeftButton)
    seat.wait(lambda: not dialog.isVisible() if _alive(dialog) else True)
    seat.wait(lambda: "RunClosed" in seat.events(), "it was not closed")
    seat.wait(lambda: not runs(estate), "the shop goes on")


def test_what_is_refused_is_said_on_screen_and_in_the_log(seat: Seat, tmp_path: Path) -> None:
    seat.start(calm_book(tmp_path))
    seat.wait_for("question")
    seat.run.store.send(r.Retry("ana", "ready"))
    seat.wait(lambda: "RequestRefused" in seat.events())
    seat.wait(lambda: seat.run.notice.words.text().startswith("Refused: "))


CTRL = Qt.KeyboardModifier.ControlModifier


def held(seat: Seat) -> bool:
    return seat.run.store.shown.state.held


def seen_for_a_second(seat: Seat) -> None:
    """Until the hold was on show for so long that its key would lift it."""
    seat.wait(lambda: seat.run.may_go_on, "the hold is not on show")


def test_hold_and_go_on_are_one_key_once_the_hold_was_seen_for_a_second(seat: Seat, tmp_path: Path) -> None:
    seat.start(calm_book(tmp_path))
    seat.wait_for("question")
    seat.press(Qt.Key.Key_H, CTRL)
    seat.wait(lambda: held(seat))
    seat.press(Qt.Key.Key_H, CTRL)
    seat.wait(lambda: seat.run.notice.words.text() == "Refused: ana already holds the run.")
    assert held(seat)
    seen_for_a_second(seat)
    seat.press(Qt.Key.Key_H, CTRL)
    seat.wait(lambda: not held(seat))


def test_the_key_of_the_hold_lifts_none_from_another_screen_a_dialog_or_a_text_field(
    seat: Seat, tmp_path: Path
) -> None:
    seat.start(calm_book(tmp_path))
    seat.wait_for("question")
    seat.press(Qt.Key.Key_H, CTRL)
    seen_for_a_second(seat)
    seat.window.go("history")
    seat.press(Qt.Key.Key_H, CTRL)
    seat.arrive("run")
    seat.wait(lambda: seat.events().count("RequestRefused") == 1)
    seen_for_a_second(seat)
    seat.press(Qt.Key.Key_N)
    assert QApplication.focusWidget() is seat.run.log.note
    seat.press(Qt.Key.Key_H, CTRL)
    seat.wait(lambda: seat.events().count("RequestRefused") == 2)
    seat.window.setFocus()
    seen_for_a_second(seat)
    seat.run.act.say("skip")
    dialog = seat.dialog()
    assert isinstance(dialog, AskDialog)
    dialog.activateWindow()
    dialog.reason.setFocus()
    seat.wait(lambda: not seat.run.may_go_on)
    QTest.keyClick(dialog.reason, Qt.Key.Key_H, CTRL)
    seat.wait(lambda: seat.events().count("RequestRefused") == 3)
    assert "HoldLifted" not in seat.events()
    assert held(seat)


def counting(seat: Seat) -> bool:
    return seat.run.store.shown.state.countdown is not None


def count_down(seat: Seat) -> None:
    seat.run.act.roll_back()
    seat.wait(lambda: counting(seat))


def test_escape_stops_the_countdown_from_a_dialog_a_text_field_and_another_screen(seat: Seat, tmp_path: Path) -> None:
    seat.start(calm_book(tmp_path))
    reach_decision(seat)
    seat.run.act.say("skip")
    dialog = seat.dialog()
    assert isinstance(dialog, AskDialog)
    count_down(seat)
    QTest.keyClicks(dialog.reason, "not needed")
    QTest.keyClick(dialog.reason, Qt.Key.Key_Escape)
    seat.wait(lambda: not counting(seat), "the dialog took the key")
    assert dialog.isVisible()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)  # nothing counts down: the key is the dialog's again
    seat.wait(lambda: not dialog.isVisible() if _alive(dialog) else True)
    seat.window.go("library")
    count_down(seat)
    QTest.keyClick(seat.window.library.search, Qt.Key.Key_Escape)
    seat.wait(lambda: not counting(seat), "the field took the key")
    count_down(seat)
    QTest.keyClick(seat.window, Qt.Key.Key_Escape)
    seat.wait(lambda: not counting(seat), "the other screen took the key")
    assert seat.events().count("RollbackCalledOff") == 3
    assert "RollbackPlanned" not in seat.events()
    assert (tmp_path / "there").exists()


def test_a_fault_of_the_window_goes_into_the_record_and_is_shown(light: Theme, tmp_path: Path) -> None:
    with seated(light, tmp_path, faults=1) as seat:
        seat.start(calm_book(tmp_path))
        seat.wait_for("question")
        seat.window.problems.tell("window", "ZeroDivisionError: on purpose")
        seat.wait(lambda: "FaultSeen" in seat.events())
        seat.wait(seat.run.notice.isVisible)


def test_what_is_refused_after_a_fault_of_ours_can_be_read_before_the_fault_is_told_again(
    light: Theme, tmp_path: Path
) -> None:
    with seated(light, tmp_path, faults=1) as seat:
        seat.start(calm_book(tmp_path))
        seat.wait_for("question")
        seat.window.problems.tell("window", "ZeroDivisionError: on purpose")
        seat.wait(lambda: seat.run.notice.words.text().startswith("Tminus itself had a fault"))
        seat.run.act.told.emit("No way back: on purpose")
        before = seat.run.store.shown
        seat.wait(lambda: seat.run.store.shown is not before, "the clock did not move on")
        QApplication.processEvents()
        assert seat.run.notice.words.text() == "No way back: on purpose"
        seat.run.notice.forget()
        seat.wait(lambda: seat.run.notice.words.text().startswith("Tminus itself had a fault"))


def test_the_keys_of_the_way_back_answer_with_a_dialog_open(seat: Seat) -> None:
    seat.start(broken_book())
    seat.wait_for("failed")
    seat.run.act.say("skip")
    dialog = seat.dialog()
    QTest.keyClick(dialog, Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)
    seat.wait(lambda: seat.run.store.shown.state.held)
    QTest.keyClick(dialog, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    seat.wait(lambda: seat.run.store.shown.state.countdown is not None)
    assert dialog.isVisible()


def test_the_button_of_the_way_back_takes_a_click_with_a_dialog_open(seat: Seat) -> None:
    seat.start(broken_book())
    seat.wait_for("failed")
    seat.run.act.say("skip")
    dialog = seat.dialog()
    button = seat.run.strip.calm.button
    assert not dialog.frameGeometry().intersects(button.rect().translated(button.mapToGlobal(button.rect().topLeft())))
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    seat.wait(lambda: seat.run.store.shown.state.countdown is not None)


def test_the_stop_key_answers_from_another_screen_and_never_lets_go(seat: Seat, tmp_path: Path) -> None:
    seat.start(calm_book(tmp_path))
    reach_decision(seat)
    seat.window.go("history")
    for _ in range(3):
        seat.press(Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)
        seat.arrive("run")
    seat.wait(lambda: seat.events().count("HoldPlaced") == 3)
    assert "HoldLifted" not in seat.events()
    assert seat.run.store.shown.state.held


def test_the_stop_key_calls_a_countdown_off(seat: Seat, tmp_path: Path) -> None:
    seat.start(calm_book(tmp_path))
    reach_decision(seat)
    seat.press(Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    seat.wait(lambda: seat.run.store.shown.state.countdown is not None)
    seat.press(Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)
    seat.wait(lambda: seat.run.store.shown.state.countdown is None and seat.run.store.shown.state.held)
    assert (tmp_path / "there").exists()
    assert "RollbackPlanned" not in seat.events()


def reach_decision(seat: Seat) -> None:
    seat.wait_for("question")
    seat.wait(lambda: len(seat.run.current.question.items) == 2)
    for box in seat.run.current.question.items:
        box.setChecked(True)
    seat.go_on()
    seat.wait(lambda: seat.run.store.shown.focus.address == "really")
    seat.wait(lambda: seat.run.current.title.text() == "Really go on")
    # The title is there as soon as the step has started, its question a moment later.
    seat.wait_for("question")
    seat.wait(lambda: seat.run.current.verbs.primary.isEnabled() and seat.run.current.verbs.primary.isVisible())


def button_mood(seat: Seat) -> RollbackMood:
    return seat.run.strip.calm.button.mood


def test_a_window_that_closes_in_a_countdown_leaves_escape_to_the_rest_of_the_program(
    seat: Seat, tmp_path: Path
) -> None:
    seat.start(calm_book(tmp_path))
    reach_decision(seat)
    count_down(seat)
    seat.flows.let_go("on purpose")
    seat.window.go("library")
    seat.window.library.search.setFocus()
    QTest.keyClicks(seat.window.library.search, "orders")
    seat.press(Qt.Key.Key_Escape)
    assert seat.window.library.search.text() == ""


def _alive(dialog: QDialog) -> bool:
    try:
        dialog.isVisible()
    except RuntimeError:
        return False
    return True
