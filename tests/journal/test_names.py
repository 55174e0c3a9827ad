"""A run is found by its id, by as much of it as is unique, or by the path of its record."""

import re
from pathlib import Path

import pytest

from app.errors import Refused
from app.journal.names import find, list_runs, new_id, path_of
from app.journal.store import create
from app.run.events import NoteAdded, RunFinished
from tests.journal.records import OPENED, Ticking

RUNS = ("20261120-101500-ab12", "20261121-101500-ab12", "20261122-101500-cd34")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for run in RUNS:
        with create(path_of(tmp_path, run), run, Ticking()) as journal:
            journal.append([OPENED, NoteAdded("ann", run), RunFinished()])
    return tmp_path


def test_an_id_is_the_moment_and_four_random_digits() -> None:
    assert re.fullmatch(r"20261122-101501-[0-9a-f]{4}", new_id(Ticking()))
    assert len({new_id(Ticking()) for _ in range(20)}) > 10


def test_an_id_a_unique_beginning_and_a_path_all_find_the_record(home: Path) -> None:
    wanted = path_of(home, RUNS[2])
    for text in (RUNS[2], "20261122", "20261122-101500-cd3", str(wanted)):
        assert find(home, text) == wanted


def test_a_beginning_of_several_is_refused_with_their_names(home: Path) -> None:
    with pytest.raises(Refused, match=f"3 runs begin like that: {', '.join(RUNS)}.*Give more of the id"):
        find(home, "2026112")


def test_an_id_that_is_also_the_beginning_of_another_is_meant_itself(home: Path) -> None:
    create(path_of(home, RUNS[0] + "9"), RUNS[0] + "9", Ticking()).close()
    assert find(home, RUNS[0]) == path_of(home, RUNS[0])


@pytest.mark.parametrize(
    "text", ["2025", "", "../runs/20261122", "/nowhere/r.tminus", "x.tminus", "*", "20261122-101500-cd34/"]
)
def test_what_is_not_there_is_refused(home: Path, text: str) -> None:
    with pytest.raises(Refused, match="no such") as refused:
        find(home / "runs", text)
    assert "tminus runs" in refused.value.hint


def test_a_home_without_runs_is_empty(tmp_path: Path) -> None:
    assert list_runs(tmp_path / "nowhere") == ()
    with pytest.raises(Refused):
        find(tmp_path / "nowhere", "2026")


def test_a_list_is_newest_first_and_names_driver_and_trouble(home: Path) -> None:
    path_of(home, "20261123-000000-bad0").write_bytes(b"nonsense" * 100)
    empty = create(path_of(home, "20261124-000000-0000"), "20261124-000000-0000", Ticking(), "ann")
    listed = list_runs(home)
    empty.close()
    assert [one.run for one in listed] == ["20261124-000000-0000", "20261123-000000-bad0", *reversed(RUNS)]
    assert (listed[0].first, listed[0].last) == (None, None)
    assert listed[0].driver is not None
    assert listed[0].driver.operator == "ann"
    assert "cannot be read" in listed[1].problem
    assert listed[2].first is not None
    assert listed[2].last is not None
    assert (listed[2].first.event, listed[2].last.event, listed[2].driver) == (OPENED, RunFinished(), None)
