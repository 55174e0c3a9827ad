"""Setting a secret: typed twice and unseen, handed to its keeper at once, never shown again."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from ui.fonts import Weight
from ui.tokens import Space, Tone, Type
from ui.widgets.button import PlainButton, PrimaryButton
from ui.widgets.fields import HintField
from ui.widgets.text import Paragraph, Text

SHORTEST = 8
"""As the keeper wants it (app/connectors/secrets.py); it says no to a shorter one in any case."""


class SecretSetDialog(QDialog):
    """`given` carries the name and the value. `name` "" asks for the name, too."""

    given = Signal(str, str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        title = f"Set {name}" if name else "Set a secret"
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setMinimumWidth(460)
        self.name = HintField("Name, as runbooks call it")
        self.name.setText(name)
        self.name.setVisible(not name)
        self.first, self.again = _unseen("Value"), _unseen("The same value again")
        self.wrong = Text(size=Type.SMALL, tone=Tone.MUTED)
        self.button = PrimaryButton("Keep it", hint="Enter")
        self.button.setDefault(True)
        leave = PlainButton("Cancel", hint="Esc")
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        column.setSpacing(Space.M)
        column.addWidget(Text(title, size=Type.TITLE, weight=Weight.SEMIBOLD))
        said = "It goes into the desktop's keyring, or into the encrypted vault file where there is none."
        column.addWidget(Paragraph(f"{said} It is read back once, and never shown."))
        for field in (self.name, self.first, self.again):
            column.addWidget(field)
            field.textChanged.connect(self._weigh)
        column.addWidget(self.wrong)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(leave)
        row.addWidget(self.button)
        column.addLayout(row)
        leave.clicked.connect(self.reject)
        self.button.clicked.connect(self._give)
        self.finished.connect(self._wipe)
        self._weigh()
        (self.first if name else self.name).setFocus()

    def _weigh(self) -> None:
        first, again = self.first.text(), self.again.text()
        if not self.name.text().strip():
            why = "It needs a name."
        elif len(first) < SHORTEST:
            why = f"At least {SHORTEST} characters, so that it can be masked in output."
        else:
            why = "" if first == again else "Type the same value again."
        self.wrong.show_text(why)
        self.button.setEnabled(not why)

    def _give(self) -> None:
        self.given.emit(self.name.text().strip(), self.first.text())
        self.accept()

    def _wipe(self) -> None:
        self.first.clear()
        self.again.clear()


def _unseen(name: str) -> QLineEdit:
    field = QLineEdit()
    field.setEchoMode(QLineEdit.EchoMode.Password)
    field.setPlaceholderText(name)
    field.setAccessibleName(name)
    return field
