"""What changes under the hand: a next action that came by itself is read before it can be pressed."""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtCore import QObject, QTimer, Signal

SETTLES_MS = 700
"""Longer than a press that was already on its way (about 250 ms) and a glance at what is new (about 400 ms)."""


class UnderHand(QObject):
    """Knows what the filled button is about. `settled` when it has stood for long enough after it changed by itself."""

    settled = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._subject: Hashable = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLES_MS)
        self._timer.timeout.connect(self.settled)

    @property
    def waits(self) -> bool:
        """Whether what is on show is too new to be pressed."""
        return self._timer.isActive()

    def show(self, subject: Hashable, *, asked: bool) -> None:
        """Tell what is on show now; never None. asked: a person went there, so nothing changed under a hand."""
        old, self._subject = self._subject, subject
        if old is None or subject == old:
            return
        if asked:
            self._timer.stop()
        else:
            self._timer.start()
