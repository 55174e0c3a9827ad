"""Line edits that show their key: a filter (Escape clears it) and a note for the record (Enter sends it)."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from ui.fonts import font
from ui.plain import plain_line
from ui.tokens import Type


class HintField(QLineEdit):
    """A line edit of 28 px whose placeholder names its purpose and the key that leads to it."""

    def __init__(self, purpose: str, key: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFont(font(Type.SMALL))
        self.setPlaceholderText(f"{purpose}   {key}" if key else purpose)
        self.setAccessibleName(purpose)
        self.setAccessibleDescription(key)

    def show_wrong(self, *, wrong: bool) -> None:
        """Mark the text as refused (red edge); the owner says why in words beside it."""
        if bool(self.property("wrong")) != wrong:
            self.setProperty("wrong", wrong)
            self.style().unpolish(self)
            self.style().polish(self)

    def event(self, event: QEvent) -> bool:
        # While typing, a letter is a letter: single-key shortcuts of the window must not take it.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)
            if plain and ((event.text().isprintable() and event.text()) or event.key() == Qt.Key.Key_Escape):
                event.accept()
                return True
        return super().event(event)


class FilterField(HintField):
    """Filters while typing: `filtered` carries the text; Escape empties it."""

    filtered = Signal(str)

    def __init__(self, purpose: str = "Filter", key: str = "Ctrl+F", parent: QWidget | None = None) -> None:
        super().__init__(purpose, key, parent)
        self.textChanged.connect(self.filtered)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
            return
        super().keyPressEvent(event)


class NoteField(HintField):
    """Sends one line to the record: `noted` carries it, trimmed and never empty; the field is then empty again."""

    noted = Signal(str)

    def __init__(self, purpose: str = "Note to the record", key: str = "N", parent: QWidget | None = None) -> None:
        super().__init__(purpose, key, parent)
        self.setMaxLength(500)
        self.returnPressed.connect(self._send)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.clearFocus()
            return
        super().keyPressEvent(event)

    def _send(self) -> None:
        text = plain_line(self.text()).strip()
        if text:
            self.clear()
            self.noted.emit(text)
