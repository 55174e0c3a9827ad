"""Saving the rows that going back would lose: beside the UI's thread, one at a time, told to the run when whole."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.errors import TminusError
from app.run.requests import KeepExport
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
        self._busy = False

    def start(self, store: Store, home: Path) -> None:
        """Save them into the folder of the records. Going back is never held up: it ends an export under way."""
        if self._busy:
            self.told.emit("The rows are being saved already.")
            return
        self._busy = True
        view, by = store.view, store.gaze.operator

        def work() -> object:
            from app.session.loss_export import ExportOrder, export_written

            return export_written(view, ExportOrder(home, by, ask=self._ask))

        self.told.emit("Saving the rows written since the switch. Roll back works all the while.")
        self._aside.do(work, lambda kept: self._done(store, kept), self._failed)

    def _done(self, store: Store, kept: object) -> None:
        self._busy = False
        assert isinstance(kept, KeepExport)
        store.send(kept)
        self.told.emit(f"{words.plural(kept.rows, 'row')} saved in {kept.folder}. Roll back when you want to.")

    def _failed(self, trouble: BaseException) -> None:
        self._busy = False
        self.told.emit(f"Not exported: {plain_words(trouble)}")
        if not isinstance(trouble, TminusError):
            self.trouble.emit(trouble)
