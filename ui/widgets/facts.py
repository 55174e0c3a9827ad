"""Small facts of the head: the T-clock, and a caption with a value and a muted tail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui import words
from ui.fonts import Weight, font, width_of
from ui.paint import colour, line
from ui.plain import plain_line
from ui.theme import tokens
from ui.tokens import Tone, Type
from ui.widgets.painted import Painted


class ClockLabel(Painted):
    """The T-clock in tabular figures: its width does not change from second to second."""

    def __init__(self, size: int = Type.CLOCK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stay()
        self._size = size
        self._shown = ""
        self.show_offset(timedelta(0))

    def show_offset(self, offset: timedelta) -> None:
        """Show the time since T, or until T when negative; repaints only when the second changed."""
        shown = words.clock(offset)
        if shown == self._shown:
            return
        self._shown = shown
        self.say(shown)
        self.want(width_of(shown, self._face()) + 2, self._size * 1.2)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        line(QPainter(self), QRectF(self.rect()), self._shown, self._face(), colour(tokens().text))

    def _face(self) -> QFont:
        return font(self._size, Weight.SEMIBOLD)


@dataclass(frozen=True, slots=True)
class FactView:
    """A caption over a value and its muted tail: `Window ends` / `05:00 CET` / `04:00 UTC`."""

    caption: str
    value: str
    tail: str = ""
    tone: Tone = Tone.TEXT


class Fact(Painted):
    """One fact, two lines, 38 px. `size` is the value's type size; `ruled` draws a thin line at its left."""

    def __init__(
        self, view: FactView, *, size: int = Type.BODY, ruled: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.stay()
        self._size = size
        self._left = 10.0 if ruled else 0.0
        self._view = view
        self.show_view(view)

    def show_view(self, view: FactView) -> None:
        """Show another value; repaints only when something changed."""
        if self.tells(view):
            return
        clean = FactView(plain_line(view.caption), plain_line(view.value), plain_line(view.tail), view.tone)
        self._view = clean
        self.say(words.joined(f"{clean.caption} {clean.value}", clean.tail))
        tail = 6 + width_of(clean.tail, font(Type.SMALL)) if clean.tail else 0.0
        below = width_of(clean.value, self._face()) + tail
        above = width_of(clean.caption, font(Type.CAPTION, Weight.MEDIUM))
        self.want(self._left + max(above, below) + 2, 38 if self._size <= Type.TITLE else 44)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        worn, view = tokens(), self._view
        p = QPainter(self)
        wide, high = float(self.width()), float(self.height())
        if self._left:
            p.fillRect(QRectF(0, 3, 1, high - 6), colour(worn.border))
        half = 16.0 if self._size <= Type.TITLE else 18.0
        line(
            p,
            QRectF(self._left, 2, wide - self._left, half),
            view.caption,
            font(Type.CAPTION, Weight.MEDIUM),
            colour(worn.muted),
        )
        lower = QRectF(self._left, half + 2, wide - self._left, high - half - 2)
        used = line(p, lower, view.value, self._face(), colour(worn.of(view.tone)))
        if view.tail:
            line(p, lower.adjusted(used + 6, 0, 0, 0), view.tail, font(Type.SMALL), colour(worn.muted))

    def _face(self) -> QFont:
        return font(self._size, Weight.SEMIBOLD)
