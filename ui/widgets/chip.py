"""A status as a pill: glyph, word and, for what is running, the time it takes; on the tint of its tone."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.fonts import Weight, font, width_of
from ui.glyphs import Glyph, paint_glyph, tone_of
from ui.paint import box, colour, line
from ui.plain import plain_line
from ui.theme import tokens
from ui.tokens import Tone, Type
from ui.widgets.painted import Painted


@dataclass(frozen=True, slots=True)
class ChipView:
    """What a chip says. `tail` is a time or count after the word; `tone` replaces the glyph's own."""

    word: str
    glyph: Glyph | None = None
    tail: str = ""
    tone: Tone | None = None


class Chip(Painted):
    """A status pill, 22 px high."""

    HEIGHT = 22

    def __init__(self, view: ChipView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stay()
        self._view = view
        self.show_view(view)

    def show_view(self, view: ChipView) -> None:
        """Show another status."""
        if self.tells(view):
            return
        self._view = view
        said = plain_line(f"{view.word}  {view.tail}" if view.tail else view.word)
        self._said = said
        self.say(said)
        glyph = 17.0 if view.glyph else 0.0
        self.want(width_of(said, self._face()) + glyph + 18, self.HEIGHT)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        worn, view = tokens(), self._view
        tone = view.tone or (tone_of(view.glyph) if view.glyph else Tone.MUTED)
        p = QPainter(self)
        area = QRectF(self.rect())
        box(p, area, area.height() / 2, colour(worn.tint(tone)))
        x = 9.0
        if view.glyph is not None:
            paint_glyph(p, view.glyph, QRectF(x - 2, (area.height() - 13) / 2, 13, 13), worn, tone)
            x += 15
        line(p, area.adjusted(x, 0, -6, 0), self._said, self._face(), colour(worn.of(tone)))

    @staticmethod
    def _face() -> QFont:
        return font(Type.SMALL, Weight.SEMIBOLD)
