"""MySQL and MariaDB through PyMySQL."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar

import pymysql
from pymysql.cursors import SSCursor
from typing_extensions import override

from app.connectors.dialect import (
    CONNECT,
    Bind,
    Bounds,
    Dialect,
    Driver,
    Fault,
    FaultKind,
    Fetched,
    MarkerTable,
    rows_of,
    signature,
)
from app.connectors.dialects.wire import Wire
from app.connectors.sql_split import Flavor, Statement
from app.ports import Fingerprint

_KINDS = {
    1064: FaultKind.SYNTAX,
    1317: FaultKind.CANCELLED,
    1969: FaultKind.TIME_LIMIT,  # MariaDB max_statement_time
    3024: FaultKind.TIME_LIMIT,  # MySQL max_execution_time
    1205: FaultKind.LOCKED,
    1213: FaultKind.LOCKED,
    1044: FaultKind.DENIED,
    1142: FaultKind.DENIED,
    1227: FaultKind.DENIED,
    1290: FaultKind.DENIED,  # --read-only
    1062: FaultKind.DUPLICATE,
    1053: FaultKind.LOST,  # server shutdown in progress
    1927: FaultKind.LOST,  # MariaDB: connection was killed
    2006: FaultKind.LOST,
    2013: FaultKind.LOST,
    2055: FaultKind.LOST,
    4031: FaultKind.LOST,
}
_SLACK = timedelta(seconds=30)
_LOGIN = frozenset({1044, 1045, 1049, 1130, 1698})
_NOT_ROLLED_BACK = 1196
_NO_SUCH_SESSION = 1094

# Statements that never end the transaction they stand in. Anything else counts as one that may.
_STAYS = frozenset(
    {
        *("SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH", "VALUES", "TABLE", "DO", "USE"),
        *("SHOW", "EXPLAIN", "DESCRIBE", "DESC", "HELP", "SAVEPOINT", "RELEASE", "ROLLBACK"),
    }
)
_ENDS_BY_SET = frozenset({"AUTOCOMMIT", "PASSWORD", "GLOBAL", "PERSIST", "ROLE", "TRANSACTION"})


class MySql(Dialect):
    """MySQL 8 and MariaDB 10.5 and later."""

    flavor: ClassVar[Flavor] = "mysql"
    driver = "mysql+pymysql"
    now = "utc_timestamp(6)"
    fence = (
        "INSERT IGNORE INTO {table} (ticket, verdict, head, session, at) VALUES (:ticket, 'fenced', :head, '', {now})"
    )
    session = "CAST(connection_id() AS char)"
    alive = "SELECT 1 FROM information_schema.processlist WHERE CAST(id AS char) = :session"

    @override
    def options(self) -> dict[str, Any]:
        seconds = int(CONNECT.total_seconds())
        # connect_timeout ends with the TCP handshake; a server that accepts and never greets needs a read_timeout too
        return {"connect_args": {"connect_timeout": seconds, "read_timeout": seconds, "charset": "utf8mb4"}}

    @override
    def prepare(self, connection: Driver, bounds: Bounds, *, read_only: bool) -> None:
        _keep_alive(connection._sock)  # noqa: SLF001 - PyMySQL offers no other way to its socket
        longest = bounds.statement + bounds.lock + _SLACK
        connection._read_timeout = longest.total_seconds()  # noqa: SLF001 - nor to this, once it is connected
        lock = max(1, round(bounds.lock.total_seconds()))
        mode = "READ ONLY" if read_only else "READ WRITE"
        settings = [
            "SET SESSION time_zone = '+00:00'",
            f"SET SESSION lock_wait_timeout = {lock}",
            f"SET SESSION innodb_lock_wait_timeout = {lock}",
            f"SET SESSION TRANSACTION {mode}",
        ]
        if _is_mariadb(connection):
            settings.append(f"SET SESSION max_statement_time = {bounds.statement.total_seconds():.3f}")
        else:
            # MySQL bounds only SELECT; a step's `max` ends anything else by KILL QUERY.
            settings.append(f"SET SESSION max_execution_time = {round(bounds.statement.total_seconds() * 1000)}")
        with connection.cursor() as cursor:
            for setting in settings:
                cursor.execute(setting)

    @override
    def begin(self, connection: Driver, *, read_only: bool) -> None:
        with connection.cursor() as cursor:
            cursor.execute("START TRANSACTION READ ONLY" if read_only else "START TRANSACTION READ WRITE")

    @override
    def execute(self, connection: Driver, statement: Statement, sql: str, params: dict[str, Bind]) -> Fetched:
        cursor = connection.cursor(SSCursor)
        cursor.execute(sql, params or None)
        columns = tuple(column[0] for column in cursor.description or ())
        return Fetched(columns, rows_of(cursor), 0 if columns else max(cursor.rowcount, 0))

    @override
    def fault(self, error: Exception, connection: Driver | None) -> Fault:
        code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
        text = str(error.args[-1]) if error.args else str(error)
        if connection is None:
            return Fault(FaultKind.LOGIN if code in _LOGIN else FaultKind.LOST, text)
        if not connection.open:
            return Fault(FaultKind.LOST, text or "the connection was closed")
        return Fault(_KINDS.get(code, FaultKind.LOST if code == 0 else FaultKind.OTHER), text)

    @override
    def canceller(self, connection: Driver, password: Callable[[], str] | None) -> Callable[[], None]:
        session = int(connection.thread_id())

        def cancel() -> None:
            # It has ended, or cannot be reached: then there is nothing to cancel.
            with contextlib.suppress(pymysql.err.Error), contextlib.closing(self.connect(password)) as other:
                other.cursor().execute(f"KILL QUERY {session}")

        return cancel

    @override
    def sign(self, connection: Driver, ticket: str) -> None:
        """A lock of that name is held until the session ends, and the server tells anybody which session holds it.

        Some clusters allow no such locks; then a later console waits for the limits of the server instead.
        """
        with contextlib.suppress(pymysql.err.Error), connection.cursor() as cursor:
            cursor.execute("SELECT get_lock(%s, 0)", (signature(ticket),))

    @override
    def end_signed(self, connection: Driver, ticket: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT is_used_lock(%s)", (signature(ticket),))
            (session,) = cursor.fetchone()
            try:
                cursor.execute(f"KILL {int(session or 0)}")
            except pymysql.err.Error as error:
                if error.args[0] != _NO_SUCH_SESSION:  # there is none, or it has ended meanwhile
                    raise

    @override
    def wire(self, connection: Driver) -> Wire | None:
        return Wire(connection._sock.fileno())  # noqa: SLF001 - as above

    @override
    def marker_tables(self) -> tuple[MarkerTable, ...]:
        return tuple(self._marker_table(*place) for place in self._marker_places())

    def _marker_places(self) -> tuple[tuple[str, str], ...]:
        """A database of their own, which no dump of the application's holds; else a table beside the others."""
        own = ("tminus", "marker")
        return (own, (self.url.database, "tminus_marker")) if self.url.database else (own,)

    def _marker_table(self, database: str, table: str) -> MarkerTable:
        name = f"{self.quote(database)}.{self.quote(table)}"
        as_text = "'" + database.replace("\\", "\\\\").replace("'", "''") + "'"
        where = f"table_schema = {as_text} AND table_name = '{table}'"
        found = f"SELECT 1 FROM information_schema.tables WHERE {where}"  # noqa: S608 - quoted just above
        create = (
            f"CREATE TABLE IF NOT EXISTS {name} (ticket varchar(300) PRIMARY KEY, verdict varchar(10) NOT NULL,"
            " head varchar(200) NOT NULL, session varchar(200) NOT NULL, at datetime(6) NOT NULL)"
            " ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
        )
        first = ("CREATE DATABASE IF NOT EXISTS tminus",) if database == "tminus" else ()
        return MarkerTable(name, found, (*first, create))

    @override
    def identity(self, connection: Driver) -> Fingerprint:
        maria = _is_mariadb(connection)
        with connection.cursor() as cursor:
            # MariaDB has no server_uuid; its server_id is 1 unless somebody chose one
            cursor.execute(
                f"SELECT {'@@server_id' if maria else '@@server_uuid'}, @@hostname, @@port, @@datadir,"
                " coalesce(database(), '')"
            )
            server, host, port, folder, name = map(str, cursor.fetchone())
        product = "mariadb" if maria else "mysql"
        facts = (("server", server), ("database", name), ("at", f"{host}:{port}"), ("data", folder))
        return Fingerprint(product, facts, f"{product} {server} {host} {port} {folder} {name}")

    @override
    def commits_by_itself(self, statement: Statement) -> bool:
        words = statement.words()
        first = statement.first()
        if first == "SET":
            return not _ENDS_BY_SET.isdisjoint(words)
        if first in ("CREATE", "DROP"):
            return words[1:2] != ("TEMPORARY",)
        return first not in _STAYS and words[:2] != ("LOAD", "DATA")

    @override
    def rolled_back_whole(self, connection: Driver) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SHOW WARNINGS")
            return all(row[1] != _NOT_ROLLED_BACK for row in cursor.fetchall())


def _is_mariadb(connection: Driver) -> bool:
    return "mariadb" in str(connection.get_server_info()).lower()


def _keep_alive(wire: socket.socket) -> None:
    """So that a dead server is noticed within 15 s of silence also while a long statement runs."""
    if wire.family not in (socket.AF_INET, socket.AF_INET6):
        return
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 5), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", 15000)):
        if hasattr(socket, option):
            wire.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
