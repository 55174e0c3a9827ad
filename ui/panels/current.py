"""The one step on show: what it is, exactly what it runs and where, what it is held to, what it writes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLayout, QPlainTextEdit, QVBoxLayout, QWidget

from ui.fonts import Weight, font, mono, width_of
from ui.keyboard import take_from
from ui.models.current import CurrentView
from ui.paint import RIGHT, colour, line
from ui.panels.instructions import Instructions
from ui.panels.question import QuestionCard
from ui.panels.verbs import VerbRow
from ui.plain import plain_line
from ui.theme import tokens
from ui.tokens import Radius, Space, Tone, Type
from ui.widgets.card import Card
from ui.widgets.check_row import CheckRow, CheckView
from ui.widgets.chip import Chip, ChipView
from ui.widgets.output_view import OutputLine, OutputView
from ui.widgets.side_chip import SideChip, SideView
from ui.widgets.text import Paragraph, Text, plain_tip

_EXACT_ROWS = 6


class CurrentPanel(Card):
    """`said` carries a verb's key and value; `by` and `note` of a question are read from it then."""

    said = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setAccessibleName("The step on show")
        self.number = Text(size=Type.VALUE, weight=Weight.SEMIBOLD, tone=Tone.MUTED, firm=True)
        self.title = FittedTitle()
        self.chip = Chip(ChipView("To come"))
        self.right = Text(size=Type.SMALL, tone=Tone.MUTED, align=RIGHT, firm=True)
        self.text = Instructions()
        self.trouble = TroubleCard()
        self.exact = ExactCard()
        self.question = QuestionCard()
        self.checks = CheckGrid()
        self.heard = Text(size=Type.SMALL, tone=Tone.MUTED, align=RIGHT)
        self.output = OutputView()
        self.verbs = VerbRow()
        self._output_head = QWidget()
        self._gap = QWidget()
        self._view: CurrentView | None = None
        self._build()
        self.verbs.said.connect(self.said)
        self.question.changed.connect(self._ready)

    def show_step(self, view: CurrentView, operator: str) -> None:
        """Show a step. Its output is given to `show_output` and `add_output`."""
        self._view = view
        self.number.setVisible(bool(view.number))
        self.number.show_text(view.number)
        self.title.show_text(view.title)
        self.chip.show_view(view.chip)
        self.right.show_text(view.right)
        self.text.show_words(view.text)
        self.trouble.show_trouble(view.trouble, view.edge)
        self.exact.setVisible(bool(view.exact))
        if view.exact:
            self.exact.show_exact(view)
        self.checks.show_checks(view.checks)
        if view.question is None:
            take_from(self.question)
        self.question.setVisible(view.question is not None)
        if view.question is not None:
            self.question.show_question(view.question, operator, view.address)
        self.heard.show_text(view.output)
        self.verbs.show_verbs(view.verbs, view.primary, view.then)
        self.edge(view.edge)
        self._output_head.setVisible(view.writes)
        self.output.setVisible(view.writes)
        self._gap.setVisible(not view.writes)
        self._ready()

    def show_output(self, lines: Sequence[OutputLine]) -> None:
        """Replace the output: another step is on show."""
        self.output.show_lines(lines)

    def add_output(self, lines: Sequence[OutputLine]) -> None:
        """More of the same step."""
        self.output.append_lines(lines)

    def _ready(self) -> None:
        asked = self._view is not None and self._view.question is not None
        self.verbs.enable_primary(ready=not asked or self.question.ready)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, 10, Space.L, 10)
        column.setSpacing(Space.S)
        first = QHBoxLayout()
        first.setSpacing(Space.S)
        first.addWidget(self.number)
        first.addWidget(self.title)
        first.addSpacing(Space.XS)
        first.addWidget(self.chip)
        first.addStretch(1)
        first.addWidget(self.right)
        column.addLayout(first)
        for part in (self.text, self.trouble, self.exact, self.question, self.checks):
            column.addWidget(part)
        head = QHBoxLayout(self._output_head)
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(Text("Live output", size=Type.SMALL, weight=Weight.SEMIBOLD))
        head.addStretch(1)
        head.addWidget(self.heard)
        column.addWidget(self._output_head)
        column.addWidget(self.output, 1)
        column.addWidget(self._gap, 1)
        column.addWidget(self.verbs)


class FittedTitle(Text):
    """A title that takes a smaller size before it is cut."""

    def __init__(self) -> None:
        super().__init__(size=Type.VALUE, weight=Weight.SEMIBOLD)

    def paintEvent(self, event: QPaintEvent) -> None:
        sizes = (Type.VALUE, Type.VALUE - 3, Type.TITLE)
        faces = [font(size, Weight.SEMIBOLD) for size in sizes]
        face = next((one for one in faces if width_of(self.text(), one) <= self.width()), faces[-1])
        line(QPainter(self), QRectF(self.rect()), self.text(), face, colour(tokens().text))
        cut = width_of(self.text(), face) > self.width()
        self.setToolTip(plain_tip(self.text()) if cut else "")


