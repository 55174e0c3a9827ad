"""Text of the window: always plain, elided when short of room, coloured by tone so that themes can switch."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from ui.fonts import Weight, font, mono, width_of
from ui.paint import LEFT, colour, line
from ui.plain import plain_line
from ui.theme import tokens
from ui.tokens import Tone, Type


class Text(QLabel):
    """One line of plain text that elides; its full text shows as a tool tip when cut.

    `align` is LEFT, RIGHT or CENTRE; a `firm` text never gives up room (for short ones such as `4.14`).
    """

    def __init__(
        self,
        text: str = "",
        *,
        size: int = Type.BODY,
        weight: Weight = Weight.REGULAR,
        tone: Tone = Tone.TEXT,
        align: Qt.AlignmentFlag = LEFT,
        firm: bool = False,
    ) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(font(size, weight))
        self._face: QFont = font(size, weight)
        self._tone = tone
        self._align = align
        self._firm = firm
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.show_text(text)

    def show_text(self, text: str, tone: Tone | None = None) -> None:
        """Show another text, and another tone when given."""
        if tone is not None and tone is not self._tone:
            self._tone = tone
            self.update()
        kept = plain_line(text)
        if kept != self.text():
            self.setText(kept)
            self.setAccessibleName(kept)

    def monospaced(self, size: int = Type.SMALL) -> Text:
        """Use the exact-text face; returns itself."""
        self._face = mono(size)
        self.setFont(self._face)
        return self

    def sizeHint(self) -> QSize:
        return QSize(int(width_of(self.text(), self._face) + 1.999), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        hint = self.sizeHint()
        return hint if self._firm else QSize(min(hint.width(), 24), hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        area = QRectF(self.rect())
        line(p, area, self.text(), self._face, colour(tokens().of(self._tone)), self._align)
        cut = self.sizeHint().width() > self.width() + 1
        if cut != bool(self.toolTip()):
            self.setToolTip(plain_tip(self.text()) if cut else "")


class Paragraph(QLabel):
    """Several lines of plain text that wrap at words; height follows width."""

    def __init__(
        self, text: str = "", *, size: int = Type.BODY, tone: Tone = Tone.MUTED, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setFont(font(size))
        self._tone = tone
        self.show_text(text)

    def show_text(self, text: str, tone: Tone | None = None) -> None:
        """Show another text; line breaks in it are kept."""
        self._tone = tone or self._tone
        kept = "\n".join(plain_line(part) for part in text.split("\n"))
        self.setText(kept)
        self.setAccessibleName(kept)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setFont(self.font())
        p.setPen(colour(tokens().of(self._tone)))
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        p.drawText(QRectF(self.contentsRect()), int(flags), self.text())


def plain_tip(text: str) -> str:
    """Text for a tool tip that Qt cannot mistake for markup; line breaks are kept."""
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<span style='white-space:pre-wrap'>{safe}</span>" if safe != text else text
