"""A small file of this user's that several processes change: one reads, changes and writes it at a time, whole or not.

The lock is on a file beside it (`app.journal.exclusive`).
"""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from app.journal.exclusive import lock_file, try_exclusive

_PATIENCE = 10.0
"""Seconds that others may take; each of them takes some milliseconds."""

_PAUSE = 0.01


@contextlib.contextmanager
def one_at_a_time(file: Path) -> Iterator[None]:
    """Nobody else changes it within the block. Blocks for seconds at most. Raises OSError, TimeoutError included."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = file.with_name(f"{file.name}.lock")
    handle = lock_file(lock)
    try:
        ends = time.monotonic() + _PATIENCE
        while not try_exclusive(handle):
            if time.monotonic() > ends:
                raise TimeoutError(errno.ETIMEDOUT, "another process has held it for too long", str(lock))
            time.sleep(_PAUSE)
        yield
    finally:
        os.close(handle)


def write_whole(file: Path, text: str) -> None:
    """In place of what stood there, on the disk by then, for this user only. Raises OSError; then the old stays."""
    handle, aside = tempfile.mkstemp(prefix=f"{file.name}.", dir=file.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        Path(aside).replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(aside).unlink()
        raise
