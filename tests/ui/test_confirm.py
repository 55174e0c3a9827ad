"""A step behind a dead-man switch at the window: what is shown while it waits, and the one button that keeps it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel

from app.run.dead_man_state import Armament
from app.run.state import Stage
from app.session import RunOrder, new_run
from tests.session.conversation import until
from tests.ui.driving import Seat, seated
from ui.dialogs.told import ToldDialog
from ui.theme import Theme


def armed_book(folder: Path, limit: str) -> str:
    return f"""
runbook: 1
name: armed
phases:
  - id: cut
    steps:
      - id: close
        title: Close the firewall
        changes: reversible
        revert_unless_confirmed: {limit}
        local: {{argv: [touch, '{folder}/closed']}}
        undo: [{{local: {{argv: [rm, -f, '{folder}/closed']}}}}]
      - {{id: last, changes: reversible, local: {{argv: ['true']}}, undo: [{{local: {{argv: ['true']}}}}]}}
rollback: {{est: 1s}}
"""


@pytest.fixture
def seat(light: Theme, tmp_path: Path) -> Iterator[Seat]:
    with seated(light, tmp_path) as somebody:
        yield somebody


def picture(seat: Seat, name: str) -> None:
    folder = os.environ.get("TMINUS_PICTURES")
    if folder:
        seat.window.grab().save(f"{folder}/{name}.png")


def test_one_click_keeps_the_step_and_the_run_goes_on(seat: Seat, tmp_path: Path) -> None:
    seat.start(armed_book(tmp_path, "10m"))
    panel = seat.run.confirm
    seat.wait_for("question")
    own = seat.run.current.verbs.primary
    seat.wait(lambda: panel.isVisible() and own.isVisible() and own.text() == "Keep it", "nothing asks to be confirmed")
    assert not panel.button.isVisible(), "two buttons ask the same"
    seat.run.steps.chosen.emit("last")
    seat.wait(panel.button.isVisible, "it cannot be kept while another step is on show")
    assert own.text() == "Back to now"
    assert panel.headline.text() == "Keep 0.1 Close the firewall?"
    assert "takes it back by itself 10:00 after it last heard this console" in panel.words.text()
    assert panel.left.text() == "10:00"
    picture(seat, "armed")
    panel.button.click()
    seat.wait_for("finished")
    assert seat.session.state.dead_men["close"].status is Armament.DISARMED
    seat.wait(lambda: not panel.isVisible(), "it still asks")


def test_ctrl_enter_keeps_it_too(seat: Seat, tmp_path: Path) -> None:
    seat.start(armed_book(tmp_path, "10m"))
    seat.wait_for("question")
    seat.go_on()
    seat.wait_for("finished")
    assert seat.session.state.stage is Stage.FINISHED


def test_whoever_lets_go_is_told_which_step_is_taken_back_where_and_when(seat: Seat, tmp_path: Path) -> None:
    seat.start(armed_book(tmp_path, "10m"))
    seat.wait_for("question")
    wanted = "Close the firewall (close) is not confirmed: this machine takes it back by itself 10 min after"
    assert not seat.flows.may_close()
    assert wanted in words_of(seat, "Let go of the run?")
    seat.flows.one.open(lambda: seat.session, lambda _: None)
    assert wanted in words_of(seat, "Let go of the present run?")
    seat.go_on()
    seat.wait_for("finished")


def words_of(seat: Seat, title: str) -> str:
    """Everything that the dialog of this title says; it is left then."""
    dialog = next(one for one in seat.window.findChildren(ToldDialog) if title in _said(one))
    text = _said(dialog)
    dialog.reject()
    dialog.deleteLater()
    return text


def _said(dialog: ToldDialog) -> str:
    return " ".join(label.text() for label in dialog.findChildren(QLabel))


def test_what_reverted_by_itself_is_told_when_the_window_is_back(seat: Seat, tmp_path: Path) -> None:
    path = tmp_path / "book.yaml"
    path.write_text(armed_book(tmp_path, "2s"), encoding="utf-8")
    session = new_run(RunOrder(path, tmp_path, "ana"))
    until(session, lambda s: s.step("close").question is not None, 60)
    run = session.state.run
    session.detach()
    seat.wait(lambda: not (tmp_path / "closed").exists(), "it did not revert by itself")
    seat.flows.resume_run(run)
    seat.wait(lambda: seat.flows.run_screen is not None, "the run was not shown")
    panel = seat.run.confirm
    seat.wait(lambda: panel.isVisible() and "reverted" in panel.headline.text(), "nothing tells it")
    assert panel.headline.text().startswith("This machine reverted 0.1 Close the firewall by itself at ")
    assert "Nobody had confirmed it" in panel.words.text()
    assert not panel.button.isVisible()
    picture(seat, "reverted")
