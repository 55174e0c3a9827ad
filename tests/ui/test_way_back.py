"""The way back in the window in its three zones: what the button says, what a click accepts, what stops it half-way."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.run import events as e
from app.run import requests as r
from app.run.state import Stage, Status
from app.session.loss_export import check_export
from tests.ui.driving import Seat, seated
from ui.panels.back_side import DataPanel
from ui.theme import Theme
from ui.widgets.rollback_button import RollbackMood

HEAD = """
runbook: 1
name: back
title: Orders to the new side
roles: {{lead: {{people: [ana]}}}}
{databases}
phases:
{phases}
{rollback}
"""
LOSSY = """
  - id: cut
    number: 4
    title: Cutover
    steps:
      - {id: go, title: Open writes, decide: {ask: Open writes, by: [lead]}}
      - id: open
        title: Take orders on the new side
        changes: reversible
        boundary: {kind: lossy, says: Orders taken on the new side}
        local: {argv: [touch, FOLDER/open]}
        undo: [{title: Close it again, local: {argv: [rm, FOLDER/open]}}]
      - {id: soak, title: Watch, wait: {for: 1h}}
"""
FINAL = """
  - id: cut
    number: 4
    title: Cutover
    steps:
      - id: before
        title: Put it there
        changes: reversible
        local: {argv: [touch, FOLDER/before]}
        undo: [{title: Take it away, local: {argv: [rm, FOLDER/before]}}]
      - {id: go, title: Drop it, decide: {ask: Drop it, by: [lead]}}
      - id: drop
        title: Drop the old columns
        changes: destructive
        local: {argv: ['true']}
        boundary: {kind: final, says: The old columns are gone}
        undo: {none: gone}
      - {id: soak, title: Watch, wait: {for: 1h}}
"""
TWO = """
  - id: one
    number: 1
    title: First
    steps:
      - id: a
        title: Make a
        changes: reversible
        local: {argv: [touch, FOLDER/a]}
        undo: [{title: Remove a, local: {argv: [sh, -c, 'test -e FOLDER/mended && rm FOLDER/a']}}]
  - id: two
    number: 2
    title: Second
    steps:
      - id: b
        title: Make b
        changes: reversible
        local: {argv: [touch, FOLDER/b]}
        undo: [{title: Remove b, local: {argv: [sh, -c, 'until [ -e FOLDER/gate ]; do sleep 0.02; done; rm FOLDER/b']}}]
      - {id: soak, title: Watch, wait: {for: 1h}}
