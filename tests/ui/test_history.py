"""History: nothing of one run stands below the title of another, and a button acts on the run that is on show."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import tzinfo
from functools import partial
from pathlib import Path

import pytest

from app.session import RunOrder, Session, new_run
from tests.ui.books import broken_book
from tests.ui.driving import Seat, seated
from ui.models.past import Past, past
from ui.screens import history
from ui.screens.history import HistoryScreen
from ui.theme import Theme


@pytest.fixture
def seat(light: Theme, tmp_path: Path) -> Iterator[Seat]:
    with seated(light, tmp_path) as somebody:
        yield somebody


def has_failed(run: Session) -> bool:
    return run.current().why == "failed"


@pytest.fixture
def two(seat: Seat, tmp_path: Path) -> tuple[str, str]:
    """Two runs that were let go of."""
    path = tmp_path / "broken.yaml"
    path.write_text(broken_book())
    runs = [new_run(RunOrder(path, tmp_path, "mei", "terminal")) for _ in range(2)]
    for run in runs:
        seat.wait(partial(has_failed, run))
        run.detach()
    return runs[0].run, runs[1].run


def opened(seat: Seat, run: str) -> HistoryScreen:
    seat.flows.show_history(run)
    screen = seat.window.screen_at("history")
    assert isinstance(screen, HistoryScreen)
    seat.wait(lambda: screen.proof.headline.text() == "Record is whole")
    return screen


def pick(screen: HistoryScreen, run: str) -> None:
    screen.table.setCurrentIndex(screen.runs.index(screen.runs.row_of(run), 0))


def test_until_the_record_of_the_next_run_is_read_nothing_is_said_of_it_and_nothing_can_be_pressed(
    seat: Seat, two: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = two
    screen = opened(seat, first)
    resumed: list[str] = []
    screen.resume_asked.disconnect()
    screen.resume_asked.connect(resumed.append)
    go_on = threading.Event()

    def later(home: Path, run: str, zone: tzinfo) -> Past:
        assert go_on.wait(20)
        return past(home, run, zone)

    monkeypatch.setattr(history, "past", later)
    pick(screen, second)
    assert not screen.resume.isVisible()
    assert not screen.watch.isVisible()
    assert screen.proof.headline.text() == "Not checked"
    screen.resume.click()
    assert resumed == []
    go_on.set()
    seat.wait(screen.resume.isVisible)
    screen.resume.click()
    assert resumed == [second]


def test_a_damaged_record_stands_below_its_own_title_alone(seat: Seat, two: tuple[str, str]) -> None:
    first, second = two
    screen = opened(seat, first)
    screen._lines = tuple(
        replace(line, problem="It was changed.") if line.run == second else line for line in screen._lines
    )
    pick(screen, second)
    assert screen.about.text() == "It was changed."
    assert screen.proof.headline.text() == "Not checked"
    assert screen.said.rowCount() == screen.differences.rowCount() == 0
    assert not screen.resume.isVisible()
