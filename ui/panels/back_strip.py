"""The strip of the way back: readiness, deadline, cost and the Roll back button that is always there."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from app.run.state import Stage
from ui.fonts import Weight
from ui.icons import Shield
from ui.keyboard import writing
from ui.models.back import cost, deadline_view, mood, readiness_view, scope_title, strip_view
from ui.models.back_clock import length_basis
from ui.models.loss import button_view, loss_tone
from ui.models.shown import Shown
from ui.paint import colour
from ui.panels.surface import Surface
from ui.theme import tokens
from ui.tokens import Height, Space, Tone, Type
from ui.widgets.button import LinkButton
from ui.widgets.card import Divider
from ui.widgets.countdown import CountdownBar, DeadlineView
from ui.widgets.readiness import Readiness, ReadinessView
from ui.widgets.red_strip import RedStrip
from ui.widgets.rollback_button import RollbackButton
from ui.widgets.text import Text, plain_tip

_LOSS_WIDTH = 320


class CalmStrip(Surface):
    """54 px: while nothing counts down."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Height.STRIP, parent)
        self._tinted = False
        self.ready = Readiness(ReadinessView(Shield.UNARMED, ""))
        self.deadline = CountdownBar(DeadlineView("", "", "", 0))
        self.cost = Text(weight=Weight.SEMIBOLD)
        self.loss = Text(size=Type.SMALL, tone=Tone.MUTED)
        self.loss.setMaximumWidth(_LOSS_WIDTH)  # a longer one is cut and stands whole in its tip
        self.export = LinkButton("Export")
        self.export.setAccessibleDescription("Saves the rows written since the switch, before anybody goes back")
        self.undos = LinkButton("See the undos")
        self.scope = LinkButton("Scope")
        self.button = RollbackButton()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, Space.L, 1)
        row.setSpacing(14)
        row.addWidget(self.ready, 1)
        row.addWidget(_rule())
        row.addWidget(self.deadline)
        row.addWidget(_rule())
        row.addLayout(self._words())
        row.addWidget(self.button)

    def show_run(self, shown: Shown) -> None:
        """Show how ready the way back is."""
        self.ready.show_view(readiness_view(shown))
        self.deadline.show_view(deadline_view(shown))
        words, loss = cost(shown)
        self.cost.show_text(words)
        self.cost.setToolTip(plain_tip(length_basis(shown.back.length)))
        self.loss.show_text(loss, loss_tone(shown))
        self.button.show_view(button_view(shown, mood(shown)))
        self.export.setVisible(shown.loss.lossy and shown.loss.exportable and not shown.going_back)
        self.undos.setVisible(not shown.going_back and bool(shown.back.rows))
        self.undos.show_text("Back to the steps" if shown.peeking else "See the undos")
        self.scope.setVisible(shown.peeking and not shown.going_back)
        tinted = shown.state.stage is Stage.ROLLING_BACK
        if tinted != self._tinted:
            self._tinted = tinted
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._tinted:
            QPainter(self).fillRect(self.rect().adjusted(0, 0, 0, -1), colour(tokens().tint_accent))

    def _words(self) -> QVBoxLayout:
        column, lower = QVBoxLayout(), QHBoxLayout()
        column.setSpacing(0)
        column.addStretch(1)
        column.addWidget(self.cost)
        lower.setSpacing(Space.S)
        lower.addWidget(self.loss)
        lower.addWidget(self.export)
        lower.addWidget(self.undos)
        lower.addWidget(self.scope)
        lower.addStretch(1)
        column.addLayout(lower)
        column.addStretch(1)
        for link in (self.export, self.undos, self.scope):
            link.setFixedHeight(20)
        return column


class BackStrip(QStackedWidget):
    """Calm, or red and counting. Roll back and Start now are the same spot of the screen."""

    pressed = Signal()
    stopped = Signal()
    start_now = Signal()
    peeked = Signal()
    scope_chosen = Signal(str)
    export_asked = Signal()
    export_first = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(Height.STRIP)
        self.calm = CalmStrip()
        self.red = RedStrip()
        self._shown: Shown | None = None
        self._scopes: tuple[str, ...] = ()
        self.addWidget(self.calm)
        self.addWidget(self.red)
        # Escape is bound once, by the window: two shortcuts on one key would cancel each other.
        self.red.stop.setShortcut(QKeySequence())
        self.calm.button.clicked.connect(self.pressed)
        self.calm.undos.clicked.connect(self.peeked)
        self.calm.scope.clicked.connect(self._open_scopes)
        self.calm.export.clicked.connect(self.export_asked)
        self.red.export_first.connect(self.export_first)
        self.red.stopped.connect(self.stopped)
        self.red.start_now.connect(self.start_now)

    def show_run(self, shown: Shown, scopes: tuple[str, ...]) -> None:
        """Show the strip that belongs to the state; scopes are those one may choose from, newest first."""
        self._shown, self._scopes = shown, scopes
        self.calm.show_run(shown)
        chosen = scope_title(shown, shown.back.scope) if shown.back.scope else ""
        self.calm.scope.show_text(f"to {chosen} \u25be")
        counting = shown.state.countdown is not None
        if counting:
            self.red.show_view(strip_view(shown))
        if counting == (self.currentWidget() is self.red):
            return
        self.setCurrentWidget(self.red if counting else self.calm)
        if counting:
            self.red.announce()
            if not writing():  # the next blank of a note is no Stop; Esc stops it from everywhere
                self.red.stop.setFocus(Qt.FocusReason.OtherFocusReason)

    def _open_scopes(self) -> None:
        assert self._shown is not None
        menu = QMenu(self)
        for scope in self._scopes:
            action = menu.addAction(f"Back to {scope_title(self._shown, scope)}".replace("&", "&&"))
            action.triggered.connect(lambda _checked=False, one=scope: self.scope_chosen.emit(one))
        menu.popup(self.calm.scope.mapToGlobal(self.calm.scope.rect().bottomLeft()))


def _rule() -> Divider:
    rule = Divider(Qt.Orientation.Vertical)
    rule.setFixedHeight(34)
    return rule
