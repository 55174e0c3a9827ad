"""Work beside the UI's thread: a callable runs in one of Qt's threads, its answer comes back on the UI's."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

from app.errors import TminusError

Work = Callable[[], object]
Then = Callable[[object], None]
Otherwise = Callable[[BaseException], None]


_SLICE_MS = 100


class _Worker(QThread):
    """Keeps what the work came to until the UI's thread reads it."""

    over = Signal(object)

    def __init__(self, work: Work, then: Then, otherwise: Otherwise | None) -> None:
        super().__init__()
        self._work = work
        self.then, self.otherwise = then, otherwise
        self.answer: object = None
        self.trouble: BaseException | None = None

    def run(self) -> None:
        try:
            self.answer = self._work()
        except BaseException as trouble:  # noqa: BLE001 - handed over whole; whoever asked decides
            self.trouble = trouble
        self.over.emit(self)


class Aside(QObject):
    """Runs callables beside the UI's thread and keeps them alive until they end."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._running: set[_Worker] = set()

    @property
    def busy(self) -> bool:
        """Whether anything still runs."""
        return bool(self._running)

    def do(self, work: Work, then: Then, otherwise: Otherwise | None = None) -> None:
        """Run `work`; then `then(answer)` or `otherwise(trouble)` here; without `otherwise` a trouble is raised."""
        worker = _Worker(work, then, otherwise)
        self._running.add(worker)
        # Queued to a method of this object, so that it runs in this object's thread whatever thread emits.
        worker.over.connect(self._settle, Qt.ConnectionType.QueuedConnection)
        worker.start()

    def wait(self) -> None:
        """Let everything come to its end; call before the application goes. Answers are dropped.

        Without a limit: a thread of Qt that still runs when its object goes takes the whole process with it, and with
        that the engine that is letting go. In slices, so that a signal is heard meanwhile.
        """
        for worker in list(self._running):
            while not worker.wait(_SLICE_MS):
                continue

    @Slot(object)
    def _settle(self, worker: _Worker) -> None:
        worker.wait()
        self._running.discard(worker)
        if worker.trouble is None:
            worker.then(worker.answer)
        elif worker.otherwise is not None:
            worker.otherwise(worker.trouble)
        else:
            raise worker.trouble


def plain_words(trouble: BaseException) -> str:
    """A trouble as a person reads it: what, where, and what to do next."""
    if isinstance(trouble, TminusError):
        return str(trouble)
    return f"{type(trouble).__name__}: {trouble}"
