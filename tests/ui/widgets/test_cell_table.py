"""Tables of facts: what a cell paints, what it says, and which row is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QWidget

from ui.glyphs import Glyph
from ui.theme import Theme
from ui.tokens import LIGHT, Tone
from ui.widgets.cell_table import CELL_ROLE, TWO_LINES, CellTable, CellView, paint_cell, spoken_cell
from ui.widgets.environment import Environment
from ui.widgets.log_table import LOG_ROLE, LogRowView, LogTable

Index = QModelIndex | QPersistentModelIndex


class Model(QAbstractTableModel):
    def __init__(self, role: int, rows: Sequence[Sequence[object]], parent: QObject) -> None:
        super().__init__(parent)
        self.role = role
        self.rows = rows

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return len(self.rows[0])

    def data(self, index: Index, role: int = 0) -> object:
        return self.rows[index.row()][index.column()] if role == self.role else None


def painted(view: CellView) -> QImage:
    image = QImage(200, 46, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    paint_cell(painter, QRectF(0, 0, 200, 46), view)
    painter.end()
    return image


CELLS = [
    CellView("Orders"),
    CellView("Orders", "database"),
    CellView("Orders", strong=True),
    CellView("Orders", exact=True),
    CellView("Orders", glyph=Glyph.DONE),
    CellView(glyph=Glyph.FAILED),
    CellView(glyph=Glyph.FAILED, boxed=True, tone=Tone.BAD),
    CellView(environment=Environment.PRODUCTION),
    CellView(environment=Environment.STAGING),
    CellView(environment=Environment.REHEARSAL),
]


def test_every_form_of_a_cell_looks_different(light: Theme) -> None:
    images = [painted(cell) for cell in CELLS]
    assert all(one != two for i, one in enumerate(images) for two in images[i + 1 :])


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (CellView("Orders", "database"), "Orders \u00b7 database"),
        (CellView(glyph=Glyph.FAILED), "failed"),
        (CellView("3 errors", glyph=Glyph.FAILED), "3 errors"),
        (CellView(environment=Environment.STAGING), "staging"),
    ],
)
def test_a_cell_is_read_out_in_words(cell: CellView, said: str) -> None:
    assert spoken_cell(cell) == said


def test_the_chosen_row_is_tinted_from_end_to_end(shown: Callable[[QWidget], QWidget]) -> None:
    table = CellTable("Runbooks", TWO_LINES)
    table.setModel(Model(CELL_ROLE, [[CELLS[0], CELLS[1]], [CELLS[2], CELLS[3]]], table))
    table.fit_columns(0, 120)
    table.resize(400, 200)
    shown(table)
    table.selectRow(1)
    QApplication.processEvents()
    picture = table.viewport().grab().toImage()
    y = table.rowViewportPosition(1) + 5
    assert [picture.pixelColor(x, y) for x in (12, picture.width() - 4)] == [QColor(LIGHT.tint_accent)] * 2


def test_a_bad_log_row_is_red_as_well(shown: Callable[[QWidget], QWidget]) -> None:
    table = LogTable()
    row = LogRowView("02:36:30.012", Glyph.FAILED, "trigger", "err-back fired", Tone.BAD)
    table.setModel(Model(LOG_ROLE, [[row] * 4], table))
    table.fit_columns()
    table.resize(500, 60)
    shown(table)
    picture = table.viewport().grab().toImage()
    text = {picture.pixelColor(x, y).name() for x in range(220, 320) for y in range(25)}
    assert LIGHT.bad.lower() in text
    assert table.rowHeight(0) == 25
