"""The instructions of a step: as high as they need up to a third of the panel, scrolled beyond that."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget

from ui.widgets.text import Paragraph

_MOST = 176


class Instructions(QScrollArea):
    """Plain text; focusable only while there is something to scroll."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = Paragraph()
        self.setWidget(self.words)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Instructions")
        self.viewport().setAutoFillBackground(False)
        self.words.setAutoFillBackground(False)

    def show_words(self, text: str) -> None:
        """Show other instructions; takes no room for none."""
        self.setVisible(bool(text))
        if text != self.words.text():
            self.words.show_text(text)
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        wide = max(120, self.width())
        needed = self.words.heightForWidth(wide)
        more = Qt.ScrollBarPolicy.ScrollBarAsNeeded if needed > _MOST else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(more)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if needed > _MOST else Qt.FocusPolicy.NoFocus)
        return QSize(200, min(_MOST, needed))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, min(36, self.sizeHint().height()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometry()
