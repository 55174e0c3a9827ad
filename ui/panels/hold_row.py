"""Holding a rollback off that a trigger proposes: for how long, and why."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from ui.fonts import Weight
from ui.tokens import Space, Type
from ui.widgets.button import PlainButton
from ui.widgets.choices import ChoiceView, FilterChips
from ui.widgets.fields import HintField
from ui.widgets.text import Text

_WORDS = "words"
_REASONS = (
    ChoiceView(_WORDS, "In words"),
    ChoiceView("cause", "Cause known, passing"),
    ChoiceView("metric", "Metric is wrong"),
    ChoiceView("fixing", "Fixing forward"),
)


class ReasonField(HintField):
    """Why a rollback is held off; Escape leaves the field."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.clearFocus()
            return
        super().keyPressEvent(event)


class HoldRow(QWidget):
    """Holding a proposed rollback off: a reason from a few, or in words. Nothing is chosen beforehand."""

    held_off = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.reasons = FilterChips("Reason to hold it off", _REASONS)
        self.words = ReasonField("Why it may wait: it goes into the record")
        self.words.setMaxLength(500)
        self.button = PlainButton("Hold")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        first = QHBoxLayout()
        first.setSpacing(6)
        first.addWidget(Text("Or hold it", size=Type.SMALL, weight=Weight.SEMIBOLD, firm=True))
        first.addWidget(self.reasons)
        first.addStretch(1)
        column.addLayout(first)
        second = QHBoxLayout()
        second.setSpacing(Space.S)
        second.addWidget(self.words, 1)
        second.addWidget(self.button)
        column.addLayout(second)
        self.words.textChanged.connect(self._weigh)
        self.words.returnPressed.connect(self.say)
        self.reasons.chosen.connect(lambda _key: self._weigh())
        self.button.clicked.connect(self.say)
        self._weigh()

    @property
    def has_focus(self) -> bool:
        """Whether somebody is at it."""
        at = QApplication.focusWidget()
        return at is not None and self.isAncestorOf(at)

    @property
    def reason(self) -> str:
        """What was chosen and written; "" for nothing."""
        key = self.reasons.key()
        chosen = next((one.word for one in _REASONS if one.key == key and key != _WORDS), "")
        return ": ".join(part for part in (chosen, self.words.text().strip()) if part)

    def show_length(self, length: str) -> None:
        """For how long it is held off."""
        self.button.show_text(f"Hold {length}", "Enter")

    def forget(self) -> None:
        """Nothing chosen, nothing written."""
        self.words.clear()
        self.reasons.choose(_WORDS)
        self._weigh()

    def say(self) -> None:
        """Hold it off, if there is a reason."""
        if self.reason:
            self.held_off.emit(self.reason)

    def _weigh(self) -> None:
        self.button.setEnabled(bool(self.reason))
