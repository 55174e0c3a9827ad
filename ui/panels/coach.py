"""The guided first minute of the demo: what one sees, and what to press next. It can be sent away for good."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.fonts import Weight
from ui.models.coach import Hint, hint_of
from ui.models.shown import Shown
from ui.tokens import Radius, Space, Tone, Type
from ui.widgets.button import LinkButton
from ui.widgets.card import Card
from ui.widgets.text import Paragraph, Text


class Coach(Card):
    """Only for the demo."""

    def __init__(self, *, wanted: bool, parent: QWidget | None = None) -> None:
        super().__init__(radius=Radius.CARD, parent=parent)
        self._wanted = wanted
        self._hint: Hint | None = None
        self.tint(Tone.ACCENT)
        self.setAccessibleName("Guide")
        self.headline = Text(weight=Weight.SEMIBOLD)
        self.words = Paragraph(size=Type.SMALL)
        self.leave = LinkButton("Hide the guide")
        self.leave.clicked.connect(self._dismiss)
        lines = QVBoxLayout()
        lines.setSpacing(1)
        lines.addWidget(self.headline)
        lines.addWidget(self.words)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.L, 6, Space.S, 6)
        row.addLayout(lines, 1)
        row.addWidget(self.leave)
        self.setVisible(False)

    def show_run(self, shown: Shown) -> None:
        """Show the hint that belongs to where the run stands."""
        hint = hint_of(shown) if self._wanted else None
        if hint != self._hint:
            self._hint = hint
            self.setVisible(hint is not None)
            if hint is not None:
                self.headline.show_text(hint.headline)
                self.words.show_text(hint.words)

    def _dismiss(self) -> None:
        self._wanted = False
        self.hide()
