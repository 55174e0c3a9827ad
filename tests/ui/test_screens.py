"""Every place of the window: what it shows, that it can be reached and named, and that data is never markup."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

from app.demo.run import stop
from app.session import RunOrder, new_run
from app.shipped import runbooks_dir
from tests.ui.books import broken_book, calm_book
from tests.ui.driving import Seat, seated
from ui.dialogs.start import StartDialog
from ui.local_time import LOCAL
from ui.models.past import past
from ui.screens.history import HistoryScreen
from ui.screens.plan import PlanScreen
from ui.screens.preflight import PreflightScreen
from ui.screens.settings import SettingsScreen
from ui.theme import Theme

PLACES = ("library", "plan", "run", "history", "connections", "settings")


@pytest.fixture
def seat(light: Theme, tmp_path: Path) -> Iterator[Seat]:
    with seated(light, tmp_path) as somebody:
        yield somebody


def test_a_first_start_shows_the_shipped_runbooks_and_offers_the_demo(seat: Seat) -> None:
    seat.wait(lambda: seat.window.library.books.rows.rowCount() >= 4)
    assert seat.window.library.banner.isVisible()
    assert seat.window.library.demo.isEnabled()
    assert seat.window.place() == "library"


def test_the_demo_starts_in_one_click_and_guides_the_first_minute(seat: Seat, tmp_path: Path) -> None:
    seat.window.library.demo.click()
    try:
        seat.wait_for("question")
        seat.wait(seat.run.coach.isVisible)
        assert seat.run.coach.headline.text() == "Begin here"
        seat.wait(lambda: len(seat.run.metrics.cards) >= 6)
        seat.run.coach.leave.click()
        assert not seat.run.coach.isVisible()
    finally:
        seat.flows.let_go("seen")
        for estate in (tmp_path / "demo").iterdir():
            stop(estate)


def test_every_place_is_one_key_away(seat: Seat) -> None:
    for number, place in enumerate(PLACES):
        seat.press(Qt.Key(Qt.Key.Key_1 + number), Qt.KeyboardModifier.ControlModifier)
        seat.arrive(place)


def test_question_mark_shows_the_keys(seat: Seat) -> None:
    seat.press(Qt.Key.Key_Question)
    dialog = seat.dialog()
    assert dialog.accessibleName() == "Keys"
    dialog.reject()


def test_every_control_of_every_place_has_a_name(seat: Seat, tmp_path: Path) -> None:
    seat.start(calm_book(tmp_path))
    seat.wait_for("question")
    seat.flows.open(runbooks_dir() / "10-first-runbook.yaml")
    seat.wait(lambda: seat.window.place() == "plan")
    nameless = []
    for place in PLACES:
        seat.window.go(place)
        seat.arrive(place)
        for widget in seat.window.findChildren(QWidget):
            reached = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            inner = widget.objectName().startswith("qt_") or type(widget).__name__ == "QTabBar"
            if reached and widget.isVisible() and not inner and not name_of(widget):
                nameless.append(f"{place}: {type(widget).__name__} {widget.objectName()}")
    assert nameless == []


def test_the_readiness_and_the_clock_are_read_out_with_their_values(seat: Seat, tmp_path: Path) -> None:
    seat.start(calm_book(tmp_path))
    seat.wait_for("question")
    seat.wait(lambda: name_of(seat.run.head.clock).startswith("T+00:00:0"))
    assert "Way back armed" in name_of(seat.run.strip.calm.ready)
    assert name_of(seat.run.line).startswith("Timeline: 0 Preparation 0 of 2 done")


def test_data_is_never_taken_for_markup(seat: Seat, tmp_path: Path) -> None:
    evil = "<img src=x> <b>bold</b> & evil"
    text = calm_book(tmp_path).replace("title: Put a file there", f'title: "{evil}"')
    text = text.replace("title: Look around", f'title: "{evil}"\n        text: "{evil}"')
    seat.start(text)
    seat.wait_for("question")
    seat.wait(lambda: "<b>bold</b>" in seat.run.current.title.text())
    rich = [
        label.text()
        for label in seat.window.findChildren(QLabel)
        if label.textFormat() != Qt.TextFormat.PlainText and "<" in label.text()
    ]
    assert rich == []
    tips = [w.toolTip() for w in seat.window.findChildren(QWidget) if "<img" in w.toolTip()]
    assert tips == []


def test_the_log_is_filtered_by_the_record(seat: Seat, tmp_path: Path) -> None:
    seat.start(calm_book(tmp_path))
    seat.wait_for("question")
    for number in range(60):
        seat.run.act.note(f"word {number} of many")
    seat.wait(lambda: seat.notes() == 60)
    model = seat.run.log.model
    assert model is not None
    seat.wait(lambda: model.total >= 60)
    seat.press(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(seat.run.log.filter, "WORD 7 ")
    seat.wait(lambda: model.rowCount() == 1)
    assert "word 7 of many" in str(model.index(0, 3).data())
    seat.run.act.note("word 7 again, while filtered")
    seat.wait(lambda: model.rowCount() == 2)
    seat.press(Qt.Key.Key_Escape)
    seat.wait(lambda: model.rowCount() == model.total)
    seat.run.log.chips.chosen.emit("decisions")
    seat.wait(lambda: model.rowCount() < model.total)


def test_old_rows_of_the_log_are_read_from_the_record(seat: Seat, tmp_path: Path) -> None:
    seat.start(calm_book(tmp_path))
    seat.wait_for("question")
    for number in range(500):
        seat.run.act.note(f"number {number}")
    model = seat.run.log.model
    assert model is not None
    seat.wait(lambda: seat.notes() == 500 and model.total == len(seat.events()))
    texts = [str(model.index(row, 3).data()) for row in range(model.rowCount())]
    assert sum("number" in text for text in texts) == 500
    assert "None" not in texts


def test_the_plan_is_a_document_and_names_every_problem(seat: Seat, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("runbook: 1\nname: bad\nphases:\n  - id: a\n    steps:\n      - id: x\n        lokal: {}\n")
    seat.flows.open(runbooks_dir() / "50-orders-demo.yaml")
    seat.wait(lambda: seat.window.place() == "plan")
    screen = seat.window.screen_at("plan")
    assert isinstance(screen, PlanScreen)
    assert screen.document.toPlainText().startswith("Summary")
    assert screen.sections.model().rowCount() == 12
    assert screen.start.isEnabled()
    seat.flows.open(bad)
    seat.wait(lambda: screen.problems.rows.rowCount() == 1)
    assert not screen.start.isEnabled()
    assert "lokal" in screen.problems.excerpt.toPlainText()
    assert screen.document.toPlainText() == ""


def test_a_production_run_is_confirmed_by_typing(seat: Seat, tmp_path: Path) -> None:
    text = calm_book(tmp_path).replace(
        "phases:", "environments:\n  prod: {production: true, confirm: I am sure}\nphases:"
    )
    path = tmp_path / "prod.yaml"
    path.write_text(text)
    seat.flows.open(path)
    seat.wait(lambda: seat.window.place() == "plan")
    seat.primary()
    dialog = seat.dialog()
    assert isinstance(dialog, StartDialog)
    assert dialog.button.isEnabled()
    dialog.environment.setCurrentIndex(1)
    assert not dialog.button.isEnabled()
    QTest.keyClicks(dialog.confirm, "I am sure")
    dialog.hold.setChecked(True)
    dialog.button.click()
    seat.arrive("preflight")
    screen = seat.window.screen_at("preflight")
    assert isinstance(screen, PreflightScreen)
    seat.wait(screen.start.isEnabled, "the preflight did not end well")
    seat.primary()
    seat.wait_for("held")
    assert seat.run.head.badge.accessibleName() == "Environment production"


def test_history_proves_the_record_and_tells_the_decisions(seat: Seat, tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(broken_book())
    run = new_run(RunOrder(path, tmp_path, "mei", "terminal"))
    seat.wait(lambda: run.current().why == "failed")
    run.detach()
    seat.flows.show_history(run.run)
    screen = seat.window.screen_at("history")
    assert isinstance(screen, HistoryScreen)
    seat.wait(lambda: screen.proof.headline.text() == "Record is whole")
    assert screen.resume.isVisible()
    found = past(tmp_path, run.run, LOCAL)
    assert found.open_end
    assert [one.what for one in found.differed] == ["0.2 Copy the final delta"]


def test_settings_change_the_theme_at_once_and_are_kept(seat: Seat, tmp_path: Path) -> None:
    seat.window.go("settings")
    screen = seat.window.screen_at("settings")
    assert isinstance(screen, SettingsScreen)
    screen.theme.chosen.emit("dark")
    seat.wait((tmp_path / "settings.json").exists)
    assert seat.window.settings.theme == "dark"
    assert '"dark"' in (tmp_path / "settings.json").read_text()


def name_of(widget: QWidget) -> str:
    found = QAccessible.queryAccessibleInterface(widget)
    return found.text(QAccessible.Text.Name)
