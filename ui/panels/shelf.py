"""The two tables of the Library: runbooks with their problems, and the last runs."""

from __future__ import annotations

from datetime import tzinfo

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from ui import words
from ui.glyphs import Glyph
from ui.icons import Icon
from ui.models.cells import KEY_ROLE, CellRow, Cells
from ui.models.run_lines import run_row
from ui.models.shelf import Book, Shelf
from ui.tokens import Space, Tone
from ui.widgets.button import LinkButton
from ui.widgets.card import Panel
from ui.widgets.cell_table import TWO_LINES, CellTable, CellView
from ui.widgets.choices import ChoiceView, FilterChips
from ui.widgets.empty_state import EmptyState

_RECENT = 12


class BooksPanel(Panel):
    """`chosen` carries the path of a runbook."""

    chosen = Signal(str)

    def __init__(self, zone: tzinfo, parent: QWidget | None = None) -> None:
        super().__init__("Runbooks", parent=parent)
        self._zone = zone
        self._shelf: Shelf | None = None
        self._text = ""
        choices = [ChoiceView("all", "All"), ChoiceView("ready", "Ready"), ChoiceView("work", "Needs work")]
        self.chips = FilterChips("Runbooks shown", choices)
        self.head.insertWidget(1, self.chips)
        self.head.insertSpacing(1, Space.L)
        self.rows = Cells(("runbook", "checked", "last run", "from"), self)
        self.table = CellTable("Runbooks", TWO_LINES)
        self.table.setModel(self.rows)
        self.table.fit_columns(0, 170, 190, 150)
        self.body.addWidget(self.table, 1)
        self.chips.chosen.connect(lambda _key: self._filter())
        self.table.activated.connect(self._choose)
        self.table.clicked.connect(self._choose)

    def show_shelf(self, shelf: Shelf) -> None:
        """Show what is there."""
        self._shelf = shelf
        self._filter()

    def narrow(self, text: str) -> None:
        """Show only runbooks with this text in their words."""
        self._text = text.strip().lower()
        self._filter()

    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(str(index.data(KEY_ROLE)))

    def _filter(self) -> None:
        if self._shelf is None:
            return
        chip = self.chips.key()
        books = [one for one in self._shelf.books if self._text in f"{one.title} {one.about} {one.path.name}".lower()]
        if chip != "all":
            books = [one for one in books if bool(one.errors or one.trouble) == (chip == "work")]
        self.rows.show_rows([self._row(book) for book in books])

    def _row(self, book: Book) -> CellRow:
        cells = (
            CellView(book.title, book.about, strong=True),
            _checked(book),
            self._last(book),
            CellView("Tminus" if book.shipped else "you", book.path.name, tone=Tone.MUTED),
        )
        return CellRow(str(book.path), cells)

    def _last(self, book: Book) -> CellView:
        runs = self._shelf.runs if self._shelf is not None else ()
        last = next((run for run in runs if run.name == book.name and run.began is not None), None)
        if last is None or last.began is None:
            return CellView("never", glyph=Glyph.SKIPPED, tone=Tone.MUTED)
        return CellView(f"{words.day(last.began, self._zone)} {words.time_of_day(last.began, self._zone)}", last.stage)


class RunsPanel(Panel):
    """`chosen` carries the id of a run, "" for all of them."""

    chosen = Signal(str)

    def __init__(self, zone: tzinfo, parent: QWidget | None = None) -> None:
        super().__init__("Recent runs", " ", parent)
        self._zone = zone
        self.all = LinkButton("All in History")
        self.head.addWidget(self.all)
        self.rows = Cells(("began", "environment", "runbook", "stands", "so far"), self)
        self.table = CellTable("Recent runs")
        self.table.setModel(self.rows)
        self.table.fit_columns(120, 130, 0, 190, 260)
        self._place = QStackedWidget()
        self._place.addWidget(EmptyState(Icon.HISTORY, "No runs yet", "Each one is kept with its whole record."))
        self._place.addWidget(self.table)
        self.body.addWidget(self._place, 1)
        self.all.clicked.connect(lambda: self.chosen.emit(""))
        self.table.activated.connect(self._choose)
        self.table.clicked.connect(self._choose)

    def show_shelf(self, shelf: Shelf) -> None:
        """Show the last dozen."""
        self.rows.show_rows([run_row(run, self._zone) for run in shelf.runs[:_RECENT]])
        self._place.setCurrentIndex(1 if shelf.runs else 0)

    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(str(index.data(KEY_ROLE)))


def _checked(book: Book) -> CellView:
    if book.trouble:
        return CellView("cannot be read", book.trouble, glyph=Glyph.FAILED, tone=Tone.BAD)
    if book.errors:
        return CellView(words.plural(book.errors, "error"), glyph=Glyph.FAILED, tone=Tone.BAD)
    if book.warnings:
        return CellView(words.plural(book.warnings, "warning"), glyph=Glyph.WARNING, tone=Tone.WARN)
    return CellView("no problems", glyph=Glyph.DONE)
