"""Trusting the key of a host: its fingerprint but for the end of it, which is typed from what its owner gave.

Whoever cannot say how the fingerprint ends has not compared it. A key that changed or is revoked never comes here.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.session.trust import ShownKey
from ui.fonts import Weight
from ui.models.connection_rows import groups_of
from ui.tokens import Radius, Space, Tone, Type
from ui.widgets.button import Button, ButtonKind, LinkButton, PlainButton, PrimaryButton
from ui.widgets.card import Card
from ui.widgets.check_row import CheckRow, CheckView
from ui.widgets.fields import HintField
from ui.widgets.text import Paragraph, Text

_TYPED = 4
_A_LINE = 4
_HIDDEN = "\u2022" * _TYPED


class TrustDialog(QDialog):
    """`agreed` when the key is its owner's; `disowned` when it is not. Open it with `open()`."""

    agreed = Signal()
    disowned = Signal()

    def __init__(self, shown: ShownKey, name: str, used_by: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        assert shown.verdict in {"unknown", "authority"}, shown.verdict
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(520)
        self._whole = shown.fingerprint.partition(":")[2] or shown.fingerprint
        title = f"Is this really {shown.route.name}?"
        self.setWindowTitle(title)
        self.field = HintField("The last four characters, or all of it")
        self.wrong = Text(size=Type.SMALL, tone=Tone.BAD)
        self.button = PrimaryButton("Trust this key", hint="Enter")
        self.button.setEnabled(False)
        self.not_now = PlainButton("Not now", hint="Esc")
        self.refuse = Button("It does not match", kind=ButtonKind.DANGER)
        on_way = f" It stands on the way to {name}." if shown.route.name != name else ""
        said = (
            f"This machine has never spoken to it.{on_way} Compare the key below with the one that its owner gives you,"
            " by another way than this network."
        )
        self.setAccessibleName(f"{title} {said}")
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        column.setSpacing(Space.M)
        column.addWidget(Text(title, size=Type.VALUE, weight=Weight.SEMIBOLD))
        column.addWidget(Paragraph(said))
        column.addWidget(self._key(shown))
        rows = [
            ("Address", shown.name),
            ("Logs in as", shown.route.login.user),
            *((("Reached through", shown.route.via.name),) if shown.route.via is not None else ()),
            ("Needed by", ", ".join(used_by[:3]) + (f" and {len(used_by) - 3} more" if len(used_by) > 3 else "")),
        ]
        facts = QVBoxLayout()
        facts.setSpacing(0)
        for what, found in rows:
            if found:
                facts.addWidget(CheckRow(CheckView(what, None, found), height=26))
        column.addLayout(facts)
        there = f"Its owner sees it there with:\nssh-keygen -l -f /etc/ssh/ssh_host_{_short(shown.kind)}_key.pub"
        column.addWidget(Paragraph(there, size=Type.SMALL))
        column.addWidget(Text("Type the last four characters that its owner gave you", weight=Weight.SEMIBOLD))
        column.addWidget(self.field)
        column.addWidget(self.wrong)
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        buttons.addWidget(self.refuse)
        buttons.addStretch(1)
        buttons.addWidget(self.not_now)
        buttons.addWidget(self.button)
        column.addLayout(buttons)
        last = "A key that changes later stops the run; it is never a question."
        column.addWidget(Paragraph(last, size=Type.SMALL))
        self.field.textChanged.connect(self._weigh)
        self.field.returnPressed.connect(self._agree)
        self.button.clicked.connect(self._agree)
        self.not_now.clicked.connect(self.reject)
        self.refuse.clicked.connect(self._disown)
        for button in (self.button, self.not_now, self.refuse):
            button.setAutoDefault(False)
        self.field.setFocus()

    def _key(self, shown: ShownKey) -> Card:
        card = Card(radius=Radius.CARD, sunken=True)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(Space.M, Space.S, Space.S, Space.M)
        inside.setSpacing(Space.S)
        top = QHBoxLayout()
        kind = f"{_short(shown.kind).upper()}, SHA256"
        top.addWidget(Text(kind, size=Type.CAPTION, weight=Weight.SEMIBOLD, tone=Tone.MUTED))
        top.addStretch(1)
        copy = LinkButton("Copy without its end")
        copy.clicked.connect(lambda: QApplication.clipboard().setText(self._whole[:-_TYPED]))
        top.addWidget(copy)
        inside.addLayout(top)
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.M)
        grid.setVerticalSpacing(Space.XS)
        parts = (*groups_of(self._whole[:-_TYPED]), _HIDDEN)
        spoken = f"Fingerprint of the key that it showed: {' '.join(parts[:-1])}, then four characters for you to type"
        card.setAccessibleName(spoken)
        for number, part in enumerate(parts):
            last = part is _HIDDEN
            label = Text(part, firm=True, tone=Tone.MUTED if last else Tone.TEXT).monospaced(Type.TITLE)
            if last:
                label.setAccessibleName("four characters for you to type")
            grid.addWidget(label, number // _A_LINE, number % _A_LINE)
        grid.setColumnStretch(_A_LINE, 1)
        note = Text("the last four are yours to type", size=Type.CAPTION, tone=Tone.MUTED)
        grid.addWidget(note, (len(parts) - 1) // _A_LINE, _A_LINE)
        inside.addLayout(grid)
        return card

    def _typed_right(self) -> bool:
        given = self.field.text().strip().removeprefix("SHA256:").replace(" ", "").rstrip("=")
        return given in {self._whole[-_TYPED:], self._whole}

    def _weigh(self) -> None:
        enough = len(self.field.text().strip()) >= _TYPED
        right = self._typed_right()
        self.button.setEnabled(right)
        self.field.show_wrong(wrong=enough and not right)
        self.wrong.show_text(
            "The key that it showed does not end like that. Do not trust it." if enough and not right else ""
        )

    def _agree(self) -> None:
        if self._typed_right():
            self.agreed.emit()
            self.accept()

    def _disown(self) -> None:
        self.disowned.emit()
        self.reject()


def _short(kind: str) -> str:
    """`ed25519` for `ssh-ed25519`, `ecdsa` for `ecdsa-sha2-nistp256`: as the files at the host are called."""
    return "ecdsa" if kind.startswith("ecdsa") else kind.removeprefix("ssh-").partition("-")[0]
