"""Opens a dialog beside the run: below the way back, and never in front of it.

A modal dialog would take the clicks and keys of the window, and Roll back and the stop key must answer in every state.
"""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QObject, QPoint, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from ui.keyboard import writing

BELOW = 160
"""Pixels from the top of the window: head, way back and timeline stay in sight (56 + 54 + 42, and a gutter)."""


def open_beside(dialog: QDialog, window: QWidget) -> None:
    """Show it over the middle of `window` and give it the keyboard; whatever was open in its place is dropped.

    When it closes, the keyboard goes back to whatever had it.
    """
    _place(dialog, window)
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()


def open_unasked(dialog: QDialog, window: QWidget) -> None:
    """Show one that no key and no click of this moment asked for: whoever writes goes on writing where he was.

    It has the keyboard as soon as nobody writes any more.
    """
    if not writing():
        open_beside(dialog, window)
        return
    writer = QApplication.focusWidget()
    _place(dialog, window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    dialog.show()
    dialog.raise_()
    if writer is not None:  # some desktops activate whatever is new
        writer.window().activateWindow()
        writer.setFocus()
    _Turn(dialog)


class _Turn(QObject):
    """Gives a dialog the keyboard when nobody writes any more, once."""

    def __init__(self, dialog: QDialog) -> None:
        super().__init__(dialog)
        self._dialog = dialog
        self._waits = True
        program = QApplication.instance()
        assert isinstance(program, QApplication)
        program.focusChanged.connect(self._look)

    def _look(self, _old: object, _new: object) -> None:
        if not self._waits or writing() or QApplication.activeWindow() is None:
            return
        self._waits = False
        QTimer.singleShot(0, self, self._take)  # the key that ended the writing is not for the dialog

    def _take(self) -> None:
        if self._dialog.isVisible():
            self._dialog.activateWindow()


def _place(dialog: QDialog, window: QWidget) -> None:
    had = QApplication.focusWidget() or QApplication.activeWindow() or window
    for other in window.findChildren(QDialog):
        if other is not dialog and type(other) is type(dialog) and other.isVisible():
            other.reject()
    dialog.setWindowModality(Qt.WindowModality.NonModal)
    dialog.adjustSize()
    left = max(0, (window.width() - dialog.width()) // 2)
    top = min(BELOW, max(0, window.height() - dialog.height()))
    dialog.finished.connect(lambda _result: _give_back(had, window))
    dialog.move(window.mapToGlobal(QPoint(left, top)))


def _give_back(had: QWidget, window: QWidget) -> None:
    """To what had the keyboard, if it is still there; never away from somebody who writes elsewhere by now."""
    now = QApplication.focusWidget()
    if now is not None and now.isVisible() and writing():
        return
    there = shiboken6.isValid(had) and had.isVisible()
    (had.window() if there else window).activateWindow()  # else nobody has the keyboard when it closes
    if there and had.isEnabled():
        had.setFocus()
