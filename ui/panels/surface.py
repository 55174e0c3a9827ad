"""A full-width strip of surface with a thin line below it: head, way back and timeline stand on these."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from ui.paint import colour
from ui.theme import tokens


class Surface(QFrame):
    """Of a fixed height."""

    def __init__(self, height: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = tokens()
        p = QPainter(self)
        p.fillRect(self.rect(), colour(worn.surface))
        p.fillRect(QRectF(0, self.height() - 1, self.width(), 1), colour(worn.border))
