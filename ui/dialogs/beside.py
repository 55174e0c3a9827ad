"""Opens a dialog beside the run: below the way back, and never in front of it.

A modal dialog would take the clicks and keys of the window, and Roll back and the stop key must answer in every state.
"""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QElapsedTimer, QObject, QPoint, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from ui.keyboard import writing

BELOW = 160
"""Pixels from the top of the window: head, way back and timeline stay in sight (56 + 54 + 42, and a gutter)."""

NEW_MS = 300
"""Within so many milliseconds of a dialog's first sight no person has gone there by the keyboard."""


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
    assert writer is not None  # somebody writes
    _place(dialog, window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    dialog.show()
    dialog.raise_()
    _Turn(dialog, writer)


class _Turn(QObject):
    """Gives a dialog the keyboard when nobody writes any more, once; what a desktop gives it before, it gives back."""

    def __init__(self, dialog: QDialog, writer: QWidget) -> None:
        super().__init__(dialog)
        self._dialog, self._writer = dialog, writer
        self._waits = True
        self._new = QElapsedTimer()
        self._new.start()
        self._return()
        program = QApplication.instance()
        assert isinstance(program, QApplication)
        program.focusChanged.connect(self._look)

    def _look(self, _old: object, _new: object) -> None:
        if not self._waits or writing() or QApplication.activeWindow() is None:
            return
        QTimer.singleShot(0, self, self._take)  # the key that ended the writing is not for the dialog

    def _take(self) -> None:
        if not self._waits or writing() or not self._dialog.isVisible():
            return
        if self._dialog.isActiveWindow() and self._by_the_desktop():
            self._return()
            return
        self._waits = False
        self._dialog.activateWindow()

    def _by_the_desktop(self) -> bool:
        """Some desktops activate whatever is new, a moment after it was shown; a person needs longer, or a mouse."""
        pressed = QApplication.mouseButtons() != Qt.MouseButton.NoButton
        there = shiboken6.isValid(self._writer) and self._writer.isVisible()
        return there and not pressed and self._new.elapsed() < NEW_MS

    def _return(self) -> None:
        self._writer.window().activateWindow()
        self._writer.setFocus()


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
