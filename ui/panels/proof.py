"""Whether the record is whole: checked just now, with its head, and every trouble when it is not."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui import words
from ui.fonts import Weight
from ui.icons import Shield, paint_shield
from ui.models.past import Past
from ui.panels.current import clear
from ui.theme import tokens
from ui.tokens import Space, Tone, Type
from ui.widgets.button import LinkButton
from ui.widgets.card import Panel
from ui.widgets.check_row import CheckRow, CheckView
from ui.widgets.painted import Painted
from ui.widgets.text import Paragraph, Text


class ProofPanel(Panel):
    """Filled by `show_proof`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setAccessibleName("Proof of the record")
        self.sign = _Sign()
        self.headline = Text("Not checked", size=Type.VALUE, weight=Weight.SEMIBOLD)
        self.text = Paragraph()
        self.again = LinkButton("Check it again")
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.sign)
        row.addWidget(self.headline)
        row.addStretch(1)
        self.body.addLayout(row)
        self.body.addWidget(self.text)
        self.body.addLayout(self._rows)
        foot = QHBoxLayout()
        foot.setContentsMargins(0, 0, 0, 0)
        foot.addWidget(self.again)
        foot.addStretch(1)
        self.body.addLayout(foot)
        self.body.setSpacing(Space.S)

    def show_unread(self, why: str) -> None:
        """No record was checked: nothing is claimed of it."""
        self.sign.show_shield(Shield.PAST)
        self.headline.show_text("Not checked", Tone.MUTED)
        self.text.show_text(why)
        clear(self._rows)

    def show_proof(self, found: Past) -> None:
        """Say it."""
        self.sign.show_shield(Shield.ARMED if found.whole else Shield.UNARMED)
        tone = Tone.OK if found.whole else Tone.BAD
        self.headline.show_text("Record is whole" if found.whole else "Record was changed", tone)
        checked = f"{words.plural(found.events, 'event')} checked in {found.took:.2f} s, just now."
        good = "Nothing was changed, added or cut out; a cut tail would need a witness."
        self.text.show_text(f"{checked} {good}" if found.whole else f"{checked} {found.troubles[0]}")
        clear(self._rows)
        rows = [("Head", words.short_hash(found.head)), ("Driven by", found.driver or "nobody now")]
        for name, value in rows:
            self._rows.addWidget(CheckRow(CheckView(name, None, value), height=28, ruled=True))
        for trouble in found.troubles[1:6]:
            self._rows.addWidget(Paragraph(trouble, size=Type.SMALL, tone=Tone.BAD))


class _Sign(Painted):
    def __init__(self) -> None:
        super().__init__()
        self.stay()
        self.want(26, 26)
        self._shield = Shield.PAST

    def show_shield(self, shield: Shield) -> None:
        self._shield = shield
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_shield(QPainter(self), self._shield, QRectF(0, 0, 26, 26), tokens())
