"""One offscreen application for every test of the window, and a way to wear a theme."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication, QWidget

from ui.theme import Theme, ThemeChoice, put_on

RESOURCES = Path(__file__).parents[2] / "resources"


@pytest.fixture(scope="session")
def theme() -> Iterator[Theme]:
    """The theme of the one application of this test process; light at first."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    worn = put_on(app, RESOURCES, ThemeChoice.LIGHT)
    yield worn
    app.closeAllWindows()


@pytest.fixture
def light(theme: Theme) -> Theme:
    """Wears the light theme."""
    theme.use(ThemeChoice.LIGHT)
    return theme


@pytest.fixture
def shown(light: Theme) -> Iterator[Callable[[QWidget], QWidget]]:
    """Shows a widget in a given size and closes it after the test."""
    open_ones: list[QWidget] = []

    def show(widget: QWidget) -> QWidget:
        open_ones.append(widget)
        widget.show()
        QApplication.processEvents()
        return widget

    yield show
    for widget in open_ones:
        widget.close()
        widget.deleteLater()
    QApplication.processEvents()


@pytest.fixture
def until(theme: Theme) -> Callable[[Callable[[], bool]], None]:
    """Runs the event loop until something holds, at most two seconds."""

    def wait(holds: Callable[[], bool]) -> None:
        end = monotonic() + 2
        while not holds():
            assert monotonic() < end, "it did not happen within two seconds"
            QApplication.processEvents()

    return wait
