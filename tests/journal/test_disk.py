"""A record is written on local disks with room to spare only."""

import os
from pathlib import Path

import pytest

from app.errors import RecordUnwritable, Refused
from app.journal import disk
from app.journal.inbox import put_request
from app.journal.store import create, open_for_driving, open_readonly
from app.run.requests import Hold
from tests.journal.records import Ticking

MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / /mnt/team rw shared:9 master:2 - nfs4 nas:/team rw,vers=4.2
31 30 8:2 / /mnt/team/local rw - xfs /dev/sdb1 rw
32 22 0:41 / /mnt/my\\040share rw - fuse.sshfs me@host: rw
"""


@pytest.fixture
def mounts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(MOUNTS)
    monkeypatch.setattr("app.journal.disk._MOUNTS", table)


@pytest.mark.usefixtures("mounts")
@pytest.mark.parametrize(
    ("path", "kind", "shared"),
    [
        ("/home/ann/r.tminus", "ext4", False),
        ("/mnt/team/r.tminus", "nfs4", True),
        ("/mnt/team/deep/er/r.tminus", "nfs4", True),
        ("/mnt/teamwork/r.tminus", "ext4", False),
        ("/mnt/team/local/r.tminus", "xfs", False),
        ("/mnt/my share/r.tminus", "fuse.sshfs", True),
    ],
)
def test_the_file_system_of_a_path_is_that_of_its_nearest_mount(path: str, kind: str, *, shared: bool) -> None:
    assert (disk.kind_of(Path(path)), disk.is_shared(Path(path))) == (kind, shared)


@pytest.fixture
def on_nfs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(f"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n30 22 0:40 / {tmp_path} rw - nfs4 nas:/ rw\n")
    monkeypatch.setattr("app.journal.disk._MOUNTS", table)


def test_no_record_is_written_on_a_network_file_system(record: Path, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("on_nfs")
    with pytest.raises(Refused, match=r"network file system \(nfs4\).*--record"):
        create(record.with_name("r-2.tminus"), "r-2", Ticking())
    with pytest.raises(Refused, match="network file system"):
        open_for_driving(record, Ticking())
    with pytest.raises(Refused, match="network file system"):
        put_request(record, Hold("bob"), Ticking())
    assert [file.name for file in record.parent.iterdir()] == [record.name]


def test_a_closed_record_may_be_read_there(record: Path, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("on_nfs")
    with open_readonly(record) as reader:
        assert reader.head()[0] == 7
    record.with_name(record.name + "-wal").write_bytes(b"x")
    with pytest.raises(Refused, match="was not closed"):
        open_readonly(record)


def test_where_the_system_does_not_tell_the_disk_counts_as_local(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.journal.disk._MOUNTS", Path("/nonexistent"))
    assert disk.kind_of(Path("/tmp/r")) == ""
    disk.require_local(Path("/tmp/r"))


def test_the_room_is_told_or_refused_with_numbers(tmp_path: Path) -> None:
    free = disk.require_room(tmp_path / "r", 1)
    assert free > 1
    with pytest.raises(RecordUnwritable, match=r"Only [0-9]+ MiB are free for the record; a step needs [0-9]+ MiB"):
        disk.require_room(tmp_path / "r", free * 2)


def test_ballast_is_really_set_aside_and_given_up_once(tmp_path: Path) -> None:
    ballast = disk.Ballast(tmp_path / "r")
    assert ballast.lay()
    assert ballast.lay()
    assert (tmp_path / "r.ballast").stat().st_blocks * 512 >= disk.BALLAST
    assert ballast.drop()
    assert not ballast.drop()


def test_without_room_for_ballast_a_run_may_still_be_looked_after(tmp_path: Path) -> None:
    assert not disk.Ballast(tmp_path / "missing" / "r").lay()


def test_a_system_without_a_flag_against_links_lays_ballast_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "O_NOFOLLOW")
    ballast = disk.Ballast(tmp_path / "r")
    assert ballast.lay()
    assert ballast.drop()
