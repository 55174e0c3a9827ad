"""The one surface: a filled, bordered, rounded area that holds other widgets; its edge can carry a tone."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.fonts import Weight
from ui.paint import RIGHT, box, colour
from ui.theme import tokens
from ui.tokens import Radius, Space, Tone, Type
from ui.widgets.text import Text


class Card(QFrame):
    """A surface. `radius` is Radius.PANEL for panels and Radius.CARD inside them; `sunken` for quiet areas."""

    def __init__(self, *, radius: int = Radius.PANEL, sunken: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._radius = radius
        self._sunken = sunken
        self._edge: Tone | None = None
        self._tint: Tone | None = None

    def edge(self, tone: Tone | None) -> None:
        """Draw a 2 px edge in `tone` (something here needs a person), or the quiet border for None."""
        if tone is not self._edge:
            self._edge = tone
            self.update()

    def tint(self, tone: Tone | None) -> None:
        """Fill with the quiet tint of `tone`, or the surface for None."""
        if tone is not self._tint:
            self._tint = tone
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = tokens()
        fill = worn.sunken if self._sunken else worn.surface
        if self._tint is not None:
            fill = worn.tint(self._tint)
        p = QPainter(self)
        ink = worn.border if self._edge is None else worn.of(self._edge)
        box(p, QRectF(self.rect()), self._radius, colour(fill), colour(ink), 1 if self._edge is None else 2)


class Panel(Card):
    """A card with a title line: title left, a short muted fact right, content below in `body`."""

    def __init__(self, title: str = "", note: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.title = Text(title, size=Type.TITLE, weight=Weight.SEMIBOLD)
        self.note = Text(note, size=Type.SMALL, tone=Tone.MUTED, align=RIGHT)
        self.head = QHBoxLayout()
        self.head.setSpacing(Space.M)
        self.head.addWidget(self.title)
        self.head.addStretch(1)
        self.head.addWidget(self.note)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        self.body.setSpacing(Space.S)
        if title or note:
            self.body.addLayout(self.head)
        self.setAccessibleName(title)


class Divider(QWidget):
    """A 1 px line between parts; `orientation` is the direction of the line."""

    def __init__(self, orientation: Qt.Orientation = Qt.Orientation.Horizontal, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        fixed, free = QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding
        if orientation == Qt.Orientation.Horizontal:
            self.setFixedHeight(1)
            self.setSizePolicy(free, fixed)
        else:
            self.setFixedWidth(1)
            self.setSizePolicy(fixed, free)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), colour(tokens().border))
