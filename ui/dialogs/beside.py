"""Opens a dialog beside the run: below the way back, and never in front of it.

A modal dialog would take the clicks and keys of the window, and Roll back and the stop key must answer in every state.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QDialog, QWidget

BELOW = 160
"""Pixels from the top of the window: head, way back and timeline stay in sight (56 + 54 + 42, and a gutter)."""


def open_beside(dialog: QDialog, window: QWidget) -> None:
    """Show it over the middle of `window` and give it the keyboard; whatever was open in its place is dropped."""
    for other in window.findChildren(QDialog):
        if other is not dialog and type(other) is type(dialog) and other.isVisible():
            other.reject()
    dialog.setWindowModality(Qt.WindowModality.NonModal)
    dialog.adjustSize()
    left = max(0, (window.width() - dialog.width()) // 2)
    top = min(BELOW, max(0, window.height() - dialog.height()))
    dialog.finished.connect(window.activateWindow)  # else nobody has the keyboard when it closes
    dialog.move(window.mapToGlobal(QPoint(left, top)))
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()
