"""The disk under a record: what kind it is, how much room it has, and the ballast that is dropped when it is full."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from app.errors import RecordUnwritable, Refused

BALLAST = 8 * 2**20
"""Bytes set aside beside a driven record, so that the last words still fit on a full disk."""

ROOM = 64 * 2**20
"""No step starts with fewer bytes free."""

_MOUNTS = Path("/proc/self/mountinfo")

_SHARED = frozenset(
    {
        "9p",
        "acfs",
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "coda",
        "davfs",
        "fuse.ceph",
        "fuse.davfs",
        "fuse.davfs2",
        "fuse.glusterfs",
        "fuse.gvfsd-fuse",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.sshfs",
        "fuse.vmhgfs-fuse",
        "gfs2",
        "glusterfs",
        "gpfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "ocfs2",
        "orangefs",
        "prl_fs",
        "smb2",
        "smb3",
        "smbfs",
        "vboxsf",
        "virtiofs",
        "vmhgfs",
    }
)
"""File systems whose shared memory or locks do not reach every machine that can write: WAL would lose commits there."""


def is_shared(path: Path) -> bool:
    """Whether `path` (or where it would be) lies on a file system that other machines can write to."""
    return kind_of(path) in _SHARED


def kind_of(path: Path) -> str:
    """The type of the file system under `path`, as the kernel names it; "" where the system does not say."""
    if not _MOUNTS.exists():
        return ""
    where = os.path.realpath(path)
    best, kind = -1, ""
    for line in _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        left, _, right = line.partition(" - ")
        point = _unescaped(left.split(" ")[4])
        if (where == point or where.startswith(point.rstrip("/") + "/")) and len(point) >= best:
            best, kind = len(point), right.split(" ")[0]
    return kind


def require_local(path: Path) -> None:
    """Raises Refused on a network file system."""
    if is_shared(path):
        raise Refused(
            f"A record cannot be written on a network file system ({kind_of(path)}): its locks are not safe there.",
            where=str(path),
            hint="Choose a local disk with --home or --record.",
        )


def require_room(path: Path, need: int = ROOM) -> int:
    """Bytes free for the record. Raises RecordUnwritable below `need`, a step that cannot be recorded."""
    free = shutil.disk_usage(path.parent).free
    if free < need:
        raise RecordUnwritable(
            f"Only {free / 2**20:.0f} MiB are free for the record; a step needs {need / 2**20:.0f} MiB.",
            where=str(path),
            hint="Free some space, then go on.",
        )
    return free


class Ballast:
    """A file of BALLAST bytes beside a record, given up once when the disk is full."""

    def __init__(self, record: Path) -> None:
        self._path = record.with_name(record.name + ".ballast")

    def lay(self) -> bool:
        """Set it aside. False where there is no room for it: the run may still be looked after, but starts no step."""
        try:
            flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)  # Windows has none
            handle = os.open(self._path, flags, 0o600)
        except OSError:
            return False
        try:
            _reserve(handle)
        except OSError:
            self._path.unlink()
            return False
        finally:
            os.close(handle)
        return True

    def drop(self) -> bool:
        """Give it up. False when there was none."""
        try:
            self._path.unlink()
        except FileNotFoundError:
            return False
        return True


def _reserve(handle: int) -> None:
    if sys.platform == "linux":
        os.posix_fallocate(handle, 0, BALLAST)
    else:
        os.write(handle, bytes(BALLAST))


def _unescaped(text: str) -> str:
    """Mount points as the kernel writes them: space, tab, newline and backslash in octal."""
    for code, plain in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, plain)
    return text
