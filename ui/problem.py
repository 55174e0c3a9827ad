"""Faults of the window itself: caught wherever they show, shown, written into the record, never swallowed.

Qt calls Python from C++, where an exception would only be printed and a click would seem to do nothing.
"""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

AGAIN_S = 30.0
"""Seconds in which the same fault of the same place is told once: one that comes with every tick fills no record."""

_KEPT = 200
_HARMLESS = ("propagateSizeHints", "This plugin does not support", "libpng warning", "XDG_RUNTIME_DIR")


class Problems(QObject):
    """`seen` carries (where, text) of a fault, on the UI's thread whatever thread it came from."""

    seen = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.count = 0
        self._before: list[Callable[[], None]] = []
        self._here = threading.local()
        self._last: dict[tuple[str, str], float] = {}

    def install(self) -> None:
        """Take every way out of a fault; `release` gives them back."""
        old_sys, old_thread, old_unraisable = sys.excepthook, threading.excepthook, sys.unraisablehook
        sys.excepthook = self._uncaught
        threading.excepthook = self._in_thread
        sys.unraisablehook = self._unraisable
        old_qt = qInstallMessageHandler(self._qt)

        def back() -> None:
            sys.excepthook, threading.excepthook, sys.unraisablehook = old_sys, old_thread, old_unraisable
            qInstallMessageHandler(old_qt)

        self._before.append(back)

    def release(self) -> None:
        """Give the hooks back to whoever had them."""
        while self._before:
            self._before.pop()()

    def tell(self, where: str, text: str) -> None:
        """A fault was caught elsewhere. The same is told on at most once in `AGAIN_S`.

        Never from inside of its own telling: whoever listens may break as well, and would be told of that without end.
        """
        self.count += 1
        sys.stderr.write(f"tminus: fault in {where}: {text}\n")
        now = time.monotonic()
        if getattr(self._here, "telling", False) or now - self._last.get((where, text), -AGAIN_S) < AGAIN_S:
            return
        if len(self._last) >= _KEPT:
            self._last.clear()
        self._last[where, text] = now
        self._here.telling = True
        try:
            self.seen.emit(where, text)
        finally:
            self._here.telling = False

    def _uncaught(self, kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, fault, trace)
            return
        self.tell("window", _short(fault))

    def _in_thread(self, args: Any) -> None:  # noqa: ANN401 - threading's own, without a public type
        self.tell(f"thread {args.thread.name if args.thread else ''}".strip(), _short(args.exc_value))

    def _unraisable(self, args: Any) -> None:  # noqa: ANN401 - sys' own, without a public type
        self.tell("window", _short(args.exc_value) if args.exc_value is not None else str(args.err_msg))

    def _qt(self, kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        if any(word in message for word in _HARMLESS):
            return
        if kind in (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg):
            self.tell("Qt", message)
        elif kind is QtMsgType.QtWarningMsg:
            sys.stderr.write(f"Qt: {message}\n")


def _short(fault: BaseException) -> str:
    """What and where, without the values of locals: they may hold what must not be stored."""
    frames = traceback.extract_tb(fault.__traceback__)[-3:]
    places = "; ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} in {frame.name}" for frame in frames)
    return f"{type(fault).__name__}: {fault} ({places})"
