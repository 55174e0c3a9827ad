"""Saving rows while the window goes elsewhere: their own run is told, in words and in its record, and none hangs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest

from app.run import events as e
from app.run.requests import KeepExport
from app.session import View, loss_export, resume, watch
from app.session.loss_export import ExportOrder
from tests.ui.books import calm_book
from tests.ui.driving import PATIENCE, seated
from tests.ui.test_way_back import lossy
from ui.dialogs.told import ToldDialog
from ui.theme import Theme


@pytest.fixture
def new(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """The new side: an orders table."""
    link = sqlite3.connect(tmp_path / "new.db", isolation_level=None)
    link.execute("create table orders (id integer primary key, made text)")
    yield link
    link.close()


def slowed(monkeypatch: pytest.MonkeyPatch, go: Callable[[ExportOrder], None]) -> None:
    """The real export, but what it has saved is handed over only after `go`."""
    real = loss_export.export_written

    def export(view: View, order: ExportOrder) -> KeepExport:
        kept = real(view, order)
        go(order)
        return kept

    monkeypatch.setattr(loss_export, "export_written", export)


def test_an_export_that_ends_after_its_run_was_let_go_of_is_in_that_runs_record(
    light: Theme, tmp_path: Path, new: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved, go = Event(), Event()

    def hold_up(_order: ExportOrder) -> None:
        saved.set()
        assert go.wait(PATIENCE)

    slowed(monkeypatch, hold_up)
    with seated(light, tmp_path) as seat:
        lossy(seat, new, 3)
        first = seat.session
        seat.run.export_asked.emit()
        seat.wait(saved.is_set, "nothing was saved")
        first.detach("another run is more urgent")
        seat.start(calm_book(tmp_path), "other.yaml")
        seat.wait(lambda: seat.run.store.view is not first, "the other run was not shown")
        go.set()
        seat.wait(lambda: not seat.flows.exporting.busy)
        said = seat.run.notice.words.text()
        assert f"3 rows of run {first.run} saved in " in said
        assert "Nobody drives that run; its record names them as soon as somebody does." in said
        again = resume(tmp_path, first.run, operator="ana")
        try:
            seat.wait(lambda: len(again.state.exports) == 1, "its record does not know of it")
        finally:
            again.detach()
        assert seat.session.state.exports == ()


def test_closing_while_rows_are_saved_asks_and_gives_the_export_up(
    light: Theme, tmp_path: Path, new: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    saving, given_up = Event(), Event()

    def until_given_up(order: ExportOrder) -> None:
        saving.set()
        end = Event()
        while not order.given_up():
            end.wait(0.01)
        given_up.set()

    slowed(monkeypatch, until_given_up)
    with seated(light, tmp_path) as seat:
        lossy(seat, new, 3)
        run = seat.session.run
        seat.run.export_asked.emit()
        seat.wait(saving.is_set)
        assert not seat.window.close()
        dialog = seat.dialog()
        assert isinstance(dialog, ToldDialog)
        assert "Rows are being saved: that ends too" in dialog.accessibleName()
        dialog.button.click()
        seat.wait(lambda: not seat.window.isVisible(), "the window hangs")
        assert given_up.is_set()
        look = watch(tmp_path, run)
        assert look.driver() is None
        with look.reader() as reader:
            assert any(isinstance(one.event, e.ConsoleDetached) for one in reader.since(0))
        look.close()
