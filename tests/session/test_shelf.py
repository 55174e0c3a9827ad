"""The list of runs: what each record says, read from end to end only when it is not what it was."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from app.journal.names import path_of
from app.run.state import Status
from app.session import RunLine, list_runs, resume
from tests.session.conversation import new_run, order, r, stage_is, until, write

STEPS = "- {id: p, steps: [{id: a, local: {argv: ['true']}, changes: nothing}, {id: look, check: {text: Look}}]}"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Three runs: two are done, one waits for its question and nobody drives it."""
    path = write(tmp_path, STEPS, "title: Orders move")
    for number in range(3):
        session = new_run(order(path, tmp_path / "home"))
        try:
            until(session, lambda s: s.status("look") is Status.WAITING, 60)
            if number:
                session.send(r.Answer("ana", "look", "done"))
                until(session, stage_is("finished"), 60)
        finally:
            session.detach()
    return tmp_path / "home"


def of_run(home: Path, run: str) -> RunLine:
    """The line of this run; runs that began in one second stand in any order."""
    return next(line for line in list_runs(home) if line.run == run)


def bend(home: Path, run: str) -> None:
    """Whoever reads this record from end to end stumbles from now on; its newest entry is what it was."""
    with closing(apsw.Connection(str(path_of(home, run)))) as db:
        db.execute("DROP TRIGGER event_stays")
        db.execute("UPDATE event SET body = x'00' WHERE seq = 3")


def test_a_second_list_says_the_same_and_reads_no_record_again(home: Path) -> None:
    first = list_runs(home)
    assert sorted(line.stage for line in first) == ["finished", "finished", "forward"]
    assert {line.title for line in first} == {"Orders move"} and all(line.began and line.events for line in first)
    assert (home / "shelf.json").stat().st_mode & 0o777 == 0o600
    for line in first:
        bend(home, line.run)
    assert list_runs(home) == first
    (home / "shelf.json").unlink()
    assert all("cannot be read" in line.problem for line in list_runs(home)), "they would have stumbled"


def test_a_record_that_grew_is_read_again_and_only_that_one(home: Path) -> None:
    waiting, *done = sorted(list_runs(home), key=lambda line: line.stage != "forward")
    for line in done:
        bend(home, line.run)
    session = resume(home, waiting.run, operator="bo")
    try:
        session.send(r.Answer("bo", "look", "done"))
        until(session, stage_is("finished"), 60)
    finally:
        session.detach()
    assert [line.stage for line in list_runs(home)] == ["finished"] * 3


@pytest.mark.parametrize("bad", ["", "[]", '{"version": 9, "runs": {}}', "WRONG WORDS"])
def test_what_was_remembered_and_cannot_be_true_is_read_again(home: Path, bad: str) -> None:
    first = list_runs(home)
    file = home / "shelf.json"
    kept = json.loads(file.read_text())
    wrong = kept | {"runs": {head: words | {"events": "many"} for head, words in kept["runs"].items()}}
    file.write_text(json.dumps(wrong) if bad == "WRONG WORDS" else bad)
    assert list_runs(home) == first
    assert json.loads(file.read_text()) == kept


def test_a_record_that_is_replaced_removed_or_broken_is_told_as_it_is(home: Path) -> None:
    first = list_runs(home)
    path_of(home, first[0].run).unlink()
    path_of(home, first[1].run).write_bytes(b"nonsense" * 100)
    broken, last = list_runs(home)
    assert broken.run == first[1].run and "cannot be read" in broken.problem
    assert last == first[2]
    assert len(json.loads((home / "shelf.json").read_text())["runs"]) == 1


def test_a_home_that_cannot_be_written_is_listed_all_the_same(home: Path) -> None:
    first = list_runs(home)
    (home / "shelf.json").unlink()
    (home / "shelf.json").mkdir()
    assert list_runs(home) == first
    assert list_runs(home / "nowhere") == ()


def test_a_driven_run_says_who_drives_it_whatever_is_remembered(home: Path) -> None:
    path = home.parent / "book.yaml"
    session = new_run(order(path, home))
    try:
        until(session, lambda s: s.status("look") is Status.WAITING, 60)
        for _ in range(2):
            line = of_run(home, session.run)
            assert "ana" in line.driven
    finally:
        session.detach()
    line = of_run(home, session.run)
    assert replace(line, driven="") == line
