"""The step that waits to be confirmed: what its target does by itself and when, with one button to keep it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.fonts import Weight
from ui.models.shown import Shown
from ui.models.switch import SwitchView, switch_view
from ui.panels.outcome import BigGlyph
from ui.tokens import Radius, Space, Tone, Type
from ui.widgets.button import PrimaryButton
from ui.widgets.card import Card
from ui.widgets.text import Paragraph, Text


class Confirm(Card):
    """Takes no room while no switch is armed and none went off. `confirmed` carries the address of the step."""

    confirmed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(radius=Radius.CARD, parent=parent)
        self._view: SwitchView | None = None
        self._tone = Tone.WARN
        self.tint(self._tone)
        self.setAccessibleName("Waits to be confirmed")
        self.sign = BigGlyph(20)
        self.headline = Text(weight=Weight.SEMIBOLD)
        self.words = Paragraph(size=Type.SMALL)
        self.left = Text(size=Type.TITLE, weight=Weight.SEMIBOLD, firm=True)
        self.button = PrimaryButton("Keep it")
        self.button.setAccessibleDescription("Confirms the step: its target no longer takes it back by itself")
        self.button.clicked.connect(self._say)
        lines = QVBoxLayout()
        lines.setSpacing(1)
        lines.addWidget(self.headline)
        lines.addWidget(self.words)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.L, 6, Space.M, 6)
        row.setSpacing(Space.M)
        row.addWidget(self.sign)
        row.addLayout(lines, 1)
        row.addWidget(self.left)
        row.addWidget(self.button)
        self.setVisible(False)

    def show_run(self, shown: Shown, below: str = "") -> None:
        """Show the switch that matters now, if one does. below: the step whose own button asks the same below this."""
        view = switch_view(shown)
        if view is not None and view.address == below:
            view = replace(view, ready=False)
        if view == self._view:
            return
        self._view = view
        if view is None:
            self.setVisible(False)
            return
        if view.tone is not self._tone:
            self._tone = view.tone
            self.tint(view.tone)
        self.sign.show_glyph(view.glyph, view.tone)
        self.headline.show_text(view.headline)
        self.words.show_text(view.words)
        self.left.show_text(view.left, view.tone)
        self.left.setVisible(bool(view.left))
        self.button.setVisible(view.ready)
        self.setVisible(True)
        self.words.updateGeometry()

    def _say(self) -> None:
        if self._view is not None:
            self.confirmed.emit(self._view.address)
