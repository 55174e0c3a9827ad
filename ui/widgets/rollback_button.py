"""The way back as a button: always there, outlined while calm, solid red when something is wrong."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from ui.fonts import Weight, font, width_of
from ui.icons import Icon, paint_icon
from ui.paint import box, colour, focus_ring, line, mix
from ui.theme import tokens
from ui.tokens import Height, Radius, Tokens, Type


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


class RollbackButton(QPushButton):
    """40 px high and of one width in every mood, so that it never moves under a hand."""

    WIDTH = 126

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._mood = RollbackMood.CALM
        self.show_mood(RollbackMood.CALM)

    @property
    def mood(self) -> RollbackMood:
        """What it looks like now."""
        return self._mood

    def show_mood(self, mood: RollbackMood) -> None:
        """Change looks and words; the place and size stay."""
        self._mood = mood
        self.setText(mood.words)
        self.setAccessibleName(mood.words)
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
        face = font(Type.BODY, Weight.SEMIBOLD)
        arrow = 0 if self._mood is RollbackMood.STRIP else 24
        x = (area.width() - width_of(self.text(), face) - arrow) / 2
        if arrow:
            paint_icon(p, Icon.ROLL_BACK, QRectF(x - 1, area.center().y() - 9, 18, 18), ink)
        line(p, area.adjusted(x + arrow, 0, 0, 0), self.text(), face, ink)
        if self.hasFocus():
            on_red = self._mood in (RollbackMood.ALARM, RollbackMood.STRIP)
            focus_ring(p, area, Radius.BUTTON, worn, worn.on_danger if on_red else None)

    def _colours(self, worn: Tokens) -> tuple[QColor, QColor, QColor]:
        hover = self.underMouse()
        white = colour(worn.on_danger)
        match self._mood:
            case RollbackMood.CALM:
                return (colour(worn.tint_bad if hover else worn.surface), colour(worn.bad), colour(worn.bad))
            case RollbackMood.ALARM:
                red = mix("#000000", worn.danger, 0.12) if hover else colour(worn.danger)
                return (red, red, white)
            case RollbackMood.STRIP:
                return (mix("#000000", worn.danger, 0.2) if hover else colour(worn.danger), white, white)
            case RollbackMood.ROLLING | RollbackMood.ROLLED:
                return (colour(worn.surface), colour(worn.strong), colour(worn.muted))
