"""Saying something that a person must read, with one way on and, where there is a choice, one way back."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from ui.fonts import Weight
from ui.tokens import Space, Tone, Type
from ui.widgets.button import PlainButton, PrimaryButton
from ui.widgets.text import Paragraph, Text


class ToldDialog(QDialog):
    """`agreed` when the way on was chosen. Where something can be left, Enter leaves it: whoever agrees, means it."""

    agreed = Signal()

    def __init__(self, title: str, text: str, button: str, parent: QWidget | None = None, *, leave: str = "") -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setAccessibleName(f"{title} {text}")
        self.setMinimumWidth(480)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        column.setSpacing(Space.M)
        column.addWidget(Text(title, size=Type.TITLE, weight=Weight.SEMIBOLD))
        column.addWidget(Paragraph(text, tone=Tone.TEXT))
        row = QHBoxLayout()
        row.addStretch(1)
        self.button = PrimaryButton(button, hint="" if leave else "Enter")
        if leave:
            stay = PlainButton(leave, hint="Enter")
            stay.setDefault(True)
            stay.clicked.connect(self.reject)
            row.addWidget(stay)
        else:
            self.button.setDefault(True)
        self.button.clicked.connect(self._agree)
        row.addWidget(self.button)
        column.addLayout(row)

    def _agree(self) -> None:
        self.agreed.emit()
        self.accept()
