"""One offer or warning across the page: icon or glyph, a headline, a sentence, and at most one filled button."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ui.fonts import Weight
from ui.glyphs import Glyph, paint_glyph
from ui.icons import Icon, paint_icon
from ui.paint import colour
from ui.theme import tokens
from ui.tokens import Space, Tone, Type
from ui.widgets.button import Button
from ui.widgets.card import Card
from ui.widgets.text import Text


class _Sign(QFrame):
    def __init__(self, sign: Icon | Glyph, tone: Tone) -> None:
        super().__init__()
        self._sign = sign
        self._tone = tone
        self.setFixedSize(QSize(28, 28))

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = tokens()
        p = QPainter(self)
        area = QRectF(self.rect())
        if isinstance(self._sign, Glyph):
            paint_glyph(p, self._sign, area.adjusted(3, 3, -3, -3), worn, self._tone)
        else:
            paint_icon(p, self._sign, area, colour(worn.of(self._tone)))


class Banner(Card):
    """A tinted card with a 1 px edge in its tone. Actions stand at the right, the filled one last."""

    def __init__(self, sign: Icon | Glyph, tone: Tone = Tone.ACCENT, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.tint(tone)
        self.edge(tone)
        self.headline = Text(size=Type.TITLE, weight=Weight.SEMIBOLD)
        self.sentence = Text(tone=Tone.MUTED)
        lines = QVBoxLayout()
        lines.setSpacing(3)
        lines.addWidget(self.headline)
        lines.addWidget(self.sentence)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(Space.XL, Space.M, Space.M, Space.M)
        self._row.setSpacing(Space.M)
        self._row.addWidget(_Sign(sign, tone))
        self._row.addLayout(lines, 1)

    def show_words(self, headline: str, sentence: str = "") -> None:
        """Say something; both lines are plain text."""
        self.headline.show_text(headline)
        self.sentence.show_text(sentence)
        self.sentence.setVisible(bool(sentence))
        self.setAccessibleName(f"{self.headline.text()} {self.sentence.text()}".strip())

    def add_action(self, button: Button) -> None:
        """Put a button at the right end."""
        self._row.addWidget(button)