class TroubleCard(Card):
    """Why a step failed or is not done, in its own words, on the tint of its tone."""

    def __init__(self) -> None:
        super().__init__(radius=Radius.CARD)
        self.words = Paragraph(tone=Tone.BAD)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.M, Space.S, Space.M, Space.S)
        row.addWidget(self.words)

    def show_trouble(self, trouble: str, tone: Tone | None) -> None:
        """Show the reason; nothing for none."""
        self.setVisible(bool(trouble))
        self.tint(tone)
        self.words.show_text(trouble, tone or Tone.MUTED)


class ExactCard(Card):
    """Exactly what runs, and the chips of what it acts on."""

    def __init__(self) -> None:
        super().__init__(radius=Radius.CARD, sunken=True)
        self.label = Text("Runs next", size=Type.SMALL, weight=Weight.SEMIBOLD, tone=Tone.MUTED, firm=True)
        self.label.setFixedWidth(62)
        self.exact = ExactText()
        self.limit = Text(size=Type.CAPTION, tone=Tone.MUTED, align=RIGHT)
        self.on = Text("on", size=Type.SMALL, weight=Weight.SEMIBOLD, tone=Tone.MUTED, firm=True)
        self.on.setFixedWidth(62)
        self._chips = QHBoxLayout()
        self._chips.setSpacing(Space.S)
        self._sides: tuple[SideView, ...] = ()
        grid = QGridLayout(self)
        grid.setContentsMargins(Space.M, Space.S, Space.M, Space.S)
        grid.setHorizontalSpacing(Space.S)
        grid.setVerticalSpacing(6)
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(self.label, 0, 0, top)
        grid.addWidget(self.exact, 0, 1)
        grid.addWidget(self.limit, 0, 2, top)
        grid.addWidget(self.on, 1, 0)
        grid.addLayout(self._chips, 1, 1, 1, 2)
        grid.setColumnStretch(1, 1)

    def show_exact(self, view: CurrentView) -> None:
        """Show another text."""
        self.label.show_text(view.runs)
        self.exact.show_exact(view.exact)
        self.limit.setVisible(bool(view.limit))
        self.limit.show_text(view.limit)
        self.on.setVisible(bool(view.sides))
        if view.sides == self._sides:
            return
        self._sides = view.sides
        clear(self._chips)
        for side in view.sides:
            self._chips.addWidget(SideChip(side))
        self._chips.addStretch(1)


class ExactText(QPlainTextEdit):
    """Read-only exact text, as high as its lines up to six; selectable, never markup."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("exact")
        self.setReadOnly(True)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setStyleSheet("QPlainTextEdit { background: transparent; border: none; padding: 0; }")
        self.setAccessibleName("Exact text")
        self.setTabChangesFocus(True)
        self.setFont(mono())
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        self.document().documentLayout().documentSizeChanged.connect(lambda _size: self._fit())
        self._exact = ""

    def show_exact(self, text: str) -> None:
        """Show another text, line by line harmless."""
        if text == self._exact:
            return
        self._exact = text
        self.setPlainText("\n".join(plain_line(part) for part in text.split("\n")))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _lines(self) -> int:
        """Lines as they wrap now, counted no further than can be shown."""
        layout, block, lines = self.document().documentLayout(), self.document().firstBlock(), 0
        while block.isValid() and lines <= _EXACT_ROWS:
            layout.blockBoundingRect(block)  # lays the block out at the present width
            lines += max(1, block.layout().lineCount())
            block = block.next()
        return lines

    def _fit(self) -> None:
        lines = self._lines()
        high = int(min(_EXACT_ROWS, lines) * self.fontMetrics().lineSpacing() + 3)
        more = Qt.ScrollBarPolicy.ScrollBarAsNeeded if lines > _EXACT_ROWS else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(more)
        if high != self.height():
            self.setFixedHeight(high)


class CheckGrid(QWidget):
    """Checks in two columns."""

    def __init__(self) -> None:
        super().__init__()
        self._views: tuple[CheckView, ...] = ()
        self._rows: list[CheckRow] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(Space.L)
        self._grid.setVerticalSpacing(0)

    def show_checks(self, views: tuple[CheckView, ...]) -> None:
        """Show these; rows are kept where their number stays."""
        self.setVisible(bool(views))
        if views == self._views:
            return
        if len(views) != len(self._views):
            clear(self._grid)
            self._rows = [CheckRow(view) for view in views]
            columns = 1 if len(views) == 1 else 2
            for number, row in enumerate(self._rows):
                self._grid.addWidget(row, number // columns, number % columns)
                self._grid.setColumnStretch(number % columns, 1)
        self._views = views
        for row, view in zip(self._rows, views, strict=True):
            row.show_view(view)


def clear(layout: QLayout) -> None:
    """Take everything out and let it go."""
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
