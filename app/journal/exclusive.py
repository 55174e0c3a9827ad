"""A lock of the operating system on an open file: it ends with its process, however that ends."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

_TAKEN = frozenset({errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK})


def try_exclusive(handle: int) -> bool:
    """Try to lock; False when another has it. It belongs to this opening of the file, which exec closes.

    Raises OSError when the file system knows no locks.
    """
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - exists only there

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - does not exist on Windows

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _TAKEN:
            return False
        raise
    return True


def lock_file(path: Path) -> int:
    """The descriptor of a file that is there to be locked, made if need be, for this user only. Raises OSError."""
    return os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
