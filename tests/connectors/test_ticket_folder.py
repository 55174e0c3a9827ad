"""What is read of a ticket's folder without asking the script."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from app.connectors.ticket_folder import TicketFolder
from app.ports import CommandPhase

END = "3 2026-11-22T10:00:05Z"


def folder_of(path: Path, group: int) -> TicketFolder:
    """A ticket that ended with 3, and the number of its group."""
    (path / "pg").write_text(f"{group} 77\n".ljust(41))
    (path / "rc").write_text(END.ljust(40) + "\n")
    (path / "began").write_text("2026-11-22T10:00:00Z\n")
    return TicketFolder(path)


@pytest.fixture
def leader() -> subprocess.Popen[bytes]:
    """A process that leads a group of its own and waits for the end of its stdin."""
    return subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, start_new_session=True)


def until_zombie(pid: int) -> None:
    """It has ended and nobody has reaped it."""
    deadline = time.monotonic() + 20
    while b") Z " not in Path(f"/proc/{pid}/stat").read_bytes():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_group_with_only_a_zombie_left_is_gone_without_asking_a_shell(
    tmp_path: Path, leader: subprocess.Popen[bytes]
) -> None:
    folder = folder_of(tmp_path, leader.pid)
    alive = folder.ended()
    assert leader.stdin is not None
    leader.stdin.close()
    until_zombie(leader.pid)
    left = folder.ended()
    leader.wait()
    reaped = folder.ended()
    assert alive is not None
    assert left is not None
    assert reaped is not None
    assert (alive.group, left.group, reaped.group) == ("", "gone", "gone")
    assert (left.phase, left.rc, left.ended) == (CommandPhase.DONE, 3, END.split()[1])


def test_an_end_that_is_not_wholly_written_is_no_end(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, 0)
    (tmp_path / "rc").write_text("3 2026-11-22T10:0")
    assert (folder.over(), folder.ended()) == (False, None)
    (tmp_path / "rc").write_text("-".ljust(40) + "\n")
    assert (folder.over(), folder.ended()) == (False, None)


def test_streams_are_complete_once_the_mark_is_there(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, 0)
    before = folder.over(), folder.complete()
    (tmp_path / "eof").touch()
    ended = folder.ended()
    assert before == (True, False)
    assert folder.complete()
    assert ended is not None
    assert ended.eof
