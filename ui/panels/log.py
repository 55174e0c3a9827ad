"""The log at the bottom: newest on top, chips, a filter that asks the record, and a note that goes into it."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.run.events import Recorded
from app.session import Filter, View
from ui import words
from ui.aside import Aside
from ui.fonts import Weight
from ui.models.log import LogModel
from ui.models.log_kinds import ALL, COMMANDS, DECISIONS, UNDOS, WARNINGS
from ui.models.shown import Shown
from ui.tokens import Height, Tone, Type
from ui.widgets.card import Card
from ui.widgets.choices import ChoiceView, FilterChips
from ui.widgets.fields import FilterField, NoteField
from ui.widgets.log_table import LogTable
from ui.widgets.text import Text

_SETTLE_MS = 150
_HEAD = 39


class LogPanel(Card):
    """`noted` carries a person's words. `begin` before anything else."""

    noted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.model: LogModel | None = None
        self._view: View | None = None
        self._aside = Aside(self)
        self.chips = FilterChips(
            "Log shows",
            [
                ChoiceView(ALL, "All"),
                ChoiceView(WARNINGS, "Warnings"),
                ChoiceView(DECISIONS, "Decisions"),
                ChoiceView(COMMANDS, "Commands"),
                ChoiceView(UNDOS, "Undos"),
            ],
        )
        self.count = Text(size=Type.SMALL, tone=Tone.MUTED)
        self.filter, self.note = FilterField(), NoteField()
        self.filter.setFixedWidth(180)
        self.table = LogTable()
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self._search)
        self._build()
        self.filter.filtered.connect(lambda _text: self._settle.start())
        self.note.noted.connect(self.noted)

    def rows_shown(self, rows: int) -> None:
        """Be as high as so many rows need."""
        self.setFixedHeight(_HEAD + rows * Height.LOG + 2)

    def begin(self, view: View, shown: Shown) -> None:
        """Show the log of another run."""
        self._view = view
        self.model = LogModel(self._fetch, shown.state.plan, shown, self)
        self.table.setModel(self.model)
        self.table.fit_columns()
        self.chips.chosen.connect(self.model.choose)
        self.chips.choose(ALL)
        self.filter.clear()

    def add(self, events: Sequence[Recorded]) -> None:
        """Take in new entries."""
        if self.model is None or not events:
            return
        top = self.table.verticalScrollBar().value() == 0
        self.model.extend(events)
        if top:
            self.table.scrollToTop()
        self._say_count()

    def _say_count(self) -> None:
        assert self.model is not None
        total, shown = self.model.total, self.model.rowCount()
        narrowed = f"{words.count(shown)} of " if shown != total else ""
        self.count.show_text(f"{narrowed}{words.plural(total, 'event')}")

    def _fetch(self, seqs: Sequence[int]) -> tuple[Recorded, ...]:
        if self._view is None or not seqs:
            return ()
        with self._view.reader() as reader:
            return reader.get(seqs)

    def _search(self) -> None:
        """The record finds the text off this thread; a text that changed meanwhile wins."""
        text, model, view = self.filter.text().strip(), self.model, self._view
        if model is None or view is None:
            return
        if not text:
            model.narrow("", None)
            self._say_count()
            return

        asked = model.newest

        def find() -> array[int]:
            with view.reader() as reader:
                return reader.seqs(Filter(text=text))

        def show(found: object) -> None:
            if model is self.model and text == self.filter.text().strip() and isinstance(found, array):
                model.narrow(text, found, asked)
                self._say_count()

        self._aside.do(find, show)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 5, 1, 4)
        column.setSpacing(2)
        row = QHBoxLayout()
        row.setContentsMargins(13, 0, 10, 0)
        row.setSpacing(8)
        row.addWidget(Text("Log", weight=Weight.SEMIBOLD, firm=True))
        row.addWidget(self.chips)
        row.addWidget(self.count)
        row.addStretch(1)
        row.addWidget(self.filter)
        row.addWidget(self.note, 2)
        self.note.setMaximumWidth(380)
        column.addLayout(row)
        column.addWidget(self.table, 1)
