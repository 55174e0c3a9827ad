"""Tables of facts: cells with a glyph, a badge, exact text or a second line; thin rules instead of a grid."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from ui import words
from ui.fonts import Weight, font, mono, width_of
from ui.glyphs import Glyph, paint_glyph, paint_glyph_at
from ui.paint import LEFT, box, colour, line
from ui.plain import plain_line
from ui.theme import tokens
from ui.tokens import Radius, Tone, Type
from ui.widgets.environment import Environment, paint_environment
from ui.widgets.side_chip import Side, paint_side

CELL_ROLE = Qt.ItemDataRole.UserRole + 3
ONE_LINE, TWO_LINES = 34, 46
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class CellView:
    """What one cell says. `under` is a muted second line; `exact` uses the exact-text face.

    A glyph without text stands in the middle, boxed when `boxed` (a stuck cell of the sweep). `side` puts the mark of
    source or target before the text.
    """

    text: str = ""
    under: str = ""
    glyph: Glyph | None = None
    tone: Tone = Tone.TEXT
    under_tone: Tone = Tone.MUTED
    strong: bool = False
    exact: bool = False
    boxed: bool = False
    align: Qt.AlignmentFlag = LEFT
    environment: Environment = Environment.NONE
    side: Side = Side.PLAIN


def spoken_cell(view: CellView) -> str:
    """What assistive tools read for a cell; give it as the model's `AccessibleTextRole`."""
    status = view.glyph.value if view.glyph and not view.text else ""
    side = view.side.value.lower()
    return plain_line(words.joined(view.environment.value.lower(), status, side, view.text, view.under))


class CellDelegate(QStyledItemDelegate):
    """Paints the CellView that an index gives under `CELL_ROLE`; indexes without one stay empty."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        view = index.data(CELL_ROLE)
        return QSize(40, TWO_LINES if isinstance(view, CellView) and view.under else ONE_LINE)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        worn = tokens()
        area = QRectF(option.rect)
        painter.save()
        rows = self.parent()
        if isinstance(rows, QAbstractItemView) and rows.selectionModel().isSelected(index):
            painter.fillRect(area, colour(worn.tint_accent))
            if index.column() == 0:
                bar = QRectF(area.left(), area.top() + 7, 3, area.height() - 14)
                box(painter, bar, 1.5, colour(worn.accent))
        painter.fillRect(QRectF(area.left(), area.bottom() - 1, area.width(), 1), colour(worn.border))
        view = index.data(CELL_ROLE)
        if isinstance(view, CellView):
            paint_cell(painter, area.adjusted(8, 0, -8, -1), view)
        painter.restore()


def paint_cell(p: QPainter, area: QRectF, view: CellView) -> None:
    """Paint one cell into `area`."""
    worn = tokens()
    if view.environment is not Environment.NONE:
        wide = width_of(view.environment.value, font(Type.CAPTION, Weight.SEMIBOLD)) + 18
        paint_environment(p, QRectF(area.left(), area.center().y() - 10, wide, 20), view.environment)
        return
    if view.glyph is not None and not view.text:
        _paint_lone_glyph(p, area, view, view.glyph)
        return
    text = QRectF(area)
    if view.glyph is not None:
        paint_glyph(p, view.glyph, QRectF(area.left(), area.center().y() - 7, 14, 14), worn)
        text.setLeft(area.left() + 21)
    if view.side is not Side.PLAIN:
        paint_side(p, text, view.side)
        text.setLeft(text.left() + 13)
    if view.under:
        half = area.height() / 2
        lower = QRectF(text.left(), text.top() + half + 1, text.width(), half - 6)
        line(p, lower, plain_line(view.under), font(Type.SMALL), colour(worn.of(view.under_tone)), view.align)
        text.setBottom(text.top() + half)
        text.setTop(text.top() + 5)
    size = Type.BODY if view.strong else Type.SMALL
    face = mono() if view.exact else font(size, Weight.SEMIBOLD if view.strong else Weight.MEDIUM)
    line(p, text, plain_line(view.text), face, colour(worn.of(view.tone)), view.align)


def _paint_lone_glyph(p: QPainter, area: QRectF, view: CellView, glyph: Glyph) -> None:
    worn = tokens()
    middle = area.center()
    if view.boxed:
        frame = QRectF(middle.x() - 17, middle.y() - 15, 34, 30)
        box(p, frame, Radius.ROW, colour(worn.tint(view.tone)), colour(worn.of(view.tone)), 1.6)
    paint_glyph_at(p, glyph, QPointF(middle), 15, worn)


class CellTable(QTableView):
    """A table view set up for these cells: a quiet header, whole-row selection, no grid, no frame."""

    def __init__(self, name: str, row_height: int = ONE_LINE, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setItemDelegate(CellDelegate(self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        head = self.horizontalHeader()
        head.setDefaultAlignment(LEFT | Qt.AlignmentFlag.AlignVCenter)
        head.setHighlightSections(False)
        head.setFont(font(Type.CAPTION, Weight.SEMIBOLD))
        head.setSectionsClickable(False)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(row_height)
        rows.setDefaultSectionSize(row_height)

    def fit_columns(self, *widths: int) -> None:
        """Fix the widths of the columns in order; a width of 0 takes a share of the rest. Call with a model set."""
        head = self.horizontalHeader()
        head.setMinimumSectionSize(20)
        for column, wide in enumerate(widths):
            if wide:
                head.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
                head.resizeSection(column, wide)
            else:
                head.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
