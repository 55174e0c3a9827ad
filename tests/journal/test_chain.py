"""Whatever was changed in a record is found, and a cut tail as long as one witness outside it is left."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw
import pytest

from app.errors import RecordDamaged, Refused
from app.journal.chain import Witness, check, verify
from app.journal.envelope import genesis
from app.journal.reader import Filter
from app.journal.store import open_readonly
from app.journal.upgrade import TABLES
from tests.journal.records import new, story

STAYS, REMAINS = (sql for name, sql in TABLES if name in {"event_stays", "event_remains"})


@contextmanager
def forging(path: Path) -> Iterator[apsw.Connection]:
    """A connection that may change entries, and leaves no trace of having been permitted to."""
    db = apsw.Connection(str(path))
    db.execute("DROP TRIGGER event_stays; DROP TRIGGER event_remains")
    yield db
    db.execute(STAYS)
    db.execute(REMAINS)
    db.close()


def test_an_untouched_record_holds(record: Path) -> None:
    found = verify(record)
    assert (found.ok, found.run, found.events, found.problems) == (True, "r-1", 7, ())
    assert found.without_witness == 7
    with open_readonly(record) as reader:
        assert reader.head() == (7, found.head)


def test_an_empty_record_holds(path: Path) -> None:
    new(path).close()
    found = verify(path)
    assert (found.ok, found.events, found.head) == (True, 0, genesis("r-1").hex())


@pytest.mark.parametrize("column", ["body", "hash", "category", "address", "series"])
def test_every_flip_of_a_bit_is_found(record: Path, column: str) -> None:
    with forging(record) as db:
        before: list[Any] = db.execute(f"SELECT seq, CAST({column} AS BLOB) FROM event").fetchall()
        cast = "BLOB" if column in {"body", "hash"} else "TEXT"
        missed = []
        for seq, data in before:
            for place in range(len(data)):
                flipped = data[:place] + bytes([data[place] ^ 1 << (place % 8)]) + data[place + 1 :]
                db.execute(f"SAVEPOINT s; UPDATE event SET {column} = CAST(? AS {cast}) WHERE seq = ?", (flipped, seq))
                if not any(f"Entry {seq}:" in one for one in check(db, "r-1").problems):
                    missed.append((seq, place))
                db.execute("ROLLBACK TO s; RELEASE s")
        assert missed == []
        assert sum(len(data) for _, data in before) >= 5
        assert check(db, "r-1").problems != ()  # the permission itself shows while it lasts
    assert verify(record).ok


FORGERIES: dict[str, str] = {
    "an entry removed": "DELETE FROM event WHERE seq = 3",
    "the first removed": "DELETE FROM event WHERE seq = 1",
    "one removed, the rest renumbered": "DELETE FROM event WHERE seq = 3; UPDATE event SET seq = seq - 1 WHERE seq > 3",
    "two swapped": "UPDATE event SET seq = 99 WHERE seq = 3; UPDATE event SET seq = 3 WHERE seq = 4;"
    " UPDATE event SET seq = 4 WHERE seq = 99",
    "one put in twice": "INSERT INTO event SELECT 8, category, address, series, body, hash FROM event WHERE seq = 7",
    "one put in before the first": "INSERT INTO event SELECT 0, category, address, series, body, hash FROM event"
    " WHERE seq = 1",
    "one put in the middle": "UPDATE event SET seq = seq + 100 WHERE seq > 3;"
    " UPDATE event SET seq = seq - 99 WHERE seq > 99;"
    " INSERT INTO event SELECT 4, category, address, series, body, hash FROM event WHERE seq = 3",
    "another run's name": "UPDATE meta SET value = 'r-2' WHERE name = 'run'",
    "its name removed": "DELETE FROM meta WHERE name = 'run'",
    "a trigger planted": "CREATE TRIGGER t AFTER INSERT ON inbox BEGIN DELETE FROM inbox; END",
    "a view planted": "CREATE VIEW v AS SELECT * FROM event",
    "an index removed": "DROP INDEX event_address",
}


@pytest.mark.parametrize("forgery", list(FORGERIES))
def test_every_forgery_is_found(record: Path, forgery: str) -> None:
    with forging(record) as db:
        db.execute(FORGERIES[forgery])
    assert not verify(record).ok


def test_a_cut_tail_is_found_by_a_witness_only(record: Path) -> None:
    whole = verify(record)
    with open_readonly(record) as reader:
        heads = [one.head for one in reader.since(0)]
    with forging(record) as db:
        db.execute("DELETE FROM event WHERE seq > 5")
    assert verify(record).ok
    for witness in (Witness(whole.head, 7), Witness(whole.head), Witness(whole.head[:12]), Witness(heads[5], 6)):
        found = verify(record, [witness])
        assert not found.ok
        assert "cut off or rewritten" in found.problems[0]
    found = verify(record, [Witness(heads[2], 3), Witness(heads[3])])
    assert found.ok
    assert found.without_witness == 1


def test_a_witness_with_the_wrong_number_does_not_vouch(record: Path) -> None:
    assert not verify(record, [Witness(verify(record).head, 6)]).ok


def test_a_witness_is_read_from_text_and_nonsense_is_refused() -> None:
    assert Witness.parse(" 12:abcdef01\n") == Witness("abcdef01", 12)
    assert Witness.parse("ab" * 32) == Witness("ab" * 32)
    assert str(Witness.parse("12:abcdef01")) == "12:abcdef01"
    for text in ("", "abc", "12:", "x:abcdef01", "ABCDEF01", "abcdef0g", "ab" * 33, "1" * 19 + ":abcdef01"):
        with pytest.raises(Refused):
            Witness.parse(text)


def test_a_thousand_breaks_are_told_in_twenty_and_a_number(path: Path) -> None:
    with new(path) as journal:
        journal.append(story() * 100)
    with forging(path) as db:
        db.execute("UPDATE event SET hash = zeroblob(32) WHERE seq % 2 = 0")
    problems = verify(path).problems
    assert len(problems) == 21
    assert problems[-1] == "And 679 more."


def what_can_be_read(path: Path) -> object:
    with open_readonly(path) as reader:
        filters = [Filter(address="copy"), Filter(categories=("step", "people")), Filter(text="lunch")]
        return (
            reader.run,
            reader.since(0),
            [reader.newest(one) for one in filters],
            [reader.count(one) for one in filters],
        )


def answer_of(path: Path, question: Callable[[Path], object]) -> object:
    try:
        return question(path)
    except (Refused, RecordDamaged) as error:
        return type(error)


def test_no_flipped_byte_of_the_file_changes_what_is_read_unseen(record: Path) -> None:
    whole, truth = record.read_bytes(), what_can_be_read(record)
    chance = random.Random(11)
    unseen = []
    for place in chance.sample(range(len(whole)), 400) + list(range(100)):
        record.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << chance.randrange(8)]) + whole[place + 1 :])
        try:
            found = verify(record).ok
        except Refused:
            continue
        if found and answer_of(record, what_can_be_read) != truth:
            unseen.append(place)
    assert unseen == []


def test_a_file_cut_short_is_a_finding_not_a_crash(record: Path) -> None:
    whole = record.read_bytes()
    for size in (100, 4096, len(whole) // 2, len(whole) - 4096):
        record.write_bytes(whole[:size])
        assert not verify(record).ok
    record.write_bytes(whole[:50])
    with pytest.raises(Refused, match="not a record"):
        verify(record)
