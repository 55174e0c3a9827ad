"""The list at the left: the steps of the run, or the rows of its way back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QVBoxLayout, QWidget

from ui.fonts import Weight
from ui.models.back import undo_count, undo_rows
from ui.models.shown import Shown
from ui.models.steps import ADDRESS_ROLE, Row, Rows, step_rows
from ui.paint import RIGHT
from ui.tokens import Space, Tone, Type
from ui.widgets.card import Card
from ui.widgets.step_rows import StepList
from ui.widgets.text import Text


class StepsPanel(Card):
    """`chosen` carries the address of a step that a person picked; the list follows the run until then."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.rows = Rows(self)
        self.list = PickList("Steps of the run")
        self.list.setModel(self.rows)
        self.list.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.title = Text("Way back", size=Type.TITLE, weight=Weight.SEMIBOLD, firm=True)
        self.count = Text(size=Type.SMALL, tone=Tone.MUTED, align=RIGHT)
        self._head = QWidget()
        head = QHBoxLayout(self._head)
        head.setContentsMargins(Space.L, Space.S, Space.L, 0)
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.count)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 6, 1, 6)
        column.setSpacing(Space.XS)
        column.addWidget(self._head)
        column.addWidget(self.list, 1)
        self._showing = ""
        self.list.picked.connect(self._picked)

    def show_run(self, shown: Shown) -> None:
        """Show the list that belongs to the state."""
        back = shown.going_back or shown.peeking or shown.state.countdown is not None
        self._head.setVisible(back)
        if back:
            self.count.show_text(undo_count(shown))
        rows = undo_rows(shown, short=self.height() < 560) if back else step_rows(shown)
        self._show_rows(rows, shown.address, named="Rows of the way back" if back else "Steps of the run")

    def _show_rows(self, rows: Sequence[Row], address: str, *, named: str) -> None:
        changed = self.rows.show_rows(rows)
        if self.list.accessibleName() != named:
            self.list.setAccessibleName(named)
        if changed or address != self._showing:
            self._showing = address
            self._select(address)

    def _select(self, address: str) -> None:
        number = self.rows.row_of(address)
        index = self.rows.index(number) if number >= 0 else QModelIndex()
        self.list.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if number >= 0:
            self._keep_in_sight(number)
        else:
            self.list.scrollToTop()

    def _keep_in_sight(self, number: int) -> None:
        """A few rows to come stay visible below, so that one sees what is next."""
        ahead = min(number + 3, self.rows.rowCount() - 1)
        self.list.scrollTo(self.rows.index(ahead), QAbstractItemView.ScrollHint.EnsureVisible)
        self.list.scrollTo(self.rows.index(number), QAbstractItemView.ScrollHint.EnsureVisible)

    def _picked(self, address: str) -> None:
        self._showing = address
        self.chosen.emit(address)


class PickList(StepList):
    """`picked` when a person went to a step by mouse or arrow keys; never because the list got the focus."""

    picked = Signal(str)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self._tell()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        before = self.currentIndex()
        super().keyPressEvent(event)
        if self.currentIndex() != before:
            self._tell()

    def _tell(self) -> None:
        address = self.currentIndex().data(ADDRESS_ROLE)
        if isinstance(address, str) and address:
            self.picked.emit(address)
