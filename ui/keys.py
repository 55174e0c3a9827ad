"""The keys of the window, in one table: what `?` shows is what is bound. No single letter has an effect on a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut

if TYPE_CHECKING:
    from ui.window import Window

KEYS: tuple[tuple[str, str, str], ...] = (
    ("Ctrl+Return", "primary", "The one next action: the filled button"),
    ("Ctrl+R", "roll-back", "Roll back: five seconds to stop it; again starts at once"),
    ("Esc", "escape", "Stop the countdown, from everywhere; leave the undos or a plot; back to the step at hand"),
    ("Ctrl+.", "panic", "Stop: nothing new starts, whatever stands. Never goes on"),
    ("Ctrl+H", "hold", "Hold: nothing new starts. Again after a second, on the Run screen: go on"),
    ("Ctrl+U", "undos", "See the undos, and back"),
    ("N", "note", "Write a note into the record"),
    ("Ctrl+F", "filter", "Filter the log, or find a runbook"),
    ("Ctrl+O", "open", "Open a runbook file"),
    ("Ctrl+T", "again", "Test again: the preflight, or the chosen connection"),
    ("Ctrl+1", "library", "Library"),
    ("Ctrl+2", "plan", "Plan"),
    ("Ctrl+3", "run", "Run"),
    ("Ctrl+4", "history", "History"),
    ("Ctrl+5", "connections", "Connections"),
    ("Ctrl+6", "settings", "Settings"),
    ("?", "help", "These keys"),
)


EVERYWHERE = frozenset({"roll-back", "panic", "hold"})
"""These answer from every screen, with a dialog open too. So does Escape while a countdown runs (ui/keyboard.py)."""


def bind(window: Window) -> None:
    """Bind every key of the table to the window."""
    for key, verb, _ in KEYS:
        shortcut = QShortcut(QKeySequence(key), window)
        shortcut.setAutoRepeat(False)
        if verb in EVERYWHERE:
            shortcut.setContext(Qt.ShortcutContext.ApplicationShortcut)
        shortcut.activated.connect(_doer(window, verb))
    window.rail.help_asked.connect(_doer(window, "help"))


def _doer(window: Window, verb: str) -> Callable[[], None]:
    def do() -> None:
        assert window.flows is not None
        window.flows.press(verb)

    return do
