"""The Connections screen on real targets: test, trust by typing, stop at a changed key, set and forget a secret."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QWidget

from app.connectors.ssh_trust import Trust
from app.session.trust import trusted
from tests.lab.sshd import Lab
from tests.servers.ports import free_port
from tests.ui.driving import Seat, seated
from tests.ui.estate import PASSWORD, estate_book, known_as_another
from ui.dialogs.secret import SecretDialog
from ui.dialogs.secret_set import SecretSetDialog
from ui.dialogs.told import ToldDialog
from ui.dialogs.trust import TrustDialog
from ui.models.cells import KEY_ROLE
from ui.panels.connection_table import ConnectionTable
from ui.screens.connections import ConnectionsScreen
from ui.theme import Theme

ENTER = Qt.Key.Key_Return


@pytest.fixture
def seat(light: Theme, tmp_path: Path) -> Iterator[Seat]:
    """Somebody at a window with an empty home."""
    with seated(light, tmp_path) as one:
        yield one


def opened(seat: Seat, text: str) -> ConnectionsScreen:
    """The screen with that runbook open, reached by its key."""
    path = seat.home / "book.yaml"
    path.write_text(text, encoding="utf-8")
    seat.flows.open(path)
    seat.arrive("plan")
    seat.press(Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier)
    seat.arrive("connections")
    screen = seat.window.screen_at("connections")
    assert isinstance(screen, ConnectionsScreen)
    seat.wait(lambda: screen.chosen() != "", "nothing is listed")
    return screen


def spoken(table: ConnectionTable, key: str) -> list[str]:
    """What assistive technology reads of a row."""
    row = table.rows.row_of(key)
    role = Qt.ItemDataRole.AccessibleTextRole
    return [str(table.rows.index(row, column).data(role)) for column in range(table.rows.columnCount())]


def try_row(seat: Seat, screen: ConnectionsScreen, key: str) -> str:
    """Test a row with the keyboard alone, and what is said of it then."""
    screen.choose(key)
    table = next(one for one in screen.tables if one.chosen() == key)
    seat.tab_to(table.table)
    seat.press(ENTER)
    first = ("testing", "never tested", "asked at")
    seat.wait(lambda: not spoken(table, key)[3].startswith(first), f"{key} was not tested")
    return spoken(table, key)[3]


def all_words(widget: QWidget) -> str:
    """Every text that stands in a widget."""
    labels = [one.text() for one in widget.findChildren(QLabel)]
    names = [one.accessibleName() + one.accessibleDescription() for one in widget.findChildren(QWidget)]
    return " ".join((*labels, *names))


# ---------------------------------------------------------------- what there is


def test_everything_that_the_runbook_names_is_listed_and_spoken(seat: Seat, lab: Lab) -> None:
    screen = opened(seat, estate_book("postgresql://me@127.0.0.1:1/x", lab, free_port()))
    assert [one.rows.rowCount() for one in screen.tables] == [2, 3, 4]
    assert spoken(screen.databases, "database src")[0] == "source \u00b7 src"
    assert spoken(screen.hosts, "host bak1")[2] == "not known yet"
    assert spoken(screen.secrets, "secret status-token")[1] == "asked before each run"
    for table in screen.tables:
        found = QAccessible.queryAccessibleInterface(table.table)
        assert found.text(QAccessible.Text.Name) == table.title.text()
    screen.choose("database src")
    assert "metric Lag of the replica" in all_words(screen.detail)


def test_what_is_chosen_stays_chosen_while_ages_change(seat: Seat, lab: Lab) -> None:
    screen = opened(seat, estate_book("postgresql://me@127.0.0.1:1/x", lab, free_port()))
    screen.choose("host app2")
    model = screen.hosts.rows
    resets: list[int] = []
    model.modelReset.connect(lambda: resets.append(1))
    assert "no answer" in try_row(seat, screen, "host app2")
    seat.wait(lambda: "1 s ago" in spoken(screen.hosts, "host app2")[3])
    assert screen.chosen() == "host app2"
    assert not resets, "a row that only grows older must not move the focus"


# ---------------------------------------------------------------- hosts


def test_an_unknown_key_is_trusted_by_typing_the_end_of_it(seat: Seat, lab: Lab) -> None:
    screen = opened(seat, estate_book("postgresql://me@127.0.0.1:1/x", lab, free_port()))
    assert "needs you" in try_row(seat, screen, "host app1")
    key = lab.host_key().fingerprint
    assert key[-4:] not in all_words(screen.detail)
    assert trusted(seat.home) == ()
    seat.primary()
    dialog = seat.dialog()
    assert isinstance(dialog, TrustDialog)
    assert key[-4:] not in all_words(dialog), "whoever did not compare it cannot say how it ends"
    assert key.removeprefix("SHA256:")[:4] in all_words(dialog)
    QTest.keyClicks(dialog.field, "xxxx")
    assert not dialog.button.isEnabled()
    assert "does not end like that" in dialog.wrong.text()
    QTest.keyClick(dialog.field, ENTER)
    assert dialog.isVisible() and trusted(seat.home) == ()
    dialog.field.clear()
    QTest.keyClicks(dialog.field, key[-4:])
    assert dialog.button.isEnabled()
    QTest.keyClick(dialog.field, ENTER)
    seat.wait(lambda: spoken(screen.hosts, "host app1")[3].startswith("ok"), "it was not tested after that")
    assert [one[2] for one in trusted(seat.home)] == [key]
    assert spoken(screen.hosts, "host app1")[2].endswith(key[-3:])


def test_a_key_that_does_not_match_is_trusted_by_nobody(seat: Seat, lab: Lab) -> None:
    screen = opened(seat, estate_book("postgresql://me@127.0.0.1:1/x", lab, free_port()))
    screen.choose("host app1")
    screen.detail.trust.click()  # not tested yet: it is asked for its key first
    dialog = seat.dialog()
    assert isinstance(dialog, TrustDialog)
    dialog.refuse.click()
    seat.wait(lambda: spoken(screen.hosts, "host app1")[3].startswith("wrong key"))
    assert trusted(seat.home) == ()
    assert not screen.detail.trust.isVisible()


def test_a_changed_key_is_told_and_never_asked(seat: Seat, lab: Lab) -> None:
    known_as_another(lab, Trust(seat.home / "known_hosts"))
    before = (seat.home / "known_hosts").read_text()
    screen = opened(seat, estate_book("postgresql://me@127.0.0.1:1/x", lab, free_port()))
    assert try_row(seat, screen, "host app1").startswith("wrong key")
    assert not screen.detail.trust.isVisible()
    assert "has changed" in screen.detail.sentence.text()
    screen.ask_trust()
    QApplication.processEvents()
    assert not [one for one in seat.window.findChildren(QDialog) if one.isVisible()]
    assert (seat.home / "known_hosts").read_text() == before


# ---------------------------------------------------------------- databases


def test_a_database_is_tested_and_a_wrong_password_is_told_in_a_sentence(
    seat: Seat, lab: Lab, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD, str(sa.make_url(postgres_url).password))
    screen = opened(seat, estate_book(postgres_url, lab, free_port()))
    assert try_row(seat, screen, "database src").startswith("ok")
    assert "cluster" in screen.detail.print.text()
    monkeypatch.setenv(PASSWORD, "surely-not-it")
    screen.detail.test.click()
    seat.wait(lambda: spoken(screen.databases, "database src")[3].startswith("refused"))
    seat.wait(lambda: screen.detail.sentence.text().startswith("The login was refused:"))
    assert "surely-not-it" not in all_words(screen)


def test_all_of_them_are_tested_with_one_key_and_the_window_stays_alive(
    seat: Seat, lab: Lab, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD, str(sa.make_url(postgres_url).password))
    text = estate_book(postgres_url, lab, free_port()).replace("from: keyring", "from: env")
    screen = opened(seat, text)
    seat.primary()
    assert screen.testing
    seat.wait(lambda: not screen.testing, "the tests did not end")
    seat.wait(lambda: spoken(screen.databases, "database src")[3].startswith("ok"))
    assert spoken(screen.hosts, "host app2")[3].startswith("no answer")
    assert spoken(screen.secrets, "secret status-token")[3] == "asked at the start"
    assert spoken(screen.secrets, "secret reader-pw")[3].startswith("refused")


# ---------------------------------------------------------------- secrets


def test_a_secret_is_set_tested_and_forgotten_and_its_value_is_shown_nowhere(seat: Seat, lab: Lab) -> None:
    value = "open-sesame-4711"
    screen = opened(seat, estate_book("postgresql://me@127.0.0.1:1/x", lab, free_port()))
    assert spoken(screen.secrets, "secret reader-pw")[1:3] == ["nowhere", "not set"]
    screen.choose("secret reader-pw")
    screen.detail.set.click()
    dialog = seat.dialog()
    assert isinstance(dialog, SecretSetDialog)
    assert dialog.first.echoMode() is QLineEdit.EchoMode.Password
    QTest.keyClicks(dialog.first, value)
    QTest.keyClicks(dialog.again, "open-sesame-4712")
    assert not dialog.button.isEnabled()
    dialog.again.setText(value)
    dialog.button.click()
    for _ in range(2):  # the passphrase of a new vault, and the same again
        type_secret(seat, "four random words")
    seat.wait((seat.home / "secrets.json").exists, "it was not kept")
    seat.wait(lambda: spoken(screen.secrets, "secret reader-pw")[1] == "vault file", "it is not listed as kept")
    seat.wait(lambda: spoken(screen.secrets, "secret reader-pw")[3].startswith("ok"), "it was not tested")
    assert value not in all_words(seat.window)
    assert not [one for one in seat.home.rglob("*") if one.is_file() and value.encode() in one.read_bytes()]
    screen.choose("secret reader-pw")
    screen.detail.forget.click()
    dialog = seat.dialog()
    assert isinstance(dialog, ToldDialog)
    dialog.button.click()
    seat.wait(lambda: spoken(screen.secrets, "secret reader-pw")[1] == "nowhere", "it was not forgotten")
    assert "forgotten" in screen.head.about.text()


def type_secret(seat: Seat, value: str) -> None:
    """Answer the question for a secret that stands open."""

    def found() -> list[SecretDialog]:
        return [one for one in seat.window.findChildren(SecretDialog) if one.isVisible()]

    seat.wait(lambda: bool(found()), "no secret was asked for")
    dialog = found()[0]
    QTest.keyClicks(dialog.field, value)
    dialog.accept()
    seat.wait(lambda: not dialog_stands(dialog))


def dialog_stands(dialog: SecretDialog) -> bool:
    try:
        return dialog.isVisible()
    except RuntimeError:  # it was deleted with its window
        return False


def test_the_rows_carry_their_keys(seat: Seat, lab: Lab) -> None:
    screen = opened(seat, estate_book("postgresql://me@127.0.0.1:1/x", lab, free_port()))
    assert screen.hosts.rows.index(0, 0).data(KEY_ROLE) == "host app1"
