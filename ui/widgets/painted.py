"""The ground every painted fact stands on: a label that paints itself and says its value to assistive tools.

A QLabel gives the role "static text" for free; its name carries the value, because a name is what is read out.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from ui.plain import plain_line


class Painted(QLabel):
    """A fixed-height (or fixed-size) painted fact. Subclasses override `paintEvent` and call `say`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._hint = QSize(0, 0)
        self._told: object = None

    def tells(self, view: object) -> bool:
        """Whether it says exactly this already: then there is nothing to paint again."""
        before, self._told = self._told, view
        return view == before

    def say(self, spoken: str) -> None:
        """Set what assistive tools read: the name together with the value."""
        name = plain_line(spoken)
        if name != self.accessibleName():
            self.setAccessibleName(name)

    def want(self, width: float, height: float) -> None:
        """Set the size hint; the layout is told only when it changed."""
        hint = QSize(int(width + 0.999), int(height + 0.999))
        if hint != self._hint:
            self._hint = hint
            self.updateGeometry()

    def stay(self) -> None:
        """Take exactly the wanted size, in both directions."""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return self._hint

    def minimumSizeHint(self) -> QSize:
        if self.sizePolicy().horizontalPolicy() == QSizePolicy.Policy.Fixed:
            return self._hint
        return QSize(min(self._hint.width(), 24), self._hint.height())
