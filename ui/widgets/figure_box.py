"""One figure that a decision rests on: what it is, the figure large, and what it is held against."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui import words
from ui.fonts import Weight, font, width_of
from ui.paint import LEFT, RIGHT, box, colour, line
from ui.plain import plain_line
from ui.theme import tokens
from ui.tokens import Radius, Tone, Type
from ui.widgets.painted import Painted


@dataclass(frozen=True, slots=True)
class FigureView:
    """`Value now`, `12.4 %`, `7 s ago`, and the tone of the figure."""

    caption: str
    figure: str
    note: str = ""
    tone: Tone = Tone.TEXT


class FigureBox(Painted):
    """48 px high; the note gives way before the figure does."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.want(110, 48)
        self._view = FigureView("", "")

    def show_view(self, view: FigureView) -> None:
        """Show another figure."""
        if view != self._view:
            self._view = view
            self.say(words.joined(f"{view.caption} {view.figure}", view.note))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        worn, view = tokens(), self._view
        p = QPainter(self)
        area = QRectF(self.rect())
        box(p, area, Radius.CARD, colour(worn.surface), colour(worn.border))
        inner = area.adjusted(10, 0, -5, 0)
        caption = QRectF(inner.left(), 5, inner.width(), 15)
        line(p, caption, plain_line(view.caption), font(Type.CAPTION, Weight.MEDIUM), colour(worn.muted))
        face = font(Type.VALUE, Weight.SEMIBOLD)
        figure = plain_line(view.figure)
        if width_of(figure, face) > inner.width():
            face = font(Type.TITLE, Weight.SEMIBOLD)
        used = line(p, QRectF(inner.left(), 19, inner.width(), 26), figure, face, colour(worn.of(view.tone)))
        self._paint_note(p, inner, used, plain_line(view.note))

    def _paint_note(self, p: QPainter, inner: QRectF, used: float, note: str) -> None:
        """Beside the figure, smaller where room is short; else behind the caption."""
        ink = colour(tokens().muted)
        beside = QRectF(inner.left() + used + 6, 22, inner.width() - used - 6, 22)
        for face in (font(Type.SMALL), font(Type.CAPTION)):
            if width_of(note, face) <= beside.width():
                line(p, beside, note, face, ink)
                return
        taken = width_of(plain_line(self._view.caption), font(Type.CAPTION, Weight.MEDIUM)) + 8
        above = QRectF(inner.left() + taken, 5, inner.width() - taken, 15)
        fits = width_of(note, font(Type.CAPTION)) <= above.width()
        line(p, above if fits else beside, note, font(Type.CAPTION), ink, RIGHT if fits else LEFT)
