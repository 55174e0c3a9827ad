"""The log: rows of 25 px with exact time, glyph, who, and text; a table view over whatever model pages rows."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from ui.fonts import Weight, font, mono
from ui.glyphs import Glyph, paint_glyph
from ui.paint import colour, line
from ui.plain import plain_line
from ui.theme import tokens
from ui.tokens import Height, Tone, Type

LOG_ROLE = Qt.ItemDataRole.UserRole + 2
COLUMN_WIDTHS = (110, 26, 84)
TIME, GLYPH, WHO, TEXT = range(4)


@dataclass(frozen=True, slots=True)
class LogRowView:
    """One event: exact time, status, `step 4.14` or `metric`, and what happened. BAD rows are red as well."""

    time: str
    glyph: Glyph
    who: str
    text: str
    tone: Tone = Tone.TEXT


class LogDelegate(QStyledItemDelegate):
    """Paints one of the four columns of the row view that an index gives under `LOG_ROLE`."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(40, Height.LOG)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        view = index.data(LOG_ROLE)
        if view is None:
            return
        worn = tokens()
        area = QRectF(option.rect)
        painter.save()
        rows = self.parent()
        if isinstance(rows, QAbstractItemView) and rows.selectionModel().isSelected(index):
            painter.fillRect(area, colour(worn.tint_accent))
        match index.column():
            case 0:
                line(painter, area.adjusted(14, 0, 0, 0), view.time, mono(), colour(worn.muted))
            case 1:
                paint_glyph(painter, view.glyph, QRectF(area.left() + 2, area.center().y() - 6.5, 13, 13), worn)
            case 2:
                line(
                    painter,
                    area.adjusted(0, 0, -6, 0),
                    plain_line(view.who),
                    font(Type.SMALL, Weight.MEDIUM),
                    colour(worn.muted),
                )
            case _:
                line(
                    painter,
                    area.adjusted(0, 0, -12, 0),
                    plain_line(view.text),
                    font(Type.SMALL),
                    colour(worn.of(view.tone)),
                )
        painter.restore()


class LogTable(QTableView):
    """A table view set up for log rows: no header, no grid, fixed rows (so that a million of them cost nothing)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Log")
        self.setItemDelegate(LogDelegate(self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalHeader().hide()
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(Height.LOG)
        rows.setDefaultSectionSize(Height.LOG)

    def fit_columns(self) -> None:
        """Give the first three columns their widths and the text the rest; call after setting a model."""
        header = self.horizontalHeader()
        header.setMinimumSectionSize(20)
        for column, wide in enumerate(COLUMN_WIDTHS):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(column, wide)
        header.setSectionResizeMode(TEXT, QHeaderView.ResizeMode.Stretch)
