"""Which runbook the Connections screen is about: the one that is open, its environment, what was given for its run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.runbook.load import Loaded
from app.session import RunOrder
from app.session.asked_once import AskedOnce
from app.session.connections import OpenBook
from ui.screens.connections import ConnectionsScreen

if TYPE_CHECKING:
    from ui.window import Window


class Connecting(QObject):
    """Makes the screen when it is first asked for, and tells it what changed."""

    environment_chosen = Signal(str)
    trouble = Signal(object)

    def __init__(self, window: Window, asked: AskedOnce) -> None:
        super().__init__(window)
        self._window, self._asked = window, asked
        self._book: OpenBook | None = None

    def opened(self, loaded: Loaded, environment: str) -> None:
        """A runbook was opened, or bound to another environment."""
        same = self._book is not None and self._book.loaded.digest == loaded.digest
        params = self._book.params if same and self._book is not None else {}
        self._tell(OpenBook(loaded, environment, params))

    def given(self, order: object) -> None:
        """What was given for a run counts for its connections, too."""
        assert isinstance(order, RunOrder)
        if self._book is not None:
            self._tell(OpenBook(self._book.loaded, order.environment, dict(order.params)))

    def show(self, key: str) -> None:
        """Show one connection of the open runbook."""
        self._window.go("connections")
        self.screen().choose(key)

    def screen(self) -> ConnectionsScreen:
        """The screen."""
        screen = self._window.screen_at("connections")
        if not isinstance(screen, ConnectionsScreen):
            screen = ConnectionsScreen(self._window.settings.home, self._asked, self._window.aside)
            screen.environment_chosen.connect(self.environment_chosen)
            screen.trouble.connect(self.trouble)
            self._window.put("connections", screen)
            screen.show_book(self._book)
        return screen

    def _tell(self, book: OpenBook) -> None:
        self._book = book
        if self._window.screen_at("connections") is not None:
            self.screen().show_book(book)
