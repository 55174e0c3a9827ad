"""The preflight at the window: both directions, what it does not let start, and that it asks for secrets in time."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from app.errors import AnswerMissing
from app.run.state import Status
from app.session import RunOrder, list_runs
from app.session.preflight import LIFE
from tests.lab.sshd import Lab
from tests.servers.ports import free_port
from tests.ui.driving import Seat, seated
from tests.ui.estate import PASSWORD, estate_book
from ui import starting
from ui.dialogs.secret import SecretDialog
from ui.dialogs.start import StartDialog
from ui.dialogs.told import ToldDialog
from ui.models.preflight_rows import Standing
from ui.screens.connections import ConnectionsScreen
from ui.screens.preflight import Looked, PreflightScreen
from ui.theme import Theme

WELL = """
runbook: 1
name: well
title: All is well
roles: {lead: {people: [ana]}}
locks: [orders]
secrets: {token: {from: prompt}}
phases:
  - id: a
    steps:
      - id: use
        title: Use the token
        owner: lead
        est: 1s
        local: {argv: [sh, -c, 'test "$TOKEN" = sesame-open'], env: {TOKEN: '${secrets.token}'}}
        changes: reversible
        undo:
          - {title: Take it back, local: {argv: [echo, back]}}
rollback: {est: 1s}
"""
PLAIN = WELL.replace("secrets: {token: {from: prompt}}", "").replace(
    "TOKEN: '${secrets.token}'", "TOKEN: '${params.x}'"
)
PLAIN = PLAIN.replace("locks:", "params: {x: {type: text, default: sesame-open}}\nlocks:")
LOST = """
runbook: 1
name: lost
title: No way back
roles: {lead: {people: [ana, tom]}}
params: {db: {type: text, default: HOME/a.db}}
databases: {db: {url: 'sqlite:///${params.db}'}}
phases:
  - id: a
    steps:
      - {id: look, title: Look around, owner: lead, est: 1m, check: {text: Is it quiet}}
      - id: add
        title: Add a row
        owner: lead
        est: 1s
        sql: {db: db, run: insert into t values (1)}
        changes: reversible
        undo:
          - {title: Take it out, sql: {db: db, run: delete from nowhere}}
