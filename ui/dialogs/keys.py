"""`?`: every key of the window and what it does, from the same table that binds them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QVBoxLayout, QWidget

from ui.fonts import Weight
from ui.keys import KEYS
from ui.tokens import Space, Tone, Type
from ui.widgets.text import Text


class KeysDialog(QDialog):
    """Escape closes it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keys")
        self.setAccessibleName("Keys")
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        column.setSpacing(Space.M)
        column.addWidget(Text("Keys", size=Type.VALUE, weight=Weight.SEMIBOLD))
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.XL)
        grid.setVerticalSpacing(Space.S)
        for number, (key, _, words) in enumerate(KEYS):
            grid.addWidget(Text(key.replace("Return", "Enter"), weight=Weight.SEMIBOLD, firm=True), number, 0)
            grid.addWidget(Text(words, firm=True), number, 1)
        column.addLayout(grid)
        column.addWidget(Text("Tab goes from control to control, arrows move in lists.", tone=Tone.MUTED))
        column.addWidget(Text("No single letter changes a run.", tone=Tone.MUTED))
