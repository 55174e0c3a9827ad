"""Where the keyboard is: whether somebody writes, or a dialog has it; and the one key that goes before all of them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QPlainTextEdit, QTextEdit, QWidget


def writing() -> bool:
    """Whether a field that takes words has the keyboard."""
    found = QApplication.focusWidget()
    if isinstance(found, QPlainTextEdit | QTextEdit | QLineEdit):
        return not found.isReadOnly()
    return False


def writing_or_aside(window: QWidget) -> bool:
    """Whether a field has the keyboard, or another window than this one: a dialog, say."""
    found, active = QApplication.focusWidget(), QApplication.activeWindow()
    elsewhere = found is not None and found.window() is not window
    return writing() or elsewhere or isinstance(active, QDialog)


def take_from(going: QWidget) -> None:
    """Before it goes: the keyboard inside of it is with the window again, not with whatever comes next in the order."""
    at = QApplication.focusWidget()
    if at is not None and (at is going or going.isAncestorOf(at)):
        going.window().setFocus()


class EscapeFirst(QObject):
    """While it listens Escape means one thing, in every field, dialog and menu of the program: `pressed`."""

    pressed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._listens = False

    def listen(self, *, on: bool) -> None:
        """Begin or end; only the seconds of a countdown, for it looks at every event of the program."""
        program = QApplication.instance()
        if on == self._listens or program is None:
            return
        self._listens = on
        (program.installEventFilter if on else program.removeEventFilter)(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.key() != Qt.Key.Key_Escape:
            return False
        # A key is offered as a shortcut first: taken here, no shortcut of the window and no field sees it.
        event.accept()
        if event.type() is QEvent.Type.KeyPress and not event.isAutoRepeat():
            self.pressed.emit()
        return True
