"""The rail of 76 px at the left of every screen: places as icon and word, with the state of the live run on Run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QFrame, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ui.fonts import Weight, font
from ui.glyphs import Glyph, paint_glyph
from ui.icons import Icon, paint_icon, paint_logo, paint_question
from ui.paint import CENTRE, colour, focus_ring, line
from ui.theme import tokens
from ui.tokens import RAIL_WIDTH, Type


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A place one can go: its key, word and icon; `low` ones stand at the foot of the rail."""

    key: str
    word: str
    icon: Icon
    low: bool = False


class RailButton(QPushButton):
    """One place, 50 px high; checked while one is there; `badge` is the state glyph at its icon."""

    def __init__(self, place: PlaceView, parent: QWidget | None = None) -> None:
        super().__init__(place.word, parent)
        self.place = place
        self._badge: Glyph | None = None
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_badge(None)

    def show_badge(self, badge: Glyph | None) -> None:
        """Show the state of the live run, or nothing."""
        if badge is self._badge and self.accessibleName():
            return  # told with every tick: it need not be painted again
        self._badge = badge
        self.setAccessibleName(f"{self.place.word}, {badge.value}" if badge else self.place.word)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(RAIL_WIDTH - 1, 50)

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = tokens()
        p = QPainter(self)
        area = QRectF(self.rect())
        here = self.isChecked()
        if here:
            p.fillRect(area, colour(worn.tint_accent))
            p.fillRect(QRectF(0, 0, 3, area.height()), colour(worn.accent))
        elif self.underMouse():
            p.fillRect(area, colour(worn.sunken))
        ink = colour(worn.accent if here else worn.muted)
        middle = area.center().x() + (0.5 if here else 0)
        paint_icon(p, self.place.icon, QRectF(middle - 10, 7, 20, 20), ink)
        line(p, QRectF(0, 29, area.width(), 16), self.place.word, font(Type.CAPTION, Weight.MEDIUM), ink, CENTRE)
        if self._badge is not None:
            paint_glyph(p, self._badge, QRectF(middle + 8, 2, 13, 13), worn)
        if self.hasFocus():
            focus_ring(p, area.adjusted(2, 1, -2, -1), 6, worn)


class _Logo(QFrame):
    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(32)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_logo(QPainter(self), QRectF(self.width() / 2 - 16, 0, 32, 32), tokens())


class HelpButton(QPushButton):
    """The `?` cap at the foot of the rail."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Show the keys")
        self.setToolTip("Show the keys (?)")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        return QSize(RAIL_WIDTH - 1, 36)

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = tokens()
        p = QPainter(self)
        area = QRectF(self.rect())
        cap = QRectF(area.center().x() - 10, area.center().y() - 10, 20, 20)
        paint_question(p, cap, colour(worn.text if self.underMouse() else worn.muted))
        if self.hasFocus():
            focus_ring(p, cap.adjusted(-4, -4, 4, 4), 7, worn)


class Rail(QFrame):
    """All places; `chosen` carries a place's key, `help_asked` comes from the `?` cap."""

    chosen = Signal(str)
    help_asked = Signal()

    def __init__(self, places: Sequence[PlaceView], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(RAIL_WIDTH)
        self.setAccessibleName("Places")
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._group.buttonClicked.connect(self._clicked)
        self._buttons: dict[str, RailButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 1, 8)
        column.setSpacing(6)
        column.addWidget(_Logo())
        column.addSpacing(10)
        self._fill(column, [place for place in places if not place.low])
        column.addStretch(1)
        self._fill(column, [place for place in places if place.low])
        self.help = HelpButton()
        self.help.clicked.connect(self.help_asked)
        column.addWidget(self.help)

    def go(self, key: str) -> None:
        """Mark the place `key` as the one shown; emits nothing."""
        self._buttons[key].setChecked(True)

    def show_badge(self, key: str, badge: Glyph | None) -> None:
        """Show the state glyph at the place `key`."""
        self._buttons[key].show_badge(badge)

    def button(self, key: str) -> RailButton:
        """The button of a place."""
        return self._buttons[key]

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = tokens()
        p = QPainter(self)
        p.fillRect(self.rect(), colour(worn.surface))
        p.fillRect(self.width() - 1, 0, 1, self.height(), colour(worn.border))

    def _fill(self, column: QVBoxLayout, places: Sequence[PlaceView]) -> None:
        for place in places:
            button = RailButton(place)
            self._group.addButton(button)
            self._buttons[place.key] = button
            column.addWidget(button)

    def _clicked(self, button: QAbstractButton) -> None:
        if isinstance(button, RailButton):
            self.chosen.emit(button.place.key)
