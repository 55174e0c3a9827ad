"""One connection in full beside the tables: how it stands, its fingerprint and facts, its users, what may be done."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ui.announce import announce
from ui.fonts import Weight, mono
from ui.glyphs import Glyph
from ui.models.connection_rows import Detail
from ui.panels.current import clear
from ui.tokens import Radius, Space, Tone, Type
from ui.widgets.button import Button, ButtonKind, LinkButton, PlainButton
from ui.widgets.card import Card, Divider
from ui.widgets.check_row import CheckRow
from ui.widgets.chip import Chip, ChipView
from ui.widgets.side_chip import SideChip, SideView
from ui.widgets.text import Paragraph, Text

_MOST = 12


class ConnectionDetail(Card):
    """The buttons' signals carry nothing: whoever shows a detail knows of which connection."""

    test_asked = Signal()
    trust_asked = Signal()
    set_asked = Signal()
    forget_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setAccessibleName("Chosen connection")
        self._shown: Detail | None = None
        self.side = SideChip(SideView(""))
        self.chip = Chip(ChipView(""))
        self.title = Text(size=Type.VALUE, weight=Weight.SEMIBOLD)
        self.sentence = Paragraph(tone=Tone.TEXT)
        self.print_title = Text(size=Type.CAPTION, weight=Weight.SEMIBOLD, tone=Tone.MUTED)
        self.print = Paragraph(size=Type.SMALL, tone=Tone.TEXT)
        self.print.setFont(mono())
        self.copy = LinkButton("Copy")
        self.print_card = Card(radius=Radius.CARD, sunken=True)
        self._facts, self._users = QVBoxLayout(), QVBoxLayout()
        self._fact_rows: list[CheckRow] = []
        self.users_title = Text("Used by", size=Type.SMALL, weight=Weight.SEMIBOLD)
        self.test = PlainButton("Test", hint="Enter")
        self.trust = Button("Trust\u2026")
        self.set = PlainButton("Set\u2026")
        self.forget = Button("Forget\u2026", kind=ButtonKind.DANGER)
        self.nothing = Paragraph("Choose a row. Arrows move in a table, Tab goes to the next, Enter tests the row.")
        self._page = QWidget()
        self._build()
        self.show_nothing()

    def show_nothing(self) -> None:
        """No row is chosen."""
        self._shown = None
        self._page.hide()
        self.nothing.show()
        self.edge(None)
        self.trust.hide()

    def show_detail(self, detail: Detail) -> None:
        """Show one connection; called every second, repaints what changed."""
        before, self._shown = self._shown, detail
        self.nothing.hide()
        self._page.show()
        if before == detail:
            return
        self.title.show_text(detail.side.name)
        self.side.show_view(detail.side)
        self.side.setVisible(bool(detail.side.side or detail.side.fingerprint))
        self.chip.show_view(detail.chip)
        self.sentence.show_text(detail.sentence, Tone.BAD if detail.stop else Tone.TEXT)
        self.print_card.setVisible(bool(detail.print))
        self.print_title.show_text(detail.print_title)
        self.print.show_text(detail.print)
        self.copy.setVisible(bool(detail.print_copied))
        self.copy.setAccessibleName(f"Copy: {detail.print_title}")
        self._fill(before, detail)
        needs = detail.chip.glyph is Glyph.DECISION
        self.edge(Tone.BAD if detail.stop else Tone.WARN if needs else None)
        self.trust.setVisible(detail.may_trust)
        self.trust.show_kind(ButtonKind.PRIMARY if needs else ButtonKind.PLAIN)
        self.trust.show_text(f"Trust {detail.side.name}\u2026", "Ctrl+Enter" if needs else "")
        self.test.setEnabled(detail.may_test)
        self.test.show_text(f"Test {detail.side.name}", "Enter")
        self.set.setVisible(detail.may_set)
        self.set.show_text(f"Set {detail.side.name}\u2026")
        self.forget.setVisible(detail.may_forget)
        self.forget.show_text(f"Forget {detail.side.name}\u2026")
        self.setAccessibleDescription(f"{detail.key}: {detail.chip.word}. {detail.sentence}")
        if detail.stop and (before is None or before.key != detail.key or not before.stop):
            announce(self, f"Stop. {detail.sentence}")

    def edge_needs_you(self) -> bool:
        """Whether what is shown waits for a person to look at a key."""
        return self._shown is not None and self._shown.chip.glyph is Glyph.DECISION

    def _fill(self, before: Detail | None, detail: Detail) -> None:
        if before is None or before.facts != detail.facts:
            if len(self._fact_rows) != len(detail.facts):
                clear(self._facts)
                self._fact_rows = [CheckRow(view, height=26) for view in detail.facts]
                for row in self._fact_rows:
                    self._facts.addWidget(row)
            for row, view in zip(self._fact_rows, detail.facts, strict=True):
                row.show_view(view)
        if before is None or before.used_by != detail.used_by:
            clear(self._users)
            shown = detail.used_by[:_MOST] or ("Nothing in the open runbook",)
            more = len(detail.used_by) - _MOST
            for name in (*shown, *((f"and {more} more",) if more > 0 else ())):
                self._users.addWidget(Text(name, size=Type.SMALL, tone=Tone.MUTED))

    def _copy(self) -> None:
        if self._shown is not None:
            QApplication.clipboard().setText(self._shown.print_copied)
            announce(self, "Copied.")

    def _build(self) -> None:
        whole = QVBoxLayout(self)
        whole.setContentsMargins(Space.L, Space.L, Space.L, Space.M)
        whole.setSpacing(Space.M)
        whole.addWidget(self.nothing)
        whole.addWidget(self._page, 1)
        column = QVBoxLayout(self._page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        head.addWidget(self.title, 1)
        head.addWidget(self.chip)
        column.addLayout(head)
        chips = QHBoxLayout()
        chips.addWidget(self.side)
        chips.addStretch(1)
        column.addLayout(chips)
        column.addWidget(self.sentence)
        column.addWidget(self._fill_print())
        column.addWidget(self._scrolled(), 1)
        buttons = QVBoxLayout()
        buttons.setSpacing(Space.S)
        for pair in ((self.test, self.trust), (self.set, self.forget)):
            row = QHBoxLayout()
            row.setSpacing(Space.S)
            for button in pair:
                row.addWidget(button, 1)
            buttons.addLayout(row)
        column.addLayout(buttons)
        self.copy.clicked.connect(self._copy)
        self.test.clicked.connect(self.test_asked)
        self.trust.clicked.connect(self.trust_asked)
        self.set.clicked.connect(self.set_asked)
        self.forget.clicked.connect(self.forget_asked)

    def _fill_print(self) -> Card:
        inside = QVBoxLayout(self.print_card)
        inside.setContentsMargins(Space.M, Space.S, Space.S, Space.M)
        inside.setSpacing(Space.XS)
        top = QHBoxLayout()
        top.addWidget(self.print_title, 1)
        top.addWidget(self.copy)
        inside.addLayout(top)
        inside.addWidget(self.print)
        return self.print_card

    def _scrolled(self) -> QScrollArea:
        self._facts.setSpacing(0)
        self._users.setSpacing(3)
        body = QWidget()
        body.setObjectName("bare")
        lines = QVBoxLayout(body)
        lines.setContentsMargins(0, 0, Space.XS, 0)
        lines.setSpacing(Space.S)
        lines.addLayout(self._facts)
        lines.addWidget(Divider())
        lines.addWidget(self.users_title)
        lines.addLayout(self._users)
        lines.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setAccessibleName("Facts")
        scroll.setWidget(body)
        return scroll
