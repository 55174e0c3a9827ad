"""A window of the size it is measured at, on an empty home, for the time of a measurement."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from app.session import RunOrder, Session, new_run
from app.settings import Settings
from ui.opening import open_window
from ui.screens.run import RunScreen
from ui.window import Window

_PATIENCE = 100.0


@contextmanager
def opened() -> Iterator[tuple[QApplication, Window, Path]]:
    """The application, a window of 1440x900 that is ready, and its home; afterwards it lets go and is closed."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    with tempfile.TemporaryDirectory(prefix="tminus-bench-") as folder:
        home = Path(folder)
        window = open_window(app, Settings(home, "ana", "light"))
        try:
            window.resize(1440, 900)
            window.show()
            spin(app, lambda: window.flows is not None)
            yield app, window, home
        finally:
            if window.flows is not None:
                window.flows.let_go("measured")
            window.aside.wait()
            window.problems.release()
            window.hide()


def driven(window: Window, book: Path, home: Path) -> tuple[Session, RunScreen]:
    """Start a run of this runbook and show it."""
    assert window.flows is not None
    session = new_run(RunOrder(book, home, "ana", "window"))
    window.flows.show_view(session)
    screen = window.flows.run_screen
    assert screen is not None
    return session, screen


def spin(app: QApplication, holds: Callable[[], bool]) -> None:
    """Run the window's events until it holds."""
    end = time.monotonic() + _PATIENCE
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        app.processEvents()
        time.sleep(0.0002)
