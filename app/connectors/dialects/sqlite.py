"""SQLite through the standard library's driver.

A file that does not exist is an error, never a new empty database: a mistyped path must not look like an empty table.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import sqlalchemy as sa
from typing_extensions import override

from app.connectors.dialect import Bind, Bounds, Dialect, Driver, Fault, FaultKind, Fetched, MarkerTable, rows_of
from app.connectors.sql_split import Flavor, Statement
from app.errors import Refused
from app.ports import Fingerprint

_LOOK_EVERY = 20_000  # virtual machine steps between two looks at the clock: well under a millisecond

_KINDS = {
    sqlite3.SQLITE_INTERRUPT: FaultKind.CANCELLED,
    sqlite3.SQLITE_BUSY: FaultKind.LOCKED,
    sqlite3.SQLITE_LOCKED: FaultKind.LOCKED,
    sqlite3.SQLITE_READONLY: FaultKind.DENIED,
    sqlite3.SQLITE_AUTH: FaultKind.DENIED,
}
_TAKEN = frozenset({sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE})


class Sqlite(Dialect):
    """SQLite files; `:memory:` is refused, as each call has a connection of its own."""

    flavor: ClassVar[Flavor] = "sqlite"
    driver = "sqlite"
    now = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"
    fence = (
        "INSERT INTO {table} (ticket, verdict, head, session, at) VALUES (:ticket, 'fenced', :head, '', {now}) "
        "ON CONFLICT DO NOTHING"
    )
    session = "''"
    alive = ""

    def __init__(self, url: sa.URL) -> None:
        if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
            raise Refused("An SQLite database must be a plain file.", hint="Write sqlite:///path/to/file.db.")
        super().__init__(url)
        self._file = Path(url.database).absolute()
        self._untouched = False

    @override
    def for_a_look(self) -> Dialect:
        """A file in WAL mode that nobody has open would be given two side files by a mere reader, who leaves them."""
        same = Sqlite(self.url)
        wal = self._file.with_name(f"{self._file.name}-wal")
        same._untouched = not wal.exists() and _is_wal(self._file)
        return same

    @override
    def connect(self, password: Callable[[], str] | None, *, read_only: bool = False) -> Driver:
        del password
        mode = "rw" if not read_only else "ro&immutable=1" if self._untouched else "ro"
        return sqlite3.connect(f"{self._file.as_uri()}?mode={mode}", uri=True, isolation_level=None)

    @override
    def placeholder(self, name: str) -> str:
        return f":{name}"

    @override
    def escape(self, text: str, used: object) -> str:
        del used
        return text

    @override
    def prepare(self, connection: Driver, bounds: Bounds, *, read_only: bool) -> None:
        connection.execute(f"PRAGMA busy_timeout = {round(bounds.lock.total_seconds() * 1000)}")
        connection.execute("PRAGMA foreign_keys = ON")
        if read_only:
            connection.execute("PRAGMA query_only = ON")
            connection.set_authorizer(_read_only)
        ends = time.monotonic() + bounds.statement.total_seconds()
        connection.set_progress_handler(lambda: time.monotonic() > ends, _LOOK_EVERY)

    @override
    def begin(self, connection: Driver, *, read_only: bool) -> None:
        connection.execute("BEGIN" if read_only else "BEGIN IMMEDIATE")

    @override
    def execute(self, connection: Driver, statement: Statement, sql: str, params: dict[str, Bind]) -> Fetched:
        cursor = connection.execute(sql, params)
        columns = tuple(column[0] for column in cursor.description or ())
        return Fetched(columns, rows_of(cursor), max(cursor.rowcount, 0))

    @override
    def fault(self, error: Exception, connection: Driver | None) -> Fault:
        code = getattr(error, "sqlite_errorcode", 0)
        if connection is None:
            missing = "" if self._file.exists() else f" ({self._file} does not exist)"
            return Fault(FaultKind.LOST, f"{error}{missing}")
        if code in _TAKEN:
            return Fault(FaultKind.DUPLICATE, str(error))
        return Fault(_KINDS.get(code & 0xFF, FaultKind.OTHER), str(error))

    @override
    def canceller(self, connection: Driver, password: Callable[[], str] | None) -> Callable[[], None]:
        del password

        def cancel() -> None:
            with contextlib.suppress(sqlite3.ProgrammingError):  # already closed
                connection.interrupt()

        return cancel

    @override
    def wire(self, connection: Driver) -> None:
        del connection

    @override
    def marker_tables(self) -> tuple[MarkerTable, ...]:
        create = (
            "CREATE TABLE IF NOT EXISTS main.tminus_marker (ticket text PRIMARY KEY, verdict text NOT NULL,"
            " head text NOT NULL, session text NOT NULL, at text NOT NULL)"
        )
        found = "SELECT 1 FROM main.sqlite_master WHERE type = 'table' AND name = 'tminus_marker'"
        return (MarkerTable("main.tminus_marker", found, (create,)),)

    @override
    def settle_creates_table(self) -> bool:
        return True

    @override
    def identity(self, connection: Driver) -> Fingerprint:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # it is a database, and readable
        facts = self._file.stat()
        number = f"{facts.st_dev}:{facts.st_ino}"
        return Fingerprint("sqlite", (("file", str(self._file.resolve())), ("number", number)), f"sqlite {number}")


def _is_wal(file: Path) -> bool:
    """Bytes 18 and 19 of the header say 2 in WAL mode."""
    try:
        with file.open("rb") as opened:
            return opened.read(20)[18:20] == b"\x02\x02"
    except OSError:
        return False


def _read_only(action: int, first: str | None, _second: str | None, _database: str | None, _inner: str | None) -> int:
    """Neither the switch itself nor a second file may be reached from a session that only reads."""
    if action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH):
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and (first or "").lower() in ("query_only", "writable_schema"):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK
