"""A button for what cannot be undone: it acts only after being held, and shows how far the hold has come."""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtCore import QElapsedTimer, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from ui.fonts import Weight, font, width_of
from ui.paint import CENTRE, box, colour, focus_ring, line, mix, pill
from ui.plain import plain_line
from ui.theme import tokens
from ui.tokens import Height, Radius, Type

ONE_SECOND = timedelta(seconds=1)
_TICK_MS = 16


class HoldButton(QPushButton):
    """Emits `held` once per full hold with the mouse or the space bar; letting go early does nothing.

    `clicked` must not be used: a click is exactly what this button refuses.
    """

    held = Signal()

    def __init__(self, text: str, hold: timedelta = ONE_SECOND, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = plain_line(text)
        self._hold = hold
        self._since = QElapsedTimer()
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._advance)
        self.setText(self._shown.replace("&", "&&"))
        self.setAccessibleName(self._shown)
        self.setAccessibleDescription(f"Hold for {hold.total_seconds():g} s")
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    @property
    def progress(self) -> float:
        """How much of the hold is done, 0..1."""
        if not self._tick.isActive():
            return 0.0
        return min(1.0, self._since.elapsed() / (self._hold.total_seconds() * 1000))

    def sizeHint(self) -> QSize:
        wide = width_of(self._shown, font(Type.BODY, Weight.SEMIBOLD))
        tail = width_of(self._tail(), font(Type.CAPTION, Weight.MEDIUM))
        return QSize(int(wide + tail + 38 + 0.999), Height.BUTTON)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self._begin()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self._let_go()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            # Auto-repeat sends press after press while the key is down: only the first one starts a hold.
            if not event.isAutoRepeat():
                self._begin()
            return
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self._let_go()
            return
        super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._let_go()
        super().focusOutEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = tokens()
        p = QPainter(self)
        area = QRectF(self.rect())
        on = self.isEnabled()
        box(p, area, Radius.BUTTON, colour(worn.surface))
        if self.progress > 0:
            p.save()
            p.setClipPath(pill(area, Radius.BUTTON))
            p.fillRect(QRectF(0, 0, area.width() * self.progress, area.height()), mix(worn.bad, worn.surface, 0.28))
            p.restore()
        box(p, area, Radius.BUTTON, None, colour(worn.bad if on else worn.border), 1.4)
        face, small = font(Type.BODY, Weight.SEMIBOLD), font(Type.CAPTION, Weight.MEDIUM)
        tail = width_of(self._tail(), small)
        text = area.adjusted(6, 0, -tail - 16, 0)
        line(p, text, self._shown, face, colour(worn.bad if on else worn.strong), CENTRE)
        line(p, QRectF(area.right() - tail - 14, 0, tail + 1, area.height()), self._tail(), small, colour(worn.muted))
        if self.hasFocus():
            focus_ring(p, area, Radius.BUTTON, worn)

    def _tail(self) -> str:
        return f"hold {self._hold.total_seconds():g} s"

    def _begin(self) -> None:
        if self.isEnabled() and not self._tick.isActive():
            self._since.start()
            self._tick.start()
            self.update()

    def _let_go(self) -> None:
        self._tick.stop()
        self.update()

    def _advance(self) -> None:
        if self.progress >= 1.0:
            self._let_go()
            self.held.emit()
        self.update()
