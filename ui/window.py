"""The one window: rail, screens, and the run that it drives or watches. Closing it lets go; it never stops anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QPaintEvent
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QStackedWidget, QWidget

from app.settings import Settings
from ui.aside import Aside
from ui.icons import Icon
from ui.problem import Problems
from ui.screens.library import LibraryScreen
from ui.theme import Theme
from ui.widgets.rail import PlaceView, Rail

if TYPE_CHECKING:  # what these import is heavy, and comes after the first paint
    from ui.flows import Flows
    from ui.screens.run import RunScreen

PLACES = (
    PlaceView("library", "Library", Icon.LIBRARY),
    PlaceView("plan", "Plan", Icon.PLAN),
    PlaceView("run", "Run", Icon.RUN),
    PlaceView("history", "History", Icon.HISTORY),
    PlaceView("connections", "Connections", Icon.CONNECTIONS),
    PlaceView("settings", "Settings", Icon.SETTINGS, low=True),
)
_STANDS_AT = {"preflight": "plan"}
"""Screens without a place of their own on the rail, and the place that they belong to."""


class Window(QWidget):
    """`loaded` comes once, when everything heavy is there. `opened` carries the key of the screen shown."""

    loaded = Signal()
    opened = Signal(str)

    def __init__(self, settings: Settings, theme: Theme, problems: Problems) -> None:
        super().__init__()
        self.settings, self.theme, self.problems = settings, theme, problems
        self.aside = Aside(self)
        self._leaving = False
        self.flows: Flows | None = None
        self._first: tuple[str | None, str | None] = (None, None)
        self._painted = False
        self.setWindowTitle("Tminus")
        self.setMinimumSize(1120, 640)
        self.resize(*_fitting())
        self.rail = Rail(PLACES)
        self.library = LibraryScreen()
        self.stack = QStackedWidget()
        self.stack.addWidget(self.library)
        self._screens: dict[str, QWidget] = {"library": self.library}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addWidget(self.stack, 1)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setFocus()
        self.rail.go("library")
        self.rail.chosen.connect(self.go)

    def open_first(self, runbook: str | None, demo_incident: str | None) -> None:
        """What to open as soon as everything is loaded: a runbook, or the demo with an incident."""
        self._first = (runbook, demo_incident)

    @property
    def run_screen(self) -> RunScreen | None:
        """The Run screen, when a run is shown."""
        return self.flows.run_screen if self.flows is not None else None

    def screen_at(self, key: str) -> QWidget | None:
        """A screen, when it was made already."""
        return self._screens.get(key)

    def put(self, key: str, screen: QWidget) -> None:
        """Give a place its screen; one that stood there before goes."""
        old = self._screens.get(key)
        self._screens[key] = screen
        self.stack.addWidget(screen)
        if old is not None:
            if self.stack.currentWidget() is old:
                self.stack.setCurrentWidget(screen)
            self.stack.removeWidget(old)
            old.deleteLater()

    def go(self, key: str) -> None:
        """Show a place."""
        if self.flows is not None:
            self.flows.prepare_place(key)
        screen = self._screens.get(key)
        if screen is None:
            self.rail.go(_STANDS_AT.get(self.place(), self.place()))
            return
        self.stack.setCurrentWidget(screen)
        self.rail.go(_STANDS_AT.get(key, key))
        self.opened.emit(key)

    def place(self) -> str:
        """The key of the screen shown."""
        shown = self.stack.currentWidget()
        return next((key for key, screen in self._screens.items() if screen is shown), "library")

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self._load)

    def leave(self) -> None:
        """Let go of the run and close, without a question: whoever ends the process does not wait for an answer."""
        self._leaving = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.flows is not None and not self._leaving and not self.flows.may_close():
            event.ignore()
            return
        self.hide()  # what still ends beside it may take its time, and nobody looks at a window that does not answer
        if self.flows is not None:
            self.flows.one.leave()
            self.flows.exporting.leave()
            self.flows.asker.close()  # whoever waits beside the window for a secret is told that nobody types it
            for dialog in self.findChildren(QDialog):
                dialog.hide()
            self.flows.let_go("the window was closed")
        self.aside.wait()
        if self.flows is not None:
            self.flows.one.let_go_of_unshown()
        self.problems.release()
        event.accept()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

    def _load(self) -> None:
        self.aside.do(_heavy, lambda _answer: self._begin())

    def _begin(self) -> None:
        from ui.flows import Flows
        from ui.keys import bind

        self.library.complete()
        self.flows = Flows(self)
        bind(self)
        self.flows.start(*self._first)
        self.loaded.emit()


def _heavy() -> None:
    """Everything that takes its time to import, away from the UI's thread."""
    import ui.flows  # noqa: F401 - only to have it loaded


def _fitting() -> tuple[int, int]:
    """1440x900 where the screen has room for it, else 1280x720."""
    room = QApplication.primaryScreen().availableSize()
    return (1440, 900) if room.width() >= 1440 and room.height() >= 900 else (1280, 720)
