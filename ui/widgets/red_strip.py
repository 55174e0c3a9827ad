"""The full-width red strip of the last seconds before the way back starts: one digit, Stop, and Start now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from ui.fonts import Weight, font, width_of
from ui.paint import CENTRE, box, colour, focus_ring, line, mix
from ui.plain import plain_line
from ui.theme import tokens
from ui.tokens import LIGHT, Height, Radius, Space, Type
from ui.widgets.countdown import paint_ring
from ui.widgets.rollback_button import RollbackButton, RollbackMood

_NARROW = 116


@dataclass(frozen=True, slots=True)
class StripView:
    """The strip's words: what starts and what it costs, then the first effect and that nothing was sent yet.

    `left` and `whole` are seconds; the digit in the ring is `left` rounded up; exportable: there are rows to save.
    """

    headline: str
    detail: str
    left: float
    whole: float = 5.0
    exportable: bool = False


class RedStrip(QFrame):
    """54 px high. `stopped` when Stop (or Escape) was chosen, `start_now` for the button on the right.

    `export_first`: stop, and save the rows that the new side took; whoever wants to go back then presses again.

    "Start now" stands exactly where Roll back stands, so that a second press on the same spot starts at once.
    """

    stopped = Signal()
    start_now = Signal()
    export_first = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(Height.STRIP)
        self._view = StripView("", "", 0)
        self.stop = StopButton("Stop", "Esc")
        self.stop.setShortcut(Qt.Key.Key_Escape)
        self.stop.clicked.connect(self.stopped)
        self.export = StopButton("Stop, export rows")
        self.export.setAccessibleDescription("Stops the countdown and saves the rows written since the switch")
        self.export.clicked.connect(self.export_first)
        self.export.hide()
        self.start = RollbackButton()
        self.start.show_mood(RollbackMood.STRIP)
        self.start.clicked.connect(self.start_now)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.M, 0, Space.L, 0)
        row.setSpacing(10)
        row.addStretch(1)
        row.addWidget(self.export)
        row.addWidget(self.stop)
        row.addWidget(self.start)

    def show_view(self, view: StripView) -> None:
        """Show the words and the seconds left."""
        headline, detail = plain_line(view.headline), plain_line(view.detail)
        clean = replace(view, headline=headline, detail=detail, left=max(0.0, view.left))
        if view.exportable == self.export.isHidden():
            self.export.setVisible(view.exportable)
            self.update()
        spoken = f"{clean.headline}. {clean.detail}"
        if spoken != self.accessibleName():
            self.setAccessibleName(spoken)
        self._view = clean
        self.update(0, 0, self._first.x(), self.height())

    @property
    def _first(self) -> QWidget:
        """The leftmost button."""
        return self.stop if self.export.isHidden() else self.export

    def announce(self) -> None:
        """Tell assistive tools now; call once when the strip appears."""
        from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

        event = QAccessibleAnnouncementEvent(self, self.accessibleName())
        event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
        QAccessible.updateAccessibility(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        worn, view = tokens(), self._view
        p = QPainter(self)
        p.fillRect(self.rect(), colour(worn.danger))
        white = colour(worn.on_danger)
        ring = QRectF(Space.M, (self.height() - 46) / 2, 46, 46)
        paint_ring(p, ring, view.left / view.whole if view.whole else 0, white, mix("#FFFFFF", worn.danger, 0.35))
        line(p, ring, str(ceil(view.left)), font(Type.VALUE, Weight.SEMIBOLD), white, CENTRE)
        x = ring.right() + Space.M
        room = self._first.x() - x - Space.M
        line(p, QRectF(x, 7, room, 21), view.headline, font(Type.TITLE, Weight.SEMIBOLD), white)
        line(p, QRectF(x, 28, room, 18), view.detail, font(Type.SMALL, Weight.MEDIUM), white)


class StopButton(QPushButton):
    """A white button for red ground, 40 px: its text is the red of the strip."""

    def __init__(self, text: str, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._hint = hint
        self.setAccessibleName(text)
        self.setAccessibleDescription(hint)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        face, small = font(Type.TITLE, Weight.SEMIBOLD), font(Type.CAPTION, Weight.MEDIUM)
        hint = 10 + width_of(self._hint, small) if self._hint else 0
        return QSize(max(_NARROW, round(width_of(self.text(), face) + hint + 2 * Space.L)), Height.ROLL_BACK)

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = tokens()
        p = QPainter(self)
        area = QRectF(self.rect())
        red = colour(LIGHT.danger)
        fill = mix(worn.danger, "#FFFFFF", 0.1) if self.underMouse() or self.isDown() else colour("#FFFFFF")
        box(p, area, Radius.BUTTON, fill)
        face, small = font(Type.TITLE, Weight.SEMIBOLD), font(Type.CAPTION, Weight.MEDIUM)
        wide = width_of(self.text(), face) + (10 + width_of(self._hint, small) if self._hint else 0)
        x = (area.width() - wide) / 2
        x += line(p, area.adjusted(x, 0, 0, 0), self.text(), face, red)
        line(p, area.adjusted(x + 10, 0, 0, 0), self._hint, small, red)
        if self.hasFocus():
            focus_ring(p, area, Radius.BUTTON, worn, LIGHT.danger)
