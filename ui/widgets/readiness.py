"""The way back in one mark: shield, word and reasons; the left part of the strip under the head."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.fonts import Weight, font
from ui.icons import SHIELD_TONES, Shield, paint_shield
from ui.paint import colour, line
from ui.plain import plain_line
from ui.theme import tokens
from ui.tokens import Height, Type
from ui.widgets.painted import Painted
from ui.widgets.text import plain_tip


@dataclass(frozen=True, slots=True)
class ReadinessView:
    """How ready the way back is, why in one line, what that rests on in a second, and all of it in a tool tip."""

    shield: Shield
    reason: str
    proofs: str = ""
    whole: str = ""


class Readiness(Painted):
    """54 px high, takes what width there is; a 4 px edge in the tone of the shield stands at its left."""

    def __init__(self, view: ReadinessView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.want(240, Height.STRIP)
        self._view = view
        self.show_view(view)

    def show_view(self, view: ReadinessView) -> None:
        """Show another readiness."""
        if self.tells(view):
            return
        self._view = view
        self.say(f"Way back {view.shield.value.lower()}: {view.reason}. {view.proofs}")
        self.setToolTip(plain_tip(view.whole))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        worn, view = tokens(), self._view
        p = QPainter(self)
        area = QRectF(self.rect())
        ink = colour(worn.of(SHIELD_TONES[view.shield]))
        p.fillRect(QRectF(0, 0, 4, area.height()), ink)
        middle = area.center().y()
        paint_shield(p, view.shield, QRectF(14, middle - 14, 26, 28), worn)
        face = font(Type.BODY, Weight.SEMIBOLD)
        upper = QRectF(50, middle - 18, area.width() - 58, 18)
        used = line(p, upper, view.shield.value, face, ink)
        line(p, upper.adjusted(used + 10, 0, 0, 0), plain_line(view.reason), face, colour(worn.text))
        lower = QRectF(50, middle + 1, area.width() - 58, 17)
        line(p, lower, plain_line(view.proofs), font(Type.SMALL), colour(worn.muted))
