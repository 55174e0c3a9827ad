"""Which side a name is on: SOURCE with a square, TARGET with an arrow, a plain host with its fingerprint tick."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QWidget

from ui.fonts import Weight, font, mono, width_of
from ui.icons import Icon, paint_icon
from ui.paint import box, colour, line
from ui.plain import plain_line
from ui.theme import tokens
from ui.tokens import Radius, Tone, Type
from ui.widgets.painted import Painted


class Side(StrEnum):
    """The side of a migration; the value is the word on the chip."""

    SOURCE = "SOURCE"
    TARGET = "TARGET"
    PLAIN = ""


@dataclass(frozen=True, slots=True)
class SideView:
    """A named host or database. `fingerprint` is a short key print; `verified` says it matched this session."""

    name: str
    side: Side = Side.PLAIN
    fingerprint: str = ""
    verified: bool = False


class SideChip(Painted):
    """A bordered chip, 24 px high, with the side's mark and word before the name."""

    HEIGHT = 24

    def __init__(self, view: SideView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stay()
        self._view = view
        self.show_view(view)

    def show_view(self, view: SideView) -> None:
        """Show another host or database."""
        self._view = SideView(plain_line(view.name), view.side, plain_line(view.fingerprint), view.verified)
        self._lead = width_of(view.side.value, _word()) + 16 if view.side is not Side.PLAIN else 0.0
        name = width_of(self._view.name, _name(view.side))
        tail = width_of(self._view.fingerprint, mono(Type.CAPTION)) + 22 if view.fingerprint else 0.0
        self.want(8 + self._lead + name + tail + 8, self.HEIGHT)
        key = "host key matches" if view.verified else "host key not checked"
        self.say(" ".join(filter(None, (view.side.value.lower(), self._view.name, key if view.fingerprint else ""))))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        worn, view = tokens(), self._view
        p = QPainter(self)
        area = QRectF(self.rect())
        edge = {Side.SOURCE: worn.strong, Side.TARGET: worn.accent, Side.PLAIN: worn.border}[view.side]
        box(p, area, Radius.ROW, colour(worn.surface), colour(edge), 1 if view.side is Side.PLAIN else 1.4)
        ink = colour(worn.of(Tone.ACCENT if view.side is Side.TARGET else Tone.MUTED))
        rest = area.adjusted(8, 0, -8, 0)
        if view.side is not Side.PLAIN:
            paint_side(p, rest, view.side)
            line(p, rest.adjusted(11, 0, 0, 0), view.side.value, _word(), ink)
            rest.setLeft(rest.left() + self._lead)
        rest.setLeft(rest.left() + line(p, rest, view.name, _name(view.side), colour(worn.text)))
        if view.fingerprint:
            tick = QRectF(rest.left() + 5, rest.center().y() - 6, 12, 12)
            if view.verified:
                paint_icon(p, Icon.CHECK, tick, colour(worn.ok))
            line(p, rest.adjusted(22, 0, 0, 0), view.fingerprint, mono(Type.CAPTION), colour(worn.muted))


def paint_side(p: QPainter, area: QRectF, side: Side) -> None:
    """The mark of a side at the left of `area`: a square for the source, an arrow for the target."""
    worn = tokens()
    x, y = area.left(), area.center().y()
    p.setPen(Qt.PenStyle.NoPen)
    if side is Side.SOURCE:
        p.setBrush(colour(worn.muted))
        p.drawRect(QRectF(x, y - 3.5, 7, 7))
    else:
        p.setBrush(colour(worn.accent))
        p.drawPolygon(QPolygonF([QPointF(x, y - 4), QPointF(x + 7, y), QPointF(x, y + 4)]))


def _word() -> QFont:
    return font(Type.CAPTION, Weight.SEMIBOLD)


def _name(side: Side) -> QFont:
    return font(Type.SMALL, Weight.SEMIBOLD) if side is not Side.PLAIN else mono()
