"""Where the run stands when no single step is at hand: one headline, what it means, the facts, and what to press."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.fonts import Weight
from ui.glyphs import Glyph, paint_glyph
from ui.models.outcome import OutcomeView
from ui.panels.current import clear
from ui.panels.verbs import VerbRow
from ui.theme import tokens
from ui.tokens import Space, Tone, Type
from ui.widgets.card import Card
from ui.widgets.check_row import CheckRow
from ui.widgets.painted import Painted
from ui.widgets.text import Paragraph, Text


class BigGlyph(Painted):
    """A status of 28 px."""

    def __init__(self, size: int = 28) -> None:
        super().__init__()
        self.stay()
        self._size = size
        self.want(size, size)
        self._glyph, self._tone = Glyph.WAITING, Tone.IDLE

    def show_glyph(self, glyph: Glyph, tone: Tone) -> None:
        """Show another status."""
        if (glyph, tone) != (self._glyph, self._tone):
            self._glyph, self._tone = glyph, tone
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_glyph(QPainter(self), self._glyph, QRectF(0, 0, self._size, self._size), tokens(), self._tone)


class OutcomePanel(Card):
    """`said` carries a verb."""

    said = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.sign = BigGlyph()
        self.headline = Text(size=Type.VALUE, weight=Weight.SEMIBOLD)
        self.text = Paragraph()
        self.verbs = VerbRow()
        self.verbs.said.connect(self.said)
        self._facts = QVBoxLayout()
        self._view: OutcomeView | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.M, Space.L, 10)
        column.setSpacing(Space.M)
        head = QHBoxLayout()
        head.setSpacing(Space.M)
        head.addWidget(self.sign)
        head.addWidget(self.headline)
        head.addStretch(1)
        column.addLayout(head)
        column.addWidget(self.text)
        column.addLayout(self._facts)
        column.addStretch(1)
        column.addWidget(self.verbs)

    def show_outcome(self, view: OutcomeView) -> None:
        """Show where the run stands."""
        if view == self._view:
            return
        self._view = view
        self.edge(view.tone if view.tone is Tone.BAD else None)
        self.sign.show_glyph(view.glyph, view.tone)
        self.headline.show_text(view.headline)
        self.text.show_text(view.text)
        clear(self._facts)
        for fact in view.facts:
            self._facts.addWidget(CheckRow(fact, height=32, ruled=True))
        self.verbs.show_verbs(view.verbs, view.primary, "")
