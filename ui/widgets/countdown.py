"""Countdowns that ask or warn: a bar that empties for deadlines, a ring with m:ss that asks a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui import words
from ui.fonts import Weight, font, width_of
from ui.paint import CENTRE, RIGHT, box, colour, line, mix
from ui.plain import plain_line
from ui.theme import tokens
from ui.tokens import Tone, Type
from ui.widgets.painted import Painted


@dataclass(frozen=True, slots=True)
class DeadlineView:
    """A deadline: its caption, when it is (`02:41`), what is left (`in 17:20`) and how full the bar is, 0..1."""

    caption: str
    moment: str
    left: str
    share: float
    tone: Tone = Tone.TEXT


class CountdownBar(Painted):
    """Caption, the moment left, what remains right, and a 4 px bar that empties towards the left; 42 px high."""

    def __init__(self, view: DeadlineView, *, width: int = 190, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stay()
        self.want(width, 42)
        self._view = view
        self.show_view(view)

    def show_view(self, view: DeadlineView) -> None:
        """Show another moment or share."""
        if self.tells(view):
            return
        self._view = view
        self.say(f"{view.caption} {view.moment}, {view.left}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        worn, view = tokens(), self._view
        p = QPainter(self)
        wide = float(self.width())
        line(p, QRectF(0, 0, wide, 15), plain_line(view.caption), font(Type.CAPTION, Weight.MEDIUM), colour(worn.muted))
        face = font(Type.TITLE, Weight.SEMIBOLD)
        ink = colour(worn.of(view.tone))
        middle = QRectF(0, 15, wide, 20)
        taken = width_of(view.left, face)
        line(p, middle, view.left, face, ink, RIGHT)
        line(p, middle.adjusted(0, 0, -taken - 8, 0), plain_line(view.moment), face, ink)
        fill = colour(worn.muted) if view.tone is Tone.TEXT else ink
        paint_bar(p, QRectF(0, 37, wide, 4), view.share, fill)


def paint_bar(p: QPainter, area: QRectF, share: float, fill: QColor) -> None:
    """A thin rounded bar, `share` (0..1) of it filled; delegates and budget rows use it too."""
    radius = area.height() / 2
    box(p, area, radius, colour(tokens().border))
    kept = min(1.0, max(0.0, share))
    if kept > 0:
        box(p, QRectF(area.left(), area.top(), max(area.height(), area.width() * kept), area.height()), radius, fill)


class CountdownRing(Painted):
    """A ring that empties clockwise around m:ss. What happens at zero is said beside it by its owner."""

    def __init__(self, *, diameter: int = 66, tone: Tone = Tone.BAD, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stay()
        self.want(diameter, diameter)
        self._tone = tone
        self._left = timedelta(0)
        self._share = 0.0

    def show_left(self, left: timedelta, of: timedelta) -> None:
        """Show what is left of the whole time; below zero reads as zero."""
        self._left = max(timedelta(0), left)
        self._share = min(1.0, self._left / of) if of > timedelta(0) else 0.0
        self.say(f"{words.duration(self._left)} left")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = tokens()
        p = QPainter(self)
        area = QRectF(self.rect())
        ink = colour(worn.of(self._tone))
        paint_ring(p, area, self._share, ink, mix(worn.of(self._tone), worn.tint(self._tone), 0.25))
        text, room = words.duration(self._left), area.width() * 0.74
        faces = [font(size, Weight.SEMIBOLD) for size in (Type.VALUE, Type.TITLE, Type.BODY, Type.CAPTION)]
        face = next((one for one in faces if width_of(text, one) <= room), faces[-1])
        line(p, area, text, face, colour(worn.text), CENTRE)


def paint_ring(p: QPainter, area: QRectF, share: float, ink: QColor, track: QColor) -> None:
    """A ring inside `area` with `share` (0..1) of it left, emptying clockwise from twelve o'clock."""
    width = max(3.0, area.width() / 14)
    inner = area.adjusted(width / 2 + 1, width / 2 + 1, -width / 2 - 1, -width / 2 - 1)
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.setPen(QPen(track, width))
    p.drawEllipse(inner)
    p.setPen(QPen(ink, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    sweep = int(360 * 16 * min(1.0, max(0.0, share)))
    # What is gone starts at twelve and grows clockwise, so what is left is drawn from twelve the other way.
    p.drawArc(inner, 90 * 16, sweep)


@dataclass(frozen=True, slots=True)
class BudgetView:
    """A mode that is on, against its limit: `Read-only`, `19:06 of 50:00`, a share 0..1 and when it ends."""

    name: str
    used: str
    share: float
    note: str = ""
    tone: Tone = Tone.ACCENT


class BudgetRow(Painted):
    """Name left, used of limit right, a bar that fills, a muted note; 46 px, or 28 px without a note."""

    def __init__(self, view: BudgetView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._view = view
        self.show_view(view)

    def show_view(self, view: BudgetView) -> None:
        """Show another use."""
        if self.tells(view):
            return
        self._view = view
        self.want(180, 44 if view.note else 28)
        self.say(words.joined(f"{view.name} {view.used}", view.note))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        worn, view = tokens(), self._view
        p = QPainter(self)
        wide = float(self.width())
        used = plain_line(view.used)
        face = font(Type.SMALL, Weight.MEDIUM)
        taken = width_of(used, face)
        line(p, QRectF(0, 1, wide, 17), used, face, colour(worn.text), RIGHT)
        line(p, QRectF(0, 1, wide - taken - 8, 17), plain_line(view.name), face, colour(worn.text))
        paint_bar(p, QRectF(0, 21, wide, 5), view.share, colour(worn.of(view.tone)))
        if view.note:
            line(p, QRectF(0, 28, wide, 15), plain_line(view.note), font(Type.CAPTION), colour(worn.muted))
