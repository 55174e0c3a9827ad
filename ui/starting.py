"""From `Start a run` to its first event: what it is given, the look ahead in both directions, and only then the start.

Nothing starts with a finding in the way, with one that is too old, or with a text that was not the one looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.errors import TminusError
from app.runbook.load import Loaded
from app.session import RunOrder, Session, new_run, open_runbook
from app.session.asked_once import AskedOnce
from app.session.connection_lines import partly_bound
from app.session.look_ahead import look_ahead
from app.session.opening import plan_of
from app.session.preflight import Preflight
from ui.dialogs.beside import open_beside
from ui.dialogs.start import StartDialog
from ui.models.naming import numbered
from ui.panels.connection_head import badge_of
from ui.screens.preflight import Looked, PreflightScreen

if TYPE_CHECKING:
    from ui.window import Window

Begin = Callable[[Callable[[], Session]], None]
"""Lets go of the run before, when there is one, then runs this beside the UI's thread and shows the session."""


class Starting(QObject):
    """`given` carries the RunOrder as soon as a person agreed to it."""

    given = Signal(object)
    trouble = Signal(object)
    connection_asked = Signal(str)

    def __init__(self, window: Window, asked: AskedOnce, begin: Begin) -> None:
        super().__init__(window)
        self._window, self._asked, self._begin = window, asked, begin
        self._order: RunOrder | None = None
        self._loaded: Loaded | None = None
        self._round = 0
        self._beginning = False
        self._spent: Looked | None = None

    def ask(self, path: Path, loaded: Loaded, environment: str) -> None:
        """Ask for what a run needs."""
        if loaded.runbook is None:
            return
        dialog = StartDialog(path, loaded.runbook, self._window.settings.operator, self._window)
        dialog.choose(environment)
        dialog.agreed.connect(lambda order: self._given(order, loaded))
        open_beside(dialog, self._window)

    def look(self) -> None:
        """Look ahead (again), beside the UI's thread; secrets are asked for meanwhile."""
        order, loaded = self._order, self._loaded
        if order is None or loaded is None or loaded.runbook is None:
            return
        self._round += 1
        mine = self._round
        book = loaded.runbook
        screen = self.screen()
        screen.show_looking(book.title or book.name, order, badge_of(book, order.environment))
        self._window.go("preflight")
        ask = self._asked.round()

        def over(found: object) -> None:
            assert isinstance(found, Looked)
            if mine == self._round:
                self._forget_wrong(found.found, loaded)
                screen.show_found(found)

        def failed(trouble: BaseException) -> None:
            if mine == self._round:
                self.leave()
                self.trouble.emit(trouble)

        self._window.aside.do(lambda: _look(replace(order, ask=ask)), over, failed)

    def start(self) -> None:
        """Start the run that was looked at, if it may start."""
        screen, order = self.screen(), self._order
        looked = screen.looked
        if order is None or looked is None or not screen.verdict.standing.may_start:
            return
        if self._beginning or looked is self._spent:
            return
        ask = self._asked.round()

        def begin() -> Session:
            session = new_run(replace(order, ask=ask, looked=looked.found.key))  # it refuses what was not looked at
            self._spent = looked  # one look lets one run start
            self._asked.forget()
            return session

        self._begin(begin)

    def show_beginning(self, sentence: str) -> None:
        """While a run is being opened nothing else can be started; "" when that is over."""
        self._beginning = bool(sentence)
        screen = self._window.screen_at("preflight")
        if isinstance(screen, PreflightScreen):
            screen.show_beginning(beginning=self._beginning)

    def leave(self) -> None:
        """Back to the plan; what a look that is still under way finds is dropped."""
        self._round += 1
        self._window.go("plan")

    def screen(self) -> PreflightScreen:
        """The screen of the preflight."""
        screen = self._window.screen_at("preflight")
        if not isinstance(screen, PreflightScreen):
            screen = PreflightScreen()
            screen.show_beginning(beginning=self._beginning)
            screen.again_asked.connect(self.look)
            screen.start_asked.connect(self.start)
            screen.left.connect(self.leave)
            screen.connection_asked.connect(self.connection_asked)
            self._window.put("preflight", screen)
        return screen

    def _given(self, order: object, loaded: Loaded) -> None:
        assert isinstance(order, RunOrder)
        self._order, self._loaded = replace(order, home=self._window.settings.home), loaded
        self.given.emit(self._order)
        self.look()

    def _forget_wrong(self, found: Preflight, loaded: Loaded) -> None:
        """What was typed for a log-in that was refused may be what was wrong: it is asked for again."""
        book = loaded.runbook
        assert book is not None
        for line in found.lines:
            kind, _, name = line.subject.partition(" ")
            if line.word != "refused":
                continue
            if kind == "database" and name in book.databases:
                self._forget(book.databases[name].password)
            elif kind == "host" and name.partition(" as ")[0] in book.hosts:
                host = book.hosts[name.partition(" as ")[0]]
                self._forget(host.password, host.passphrase)

    def _forget(self, *names: str) -> None:
        known = tuple(name for name in names if name)
        if known:
            self._asked.forget(*known)


def _look(order: RunOrder) -> Looked:
    loaded = open_runbook(order.path, order.environment)
    found = look_ahead(order)
    return Looked(found, _names(loaded, order, found))


def _names(loaded: Loaded, order: RunOrder, found: Preflight) -> Mapping[str, str]:
    """How people call the steps that are spoken of."""
    try:
        plan = plan_of(partly_bound(loaded, order.environment, order.params, found.began)[0])
    except TminusError:  # the look ahead has said so already
        return {}
    return {line.subject: numbered(plan, line.subject) for line in found.lines if line.subject in plan.by_address}
