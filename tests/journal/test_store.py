"""What `append` returned is on the disk, whatever dies next; what failed is never acted upon and never half there."""

import os
import random
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from app.errors import AnotherConsole, RecordDamaged, RecordUnwritable, Refused
from app.journal.chain import Witness, verify
from app.journal.disk import BALLAST
from app.journal.inbox import put_request
from app.journal.store import Journal, create, open_for_driving, open_readonly
from app.run.events import NoteAdded
from app.run.requests import Hold
from tests.journal.processes import line, rest, writing
from tests.journal.records import OPENED, Ticking, new, story
from tests.servers.absent import not_run

NOTE = NoteAdded("ann", "x" * 1000)


def test_what_was_appended_is_what_is_read_again(path: Path) -> None:
    with new(path) as journal:
        first, second = journal.append([OPENED]), journal.append(story()[1:])
        assert [one.event for one in (*first, *second)] == list(story())
        assert [one.seq for one in (*first, *second)] == list(range(1, 8))
        assert second[-1].head == journal.head
        assert second[0].at == second[-1].at > first[0].at
    with open_for_driving(path, Ticking()) as again:
        assert tuple(again.recorded()) == (*first, *second)
        assert (again.seq, again.run) == (7, "r-1")
        third = again.append([NOTE])
    with open_readonly(path) as reader:
        assert reader.since(0) == (*first, *second, *third)


def test_an_entry_says_how_long_the_machine_had_slept_once_it_has(path: Path) -> None:
    class Dozing(Ticking):
        asleep = 0

        def asleep_ns(self) -> int:
            return self.asleep

    clock = Dozing()
    with create(path, "r-1", clock, "ann") as journal:
        journal.append([OPENED])
        clock.asleep = 47 * 60 * 10**9
        journal.append([NOTE])
    with open_readonly(path) as reader:
        assert [one.asleep_ns for one in reader.since(0)] == [0, clock.asleep]
    assert verify(path).ok
    bodies = [body for (body,) in apsw.Connection(str(path)).execute("SELECT body FROM event ORDER BY seq")]
    assert [b"asleep_ns" in body for body in bodies] == [False, True], "who never slept writes what it always wrote"


def test_nothing_appended_is_nothing_changed(record: Path) -> None:
    with open_for_driving(record, Ticking()) as journal:
        head = journal.head
        assert journal.append([]) == ()
        assert (journal.seq, journal.head) == (7, head)


def test_a_closed_record_is_a_single_file_that_may_be_copied_anywhere(record: Path, tmp_path: Path) -> None:
    assert list(record.parent.iterdir()) == [record]
    copy = tmp_path / "elsewhere.tminus"
    copy.write_bytes(record.read_bytes())
    assert verify(copy) == verify(record)
    assert verify(copy).ok
    assert sorted(file.name for file in tmp_path.iterdir()) == ["elsewhere.tminus", "runs"]


def test_nobody_else_can_read_the_record_or_its_neighbours(path: Path) -> None:
    before = os.umask(0)
    try:
        with new(path) as journal:
            journal.append(story())
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
            assert len(modes) == 5
            assert set(modes.values()) == {0o600}
            assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    finally:
        os.umask(before)


def test_an_existing_file_is_never_overwritten(record: Path) -> None:
    with pytest.raises(Refused, match="record already"):
        create(record, "r-2", Ticking())
    assert verify(record).events == 7


def test_a_missing_record_is_refused_and_not_made(path: Path) -> None:
    for attempt in (lambda: open_for_driving(path, Ticking()), lambda: open_readonly(path)):
        with pytest.raises(Refused, match="no such record"):
            attempt()
    assert not path.exists()


def test_some_other_file_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.tminus"
    apsw.Connection(str(other)).execute("CREATE TABLE t (a)")
    with pytest.raises(Refused, match="not a record"):
        open_readonly(other)
    other.write_bytes(b"name: shop\n" * 100)
    for attempt in (lambda: open_for_driving(other, Ticking()), lambda: open_readonly(other)):
        with pytest.raises(RecordDamaged):
            attempt()


def test_two_consoles_in_one_process_cannot_both_drive(path: Path) -> None:
    with new(path), pytest.raises(AnotherConsole, match=f"ann on .* process {os.getpid()}, since 2026"):
        open_for_driving(path, Ticking())
    open_for_driving(path, Ticking()).close()


def test_a_changed_record_is_not_driven(record: Path) -> None:
    db = apsw.Connection(str(record))
    db.execute(
        "DROP TRIGGER event_stays; UPDATE event SET body = CAST(replace(body, 'lunch', 'never') AS BLOB) WHERE seq = 7"
    )
    db.close()
    for _ in range(2):  # the lock and the file are let go of
        with pytest.raises(RecordDamaged):
            open_for_driving(record, Ticking())
    assert list(record.parent.iterdir()) == [record]
    db = apsw.Connection(str(record))
    with pytest.raises(apsw.ConstraintError, match="never removed"):
        db.execute("DELETE FROM event")


def test_no_accident_changes_an_entry(record: Path) -> None:
    db = apsw.Connection(str(record))
    with pytest.raises(apsw.ConstraintError, match="never changed"):
        db.execute("UPDATE event SET address = 'x'")
    db.close()


