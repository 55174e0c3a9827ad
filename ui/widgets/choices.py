"""One of a few: filter chips (`All`, `Warnings`) and a segmented control (`Simulated`, `Staging`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from ui.fonts import Weight, font, width_of
from ui.paint import CENTRE, box, colour, focus_ring, line
from ui.plain import plain_line
from ui.theme import tokens
from ui.tokens import Height, Radius, Type


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """One choice: what is emitted, and the word shown."""

    key: str
    word: str


class _ChoiceButton(QPushButton):
    def __init__(self, choice: ChoiceView, *, rounded: bool) -> None:
        super().__init__(plain_line(choice.word).replace("&", "&&"))
        self.choice = choice
        self._word = plain_line(choice.word)
        self._round = rounded
        self.setAccessibleName(self._word)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        # Wide enough for the bold word, so that choosing moves nothing.
        return QSize(int(width_of(self._word, font(Type.SMALL, Weight.SEMIBOLD)) + 23), Height.TARGET)

    def paintEvent(self, event: QPaintEvent) -> None:
        worn, on = tokens(), self.isChecked()
        p = QPainter(self)
        area = QRectF(self.rect()).adjusted(0, 2, 0, -2)
        radius = area.height() / 2 if self._round else Radius.ROW
        if on:
            fill = worn.tint_accent if self._round else worn.surface
            box(p, area, radius, colour(fill), colour(worn.accent), 1.2)
        elif self._round:
            box(p, area, radius, colour(worn.surface), colour(worn.strong if self.underMouse() else worn.border))
        ink = worn.accent if on else worn.text if self.underMouse() else worn.muted
        face = font(Type.SMALL, Weight.SEMIBOLD if on else Weight.MEDIUM)
        line(p, area, self._word, face, colour(ink), CENTRE)
        if self.hasFocus():
            focus_ring(p, area, radius, worn)


class Choices(QFrame):
    """A row of choices of which one holds; `chosen` carries its key when a person picks it.

    open_: none holds until somebody picks one.
    """

    chosen = Signal(str)
    _rounded = True

    def __init__(
        self, name: str, choices: Sequence[ChoiceView], parent: QWidget | None = None, *, open_: bool = False
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._buttons: dict[str, _ChoiceButton] = {}
        row = QHBoxLayout(self)
        pad = 0 if self._rounded else 2
        row.setContentsMargins(pad, pad, pad, pad)
        row.setSpacing(6 if self._rounded else 0)
        for choice in choices:
            button = _ChoiceButton(choice, rounded=self._rounded)
            self._group.addButton(button)
            self._buttons[choice.key] = button
            row.addWidget(button)
        if choices and not open_:
            self.choose(choices[0].key)
        self._group.buttonClicked.connect(self._clicked)

    def choose(self, key: str) -> None:
        """Hold `key`; emits nothing."""
        self._buttons[key].setChecked(True)

    def key(self) -> str:
        """The key that holds; empty when none does."""
        return next((key for key, button in self._buttons.items() if button.isChecked()), "")

    def _clicked(self, button: QAbstractButton) -> None:
        if isinstance(button, _ChoiceButton):
            self.chosen.emit(button.choice.key)


class FilterChips(Choices):
    """Rounded chips side by side."""


class Segmented(Choices):
    """Choices inside one sunken frame."""

    _rounded = False

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = tokens()
        box(QPainter(self), QRectF(self.rect()), Radius.BUTTON, colour(worn.sunken), colour(worn.border))
