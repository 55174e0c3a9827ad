"""Rows of the steps list, painted from view values: steps 30 px, phases 34, finished phases folded to 28.

Nothing here knows a model: `StepDelegate` asks an index for its row view under `ROW_ROLE`.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui.fonts import Weight, font, width_of
from ui.glyphs import Glyph, paint_glyph, tone_of
from ui.paint import RIGHT, box, colour, focus_ring, line
from ui.plain import plain_line
from ui.theme import tokens
from ui.tokens import Height, Radius, Tokens, Tone, Type

ROW_ROLE = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True)
class PhaseRowView:
    """A phase: `number`, `name`, `4 / 4` as `count`. Folded ones are finished and carry their glyph."""

    number: str
    name: str
    count: str
    glyph: Glyph | None = None
    folded: bool = False


@dataclass(frozen=True, slots=True)
class StepRowView:
    """A step: its name, glyph, and the time or word at the right (`4:26`, `~2:00`, `your turn`).

    `current` is the step that runs or waits now; it is bold whether selected or not. `tone` colours the tail.
    """

    name: str
    glyph: Glyph
    tail: str = ""
    current: bool = False
    tone: Tone = Tone.MUTED


@dataclass(frozen=True, slots=True)
class UndoRowView:
    """An undo: what it does, what it undoes (`undoes 4.12 Stop forward feed`), its time and its second line.

    `linked` draws the line down to the next undo; `quiet` is for "nothing to undo" rows.
    """

    does: str
    undoes: str
    glyph: Glyph
    tail: str = ""
    under: str = ""
    linked: bool = True
    quiet: bool = False


RowView = PhaseRowView | StepRowView | UndoRowView


def row_height(view: RowView) -> int:
    """How high the row of `view` is."""
    match view:
        case PhaseRowView(folded=True):
            return Height.FOLDED
        case PhaseRowView():
            return Height.PHASE
        case UndoRowView():
            return 46
        case StepRowView():
            return Height.STEP


def spoken(view: RowView) -> str:
    """What assistive tools read for a row: name, status word and time."""
    match view:
        case PhaseRowView():
            return plain_line(f"{view.number} {view.name}, {view.count} steps done")
        case StepRowView():
            return plain_line(f"{view.name}, {view.glyph.value}, {view.tail}".rstrip(", "))
        case UndoRowView():
            return plain_line(f"{view.does}, {view.undoes}, {view.glyph.value}, {view.tail}".rstrip(", "))


def paint_row(p: QPainter, area: QRectF, view: RowView, turn: float = 0.0) -> None:
    """Paint one row; selection is painted before by `paint_selection`. `turn` rotates the running arc."""
    worn = tokens()
    match view:
        case PhaseRowView():
            _paint_phase(p, area, view, worn)
        case StepRowView():
            _paint_step(p, area, view, worn, turn)
        case UndoRowView():
            _paint_undo(p, area, view, worn, turn)


def paint_selection(p: QPainter, area: QRectF, *, focused: bool) -> None:
    """The selected row: accent tint with a bar at its left, and a ring while the list has the focus."""
    worn = tokens()
    place = area.adjusted(4, 1, -4, -1)
    box(p, place, Radius.ROW, colour(worn.tint_accent))
    box(p, QRectF(place.left(), place.top() + 6, 3, place.height() - 12), 1.5, colour(worn.accent))
    if focused:
        focus_ring(p, place, Radius.ROW, worn)


def _paint_phase(p: QPainter, area: QRectF, view: PhaseRowView, worn: Tokens) -> None:
    face = font(Type.BODY, Weight.SEMIBOLD)
    ink = colour(worn.muted if view.folded else worn.text)
    x = area.left() + 12
    if view.glyph is not None:
        paint_glyph(p, view.glyph, QRectF(x - 1, area.center().y() - 7, 14, 14), worn)
        x += 22
    right = area.right() - 14
    wide = width_of(view.count, face)
    line(p, QRectF(right - wide, area.top(), wide + 1, area.height()), view.count, face, colour(worn.muted), RIGHT)
    title = plain_line(f"{view.number}  {view.name}" if view.number else view.name)
    line(p, QRectF(x, area.top(), right - wide - 8 - x, area.height()), title, face, ink)


def _paint_step(p: QPainter, area: QRectF, view: StepRowView, worn: Tokens, turn: float) -> None:
    paint_glyph(p, view.glyph, QRectF(area.left() + 19, area.center().y() - 8, 16, 16), worn, None, turn)
    waiting = view.glyph in (Glyph.WAITING, Glyph.SKIPPED) and not view.current
    right = area.right() - 14
    tail, face = plain_line(view.tail), font(Type.SMALL)
    wide = width_of(tail, face)
    line(p, QRectF(right - wide, area.top(), wide + 1, area.height()), tail, face, colour(worn.of(view.tone)), RIGHT)
    name = QRectF(area.left() + 42, area.top(), right - wide - 10 - area.left() - 42, area.height())
    weight = Weight.SEMIBOLD if view.current else Weight.REGULAR
    line(p, name, plain_line(view.name), font(Type.BODY, weight), colour(worn.muted if waiting else worn.text))


def _paint_undo(p: QPainter, area: QRectF, view: UndoRowView, worn: Tokens, turn: float) -> None:
    middle = area.left() + 27
    if view.linked:
        p.fillRect(QRectF(middle - 1, area.center().y() + 9, 2, area.height() - 18), colour(worn.border))
    paint_glyph(p, view.glyph, QRectF(middle - 9, area.center().y() - 9, 18, 18), worn, None, turn)
    right = area.right() - 14
    half = area.height() / 2
    upper = QRectF(area.left() + 50, area.top() + 4, right - area.left() - 50, half - 3)
    lower = QRectF(upper.left(), area.top() + half + 1, upper.width(), half - 6)
    tail, under = plain_line(view.tail), plain_line(view.under)
    small = font(Type.SMALL)
    running = view.glyph is Glyph.RUNNING
    top_ink = colour(worn.of(tone_of(Glyph.RUNNING))) if running else colour(worn.muted)
    line(p, upper, tail, font(Type.SMALL, Weight.MEDIUM), top_ink, RIGHT)
    line(p, lower, under, small, colour(worn.muted), RIGHT)
    name = upper.adjusted(0, 0, -width_of(tail, small) - 12, 0)
    line(
        p,
        name,
        plain_line(view.does),
        font(Type.BODY, Weight.SEMIBOLD if running else Weight.MEDIUM),
        colour(worn.muted if view.quiet else worn.text),
    )
    line(p, lower.adjusted(0, 0, -width_of(under, small) - 12, 0), plain_line(view.undoes), small, colour(worn.muted))


class StepDelegate(QStyledItemDelegate):
    """Paints the row view that an index gives under `ROW_ROLE`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.turn = 0.0

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        view = index.data(ROW_ROLE)
        return QSize(120, row_height(view) if view is not None else Height.STEP)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        view = index.data(ROW_ROLE)
        if view is None:
            return
        painter.save()
        area = QRectF(option.rect)
        # Asked of the list, not of `option.state`: QStyle's enums alone cost 8 ms before the first paint.
        rows = self.parent()
        if isinstance(rows, QAbstractItemView) and rows.selectionModel().isSelected(index):
            paint_selection(painter, area, focused=rows.hasFocus())
        paint_row(painter, area, view, self.turn)
        painter.restore()


class StepList(QListView):
    """A list prepared for these rows: no frame, whole-row selection, keyboard movement, smooth scroll."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setItemDelegate(StepDelegate(self))
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setFrameShape(QListView.Shape.NoFrame)
