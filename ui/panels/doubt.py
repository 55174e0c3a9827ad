"""In doubt: the evidence with where it points, then three ways on of which only the safest is filled."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui import words
from ui.fonts import Weight, font, mono, width_of
from ui.glyphs import Glyph, paint_glyph
from ui.models.doubt import DoubtView, EvidenceView, WayOn
from ui.paint import RIGHT, colour, line
from ui.panels.current import clear
from ui.plain import plain_line
from ui.theme import tokens
from ui.tokens import Radius, Space, Tone, Type
from ui.widgets.button import Button, ButtonKind
from ui.widgets.card import Card, Divider
from ui.widgets.chip import Chip, ChipView
from ui.widgets.painted import Painted
from ui.widgets.side_chip import SideChip
from ui.widgets.text import Paragraph, Text


class EvidenceRow(Painted):
    """30 px: the question, the answer in the exact face, and where it points."""

    def __init__(self, view: EvidenceView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.want(200, 26)
        self.say(words.joined(view.asked, view.answer, f"points to {view.points}"))
        self.setToolTip("")

    def paintEvent(self, event: QPaintEvent) -> None:
        worn, view = tokens(), self._view
        p = QPainter(self)
        area = QRectF(self.rect())
        p.fillRect(QRectF(0, 0, area.width(), 1), colour(worn.border))
        face = font(Type.SMALL, Weight.SEMIBOLD)
        wide = width_of(view.points, face)
        line(p, area.adjusted(0, 1, 0, 0), view.points, face, colour(worn.of(view.tone)), RIGHT)
        box = QRectF(area.right() - wide - 20, area.center().y() - 6.5, 13, 13)
        paint_glyph(p, view.glyph, box, worn)
        asked = min(230.0, area.width() * 0.3)
        line(p, QRectF(0, 1, asked - 8, area.height()), plain_line(view.asked), font(Type.SMALL), colour(worn.muted))
        room = QRectF(asked, 1, box.left() - asked - 12, area.height())
        line(p, room, plain_line(" ".join(view.answer.split())), mono(), colour(worn.text))


class WayCard(Card):
    """One way on. `said` carries its verb."""

    said = Signal(str, str)

    def __init__(self, way: WayOn) -> None:
        super().__init__(radius=Radius.CARD)
        self.edge(Tone.ACCENT if way.best else None)
        self.setAccessibleName(way.title)
        kind = ButtonKind.PRIMARY if way.best else ButtonKind.PLAIN
        self.button = Button(way.verb.words, kind=kind, hint="Ctrl+Enter" if way.best else "")
        self.button.clicked.connect(lambda: self.said.emit(way.verb.key, way.verb.value))
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.M, Space.S, Space.M, 10)
        column.setSpacing(6)
        head = QHBoxLayout()
        head.addWidget(Text(way.title, size=Type.TITLE, weight=Weight.SEMIBOLD))
        head.addStretch(1)
        if way.best:
            head.addWidget(Chip(ChipView("safest", tone=Tone.ACCENT)))
        column.addLayout(head)
        column.addWidget(Paragraph(way.text, size=Type.SMALL, tone=Tone.TEXT))
        column.addStretch(1)
        column.addWidget(Divider())
        then = QHBoxLayout()
        then.setSpacing(Space.S)
        then.addWidget(Text("Then", size=Type.SMALL, weight=Weight.SEMIBOLD, tone=Tone.MUTED, firm=True))
        then.addWidget(Paragraph(way.then, size=Type.SMALL), 1)
        column.addLayout(then)
        column.addWidget(self.button)


class DoubtPanel(Card):
    """`said` carries a verb. Nothing moves until a person chooses."""

    said = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.edge(Tone.WARN)
        self.ways: list[WayCard] = []
        self._view: DoubtView | None = None
        self.title = Text(size=Type.VALUE, weight=Weight.SEMIBOLD)
        self.right = Text(size=Type.SMALL, tone=Tone.MUTED, align=RIGHT)
        self.text = Paragraph()
        self.exact = Text().monospaced()
        self.ticket = Text(size=Type.SMALL, tone=Tone.MUTED, align=RIGHT)
        self._chips, self._rows, self._cards = QHBoxLayout(), QVBoxLayout(), QHBoxLayout()
        self._build()

    def show_doubt(self, view: DoubtView) -> None:
        """Show a doubt; its words change with time, its rows only with the evidence."""
        self.title.show_text(view.title)
        self.right.show_text(view.right)
        self.text.show_text(view.text)
        self.exact.show_text(" ".join(view.exact.split()))
        self.ticket.show_text(f"ticket {view.ticket}")
        old, self._view = self._view, view
        if old is not None and (old.evidence, old.ways, old.sides) == (view.evidence, view.ways, view.sides):
            return
        clear(self._rows)
        for row in view.evidence:
            self._rows.addWidget(EvidenceRow(row))
        clear(self._chips)
        for side in view.sides:
            self._chips.addWidget(SideChip(side))
        clear(self._cards)
        self.ways = [WayCard(way) for way in view.ways]
        for card in self.ways:
            card.said.connect(self.said)
            self._cards.addWidget(card, 1)

    def say_primary(self) -> None:
        """Ctrl+Enter: the safest way on."""
        if self.ways:
            self.ways[0].button.click()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        column.setSpacing(Space.S)
        first = QHBoxLayout()
        first.addWidget(_Sign())
        first.addWidget(self.title)
        first.addStretch(1)
        first.addWidget(self.right)
        column.addLayout(first)
        column.addWidget(self.text)
        ran = Card(radius=Radius.CARD, sunken=True)
        row = QHBoxLayout(ran)
        row.setContentsMargins(Space.M, 6, Space.M, 6)
        row.addWidget(Text("Ran", size=Type.SMALL, weight=Weight.SEMIBOLD, tone=Tone.MUTED, firm=True))
        row.addWidget(self.exact, 1)
        row.addLayout(self._chips)
        column.addWidget(ran)
        head = QHBoxLayout()
        head.addWidget(Text("Evidence", size=Type.SMALL, weight=Weight.SEMIBOLD))
        head.addStretch(1)
        head.addWidget(Text("points to", size=Type.CAPTION, weight=Weight.SEMIBOLD, tone=Tone.MUTED))
        column.addLayout(head)
        self._rows.setSpacing(0)
        column.addLayout(self._rows)
        column.addStretch(1)
        choose = QHBoxLayout()
        choose.addWidget(Text("Choose one", size=Type.SMALL, weight=Weight.SEMIBOLD))
        choose.addStretch(1)
        choose.addWidget(self.ticket)
        choose.addWidget(
            Text("Nothing moves until you do. Your name goes into the record.", size=Type.CAPTION, tone=Tone.MUTED)
        )
        column.addLayout(choose)
        self._cards.setSpacing(10)
        column.addLayout(self._cards)


class _Sign(Painted):
    def __init__(self) -> None:
        super().__init__()
        self.stay()
        self.want(24, 24)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_glyph(QPainter(self), Glyph.UNKNOWN, QRectF(1, 1, 22, 22), tokens())
