"""What is wrong with a runbook: every problem with its line and code, the lines around it, and what the code means."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QStackedWidget, QWidget

from app.errors import Problem, Severity
from app.runbook.checks.codes import EXPLANATIONS
from ui import words
from ui.fonts import Weight, mono
from ui.glyphs import Glyph
from ui.icons import Icon
from ui.models.cells import CellRow, Cells
from ui.plain import plain_line
from ui.tokens import Space, Tone, Type
from ui.widgets.card import Panel
from ui.widgets.cell_table import TWO_LINES, CellTable, CellView
from ui.widgets.chip import Chip, ChipView
from ui.widgets.empty_state import EmptyState
from ui.widgets.text import Paragraph, Text

_AROUND = 3


class ProblemsPanel(Panel):
    """The list above, the chosen one below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Problems", parent=parent)
        self._problems: Sequence[Problem] = ()
        self._lines: list[str] = []
        self.errors, self.warnings = Chip(ChipView("0 errors", Glyph.DONE)), Chip(ChipView("0 warnings", Glyph.DONE))
        self.head.addWidget(self.errors)
        self.head.addWidget(self.warnings)
        self.rows = Cells(("what",), self)
        self.table = CellTable("Problems", TWO_LINES)
        self.table.setModel(self.rows)
        self.table.horizontalHeader().hide()
        self.table.fit_columns(0)
        self.what = Paragraph(tone=Tone.TEXT)
        self.hint = Paragraph()
        self.meaning = Paragraph(size=Type.SMALL)
        self.code = Text(size=Type.SMALL, weight=Weight.SEMIBOLD)
        self.excerpt = QPlainTextEdit()
        self._build()

    def show_problems(self, problems: Sequence[Problem], text: bytes) -> None:
        """Show all of a file's problems, errors first."""
        self._problems = sorted(problems, key=lambda p: p.severity is not Severity.ERROR)
        self._lines = text.decode("utf-8", "replace").splitlines()
        errors = sum(p.severity is Severity.ERROR for p in problems)
        warnings = len(problems) - errors
        self.errors.show_view(ChipView(words.plural(errors, "error"), Glyph.FAILED if errors else Glyph.DONE))
        self.warnings.show_view(ChipView(words.plural(warnings, "warning"), Glyph.WARNING if warnings else Glyph.DONE))
        self.rows.show_rows([_row(number, problem) for number, problem in enumerate(self._problems)])
        self._place.setCurrentIndex(1 if problems else 0)
        if problems:
            self.table.selectRow(0)
        self._detail.setVisible(bool(problems))

    def _build(self) -> None:
        self.excerpt.setReadOnly(True)
        self.excerpt.setObjectName("output")
        self.excerpt.setFont(mono())
        self.excerpt.setAccessibleName("Lines of the runbook")
        self.excerpt.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.excerpt.setFixedHeight(142)
        self.excerpt.setTabChangesFocus(True)
        self._place = QStackedWidget()
        self._place.addWidget(EmptyState(Icon.CHECK, "No problems", "Every rule of the checker holds."))
        self._place.addWidget(self.table)
        self.body.addWidget(self._place, 1)
        self._detail = Panel(self.code.text())
        self._detail.body.setContentsMargins(Space.M, Space.S, Space.M, Space.S)
        top = QHBoxLayout()
        top.addWidget(self.code)
        top.addStretch(1)
        self._detail.body.addLayout(top)
        for part in (self.what, self.hint, self.excerpt, self.meaning):
            self._detail.body.addWidget(part)
        self.body.addWidget(self._detail)
        self.table.selectionModel().currentChanged.connect(self._show)

    def _show(self, index: QModelIndex) -> None:
        if not 0 <= index.row() < len(self._problems):
            return
        problem = self._problems[index.row()]
        known = next((each for each in EXPLANATIONS if each.code == problem.code), None)
        self.code.show_text(words.joined(problem.code, known.title if known is not None else ""))
        self.what.show_text(problem.what)
        self.hint.setVisible(bool(problem.hint))
        self.hint.show_text(problem.hint)
        self.meaning.show_text(known.text if known is not None else "")
        line = problem.place.line
        first = max(1, line - _AROUND)
        shown = self._lines[first - 1 : line + _AROUND]
        marked = [
            f"{'>' if number == line else ' '} {number:>5}  {plain_line(text)}"
            for number, text in enumerate(shown, first)
        ]
        self.excerpt.setVisible(line > 0)
        self.excerpt.setPlainText("\n".join(marked))


def _row(number: int, problem: Problem) -> CellRow:
    error = problem.severity is Severity.ERROR
    glyph = Glyph.FAILED if error else Glyph.WARNING
    where = words.joined(f"line {problem.place.line}" if problem.place.line else "whole file", problem.code)
    return CellRow(str(number), (CellView(problem.what, where, glyph=glyph),))
