"""What stands where nothing is yet: a picture, one sentence, and one way to begin."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from ui.fonts import Weight, font, width_of
from ui.icons import Icon, paint_icon
from ui.paint import CENTRE, box, colour
from ui.theme import tokens
from ui.tokens import Space, Tone, Type
from ui.widgets.button import Button
from ui.widgets.text import Paragraph, Text


class _Picture(QFrame):
    def __init__(self, icon: Icon) -> None:
        super().__init__()
        self._icon = icon

    def sizeHint(self) -> QSize:
        return QSize(48, 48)

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = tokens()
        p = QPainter(self)
        disc = QRectF(self.width() / 2 - 24, 0, 48, 48)
        box(p, disc, 24, colour(worn.tint_accent))
        paint_icon(p, self._icon, disc.adjusted(13, 13, -13, -13), colour(worn.accent))


class EmptyState(QFrame):
    """Centred in whatever room there is. `action` is shown below the words when given."""

    def __init__(
        self, icon: Icon, headline: str, sentence: str = "", action: Button | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(headline)
        self.headline = Text(headline, size=Type.TITLE, weight=Weight.SEMIBOLD, align=CENTRE)
        self.sentence = Paragraph(sentence, tone=Tone.MUTED)
        self.sentence.setMaximumWidth(360)
        # A wrapping label asks for less width than its words need; without this its second line is cut.
        self.sentence.setMinimumWidth(min(360, int(width_of(sentence, font(Type.BODY))) + 4))
        column = QVBoxLayout(self)
        column.setSpacing(Space.S)
        column.addStretch(1)
        column.addWidget(_Picture(icon))
        column.addWidget(self.headline)
        if sentence:
            column.addWidget(self.sentence, 0, Qt.AlignmentFlag.AlignHCenter)
        if action is not None:
            column.addSpacing(Space.XS)
            column.addWidget(action, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