def test_whatever_dies_no_committed_entry_is_lost(record: Path) -> None:
    chance = random.Random(7)
    for _ in range(8):
        with writing(record, "append") as process:
            told = [line(process) for _ in range(chance.randint(1, 60))]
            process.kill()
            told += [one for one in rest(process) if len(one.partition(":")[2]) == 64]
        found = verify(record, [Witness.parse(one) for one in told])
        assert found.ok
        assert found.without_witness <= 5
        with open_for_driving(record, Ticking()) as journal:
            journal.append([NOTE])
    assert verify(record).ok


def test_a_file_that_may_not_grow_stops_the_run_in_plain_words(record: Path) -> None:
    with writing(record, "limit", "200000") as process:
        *told, first, second = rest(process)
    assert "The record cannot be written: " in first
    assert second == first
    found = verify(record)
    assert found.ok
    assert found.events >= int(told[-1]) > 7


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={BALLAST + 2**21}", "tmpfs", str(folder)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        not_run("a small disk needs the right to mount one (root)")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_on_a_full_disk_the_last_words_fit_and_then_nothing_more_starts(small_disk: Path) -> None:
    path = small_disk / "r-1.tminus"
    journal = new(path)
    ballast = path.with_name(path.name + ".ballast")
    assert ballast.stat().st_size == BALLAST
    with pytest.raises(RecordUnwritable, match="MiB are free"):
        journal.room()
    while ballast.exists():
        journal.append([NOTE] * 100)
    for _ in range(1000):
        journal.append([NOTE])
    with pytest.raises(RecordUnwritable, match="disk is full"):
        append_until_it_fails(journal)
    with pytest.raises(RecordUnwritable, match="disk is full"):
        journal.append([NOTE])
    with pytest.raises(RecordUnwritable, match="disk is full"):
        journal.room(0)
    seq = journal.seq
    journal.close()
    assert verify(path).ok
    assert verify(path).events == seq


def append_until_it_fails(journal: Journal) -> None:
    while True:
        journal.append([NOTE] * 100)


class Failing(apsw.VFS):
    """The real file system, until `broken` names an operation: then that one reports an error of the disk."""

    broken = ""

    def __init__(self) -> None:
        self.real = apsw.vfs_names()[0]
        super().__init__("failing", self.real, makedefault=True)

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:
        return FailingFile(self, name, flags)


class FailingFile(apsw.VFSFile):
    def __init__(self, disk: Failing, name: Any, flags: list[int]) -> None:
        super().__init__(disk.real, name, flags)
        self._disk = disk

    def xWrite(self, data: bytes, offset: int) -> None:
        if self._disk.broken == "write":
            raise apsw.IOError
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:
        if self._disk.broken == "sync":
            raise apsw.IOError
        super().xSync(flags)


@pytest.mark.parametrize("operation", ["write", "sync"])
def test_after_an_error_of_the_disk_nothing_is_taken_until_the_record_was_verified(path: Path, operation: str) -> None:
    disk = Failing()
    try:
        journal = new(path)
        journal.append(story())
        disk.broken = operation
        with pytest.raises(RecordUnwritable, match="disk reports an error"):
            journal.append([NOTE])
        disk.broken = ""
        with pytest.raises(RecordUnwritable, match="disk reports an error"):
            journal.append([NOTE])
        with pytest.raises(RecordUnwritable):
            journal.room(0)
        journal.close()
        with open_for_driving(path, Ticking()) as again:
            assert again.seq in {7, 8}
            again.append([NOTE])
        assert verify(path).ok
    finally:
        disk.unregister()
        apsw.set_default_vfs(disk.real)


def test_an_entry_that_somebody_else_put_in_stops_this_console(path: Path) -> None:
    with new(path) as journal:
        journal.append(story())
        intruder = apsw.Connection(str(path))
        intruder.execute("INSERT INTO event SELECT 8, category, address, series, body, hash FROM event WHERE seq = 7")
        intruder.close()
        with pytest.raises(RecordUnwritable, match="somebody else wrote"):
            journal.append([NOTE])


def test_a_requester_that_hangs_does_not_hang_the_driver_for_ever(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.journal.opening._WAIT_MS", 20)
    with new(path) as journal:
        other = apsw.Connection(str(path))
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RecordUnwritable, match="another process holds it"):
            journal.append([NOTE])
        other.close()


def test_requests_must_be_answered_in_the_record_before_more_are_taken(path: Path) -> None:
    with new(path) as journal:
        put_request(path, Hold("bob", "lunch"), Ticking())
        (asked,) = journal.take_requests()
        with pytest.raises(AssertionError, match="nothing was recorded"):
            journal.take_requests()
        journal.append([NOTE], [asked.id])
        assert journal.take_requests() == ()


def test_a_value_with_no_form_is_the_callers_fault_and_leaves_the_record_whole(path: Path) -> None:
    with new(path) as journal:
        with pytest.raises(TypeError):
            journal.append([OPENED, NoteAdded("ann", None)])  # type: ignore[arg-type]  # the point of the test
        journal.append(story())
    assert verify(path).events == 7
