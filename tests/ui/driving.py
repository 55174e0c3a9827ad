"""A window on the real engine, for tests: open it, wait for what it shows, and leave nothing behind."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QWidget

from app.run.events import NoteAdded
from app.session import RunOrder, Session
from app.settings import Settings
from ui.dialogs.ask import AskDialog
from ui.flows import Flows
from ui.panels.current import CurrentPanel
from ui.panels.outcome import OutcomePanel
from ui.panels.trigger import TriggerPanel
from ui.problem import Problems
from ui.screens.run import RunScreen
from ui.theme import Theme
from ui.window import Window

PATIENCE = 20.0


class Seat:
    """Somebody at the window."""

    def __init__(self, window: Window, home: Path) -> None:
        self.window, self.home = window, home

    @property
    def flows(self) -> Flows:
        assert self.window.flows is not None
        return self.window.flows

    @property
    def run(self) -> RunScreen:
        assert self.flows.run_screen is not None
        return self.flows.run_screen

    @property
    def session(self) -> Session:
        view = self.run.store.view
        assert isinstance(view, Session)
        return view

    def wait(self, holds: Callable[[], bool], what: str = "") -> None:
        """Run the event loop until it holds."""
        end = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < end, what or self._where()
            QApplication.processEvents()
            time.sleep(0.002)

    def wait_for(self, *whys: str) -> None:
        """Until the one thing now is one of these."""
        self.wait(lambda: self.flows.run_screen is not None and self.run.store.shown.focus.why in whys)

    def arrive(self, place: str) -> None:
        """Wait until that place is shown."""
        self.wait(lambda: self.window.place() == place, f"{place} was not shown")

    def start(self, text: str, name: str = "book.yaml") -> None:
        """Start a run of a runbook's text, and wait until it is shown."""
        path = self.home / name
        path.write_text(text, encoding="utf-8")
        self.flows.start_run(RunOrder(path, self.home, "ana", "window"))
        self.wait(lambda: self.flows.run_screen is not None, "the run was not shown")

    def press(self, key: Qt.Key, with_: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """A key to whatever has the focus, once a window has the keyboard: before that nobody would hear it."""
        QApplication.processEvents()
        if QApplication.activeWindow() is None:
            self.window.activateWindow()
        self.wait(self._has_keyboard, "no window has the keyboard")
        QTest.keyClick(QApplication.focusWidget() or self.window, key, with_)
        QApplication.processEvents()

    def _has_keyboard(self) -> bool:
        """Whether a window is active and still there, and the focus, if any, is inside of it."""
        active, focus = QApplication.activeWindow(), QApplication.focusWidget()
        return active is not None and active.isVisible() and (focus is None or focus.window() is active)

    def primary(self) -> None:
        """Ctrl+Enter."""
        self.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)

    def go_on(self) -> None:
        """Ctrl+Enter as soon as there is a filled button to press, on whichever panel is shown."""

        def ready() -> bool:
            panel = self.run.middle.currentWidget()
            button: QPushButton | None = None
            if isinstance(panel, CurrentPanel | OutcomePanel):
                button = panel.verbs.primary
            elif isinstance(panel, TriggerPanel):
                button = panel.follows.on if panel.follows.on.isVisible() else panel.follows.back
            settled = not self.run.under_hand.waits
            return settled and button is not None and button.isVisible() and button.isEnabled()

        self.wait(ready, "no filled button can be pressed")
        self.primary()

    def tab_to(self, wanted: QWidget) -> None:
        """Go there with the Tab key alone."""
        for _ in range(80):
            if QApplication.focusWidget() is wanted:
                return
            self.press(Qt.Key.Key_Tab)
        raise AssertionError(f"Tab never comes to {wanted.accessibleName()}")

    def dialog(self) -> QDialog:
        """The dialog that is open."""
        self.wait(lambda: any(one.isVisible() for one in self.window.findChildren(QDialog)), "no dialog opened")
        return next(one for one in self.window.findChildren(QDialog) if one.isVisible())

    def give_reason(self, reason: str) -> None:
        """Write the reason that a dialog wants, and agree."""
        dialog = self.dialog()
        assert isinstance(dialog, AskDialog)
        assert dialog.confirm is not None
        assert not dialog.confirm.isEnabled()
        QTest.keyClicks(dialog.reason, reason)
        dialog.confirm.click()

    def events(self) -> list[str]:
        """The names of the events of the record so far."""
        with self.run.store.view.reader() as reader:
            return [type(one.event).__name__ for one in reader.since(0)]

    def notes(self) -> int:
        """How many notes people wrote into the record; those of the preflight are the console's."""
        with self.run.store.view.reader() as reader:
            found = [one.event for one in reader.since(0)]
        return sum(isinstance(event, NoteAdded) and event.by != "console" for event in found)

    def _where(self) -> str:
        shown = self.run.store.shown if self.flows.run_screen is not None else None
        return f"still {shown.focus if shown is not None else 'nothing shown'}"


@contextmanager
def seated(theme: Theme, home: Path, faults: int = 0) -> Iterator[Seat]:
    """Open the window and sit down; afterwards it is closed, and so many faults were seen, none if not said."""
    problems = Problems()
    problems.install()
    window = Window(Settings(home, "ana", "light"), theme, problems)
    window.resize(1280, 720)
    window.show()
    window.activateWindow()
    seat = Seat(window, home)
    try:
        seat.wait(lambda: window.flows is not None, "the window did not load")
        yield seat
    finally:
        if window.flows is not None:
            window.flows.let_go("the test is over")
        window.aside.wait()
        problems.release()
        window.hide()
        window.deleteLater()
        QApplication.processEvents()
    assert problems.count == faults, "a fault was seen; it is on stderr"
