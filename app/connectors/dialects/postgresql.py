"""PostgreSQL through psycopg 3."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

import psycopg
from psycopg import errors as pg
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

# Statements that the extended protocol lets carry parameters; in any other (CREATE ROLE ... PASSWORD :p) psycopg
# quotes the values on this side.
_TAKES_PARAMETERS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "VALUES", "TABLE"})
_STREAMED = frozenset({"SELECT", "VALUES", "TABLE"})
_HAS_CHECK_INTERVAL = 140000
_LONGEST_NAME = 63

_KINDS: tuple[tuple[type[psycopg.Error], FaultKind], ...] = (
    (pg.LockNotAvailable, FaultKind.LOCKED),
    (pg.DeadlockDetected, FaultKind.LOCKED),
    (pg.InsufficientPrivilege, FaultKind.DENIED),
    (pg.ReadOnlySqlTransaction, FaultKind.DENIED),
    (pg.UniqueViolation, FaultKind.DUPLICATE),
    (pg.DuplicateTable, FaultKind.DUPLICATE),
    (pg.DuplicateSchema, FaultKind.DUPLICATE),
)


# When the server started, to the microsecond, is what two nodes of one cluster never share; it changes with a restart,
# so it tells two addresses apart at one moment and is no part of what must stay the same.
_WHO = (
    "SELECT current_database(), pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'execute'),"
    " coalesce(host(inet_server_addr()), 'socket'), current_setting('port'),"
    " (SELECT setting FROM pg_catalog.pg_settings WHERE name = 'data_directory'), pg_catalog.pg_is_in_recovery(),"
    " extract(epoch FROM pg_catalog.pg_postmaster_start_time())::text"
)


class PostgreSql(Dialect):
    """PostgreSQL 12 and later."""

    flavor: ClassVar[Flavor] = "postgresql"
    driver = "postgresql+psycopg"
    now = "now()"
    fence = (
        "INSERT INTO {table} (ticket, verdict, head, session, at) VALUES (:ticket, 'fenced', :head, '', {now}) "
        "ON CONFLICT DO NOTHING"
    )
    session = (
        "(SELECT pid || ' ' || extract(epoch FROM backend_start) FROM pg_catalog.pg_stat_activity"
        " WHERE pid = pg_catalog.pg_backend_pid())"
    )
    alive = (
        "SELECT 1 FROM pg_catalog.pg_stat_activity"
        " WHERE pid || ' ' || extract(epoch FROM backend_start) = CAST(:session AS text)"
    )

    @override
    def options(self) -> dict[str, Any]:
        return {
            "use_native_hstore": False,
            "connect_args": {
                "connect_timeout": int(CONNECT.total_seconds()),
                "application_name": "tminus",
                "prepare_threshold": None,
                "keepalives_idle": 5,
                "keepalives_interval": 5,
                "keepalives_count": 3,
                "tcp_user_timeout": 15000,
            },
        }

    @override
    def prepare(self, connection: Driver, bounds: Bounds, *, read_only: bool) -> None:
        settings = {
            "statement_timeout": _milliseconds(bounds.statement.total_seconds()),
            "lock_timeout": _milliseconds(bounds.lock.total_seconds()),
            "idle_in_transaction_session_timeout": "60000",
            "default_transaction_read_only": "on" if read_only else "off",
            "TimeZone": "UTC",
        }
        if connection.info.server_version >= _HAS_CHECK_INTERVAL:
            settings["client_connection_check_interval"] = "2000"
        with connection.cursor() as cursor:
            all_at_once = ", ".join("pg_catalog.set_config(%s, %s, false)" for _ in settings)  # one way there and back
            cursor.execute(f"SELECT {all_at_once}", [word for pair in settings.items() for word in pair])
            # An answer to COMMIT must outlive a crash of the server, or the record would call lost work done.
            cursor.execute(
                "SELECT pg_catalog.set_config('synchronous_commit', 'on', false)"
                " WHERE pg_catalog.current_setting('synchronous_commit') = 'off'"
            )

    @override
    def begin(self, connection: Driver, *, read_only: bool) -> None:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN READ ONLY" if read_only else "BEGIN READ WRITE")
            # The first snapshot nails the mode down: SET TRANSACTION READ WRITE is refused from here on.
            cursor.execute("SELECT 1")

    @override
    def execute(self, connection: Driver, statement: Statement, sql: str, params: dict[str, Bind]) -> Fetched:
        first = statement.first()
        if first in _STREAMED and "INTO" not in statement.words():
            return _stream(connection.cursor(), sql, params)
        cursor = connection.cursor() if first in _TAKES_PARAMETERS else psycopg.ClientCursor(connection)
        cursor.execute(sql, params or None)
        columns = tuple(column.name for column in cursor.description or ())
        return Fetched(columns, rows_of(cursor), max(cursor.rowcount, 0))

    @override
    def fault(self, error: Exception, connection: Driver | None) -> Fault:
        text = _words(error)
        if connection is None:
            return Fault(FaultKind.LOGIN if _refused(text) else FaultKind.LOST, text)
        if connection.closed or isinstance(
            error, pg.AdminShutdown | pg.CrashShutdown | pg.IdleInTransactionSessionTimeout
        ):
            return Fault(FaultKind.LOST, text)
        if isinstance(error, pg.QueryCanceled):
            kind = FaultKind.TIME_LIMIT if "statement timeout" in text else FaultKind.CANCELLED
            return Fault(kind, text)
        return Fault(next((kind for form, kind in _KINDS if isinstance(error, form)), FaultKind.OTHER), text)

    @override
    def canceller(self, connection: Driver, password: Callable[[], str] | None) -> Callable[[], None]:
        def cancel() -> None:
            with contextlib.suppress(psycopg.Error):  # it has ended, or cannot be reached: there is nothing to cancel
                connection.cancel_safe(timeout=CONNECT.total_seconds())

        return cancel

    @override
    def sign(self, connection: Driver, ticket: str) -> None:
        name = f"{signature(ticket)} {ticket.encode('ascii', 'replace').decode()}"[:_LONGEST_NAME]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_catalog.set_config('application_name', %s, false)", (name,))

    @override
    def end_signed(self, connection: Driver, ticket: str) -> None:
        sign = signature(ticket)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity"
                " WHERE pg_catalog.left(application_name, %s) = %s AND pid <> pg_catalog.pg_backend_pid()",
                (len(sign), sign),
            )

    @override
    def wire(self, connection: Driver) -> Wire | None:
        return Wire(connection.pgconn.socket)

    @override
    def marker_tables(self) -> tuple[MarkerTable, ...]:
        found = (
            "SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = 'tminus' AND c.relname = 'marker'"
        )
        table = (
            "CREATE TABLE IF NOT EXISTS tminus.marker (ticket text PRIMARY KEY, verdict text NOT NULL,"
            " head text NOT NULL, session text NOT NULL, at timestamptz NOT NULL)"
        )
        return (MarkerTable("tminus.marker", found, ("CREATE SCHEMA IF NOT EXISTS tminus", table)),)

    @override
    def identity(self, connection: Driver) -> Fingerprint:
        with connection.cursor() as cursor:
            cursor.execute(_WHO)
            name, may_ask, host, port, folder, standby, started = cursor.fetchone()
            cluster = ""
            if may_ask:
                cursor.execute("SELECT system_identifier::text FROM pg_catalog.pg_control_system()")
                (cluster,) = cursor.fetchone()
        facts = (
            ("cluster", cluster),
            ("database", name),
            ("at", f"{host}:{port}"),
            ("data", folder or ""),
            ("as", "standby" if standby else "primary"),
        )
        return Fingerprint("postgresql", facts, f"postgresql {cluster} {started} {name}")


def _stream(cursor: Driver, sql: str, params: dict[str, Bind]) -> Fetched:
    """Row by row, so that a million rows never stand in memory. The first row is read here: it brings the columns."""
    rows = cursor.stream(sql, params or None)
    first = next(rows, None)
    columns = tuple(column.name for column in cursor.description or ())

    def all_rows() -> Iterator[Sequence[object]]:
        if first is not None:
            yield first
            yield from rows
        cursor.close()

    return Fetched(columns, all_rows())


def _milliseconds(seconds: float) -> str:
    return str(max(1, round(seconds * 1000)))


def _words(error: Exception) -> str:
    diag = getattr(error, "diag", None)
    parts = [diag.message_primary, diag.message_detail, diag.message_hint] if diag is not None else []
    said = ". ".join(part.rstrip(".") for part in parts if part)
    return said or " ".join(str(error).split())


def _refused(text: str) -> bool:
    """A server that answered and does not want us; anything else on the way to a connection counts as not reached."""
    signs = (
        "authentication failed",
        "no password supplied",
        "does not exist",
        "no pg_hba.conf entry",
        "permission denied",
    )
    return any(sign in text for sign in signs)
