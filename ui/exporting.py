"""Saving the rows that going back would lose: beside the UI's thread, one at a time, told to their run when whole.

They are told through the record's inbox: the run takes them in whoever drives it then, also when this window has let go
of it meanwhile.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.errors import TminusError
from app.run.requests import KeepExport
from app.run.state import Stage
from app.session import View, watch
from app.session.secret_room import AskSecret
from ui import words
from ui.aside import Aside, plain_words
from ui.store import Store


class Exporting(QObject):
    """`told` carries a sentence about how it goes; `trouble` a fault of ours."""

    told = Signal(str)
    trouble = Signal(object)

    def __init__(self, aside: Aside, ask: AskSecret, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._aside, self._ask = aside, ask
        self.busy = False
        self._leaving = False

    def leave(self) -> None:
        """The window closes: an export under way is given up within moments, and nothing of it is kept."""
        self._leaving = True

    def start(self, store: Store, home: Path) -> None:
        """Save them into the folder of the records. Going back is never held up: it ends an export under way."""
        if self.busy:
            self.told.emit("The rows are being saved already.")
            return
        self.busy = True
        view, by = store.view, store.gaze.operator

        def work() -> str:
            from app.session.loss_export import ExportOrder, export_written

            order = ExportOrder(home, by, ask=self._ask, given_up=lambda: self._leaving)
            return _tell_the_run(view, home, export_written(view, order))

        self.told.emit("Saving the rows written since the switch. Roll back works all the while.")
        self._aside.do(work, self._done, self._failed)

    def _done(self, sentence: object) -> None:
        self.busy = False
        self.told.emit(str(sentence))

    def _failed(self, trouble: BaseException) -> None:
        self.busy = False
        self.told.emit(f"Not exported: {plain_words(trouble)}")
        if not isinstance(trouble, TminusError):
            self.trouble.emit(trouble)


def _tell_the_run(view: View, home: Path, kept: KeepExport) -> str:
    """Leave it in the inbox of the run that the rows are of; what a person is told."""
    look = watch(home, str(view.path))
    try:
        said = f"{words.plural(kept.rows, 'row')} of run {look.run} saved in {kept.folder}."
        if look.state.stage is Stage.CLOSED:
            return f"{said} That run is closed, so its record does not name them."
        look.send(kept)
        if look.driver() is None:
            return f"{said} Nobody drives that run; its record names them as soon as somebody does."
        return f"{said} Roll back when you want to."
    finally:
        look.close()
