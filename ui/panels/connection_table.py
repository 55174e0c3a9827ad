"""One table of connections: databases, hosts or secrets. What it shows changes every second without moving anything."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelection, QModelIndex, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from ui.models.cells import KEY_ROLE, CellRow, Cells
from ui.models.connection_rows import COLUMNS
from ui.tokens import Tone
from ui.widgets.card import Panel
from ui.widgets.cell_table import CellTable
from ui.widgets.text import Paragraph

_WIDTHS = (106, 0, 134, 156, 78, 104)
_HEAD, _ROW = 64, 34


class ConnectionTable(Panel):
    """`looked_at` carries the key of the row that was chosen, `asked` that of one to be tested (Enter)."""

    looked_at = Signal(str)
    asked = Signal(str)

    def __init__(self, kind: str, title: str, note: str, empty: str, parent: QWidget | None = None) -> None:
        super().__init__(title, note, parent)
        self.rows = Cells(COLUMNS[kind], self)
        self.table = CellTable(title)
        self.table.setModel(self.rows)
        self.table.fit_columns(*_WIDTHS)
        self.empty = Paragraph(empty, tone=Tone.MUTED)
        self._place = QStackedWidget()
        self.empty.setContentsMargins(0, 6, 0, 0)
        self._place.addWidget(self.empty)
        self._place.addWidget(self.table)
        self.body.setSpacing(2)
        self.body.addWidget(self._place, 1)
        self.table.selectionModel().selectionChanged.connect(self._selected)
        self.table.activated.connect(self._activated)

    def show_rows(self, rows: Sequence[CellRow]) -> None:
        """Show these; the chosen one stays chosen."""
        chosen = self.chosen()
        self.rows.show_rows(rows)
        self._place.setCurrentIndex(1 if rows else 0)
        if chosen and self.chosen() != chosen:
            self.choose(chosen)

    def chosen(self) -> str:
        """The key of the chosen row, "" for none."""
        found = self.table.selectionModel().selectedRows()
        return str(found[0].data(KEY_ROLE)) if found else ""

    def choose(self, key: str) -> bool:
        """Choose a row; whether there is one of that key."""
        row = self.rows.row_of(key)
        if row >= 0:
            self.table.selectRow(row)
        return row >= 0

    def leave(self) -> None:
        """Choose none."""
        self.table.clearSelection()

    def wanted_height(self) -> int:
        """What it needs to show every row."""
        return _HEAD + _ROW * max(1, self.rows.rowCount())

    def _selected(self, chosen: QItemSelection, _left: QItemSelection) -> None:
        if not chosen.isEmpty():
            self.looked_at.emit(self.chosen())

    def _activated(self, index: QModelIndex) -> None:
        self.asked.emit(str(index.data(KEY_ROLE)))