rollback: {est: 1s}
"""


@pytest.fixture
def seat(light: Theme, tmp_path: Path) -> Iterator[Seat]:
    """Somebody at a window with an empty home."""
    with seated(light, tmp_path) as one:
        yield one


def begun(seat: Seat, text: str) -> PreflightScreen:
    """The preflight of a runbook, reached from its plan with the keyboard; it still looks."""
    path = seat.home / "book.yaml"
    path.write_text(text.replace("HOME", str(seat.home)), encoding="utf-8")
    with contextlib.closing(sqlite3.connect(seat.home / "a.db")) as db:
        db.execute("create table if not exists t (n int)")
    seat.flows.open(path)
    seat.arrive("plan")
    seat.primary()
    dialog = seat.dialog()
    assert isinstance(dialog, StartDialog)
    seat.wait(dialog.button.isEnabled)
    dialog.button.click()
    seat.arrive("preflight")
    seat.wait(lambda: QApplication.activeWindow() is not None, "nobody has the keyboard")
    screen = seat.window.screen_at("preflight")
    assert isinstance(screen, PreflightScreen)
    return screen


def give(seat: Seat, value: str) -> str:
    """Answer the question for a secret; the words it was asked with."""

    def asked() -> list[SecretDialog]:
        return [one for one in seat.window.findChildren(SecretDialog) if one.isVisible()]

    seat.wait(lambda: bool(asked()), "no secret was asked for")
    dialog = asked()[0]
    words = dialog.field.accessibleName()
    QTest.keyClicks(dialog.field, value)
    dialog.accept()
    return words


def spoken(screen: PreflightScreen) -> list[list[str]]:
    """Every row as assistive technology reads it."""
    role = Qt.ItemDataRole.AccessibleTextRole
    rows = screen.rows
    return [
        [str(rows.index(row, column).data(role)) for column in range(rows.columnCount())]
        for row in range(rows.rowCount())
    ]


def found_in(seat: Seat, screen: PreflightScreen) -> list[list[str]]:
    seat.wait(lambda: screen.looked is not None, "the look did not end")
    return spoken(screen)


# ---------------------------------------------------------------- what stands in the way


def test_a_step_back_that_cannot_run_stands_in_the_way_of_the_run(seat: Seat) -> None:
    screen = begun(seat, LOST)
    rows = found_in(seat, screen)
    assert rows[0][0] == "In the way: 1"
    assert rows[1][0].startswith("0.2 Add a row")
    assert rows[1][2] == "refused" != rows[1][1]
    assert screen.verdict.standing is Standing.BLOCKED
    assert not screen.start.isEnabled()
    assert "nowhere is not there" in screen.detail.back_said.text()
    assert "nowhere" not in screen.detail.ahead_said.text()
    seen = screen.looked
    seat.primary()  # the one next action is to look again, never to start
    seat.wait(lambda: screen.looked is not None and screen.looked is not seen)
    screen.start_asked.emit()
    assert list_runs(seat.home) == ()
    assert seat.window.place() == "preflight"


def test_every_target_is_named_with_both_directions_and_leads_to_its_connection(
    seat: Seat, lab: Lab, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD, str(sa.make_url(postgres_url).password))
    text = estate_book(postgres_url, lab, free_port()).replace("from: keyring", "from: prompt")
    screen = begun(seat, text)
    for _ in range(3):
        give(seat, "sesame-open")
    rows = found_in(seat, screen)
    names = [row[0].partition(" \u00b7 ")[0] for row in rows]
    assert names[0].startswith("In the way: ")
    assert names.index("Host app1") < names.index("Database src"), "failures come first"
    (database,) = [row for row in rows if row[0].startswith("Database src")]
    assert database[1:3] == ["ok", "ok"]
    (dump,) = [row for row in rows if row[0].startswith("0.3 Final dump")]
    assert dump[1:3] == ["refused", "refused"]
    screen.table.selectRow(names.index("Host app1"))
    assert screen.detail.mend.isVisible()
    screen.detail.mend.click()
    seat.arrive("connections")
    connections = seat.window.screen_at("connections")
    assert isinstance(connections, ConnectionsScreen)
    seat.wait(lambda: connections.chosen() == "host app1", "it did not lead to the host")


# ---------------------------------------------------------------- starting


def test_a_secret_is_asked_for_by_the_preflight_and_not_by_the_start(seat: Seat) -> None:
    screen = begun(seat, WELL)
    assert not screen.start.isEnabled()
    assert give(seat, "sesame-open") == "Secret token"
    rows = found_in(seat, screen)
    assert rows[0][0] == "Wants a look: 1"
    assert screen.verdict.standing is Standing.WARNED
    assert "go into the record" in screen.verdict.sentence
    seat.primary()
    seat.wait_for("finished")
    assert not [one for one in seat.window.findChildren(QDialog) if one.isVisible()]
    assert seat.session.state.status("use") is Status.DONE
    with seat.session.reader() as reader:
        notes = [str(one.event) for one in reader.since(0) if type(one.event).__name__ == "NoteAdded"]
    assert any("Nothing holds orders" in note for note in notes), "the warning is in the record"
    assert "sesame-open" not in repr(seat.flows.starting)


def test_a_look_that_is_too_old_lets_nothing_start(seat: Seat) -> None:
    screen = begun(seat, PLAIN)
    found_in(seat, screen)
    assert screen.start.isEnabled()
    looked = screen.looked
    assert looked is not None
    old = replace(looked, found=replace(looked.found, began=looked.found.began - LIFE))
    screen.show_found(old)
    assert screen.verdict.standing is Standing.EXPIRED
    assert not screen.start.isEnabled()
    assert "no longer good" in screen.about.text()
    seat.primary()
    seat.wait(lambda: screen.looked is not None and screen.looked is not old, "it was not looked at again")
    seat.wait(screen.start.isEnabled)


def test_a_text_that_was_changed_after_the_look_is_not_started(seat: Seat) -> None:
    screen = begun(seat, PLAIN)
    found_in(seat, screen)
    (seat.home / "book.yaml").write_text(PLAIN.replace("Use the token", "Something else"), encoding="utf-8")
    seat.primary()
    dialog = seat.dialog()
    assert isinstance(dialog, ToldDialog)
    assert "was changed after it was looked at" in dialog.accessibleName()
    dialog.reject()
    assert list_runs(seat.home) == ()


def test_leaving_while_it_looks_drops_what_it_finds(seat: Seat, monkeypatch: pytest.MonkeyPatch) -> None:
    left, look = threading.Event(), starting._look

    def after_leaving(order: RunOrder) -> Looked:
        assert left.wait(20)
        return look(order)

    monkeypatch.setattr(starting, "_look", after_leaving)
    screen = begun(seat, LOST)
    seat.press(Qt.Key.Key_Escape)
    seat.arrive("plan")
    left.set()
    seat.wait(lambda: not seat.window.aside.busy)
    assert screen.looked is None
    assert seat.window.rail.button("plan").isChecked()


def test_the_findings_are_walked_through_by_keyboard_over_their_headings(seat: Seat) -> None:
    screen = begun(seat, LOST)
    rows = found_in(seat, screen)
    assert QAccessible.queryAccessibleInterface(screen.table).text(QAccessible.Text.Name) == "Findings"
    assert screen.table.hasFocus()
    seen = []
    for _ in rows:
        seen.append(screen.table.currentIndex().row())
        seat.press(Qt.Key.Key_Down)
    assert sorted(set(seen)) == [n for n, row in enumerate(rows) if row[1]]


def test_closing_the_window_while_a_secret_is_asked_for_waits_for_nobody(light: Theme, tmp_path: Path) -> None:
    with seated(light, tmp_path) as seat:
        begun(seat, WELL)
        seat.wait(lambda: any(one.isVisible() for one in seat.window.findChildren(SecretDialog)))
        seat.window.close()
        seat.wait(lambda: not seat.window.aside.busy, "it still waits for somebody to type")
        with pytest.raises(AnswerMissing):
            seat.flows.asker.ask("token")
