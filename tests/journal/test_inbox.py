"""Requests from any process reach the driver: each once, in order, soon, and again only if nothing was recorded."""

import time
from contextlib import ExitStack
from pathlib import Path

import apsw
import pytest

from app.errors import RecordUnwritable, Refused
from app.journal.chain import verify
from app.journal.inbox import put_request
from app.journal.store import open_for_driving, open_readonly
from app.run.events import HoldPlaced, NoteAdded
from app.run.requests import Answer, Hold, Note
from tests.journal.processes import line, writing
from tests.journal.records import Ticking, new


def test_a_request_reaches_the_driver_once_and_in_order(path: Path) -> None:
    with new(path) as journal:
        assert journal.take_requests() == ()
        asked = [Hold("bob", "lunch"), Answer("cy", "copy", "go", "Grüße")]
        numbers = [put_request(path, one, Ticking()) for one in asked]
        taken = journal.take_requests()
        assert [one.request for one in taken] == asked
        assert [one.id for one in taken] == numbers
        assert taken[0].at == Ticking().now()
        journal.append([HoldPlaced("bob", "lunch")], numbers)
        assert journal.take_requests() == ()
    with open_for_driving(path, Ticking()) as again:
        assert again.take_requests() == ()


def test_a_request_put_while_nobody_drives_waits_for_the_next_console(record: Path) -> None:
    number = put_request(record, Hold("bob"), Ticking())
    assert [file.name for file in record.parent.iterdir()] == [record.name]
    with open_for_driving(record, Ticking()) as journal:
        assert [one.id for one in journal.take_requests()] == [number]
        journal.append([HoldPlaced("bob", "")], [number])


def test_a_request_of_which_nothing_was_recorded_is_offered_again(path: Path) -> None:
    with new(path) as journal:
        first, second = (put_request(path, Note("bob", text), Ticking()) for text in "ab")
        assert len(journal.take_requests()) == 2
        journal.append([NoteAdded("bob", "a")], [first])
    with open_for_driving(path, Ticking()) as again:
        assert [one.id for one in again.take_requests()] == [second]


def test_a_request_of_a_newer_version_is_handed_over_as_a_problem(path: Path) -> None:
    with new(path) as journal:
        db = apsw.Connection(str(path))
        for body in (b'{"by":"bob","e":"Teleport"}', b"\xff", b"{}"):
            db.execute("INSERT INTO inbox (at, body) VALUES (0, ?)", (body,))
        db.close()
        strange = journal.take_requests()
        assert [one.request for one in strange] == [None, None, None]
        assert "newer version" in strange[0].problem
        assert all(one.problem for one in strange)


def test_requests_from_several_processes_are_each_taken_exactly_once(record: Path) -> None:
    with writing(record, "serve", "120") as driver:
        assert line(driver) == "driving"
        with ExitStack() as asking:
            for name in ("ann", "bob", "cy"):
                asking.enter_context(writing(record, "ask", name, "40"))
    with open_readonly(record) as reader:
        notes = [one.event for one in reader.since(7)]
    assert len(notes) == 120
    for name in ("ann", "bob", "cy"):
        texts = [note.text for note in notes if isinstance(note, NoteAdded) and note.by == name]
        assert texts == [str(number) for number in range(40)]
    assert verify(record).ok


def test_asking_an_empty_inbox_costs_next_to_nothing(path: Path) -> None:
    with new(path) as journal:
        began = time.perf_counter()
        for _ in range(1000):
            journal.take_requests()
        assert time.perf_counter() - began < 1


def test_a_request_for_no_run_is_refused_and_makes_no_file(path: Path) -> None:
    with pytest.raises(Refused, match="no such record"):
        put_request(path, Hold("bob"), Ticking())
    assert not path.exists()


def test_a_request_that_cannot_be_written_says_why(record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.journal.opening._WAIT_MS", 20)
    other = apsw.Connection(str(record))
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(RecordUnwritable, match="another process holds it"):
        put_request(record, Hold("bob"), Ticking())
    other.close()
