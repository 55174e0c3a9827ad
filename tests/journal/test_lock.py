"""One console drives; the operating system, and nothing on the disk, says which."""

import os
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.errors import AnotherConsole, RecordUnwritable
from app.journal import lock
from app.journal.store import open_for_driving
from tests.journal.processes import line, writing
from tests.journal.records import Ticking

NOW = datetime(2026, 11, 22, 10, 15, tzinfo=UTC)


def test_a_second_process_is_refused_and_told_who_drives(record: Path) -> None:
    with writing(record, "hold") as other:
        assert line(other) == "driving"
        with pytest.raises(AnotherConsole) as refused:
            open_for_driving(record, Ticking())
        assert refused.value.what == (
            f"Another console drives this run: writer on {socket.gethostname()}, process {other.pid},"
            " since 2026-11-22T10:15:01+00:00."
        )
        assert refused.value.exit_code == 3
        holder = lock.driver_of(record)
        assert holder is not None
        assert holder.pid == other.pid
    assert lock.driver_of(record) is None
    open_for_driving(record, Ticking()).close()


def test_a_killed_console_drives_no_longer(record: Path) -> None:
    with writing(record, "hold") as other:
        assert line(other) == "driving"
        other.kill()
        other.wait()
        assert record.with_name(record.name + ".lock").exists()
        assert lock.driver_of(record) is None
        open_for_driving(record, Ticking()).close()


def test_looking_who_drives_does_not_disturb_those_who_want_to(tmp_path: Path) -> None:
    held = lock.take(tmp_path / "r", "ann", NOW)
    assert lock.driver_of(tmp_path / "r") == lock.Holder(
        os.getpid(), socket.gethostname(), "ann", "2026-11-22T10:15:00+00:00"
    )
    held.release()
    held.release()
    assert lock.driver_of(tmp_path / "r") is None


def test_a_lock_file_that_was_removed_and_made_anew_is_not_mistaken_for_the_old_one(tmp_path: Path) -> None:
    first = lock.take(tmp_path / "r", "ann", NOW)
    waiting = os.open(tmp_path / "r.lock", os.O_RDWR)
    first.release()
    second = lock.take(tmp_path / "r", "bob", NOW)
    assert not lock._is_current(waiting, tmp_path / "r.lock")
    os.close(waiting)
    with pytest.raises(AnotherConsole, match="bob"):
        lock.take(tmp_path / "r", "cy", NOW)
    second.release()


def test_a_lock_file_with_nonsense_inside_still_locks(tmp_path: Path) -> None:
    held = lock.take(tmp_path / "r", "ann", NOW)
    (tmp_path / "r.lock").write_text("nonsense")
    with pytest.raises(AnotherConsole, match="somebody on this machine"):
        lock.take(tmp_path / "r", "bob", NOW)
    held.release()


def test_where_no_lock_can_be_made_nothing_is_driven(tmp_path: Path) -> None:
    (tmp_path / "r.lock").mkdir()
    with pytest.raises(RecordUnwritable, match="lock of the run cannot be made"):
        lock.take(tmp_path / "r", "ann", NOW)


def test_a_lock_that_is_a_link_to_another_file_is_not_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("keep")
    (tmp_path / "r.lock").symlink_to(precious)
    with pytest.raises(RecordUnwritable):
        lock.take(tmp_path / "r", "ann", NOW)
    assert precious.read_text() == "keep"
