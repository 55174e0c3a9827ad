"""The tables of a record, and what happens to a record with others: newer forms are refused; form 1 is the first.

A later form is added by raising VERSION, writing its TABLES, and turning an older record into it in `fit`, in one
transaction and without touching a body or a hash.
"""

from __future__ import annotations

import apsw

from app import __version__
from app.errors import RecordDamaged, Refused

VERSION = 1
"""Of the tables; `PRAGMA user_version`."""

APPLICATION = 0x544D4E53
"""`PRAGMA application_id`: says to any tool that this SQLite file is a record of Tminus ("TMNS")."""

TABLES: tuple[tuple[str, str], ...] = (
    ("meta", "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID"),
    (
        "event",
        (
            "CREATE TABLE event (seq INTEGER PRIMARY KEY, category TEXT NOT NULL, address TEXT NOT NULL,"
            " series TEXT NOT NULL, body BLOB NOT NULL, hash BLOB NOT NULL) STRICT"
        ),
    ),
    ("event_category", "CREATE INDEX event_category ON event (category)"),
    ("event_address", "CREATE INDEX event_address ON event (address) WHERE address <> ''"),
    ("event_series", "CREATE INDEX event_series ON event (address, series) WHERE series <> ''"),
    (
        "event_stays",
        (
            "CREATE TRIGGER event_stays BEFORE UPDATE ON event"
            " BEGIN SELECT RAISE(ABORT, 'an entry of the record is never changed'); END"
        ),
    ),
    (
        "event_remains",
        (
            "CREATE TRIGGER event_remains BEFORE DELETE ON event"
            " BEGIN SELECT RAISE(ABORT, 'an entry of the record is never removed'); END"
        ),
    ),
    (
        "inbox",
        (
            "CREATE TABLE inbox (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, body BLOB NOT NULL,"
            " taken INTEGER NOT NULL DEFAULT 0) STRICT"
        ),
    ),
    ("inbox_new", "CREATE INDEX inbox_new ON inbox (taken) WHERE taken = 0"),
)
"""Name and text, literally: `foreign_tables` compares a record with them; a planted trigger could bend what is read."""


def lay_out(db: apsw.Connection, run: str) -> None:
    """Make the tables of a new record, in one transaction."""
    with db:
        for _, statement in TABLES:
            db.execute(statement)
        db.execute("INSERT INTO meta VALUES ('run', ?), ('version', ?)", (run, __version__))
        db.execute(f"PRAGMA application_id = {APPLICATION}")
        db.execute(f"PRAGMA user_version = {VERSION}")


def fit(db: apsw.Connection, path: str) -> str:
    """The run's id, after making sure that this version can read the record. Raises Refused or RecordDamaged."""
    version = db.pragma("user_version")
    if db.pragma("application_id") != APPLICATION:
        raise Refused("This file is not a record of a run.", where=path, hint="`tminus runs` lists what there is.")
    if version > VERSION:
        raise Refused(
            f"The record has the form {version}; Tminus {__version__} knows forms up to {VERSION}.",
            where=path,
            hint="Open it with the version that wrote it, or a newer one.",
        )
    if version < VERSION:
        raise RecordDamaged(
            "The record does not say which form it has.", where=path, hint="Take a copy that was not touched."
        )
    run = db.execute("SELECT value FROM meta WHERE name = 'run'").get
    if not isinstance(run, str):
        raise RecordDamaged("The record does not say which run it is of.", where=path)
    return run


def foreign_tables(db: apsw.Connection) -> tuple[str, ...]:
    """Names of tables, indexes, triggers and views that are missing, altered or do not belong into a record."""
    found = db.execute("SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'").fetchall()
    return tuple(sorted({str(row[0]) for row in set(TABLES) ^ set(found)}))
