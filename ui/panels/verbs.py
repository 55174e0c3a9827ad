"""The row of verbs below a step: quiet ones left, what follows in words, the one next action at the right.

It is filled, unless it gives away a protection.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.models.verbs import Verb
from ui.tokens import Space, Tone, Type
from ui.widgets.button import ButtonKind, PlainButton, PrimaryButton
from ui.widgets.text import Text

_MOST = 5


class Then(Text):
    """What follows; left out where too little of it could be read."""

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.width() >= min(90, self.sizeHint().width()):
            super().paintEvent(event)


class VerbRow(QWidget):
    """`said` carries the key and the value of a verb. Buttons are kept and renamed, so that focus stays."""

    said = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._verbs: tuple[Verb, ...] = ()
        self._primary: Verb | None = None
        self.buttons = [PlainButton("") for _ in range(_MOST)]
        self.then = Then(size=Type.SMALL, tone=Tone.MUTED)
        self.primary = PrimaryButton("", hint="Ctrl+Enter")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        for number, button in enumerate(self.buttons):
            button.hide()
            button.clicked.connect(lambda _checked=False, n=number: self._say(n))
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.then)
        row.addWidget(self.primary)
        self.primary.hide()
        self.primary.clicked.connect(self.say_primary)

    def show_verbs(self, verbs: tuple[Verb, ...], primary: Verb | None, then: str) -> None:
        """Show what can be said now."""
        if verbs != self._verbs:
            self._verbs = verbs
            for number, button in enumerate(self.buttons):
                button.setVisible(number < len(verbs))
                if number < len(verbs):
                    button.show_text(verbs[number].words)
        if primary != self._primary:
            self._primary = primary
            self.primary.setVisible(primary is not None)
            if primary is not None:
                self.primary.show_text(primary.words, "Ctrl+Enter")
                self.primary.show_kind(ButtonKind.PLAIN if primary.risky else ButtonKind.PRIMARY)
        self.then.show_text(then)

    def enable_primary(self, *, ready: bool) -> None:
        """Whether the next action may be said yet (all items ticked)."""
        self.primary.setEnabled(ready)

    def say_primary(self) -> None:
        """The one next action, by button or by Ctrl+Enter."""
        if self._primary is not None and self.primary.isEnabled():
            self.said.emit(self._primary.key, self._primary.value)

    def _say(self, number: int) -> None:
        if number < len(self._verbs):
            self.said.emit(self._verbs[number].key, self._verbs[number].value)
