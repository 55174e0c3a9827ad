"""One finding of a preflight in full: both directions, every sentence, and where it can be mended."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.session.preflight import PreflightLine
from ui import words
from ui.fonts import Weight
from ui.glyphs import Glyph, tone_of
from ui.models.preflight_rows import WORDS
from ui.tokens import Space, Tone, Type
from ui.widgets.button import PlainButton
from ui.widgets.card import Card
from ui.widgets.chip import Chip, ChipView
from ui.widgets.text import Paragraph, Text

_REACHED = ("database ", "host ", "secret ")
_BACK = ". back: "


class PreflightDetail(Card):
    """`connection_asked` carries the key of a connection ("host web1")."""

    connection_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setAccessibleName("Chosen finding")
        self._key = ""
        self.title = Paragraph(size=Type.TITLE, tone=Tone.TEXT)
        self.address = Text(size=Type.SMALL, tone=Tone.MUTED).monospaced()
        self.forward, self.back = Chip(ChipView("")), Chip(ChipView(""))
        self.ahead_said, self.back_said = Paragraph(tone=Tone.TEXT), Paragraph(tone=Tone.TEXT)
        self.back_title = Text("Way back", weight=Weight.SEMIBOLD)
        self.seen = Text(size=Type.SMALL, tone=Tone.MUTED)
        self.mend = PlainButton("Open in Connections")
        self._build()

    def show_line(self, line: PreflightLine | None, name: str, seen: datetime, now: datetime) -> None:
        """Show a finding; None for none. `seen`: when its target was looked at."""
        self.setVisible(line is not None)
        if line is None:
            return
        self._key = line.subject.partition(" as ")[0] if line.subject.startswith(_REACHED) else ""
        self.title.show_text(name)
        self.address.show_text(line.subject if name.lower() != line.subject.lower() else "")
        self.address.setVisible(bool(self.address.text()))
        for chip, word in ((self.forward, line.word), (self.back, line.rollback)):
            glyph, said = WORDS[word]
            chip.show_view(ChipView(said, glyph))
        ahead, found, back = line.detail.partition(_BACK)
        if not found and line.detail.startswith(_BACK[2:]):
            ahead, back = "", line.detail.removeprefix(_BACK[2:])
        self.ahead_said.show_text(_lines(ahead) or "Nothing to say.", _tone(line.word))
        self.back_said.show_text(_lines(back) or "As forward." * (line.rollback == line.word), _tone(line.rollback))
        self.back_said.setVisible(bool(self.back_said.text()))
        self.seen.show_text(f"looked at {words.ago(now - seen)}")
        self.mend.setVisible(bool(self._key))
        self.setAccessibleDescription(f"{name}. Forward: {WORDS[line.word][1]}. Way back: {WORDS[line.rollback][1]}.")

    def _build(self) -> None:
        body = QWidget()
        body.setObjectName("bare")
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, Space.XS, 0)
        column.setSpacing(Space.S)
        column.addWidget(self.title)
        column.addWidget(self.address)
        column.addSpacing(Space.S)
        column.addLayout(_titled(Text("Forward", weight=Weight.SEMIBOLD), self.forward))
        column.addWidget(self.ahead_said)
        column.addSpacing(Space.S)
        column.addLayout(_titled(self.back_title, self.back))
        column.addWidget(self.back_said)
        column.addSpacing(Space.S)
        column.addWidget(self.seen)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setAccessibleName("What was found")
        scroll.setWidget(body)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(Space.L, Space.L, Space.L, Space.M)
        whole.setSpacing(Space.M)
        whole.addWidget(scroll, 1)
        whole.addWidget(self.mend)
        self.mend.clicked.connect(lambda: self.connection_asked.emit(self._key))


def _titled(title: Text, chip: Chip) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addWidget(title, 1)
    row.addWidget(chip)
    return row


def _lines(text: str) -> str:
    """One sentence a line, each beginning as sentences do."""
    return "\n".join(part[:1].upper() + part[1:] for part in text.split("; ") if part)


def _tone(word: str) -> Tone:
    return tone_of(WORDS[word][0]) if WORDS[word][0] is Glyph.FAILED else Tone.TEXT
