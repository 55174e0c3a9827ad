"""A metric over a run's time: zoom by wheel and keys, move by dragging, everything again with 0.

Painted in one go from the columns of `Readings`: 50,000 points cost what is visible, and one bad reading stays visible
at any zoom. Keys: + and - zoom, Left and Right move, Home and End go to the ends, 0 shows everything.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.paint import focus_ring
from ui.theme import tokens
from ui.tokens import Radius
from ui.widgets.painted import Painted
from ui.widgets.plot_frame import Frame
from ui.widgets.plot_paint import paint_plot
from ui.widgets.plot_view import PlotView
from ui.widgets.readings import Readings
from ui.widgets.stretch import Stretch, drawable

_LEFT, _RIGHT, _FOOT = 56.0, 116.0, 22.0
_LANES = 46.0
_ROOMY = 150
_ZOOM = 0.6
_WHEEL = 0.8
_MOVE = 0.25


class TimePlot(Painted):
    """`read` carries the instant under the pointer in seconds on the axis, NaN when there is none."""

    read = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.want(260, 120)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.stretch = Stretch()
        self._readings = Readings(1.0)
        self._view: PlotView | None = None
        self._pointer: float | None = None
        self._dragged: QPointF | None = None

    def show_plot(self, view: PlotView, readings: Readings) -> None:
        """Show these; what is zoomed into stays, and the live end is followed where it was in sight."""
        self._view, self._readings = view, readings
        first = readings.times[0] if readings.times else 0.0
        spans = [span.begin for span in view.steps]
        self.stretch = self.stretch.grown(min([first, *spans]), view.now)
        self.update()

    @property
    def frame(self) -> Frame:
        """Where the plot lies, and how values and instants become pixels."""
        top = _LANES + 4 if self.lanes else 8.0
        area = QRectF(_LEFT, top, max(40.0, self.width() - _LEFT - _RIGHT), max(20.0, self.height() - top - _FOOT))
        low, high = self._range()
        return Frame(area, self.stretch.begin, self.stretch.end, low, high)

    def zoom(self, factor: float, around: float | None = None) -> None:
        """Show `factor` times as many seconds."""
        self._see(self.stretch.zoomed(factor, around))

    def show_last(self, seconds: float) -> None:
        """The newest so many seconds, and follow them."""
        self._see(Stretch(self.stretch.first, self.stretch.last, seconds))

    @property
    def lanes(self) -> bool:
        """Whether there is room for phases and steps above the curve."""
        return self.height() >= _ROOMY

    def show_all(self) -> None:
        """Everything."""
        self._see(self.stretch.all())

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        if self._view is not None:
            paint_plot(p, self.frame, self._view, self._readings, self._pointer, lanes=self.lanes)
        if self.hasFocus():
            focus_ring(p, QRectF(self.rect()), Radius.ROW, tokens())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        does: dict[int, Callable[[], None]] = {
            Qt.Key.Key_Plus: lambda: self.zoom(_ZOOM),
            Qt.Key.Key_Equal: lambda: self.zoom(_ZOOM),
            Qt.Key.Key_Minus: lambda: self.zoom(1 / _ZOOM),
            Qt.Key.Key_Left: lambda: self._see(self.stretch.moved(-_MOVE)),
            Qt.Key.Key_Right: lambda: self._see(self.stretch.moved(_MOVE)),
            Qt.Key.Key_Home: lambda: self._see(self.stretch.moved(-1e9)),
            Qt.Key.Key_End: lambda: self._see(self.stretch.moved(1e9)),
            Qt.Key.Key_0: self.show_all,
        }
        found = does.get(event.key())
        if found is None or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
            return
        found()

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y()
        if turned:
            self.zoom(_WHEEL if turned > 0 else 1 / _WHEEL, self.frame.time_of(event.position().x()))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._dragged = event.position()
        self.setFocus(Qt.FocusReason.MouseFocusReason)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragged is not None and self.stretch.length is not None:
            share = (self._dragged.x() - event.position().x()) / self.frame.area.width()
            self._dragged = event.position()
            self._see(self.stretch.moved(share))
        inside = self.frame.area.contains(event.position())
        self._point(self.frame.time_of(event.position().x()) if inside else None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragged = None

    def leaveEvent(self, event: QEvent) -> None:
        self._point(None)

    def _see(self, stretch: Stretch) -> None:
        self.stretch = stretch
        self.update()

    def _point(self, at: float | None) -> None:
        if at != self._pointer:
            self._pointer = at
            self.read.emit(at if at is not None else float("nan"))
            self.update()

    def _range(self) -> tuple[float, float]:
        """From zero, or the lowest figure below it, to a little over the highest of readings and lines in sight."""
        view = self._view
        assert view is not None
        found = self._readings.extremes(self.stretch.begin, self.stretch.end)
        known = [*(found or ()), *(limit.value for limit in view.limits), *(view.usual or ())]
        low, high = drawable(min([0.0, *known])), drawable(max([0.0, *known]))
        room = (high - low) * 0.1 or 1.0
        return (low - room if low < 0 else low), high + room
