"""The way back as a button: always there, outlined while calm, solid red when something is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from ui.fonts import Weight, font, width_of
from ui.icons import Icon, paint_icon
from ui.paint import box, colour, focus_ring, line, mix
from ui.plain import plain_line
from ui.theme import tokens
from ui.tokens import Height, Radius, Tokens, Type
from ui.widgets.text import plain_tip

_EDGE = 8.0


class RollbackMood(StrEnum):
    """What the button looks like: outlined, solid red, on the red strip, or quiet while the way back runs."""

    CALM = "calm"
    ALARM = "alarm"
    STRIP = "strip"
    ROLLING = "rolling"
    ROLLED = "rolled"

    @property
    def words(self) -> str:
        """What the button says in this mood."""
        match self:
            case RollbackMood.CALM | RollbackMood.ALARM:
                return "Roll back"
            case RollbackMood.STRIP:
                return "Start now"
            case RollbackMood.ROLLING:
                return "Rolling back"
            case RollbackMood.ROLLED:
                return "Rolled back"


@dataclass(frozen=True, slots=True)
class RollbackView:
    """What the button says: how far back it leads, what that costs in a few words, and the same in full for a tip."""

    mood: RollbackMood
    scope: str = ""
    cost: str = ""
    says: str = ""

    @property
    def words(self) -> str:
        """Its first line."""
        return f"{self.mood.words} to {self.scope}" if self.scope else self.mood.words


class RollbackButton(QPushButton):
    """40 px high and of one width in every mood, so that it never moves under a hand."""

    WIDTH = 168

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._view = RollbackView(RollbackMood.CALM)
        self.show_mood(RollbackMood.CALM)

    @property
    def mood(self) -> RollbackMood:
        """What it looks like now."""
        return self._view.mood

    @property
    def view(self) -> RollbackView:
        """What it says now."""
        return self._view

    def show_mood(self, mood: RollbackMood) -> None:
        """The looks and words of a mood, with nothing said of scope and cost."""
        self.show_view(RollbackView(mood))

    def show_view(self, view: RollbackView) -> None:
        """Change looks and words; the place and size stay."""
        clean = RollbackView(view.mood, plain_line(view.scope), plain_line(view.cost), plain_line(view.says))
        if clean == self._view and self.accessibleName():
            return
        self._view = clean
        spoken = ", ".join(part for part in (clean.words, clean.says or clean.cost) if part)
        if spoken != self.accessibleName():
            self.setText(clean.words)
            self.setAccessibleName(spoken)
            self.setToolTip(plain_tip(clean.says))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.WIDTH, Height.ROLL_BACK)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = tokens()
        p = QPainter(self)
        area = QRectF(self.rect())
        fill, edge, ink = self._colours(worn)
        if self.isDown():
            fill = fill.darker(110)
        box(p, area, Radius.BUTTON, fill, edge, 1.6)
        self._paint_words(p, area, ink)
        if self.hasFocus():
            on_red = self._view.mood in (RollbackMood.ALARM, RollbackMood.STRIP)
            focus_ring(p, area, Radius.BUTTON, worn, worn.on_danger if on_red else None)

    def _paint_words(self, p: QPainter, area: QRectF, ink: QColor) -> None:
        face, small = font(Type.BODY, Weight.SEMIBOLD), font(Type.CAPTION, Weight.MEDIUM)
        arrow = 0 if self._view.mood is RollbackMood.STRIP else 24
        first, second = self._view.words, self._view.cost
        wide = max(width_of(first, face), width_of(second, small))
        x = max(_EDGE, (area.width() - wide - arrow) / 2)
        if arrow:
            paint_icon(p, Icon.ROLL_BACK, QRectF(x - 1, area.center().y() - 9, 18, 18), ink)
        room = QRectF(x + arrow, 0, area.width() - x - arrow - _EDGE, area.height())
        if not second:
            line(p, room, first, face, ink)
            return
        line(p, QRectF(room.left(), 4, room.width(), 18), first, face, ink)
        line(p, QRectF(room.left(), 21, room.width(), 14), second, small, ink)

    def _colours(self, worn: Tokens) -> tuple[QColor, QColor, QColor]:
        hover = self.underMouse()
        white = colour(worn.on_danger)
        match self._view.mood:
            case RollbackMood.CALM:
                return (colour(worn.tint_bad if hover else worn.surface), colour(worn.bad), colour(worn.bad))
            case RollbackMood.ALARM:
                red = mix("#000000", worn.danger, 0.12) if hover else colour(worn.danger)
                return (red, red, white)
            case RollbackMood.STRIP:
                return (mix("#000000", worn.danger, 0.2) if hover else colour(worn.danger), white, white)
            case RollbackMood.ROLLING | RollbackMood.ROLLED:
                return (colour(worn.surface), colour(worn.strong), colour(worn.muted))
