"""How a record's file is opened: the settings of its connections, and failures in plain words."""

from __future__ import annotations

import os
from pathlib import Path

import apsw

from app.errors import RecordDamaged, RecordUnwritable, Refused
from app.journal.disk import is_shared

_WAIT_MS = 5000
"""How long to wait for another process that writes a request; its transaction takes well under a millisecond."""

_WORDS: tuple[tuple[type[apsw.Error], str, str], ...] = (
    (apsw.FullError, "the disk is full", "Free some space, then resume the run."),
    (apsw.ReadOnlyError, "the file or its file system is read-only", "Make it writable, then resume the run."),
    (apsw.BusyError, "another process holds it", "End that process, then resume the run."),
    (apsw.LockedError, "another process holds it", "End that process, then resume the run."),
    (apsw.CantOpenError, "the file cannot be opened", "See that it exists and may be written."),
    (apsw.PermissionsError, "the system does not permit it", "See that it may be written."),
    (apsw.ConstraintError, "somebody else wrote into it", "Run `tminus verify`, then resume the run."),
    (apsw.CorruptError, "the file is damaged", "Run `tminus verify`."),
    (apsw.NotADBError, "the file is damaged", "Run `tminus verify`."),
    (apsw.IOError, "the disk reports an error", "Look after the disk, then resume the run; it is verified first."),
)


def for_writing(path: Path) -> apsw.Connection:
    """A connection whose commits are on the disk when they return. Errors: those of SQLite."""
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_NOFOLLOW)
    db.set_busy_timeout(_WAIT_MS)
    _guard(db)
    db.pragma("journal_mode", "wal")
    db.pragma("synchronous", "FULL")
    return db


def for_reading(path: Path) -> apsw.Connection:
    """A connection that changes nothing. Works on copies, and on media that cannot be written.

    Raises Refused when there is no such file, or when it is being written on a network file system.
    """
    if not path.is_file():
        raise Refused("There is no such record.", where=str(path), hint="`tminus runs` lists what there is.")
    unfinished = _has_log(path)
    if is_shared(path) and unfinished:
        raise Refused(
            "The record is on a network file system and was not closed.",
            where=str(path),
            hint="Copy it to a local disk.",
        )
    db = _connect(path, alone=not unfinished and (is_shared(path) or not os.access(path.parent, os.W_OK)))
    db.set_busy_timeout(_WAIT_MS)
    _guard(db)
    db.pragma("query_only", "ON")
    return db


def unwritable(error: Exception, path: Path) -> RecordUnwritable:
    """What a failed write means to a person."""
    why, hint = next(((why, hint) for kind, why, hint in _WORDS if isinstance(error, kind)), (str(error), ""))
    return RecordUnwritable(f"The record cannot be written: {why} ({error}).", where=str(path), hint=hint)


def damaged(error: Exception, path: Path) -> RecordDamaged:
    """What a failed read means to a person."""
    return RecordDamaged(f"The record cannot be read: {error}.", where=str(path), hint="Run `tminus verify`.")


def _connect(path: Path, *, alone: bool) -> apsw.Connection:
    """Immutable when nobody can write beside it; else like a writer: only a writer clears up at its end."""
    if alone:
        flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
        return apsw.Connection(path.resolve().as_uri() + "?immutable=1", flags=flags)
    if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        return apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    return apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)


def _guard(db: apsw.Connection) -> None:
    """The file may come from anywhere: nothing written in its schema may run functions, and its cells are checked."""
    db.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    db.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    db.pragma("cell_size_check", "ON")


def _has_log(path: Path) -> bool:
    log = path.with_name(path.name + "-wal")
    return log.is_file() and log.stat().st_size > 0
