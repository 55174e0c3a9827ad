"""Reading follows the writer, pages through a large record in milliseconds, and finds by address, category and text."""

import os
import time
from itertools import pairwise
from pathlib import Path

import apsw
import pytest

from app.errors import RecordDamaged
from app.journal.envelope import CATEGORIES, category
from app.journal.reader import EVERYTHING, Filter
from app.journal.store import open_for_driving, open_readonly
from app.run.events import EVENTS, MetricRead, NoteAdded
from tests.journal.processes import line, writing
from tests.journal.records import Ticking, new, story

FILTERS = (
    EVERYTHING,
    Filter(address="copy"),
    Filter(address="both[app1]/push"),
    Filter(address="nowhere"),
    Filter(categories=("step",)),
    Filter(categories=("step", "people", "step")),
    Filter(categories=("metric",)),
    Filter(address="copy", categories=("output",)),
    Filter(text="COPY"),
    Filter(text='grüße an "alle"'),
    Filter(text="%"),
    Filter(categories=("people",), text="lunch"),
)


def test_a_reader_follows_a_writer_in_another_process(record: Path) -> None:
    with open_readonly(record) as reader, writing(record, "append") as process:
        assert reader.changed()
        assert not reader.changed()
        told = [line(process) for _ in range(30)]
        assert reader.changed()
        seq = int(told[-1].partition(":")[0])
        seen = reader.since(7)
        assert [one.seq for one in seen[: seq - 7]] == list(range(8, seq + 1))
        assert f"{seen[seq - 8].seq}:{seen[seq - 8].head}" == told[-1]
        process.kill()


def test_an_empty_record_can_be_read(path: Path) -> None:
    with new(path) as journal, open_readonly(path) as reader:
        assert (reader.head(), reader.since(0), reader.count(), reader.run) == ((0, journal.head), (), 0, "r-1")
        assert reader.newest() == reader.get([1]) == reader.get([]) == ()


@pytest.fixture
def long(path: Path) -> Path:
    with new(path) as journal:
        for _ in range(50):
            journal.append(story())
    return path


@pytest.mark.parametrize("which", FILTERS)
def test_pages_in_both_directions_numbers_and_counts_agree(long: Path, which: Filter) -> None:
    with open_readonly(long) as reader:
        numbers = list(reader.seqs(which))
        assert numbers == sorted(set(numbers))
        assert reader.count(which) == len(numbers)
        whole = reader.get(numbers)
        assert [one.seq for one in whole] == numbers
        assert reader.newest(which, 7) == whole[-7:]
        assert reader.before(100, which, 9) == tuple(one for one in whole if one.seq < 100)[-9:]
        assert reader.after(100, which, 9) == tuple(one for one in whole if one.seq > 100)[:9]


@pytest.mark.parametrize(
    ("which", "positions"),
    [
        (Filter(address="copy"), [2, 3, 5]),
        (Filter(categories=("people", "run")), [1, 4, 7]),
        (Filter(address="copy", categories=("output",)), [3]),
        (Filter(text="PUSH --now"), [6]),
        (Filter(text='GRüße an "alle"'), [4]),
        (Filter(text="stepsucceeded"), [5]),
        (Filter(text="_"), []),
        (Filter(text="mono_ns"), []),
        (Filter(text="attempt"), []),
        (Filter(address="copy' OR ''='"), []),
    ],
)
def test_a_filter_finds_what_it_says(record: Path, which: Filter, positions: list[int]) -> None:
    with open_readonly(record) as reader:
        assert list(reader.seqs(which)) == positions


def test_every_event_has_a_category_that_the_log_knows() -> None:
    assert {category(cls.__name__) for cls in EVENTS} <= set(CATEGORIES)
    assert category("RollbackPlanned") == "back"
    assert category("RunOpened") == "run"
    assert category("StepInDoubt") == category("RetryAllowed") == "step"


def test_a_record_on_media_that_cannot_be_written_is_read(record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(where: object, mode: int) -> bool:
        return mode != os.W_OK

    monkeypatch.setattr("os.access", never)
    with open_readonly(record) as reader:
        assert len(reader.since(0)) == 7
        assert list(record.parent.iterdir()) == [record]


def test_a_reader_leaves_nothing_behind_and_changes_nothing(record: Path) -> None:
    before = record.read_bytes()
    with open_readonly(record) as reader:
        reader.since(0)
        with pytest.raises(apsw.ReadOnlyError):
            reader._db.execute("DELETE FROM inbox")
    assert record.read_bytes() == before
    assert list(record.parent.iterdir()) == [record]


def test_a_reader_open_while_the_driver_closes_does_not_harm_the_file(record: Path) -> None:
    with open_readonly(record) as reader:
        with open_for_driving(record, Ticking()) as journal:
            journal.append([NoteAdded("ann", "last")])
        copy = record.with_name("copy.tminus")
        copy.write_bytes(record.read_bytes())
        with open_readonly(copy) as other:
            assert other.since(0) == reader.since(0)
            assert len(other.since(0)) == 8


def test_an_entry_that_cannot_be_read_is_damage(record: Path) -> None:
    db = apsw.Connection(str(record))
    db.execute("DROP TRIGGER event_stays; UPDATE event SET body = x'ff' WHERE seq = 3")
    with open_readonly(record) as reader:
        with pytest.raises(RecordDamaged, match="verify"):
            reader.since(0)
        assert len(reader.since(3)) == 4
        for body in (b"{}", b"[]", b"7", b'{"seq":1}'):
            db.execute("UPDATE event SET body = ? WHERE seq = 3", (body,))
            with pytest.raises(RecordDamaged, match="verify"):
                reader.get([3])
    db.close()


def test_the_local_offset_the_boot_and_the_clock_are_kept(record: Path) -> None:
    with open_readonly(record) as reader:
        first = reader.since(0, 1)[0]
    told = Path("/proc/sys/kernel/random/boot_id")
    assert not told.exists() or first.boot == told.read_text().strip()
    assert first.at.isoformat() == "2026-11-22T10:15:02.000007+00:00"
    assert first.mono_ns == 2 * 10**9
    offset = first.at.astimezone().utcoffset()
    assert offset is not None
    assert first.offset_min == offset.total_seconds() / 60


def test_two_hundred_rows_of_a_hundred_thousand_come_in_milliseconds(path: Path) -> None:
    with new(path) as journal:
        for _ in range(100):
            journal.append(story() * 143)
    with open_readonly(path) as reader:
        assert reader.count() == 100_100
        for which in (EVERYTHING, Filter(address="copy"), Filter(categories=("people", "run"))):
            began = time.perf_counter()
            page = reader.before(60_000, which)
            took = time.perf_counter() - began
            assert len(page) == 200
            assert all(a.seq < b.seq < 60_000 for a, b in pairwise(page))
            assert took < 0.25


def test_the_samples_of_one_metric_are_read_page_by_page_and_no_others(path: Path) -> None:
    with new(path) as journal:
        journal.append(story())
        for number in range(30):
            journal.append((MetricRead("lag", number, str(number)), MetricRead("lag2", number, "", "away")))
    found: list[MetricRead] = []
    after = 0
    with open_readonly(path) as reader:
        while page := reader.samples("lag", after, 7):
            found += [one.event for one in page if isinstance(one.event, MetricRead)]
            after = page[-1].seq
        assert reader.samples("nothing") == ()
    assert [(one.metric, one.number) for one in found] == [("lag", number) for number in range(30)]