"""
NOTHING_LEFT = "{title: Nothing is left, changes: nothing, local: {argv: [test, '!', -e, FOLDER/a]}}"
VERIFY = f"rollback: {{to: start, est: 1m, verify: [{NOTHING_LEFT}]}}"
LOSS = "rollback: {to: start, est: 1m, loss: {db: new, tables: {orders: made}}}"


@pytest.fixture
def seat(light: Theme, tmp_path: Path) -> Iterator[Seat]:
    with seated(light, tmp_path) as somebody:
        yield somebody
    (tmp_path / "gate").touch()  # an undo that waits for it outlives the window, and would the test


def begin(seat: Seat, phases: str, rollback: str = "rollback: {to: start, est: 1m}", databases: str = "") -> None:
    folder = str(seat.home)
    text = HEAD.format(databases=databases, phases=phases, rollback=rollback)
    seat.start(text.replace("FOLDER", folder))


def soaking(seat: Seat) -> None:
    seat.wait(lambda: seat.session.state.step("soak").last is not None, "the run did not come to its last step")
    seat.wait(lambda: seat.run.store.shown.focus.address == "soak")


def say_go(seat: Seat) -> None:
    seat.wait_for("question")
    seat.go_on()
    soaking(seat)


def click(seat: Seat) -> None:
    QTest.mouseClick(seat.run.strip.calm.button, Qt.MouseButton.LeftButton)


def recorded(seat: Seat, kind: type[e.Event]) -> list[e.Event]:
    with seat.run.store.view.reader() as reader:
        return [one.event for one in reader.since(0) if isinstance(one.event, kind)]


# ---------------------------------------------------------------- lossy


@pytest.fixture
def new(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """The new side: an orders table, and somebody who writes into it."""
    link = sqlite3.connect(tmp_path / "new.db", isolation_level=None)
    link.execute("create table orders (id integer primary key, made text)")
    yield link
    link.close()


def lossy(seat: Seat, new: sqlite3.Connection, orders: int) -> None:
    begin(seat, LOSSY, LOSS, "databases: {new: {url: 'sqlite:///FOLDER/new.db'}}")
    seat.wait_for("question")
    seat.wait(lambda: seat.run.strip.calm.loss.text() == "loses 0 rows, nothing was changed")
    say_go(seat)
    for number in range(orders):
        new.execute("insert into orders values (?, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))", (number,))
    seat.wait(lambda: seat.run.store.shown.loss.rows == orders, "the orders were not counted")
    seat.wait(lambda: seat.run.strip.calm.button.view.cost == f"loses {orders} orders")


def test_after_a_lossy_boundary_the_button_says_what_is_lost_and_the_click_accepts_it(
    seat: Seat, new: sqlite3.Connection
) -> None:
    lossy(seat, new, 3)
    button = seat.run.strip.calm.button
    assert button.view.words == "Roll back to start"
    assert "loses 3 orders, the last " in button.accessibleName()
    assert "Orders taken on the new side" in button.toolTip()
    assert seat.run.strip.calm.loss.text().startswith("loses 3 orders, the last ")
    click(seat)
    seat.wait(seat.run.strip.red.isVisible)
    assert "loses 3 orders, the last " in seat.run.strip.red.accessibleName()
    seat.run.strip.red.start.click()
    seat.wait_for("rolled-back")
    first, *_ = recorded(seat, e.RollbackRequested)
    assert isinstance(first, e.RollbackRequested)
    assert first.accepts.startswith("Orders taken on the new side: 3 orders, the last ")
    back = seat.session.state.back
    assert back is not None
    assert back.loses.startswith("Orders taken on the new side: 3 orders")
    assert not (seat.home / "open").exists()


def test_rows_are_saved_first_from_the_strip_and_the_countdown_stops_for_it(
    seat: Seat, new: sqlite3.Connection
) -> None:
    lossy(seat, new, 2)
    click(seat)
    seat.wait(seat.run.strip.red.isVisible)
    assert seat.run.strip.red.export.isVisible()
    seat.run.strip.red.export.click()
    seat.wait(lambda: seat.run.store.shown.state.countdown is None)
    seat.wait(lambda: bool(seat.session.state.exports), "the rows were not saved")
    seat.wait(lambda: seat.run.notice.words.text().startswith("2 rows of run "))
    (kept,) = seat.session.state.exports
    assert check_export(Path(kept.folder)) == ()
    assert seat.session.state.back is None
    assert (seat.home / "open").exists()


def test_beside_the_preview_stands_what_it_costs_and_it_offers_the_export(seat: Seat, new: sqlite3.Connection) -> None:
    lossy(seat, new, 4)
    assert seat.run.strip.calm.export.isVisible()
    seat.run.strip.calm.undos.click()
    seat.wait(lambda: seat.run.middle.currentWidget() is seat.run.preview)
    (costs,) = [one.text for one in seat.run.back_side.parts if isinstance(one, DataPanel)]
    seat.wait(lambda: costs.text().startswith("Loses 4 orders, the last "))
    assert costs.isVisible()
    assert "Orders taken on the new side." in costs.text()
    seat.run.preview.export.click()
    seat.wait(lambda: bool(seat.session.state.exports), "the rows were not saved")


def test_what_cannot_be_counted_is_never_shown_as_nothing(seat: Seat) -> None:
    begin(seat, LOSSY)
    say_go(seat)
    assert seat.run.strip.calm.button.view.cost == "loses rows: not counted"
    assert "cannot be counted: no column is declared" in seat.run.strip.calm.loss.text()
    assert seat.run.strip.calm.export.isHidden()


# ---------------------------------------------------------------- final


def test_past_a_final_boundary_the_button_answers_with_the_reason(seat: Seat) -> None:
    begin(seat, FINAL)
    say_go(seat)
    seat.wait(lambda: seat.run.strip.calm.button.view.cost == "no way back from here")
    assert "The old columns are gone" in seat.run.strip.calm.button.accessibleName()
    click(seat)
    seat.wait(seat.run.notice.isVisible)
    assert "Past the point of no return since " in seat.run.notice.words.text()
    assert "The old columns are gone" in seat.run.notice.words.text()
    seat.run.store.send(r.RollBack("ana", "start", "", 0, "anything"))
    seat.wait(lambda: "RequestRefused" in seat.events())
    assert "RollbackRequested" not in seat.events()
    assert (seat.home / "before").exists()


# ---------------------------------------------------------------- scope, twice, a failed undo, the checks at the end


def test_the_scope_stands_on_the_button_and_a_phase_alone_can_be_undone(seat: Seat) -> None:
    begin(seat, TWO)
    soaking(seat)
    (seat.home / "gate").touch()
    button = seat.run.strip.calm.button
    seat.wait(lambda: button.view.words == "Roll back to start")
    seat.run.store.choose_scope("two")
    seat.wait(lambda: button.view.words == "Roll back to 2 Second")
    click(seat)
    seat.wait(seat.run.strip.red.isVisible)
    seat.run.strip.red.start.click()
    seat.wait_for("rolled-back")
    assert not (seat.home / "b").exists()
    assert (seat.home / "a").exists()


def test_a_rollback_asked_for_while_one_runs_says_that_it_is_under_way(seat: Seat) -> None:
    begin(seat, TWO)
    soaking(seat)
    click(seat)
    seat.wait(seat.run.strip.red.isVisible)
    seat.run.strip.red.start.click()
    seat.wait(lambda: seat.run.store.shown.state.stage is Stage.ROLLING_BACK)
    seat.wait(lambda: seat.run.strip.calm.button.mood is RollbackMood.ROLLING)
    click(seat)
    seat.wait(lambda: seat.run.notice.words.text() == "The way back is already under way.")
    seat.run.store.send(r.RollBack("mei", "start", "", 0))
    seat.wait(lambda: "RequestRefused" in seat.events())
    assert seat.events().count("RollbackPlanned") == 1


def back_to_failed_undo(seat: Seat, rollback: str) -> None:
    begin(seat, TWO, rollback)
    soaking(seat)
    (seat.home / "gate").touch()
    seat.run.store.send(r.RollBack("ana", "start", "", 0))
    seat.wait_for("failed")
    seat.wait(lambda: seat.run.middle.currentWidget() is seat.run.current)
    seat.wait(lambda: seat.run.current.title.text() == "Remove a")


def test_a_failed_undo_stops_and_is_retried_once_it_is_mended_and_then_checked(seat: Seat) -> None:
    back_to_failed_undo(seat, VERIFY)
    assert seat.session.state.stage is Stage.ROLLING_BACK
    assert not (seat.home / "b").exists()
    assert seat.run.current.verbs.primary.text() == "Retry Remove a"
    words = [one.text() for one in seat.run.current.verbs.buttons if one.isVisible()]
    assert words[:2] == ["Skip\u2026", "Mark done\u2026"]
    (seat.home / "mended").touch()
    seat.go_on()
    seat.wait_for("rolled-back")
    assert not (seat.home / "a").exists()
    assert seat.session.state.status("rollback/verify/1") is Status.DONE


def test_an_undo_done_by_hand_goes_on_with_a_reason_to_the_checks(seat: Seat) -> None:
    back_to_failed_undo(seat, VERIFY)
    (seat.home / "a").unlink()
    seat.run.act.say("mark-done")
    seat.give_reason("removed by hand")
    seat.wait_for("rolled-back")


def test_a_check_at_the_end_that_fails_stops_too_and_skipping_it_is_not_a_complete_way_back(seat: Seat) -> None:
    back_to_failed_undo(seat, VERIFY)
    seat.run.act.say("skip")
    seat.give_reason("somebody else looks at it")
    seat.wait(lambda: seat.run.store.shown.focus.address == "rollback/verify/1")
    seat.wait_for("failed")
    seat.run.act.say("skip")
    seat.give_reason("it is still there, and known")
    seat.wait_for("incomplete")
    assert seat.session.state.stage is Stage.INCOMPLETE
    assert (seat.home / "a").exists()
