"""Asking for a secret: typed unseen, handed straight to the run that waits for it, kept nowhere here."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSemaphore, Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.errors import AnswerMissing
from ui.dialogs.beside import open_unasked
from ui.fonts import Weight
from ui.tokens import Space, Tone, Type
from ui.widgets.button import PlainButton, PrimaryButton
from ui.widgets.text import Paragraph, Text


class SecretDialog(QDialog):
    """One password field."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("A secret is needed")
        self.setMinimumWidth(440)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        column.setSpacing(Space.M)
        title = f"{name[:1].upper()}{name[1:]}" if "passphrase" in name else f"Secret {name}"
        column.addWidget(Text(title, size=Type.TITLE, weight=Weight.SEMIBOLD))
        words = "It stays in memory until the run has it, is masked wherever it would be shown, and is written nowhere."
        column.addWidget(Paragraph(words, tone=Tone.MUTED))
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setAccessibleName(title)
        column.addWidget(self.field)
        row = QHBoxLayout()
        row.addStretch(1)
        leave = PlainButton("Cancel", hint="Esc")
        leave.clicked.connect(self.reject)
        use = PrimaryButton("Use it", hint="Enter")
        use.setDefault(True)
        use.clicked.connect(self.accept)
        row.addWidget(leave)
        row.addWidget(use)
        column.addLayout(row)


class SecretAsker(QObject):
    """`ask` is called beside the UI's thread and waits there until a person has answered here.

    Any number of threads may ask: one question stands at a time, and its answer goes to whoever asked it.
    """

    _wanted = Signal(str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._turn = QSemaphore(1)
        self._answered = QSemaphore(0)
        self._value: str | None = None
        self._closing = False
        self._wanted.connect(self._open, Qt.ConnectionType.QueuedConnection)

    def ask(self, name: str) -> str:
        """The secret's value. Raises AnswerMissing when the person would not give it, or the window closes."""
        self._turn.acquire()
        try:
            if not self._closing:
                self._wanted.emit(name)
                self._answered.acquire()
            value, self._value = self._value, None
        finally:
            self._turn.release()
        if value is None:
            raise AnswerMissing(f"The secret `{name}` was not given.", hint="Nothing was started.")
        return value

    def close(self) -> None:
        """Nobody is asked any more; whoever waits is told so at once, and so is each that waits for its turn."""
        self._closing = True
        self._value = None
        self._answered.release()

    def _open(self, name: str) -> None:
        if self._closing:
            return
        dialog = SecretDialog(name, self._window)

        def done(result: int) -> None:
            if self._closing:
                return
            self._value = dialog.field.text() if result == QDialog.DialogCode.Accepted else None
            dialog.field.clear()
            self._answered.release()

        dialog.finished.connect(done)
        open_unasked(dialog, self._window)
