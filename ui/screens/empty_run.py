"""The Run place while no run is shown."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.icons import Icon
from ui.widgets.button import PrimaryButton
from ui.widgets.empty_state import EmptyState


class EmptyRun(QWidget):
    """One way to begin."""

    library_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        begin = PrimaryButton("Choose a runbook")
        begin.clicked.connect(self.library_asked)
        column = QVBoxLayout(self)
        words = "Start one from its plan, or resume one from History."
        column.addWidget(EmptyState(Icon.RUN, "No run is shown", words, begin))
