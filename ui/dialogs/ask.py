"""Asking before something that weighs: a reason to write, a name to type, or a second to hold; never a stray key."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from ui.fonts import Weight
from ui.tokens import Space, Tone, Type
from ui.widgets.button import Button, ButtonKind, PlainButton
from ui.widgets.fields import HintField
from ui.widgets.hold_button import HoldButton
from ui.widgets.text import Paragraph, Text


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked. `reason`: words are needed; `typed`: this exact text must be typed; `held`: hold for a second."""

    title: str
    text: str
    button: str
    reason: bool = False
    typed: str = ""
    held: bool = False


class AskDialog(QDialog):
    """`agreed` carries the reason ("" where none was asked). Open it with `open()`."""

    agreed = Signal(str)

    def __init__(self, wanted: Wanted, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(wanted.title)
        self.setAccessibleName(wanted.title)
        self.setMinimumWidth(460)
        self._wanted = wanted
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        column.setSpacing(Space.M)
        column.addWidget(Text(wanted.title, size=Type.TITLE, weight=Weight.SEMIBOLD))
        column.addWidget(Paragraph(wanted.text))
        self.reason = self._field(column, "Reason", shown=wanted.reason)
        if wanted.typed:
            column.addWidget(Text("Type this to confirm:", size=Type.SMALL, tone=Tone.MUTED))
            column.addWidget(Text(wanted.typed).monospaced())
        self.typed = self._field(column, f"Type {wanted.typed}", shown=bool(wanted.typed))
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addStretch(1)
        leave = PlainButton("Leave it", hint="Esc")
        leave.clicked.connect(self.reject)
        row.addWidget(leave)
        self.hold: HoldButton | None = None
        self.confirm: Button | None = None
        if wanted.held:
            self.hold = HoldButton(wanted.button)
            self.hold.held.connect(self._agree)
            row.addWidget(self.hold)
        else:
            self.confirm = Button(wanted.button, kind=ButtonKind.PRIMARY, hint="Ctrl+Enter")
            self.confirm.clicked.connect(self._agree)
            row.addWidget(self.confirm)
        column.addLayout(row)
        for field in (self.reason, self.typed):
            field.textChanged.connect(self._weigh)
        self._weigh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter:
            # Enter alone never agrees: only Ctrl+Enter, and only where nothing has to be held.
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier and self.hold is None and self._complete():
                self._agree()
            return
        super().keyPressEvent(event)

    def _field(self, column: QVBoxLayout, purpose: str, *, shown: bool) -> HintField:
        field = HintField(purpose)
        field.setVisible(shown)
        field.setMaxLength(500)
        column.addWidget(field)
        return field

    def _complete(self) -> bool:
        has_reason = not self._wanted.reason or bool(self.reason.text().strip())
        return has_reason and (not self._wanted.typed or self.typed.text().strip() == self._wanted.typed)

    def _weigh(self) -> None:
        button = self.hold if self.hold is not None else self.confirm
        assert button is not None
        button.setEnabled(self._complete())

    def _agree(self) -> None:
        if self._complete():
            self.agreed.emit(self.reason.text().strip())
            self.accept()
