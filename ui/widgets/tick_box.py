"""A box to tick, painted from the tokens: the system's own is invisible on some dark surfaces."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QWidget

from ui.fonts import font, width_of
from ui.paint import box, colour, focus_ring, line
from ui.plain import plain_line
from ui.theme import tokens
from ui.tokens import Radius, Space, Type

_SIDE = 16.0
_LEFT = 4.0
_HEIGHT = 26


class TickBox(QCheckBox):
    """One line of plain text behind a box; the whole line is what is clicked."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        self._said = plain_line(text)
        # Qt reads `&` as the mark of a key.
        super().__init__(self._said.replace("&", "&&"), parent)
        self.setAccessibleName(self._said)
        self.setFont(font(Type.BODY))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(int(_LEFT + _SIDE + 2 * Space.S + width_of(self._said, self.font()) + 2), _HEIGHT)

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = tokens()
        p = QPainter(self)
        square = QRectF(_LEFT, (self.height() - _SIDE) / 2, _SIDE, _SIDE)
        edge = worn.strong if self.isEnabled() else worn.border
        if self.isChecked():
            box(p, square, 4, colour(worn.accent if self.isEnabled() else worn.border))
            ink = QPen(colour(worn.on_accent), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
            p.setPen(ink)
            x, y = square.left(), square.top()
            p.drawPolyline(QPolygonF([QPointF(x + 4, y + 8.4), QPointF(x + 7, y + 11.2), QPointF(x + 12, y + 5)]))
        else:
            box(p, square, 4, colour(worn.surface), colour(edge), 1.5)
        left = square.right() + Space.S
        text = QRectF(left, 0, self.width() - left, self.height())
        line(p, text, self._said, self.font(), colour(worn.text if self.isEnabled() else worn.muted))
        if self.hasFocus():
            focus_ring(p, QRectF(self.rect()), Radius.ROW, worn)
