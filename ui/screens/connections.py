"""Connections: the databases, hosts and secrets of the open runbook. Test them, trust a host's key, set a secret."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.session.asked_once import AskedOnce
from app.session.connections import Desk, OpenBook, Outcome, Roster
from app.session.secret_room import SecretRoom
from app.session.trust import ShownKey, trust_key
from ui import words
from ui.announce import announce
from ui.aside import Aside
from ui.dialogs.beside import open_beside
from ui.dialogs.secret_set import SecretSetDialog
from ui.dialogs.told import ToldDialog
from ui.dialogs.trust import TrustDialog
from ui.glyphs import Glyph
from ui.models.connection_rows import detail_of, row_of, status_of
from ui.panels.connection_detail import ConnectionDetail
from ui.panels.connection_head import ConnectionHead
from ui.panels.connection_table import ConnectionTable
from ui.tokens import GUTTER
from ui.widgets.button import LinkButton

_SECOND_MS = 1000
_WORST = (Glyph.FAILED, Glyph.DECISION, Glyph.UNKNOWN, Glyph.WARNING)


class ConnectionsScreen(QWidget):
    """`environment_chosen` asks for the same file bound to another environment."""

    environment_chosen = Signal(str)
    trouble = Signal(object)

    def __init__(self, home: Path, asked: AskedOnce, aside: Aside, parent: QWidget | None = None) -> None:
        """`aside`: the window's, which waits for what is under way before it goes."""
        super().__init__(parent)
        self._home, self._asked, self._aside = home, asked, aside
        self._desk = Desk(home)
        self._book: OpenBook | None = None
        self._roster = Roster()
        self._shown: dict[str, ShownKey] = {}
        self._testing: set[str] = set()
        self._said, self._wanted = "", ""
        self._tick = QTimer(self)
        self._tick.setInterval(_SECOND_MS)
        self._tick.timeout.connect(self._paint)
        self.head = ConnectionHead()
        self.databases = ConnectionTable("database", "Databases", "a test logs in and changes nothing", _NO_BOOK)
        self.hosts = ConnectionTable("host", "Hosts", "a test trusts no key", _NO_BOOK)
        self.secrets = ConnectionTable("secret", "Secrets", "names only; values are never shown", _NOTHING_KEPT)
        self.add = LinkButton("Set another\u2026")
        self.detail = ConnectionDetail()
        self._left = QVBoxLayout()
        self._build()
        self._connect()

    @property
    def tables(self) -> tuple[ConnectionTable, ...]:
        """From top to bottom."""
        return (self.databases, self.hosts, self.secrets)

    @property
    def testing(self) -> bool:
        """Whether anything is being tested."""
        return bool(self._testing)

    def show_book(self, book: OpenBook | None) -> None:
        """The runbook that is open, None for none."""
        self._book, self._desk = book, Desk(self._home, book)
        self._shown, self._said = {}, ""
        self.head.show_book(
            book.loaded.runbook if book is not None else None, book.environment if book is not None else ""
        )
        self.refresh()

    def refresh(self) -> None:
        """Read again what there is; asks no target."""
        desk = self._desk
        self._aside.do(desk.roster, lambda found: self._show(desk, found), self.trouble.emit)

    def chosen(self) -> str:
        """The key of the chosen row, "" for none."""
        return next((key for table in self.tables if (key := table.chosen())), "")

    def choose(self, key: str) -> None:
        """Choose a row by its key, now or as soon as it is there."""
        self._wanted = "" if any(table.choose(key) for table in self.tables) else key

    def primary(self) -> None:
        """Ctrl+Enter: the filled button."""
        if self.detail.trust.isVisible() and self.detail.edge_needs_you():
            self.ask_trust()
        elif self.head.all.isEnabled():
            self.test_all()

    def press(self, verb: str) -> None:
        """Do what a key of the table means here."""
        if verb == "primary":
            self.primary()
        elif verb == "again":
            self.test_one(self.chosen())

    # ------------------------------------------------------------ testing

    def test_all(self) -> None:
        """Test everything on the list."""
        self.test(*(line.key for line in self._roster.lines if not line.trouble and not line.scope))

    def test_one(self, key: str) -> None:
        """Test one row, if it leads anywhere."""
        line = self._roster.line(key)
        if line is not None and not line.trouble and not line.scope:
            self.test(key)

    def test(self, *keys: str, then: Callable[[], None] | None = None) -> None:
        """Test these, beside the UI's thread."""
        wanted = tuple(key for key in keys if key not in self._testing)
        if not wanted:
            return
        desk, ask = self._desk, self._asked.round()
        self._testing.update(wanted)
        self._paint()

        def over(found: object) -> None:
            assert isinstance(found, tuple)
            self._testing.difference_update(wanted)
            self._tested(desk, found)
            if then is not None:
                then()

        def failed(trouble: BaseException) -> None:
            self._testing.difference_update(wanted)
            self._paint()
            self.trouble.emit(trouble)

        self._aside.do(lambda: desk.test(wanted, ask), over, failed)

    def _tested(self, desk: Desk, found: tuple[Outcome, ...]) -> None:
        if desk is not self._desk:
            return
        for one in found:
            self._shown.pop(one.key, None)
            if one.shown is not None:
                self._shown[one.key] = one.shown
            if one.tested.word == "refused":
                self._forget_typed(one.key)
        bad = [one for one in found if one.tested.word not in {"ok", "asked"}]
        well = len(found) - len(bad)
        self._said = f"{len(bad)} of {len(found)} did not go well" if bad and len(found) > 1 else ""
        announce(self, bad[0].tested.detail if bad else f"{words.plural(well, 'test')} went well.")
        self.refresh()

    def _forget_typed(self, key: str) -> None:
        """What was typed may be what was wrong: it is asked for again."""
        line = self._roster.line(key)
        names = set(line.secrets) if line is not None else set()
        self._asked.forget(*(names or {"passphrase of the vault"}))

    # ------------------------------------------------------------ trust

    def ask_trust(self) -> None:
        """Show the key of the chosen host, and ask whether it is its owner's; a changed key is told, never asked."""
        key = self.chosen()
        shown = self._shown.get(key)
        if shown is None:
            self.test(key, then=lambda: self._open_trust(key))
        else:
            self._open_trust(key)

    def _open_trust(self, key: str) -> None:
        shown, line = self._shown.get(key), self._roster.line(key)
        if shown is None or line is None or shown.verdict not in {"unknown", "authority"}:
            return
        dialog = TrustDialog(shown, line.name, line.used_by, self.window())
        dialog.agreed.connect(lambda: self._trust(key, shown))
        dialog.disowned.connect(lambda: self._disown(key, shown))
        open_beside(dialog, self.window())

    def _trust(self, key: str, shown: ShownKey) -> None:
        def over(_nothing: object) -> None:
            self._shown.pop(key, None)
            self._said = f"{shown.route.name} is trusted from now on"
            self.test(key)

        self._aside.do(lambda: trust_key(shown, self._home), over, self.trouble.emit)

    def _disown(self, key: str, shown: ShownKey) -> None:
        desk, line = self._desk, self._roster.line(key)
        if line is None:
            return
        self._shown.pop(key, None)
        self._aside.do(lambda: desk.disown(line, shown), lambda _found: self.refresh(), self.trouble.emit)

    # ------------------------------------------------------------ secrets

    def ask_set(self, entry: str) -> None:
        """Ask for a value, and keep it."""
        dialog = SecretSetDialog(entry, self.window())
        dialog.given.connect(self._set)
        open_beside(dialog, self.window())

    def _set(self, entry: str, value: str) -> None:
        home, ask = self._home, self._asked.round()

        def kept(said: object) -> None:
            self._tell(str(said))
            keys = tuple(one.key for one in self._roster.lines if one.kind == "secret" and one.entry == entry)
            self.test(*keys)
            self.refresh()

        self._aside.do(lambda: SecretRoom(home, ask).set(entry, value), kept, self._not_kept)

    def _not_kept(self, trouble: BaseException) -> None:
        self._asked.forget()
        self.trouble.emit(trouble)

    def ask_forget(self) -> None:
        """Ask once more, then remove the chosen secret everywhere."""
        line = self._roster.line(self.chosen())
        if line is None:
            return
        users = words.plural(len(line.used_by), "place") if line.used_by else "nothing in this runbook"
        text = (
            f"It is removed from this machine, {line.kept}. It is used by {users}; a run asks for it until it is set."
        )
        dialog = ToldDialog(f"Forget {line.name}?", text, f"Forget {line.name}", self.window(), leave="Keep it")
        dialog.agreed.connect(lambda: self._forget(line.entry))
        open_beside(dialog, self.window())

    def _forget(self, entry: str) -> None:
        home, ask = self._home, self._asked.round()

        def gone(said: object) -> None:
            self._tell(str(said))
            self.refresh()

        self._aside.do(lambda: SecretRoom(home, ask).forget(entry), gone, self._not_kept)

    def _tell(self, sentence: str) -> None:
        self._said = sentence.rstrip(".")
        announce(self, sentence)

    # ------------------------------------------------------------ showing

    def _show(self, desk: Desk, found: object) -> None:
        assert isinstance(found, Roster)
        if desk is not self._desk:
            return
        self._roster = found
        self._paint()
        if self._wanted:
            self.choose(self._wanted)
        if not self.chosen():
            self._choose_worst()

    def _choose_worst(self) -> None:
        now = datetime.now(UTC)
        stands = [(status_of(line, now, self._testing).glyph, line.key) for line in self._roster.lines]
        for glyph in _WORST:
            for found, key in stands:
                if found is glyph:
                    self.choose(key)
                    return
        if stands:
            self.choose(stands[0][1])

    def _paint(self) -> None:
        now = datetime.now(UTC)
        lines = self._roster.lines
        for table, kind in zip(self.tables, ("database", "host", "secret"), strict=True):
            table.show_rows([row_of(line, now, self._testing) for line in lines if line.kind == kind])
        for number, table in enumerate(self.tables):
            self._left.setStretch(number, table.wanted_height())
        line = self._roster.line(self.chosen())
        if line is not None:
            self.detail.show_detail(detail_of(line, now, self._testing))
        else:
            self.detail.show_nothing()
        needs_you = self.detail.edge_needs_you()
        self.head.show_button(able=bool(lines) and not self._testing, leading=not needs_you)
        self._say(now)

    def _say(self, now: datetime) -> None:
        lines = self._roster.lines
        fresh = sum(
            line.tested is not None and line.tested.word == "ok" and not line.tested.expired(now) for line in lines
        )
        book = self._book.loaded.runbook if self._book is not None else None
        if self._testing:
            state = f"testing {words.plural(len(self._testing), 'connection')}\u2026"
        else:
            state = f"{fresh} of {len(lines)} tested in the last 15 min" if lines else "nothing to test"
        name = (book.title or book.name) if book is not None else "No runbook is open"
        self.head.about.show_text(words.joined(name, state, self._said, _TERMINAL.sub("", self._roster.missing)))

    def _look_at(self, table: ConnectionTable) -> None:
        for other in self.tables:
            if other is not table:
                other.leave()
        self._paint()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._tick.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._tick.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.detail.setFixedWidth(430 if self.window().width() >= 1400 else 372)
        super().resizeEvent(event)

    def _connect(self) -> None:
        for table in self.tables:
            table.looked_at.connect(lambda _key, table=table: self._look_at(table))
            table.asked.connect(self.test_one)
        self.head.environment_chosen.connect(self.environment_chosen)
        self.head.all.clicked.connect(self.test_all)
        self.add.clicked.connect(lambda: self.ask_set(""))
        self.detail.test_asked.connect(lambda: self.test(self.chosen()))
        self.detail.trust_asked.connect(self.ask_trust)
        self.detail.set_asked.connect(self._set_chosen)
        self.detail.forget_asked.connect(self.ask_forget)

    def _set_chosen(self) -> None:
        line = self._roster.line(self.chosen())
        if line is not None:
            self.ask_set(line.entry)

    def _build(self) -> None:
        self.secrets.head.addWidget(self.add)
        self._left.setSpacing(GUTTER)
        for table in self.tables:
            self._left.addWidget(table, 1)
        inside = QHBoxLayout()
        inside.setContentsMargins(GUTTER, GUTTER, GUTTER + 4, GUTTER)
        inside.setSpacing(GUTTER)
        inside.addLayout(self._left, 1)
        inside.addWidget(self.detail)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.head)
        whole.addLayout(inside, 1)


_TERMINAL = re.compile(r"; give --param \S+=VALUE")
_NO_BOOK = "Open a runbook: what it names is listed here."
_NOTHING_KEPT = "No secret was set on this machine, and the open runbook names none."
