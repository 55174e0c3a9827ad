"""What the rest of the connector asks of a database product: one small class per product, chosen by the URL."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy import event

from app.connectors.dialects.wire import Wire
from app.connectors.sql_split import Flavor, Statement, TokenKind
from app.errors import Refused
from app.ports import Fingerprint

Driver = Any
"""A driver's own connection (psycopg, PyMySQL, sqlite3): DB-API, in autocommit, so that every BEGIN is ours."""

Bind = str | int

CONNECT = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the server itself keeps for one session. `statement` ends a statement, `lock` a wait for a lock."""

    statement: timedelta = timedelta(hours=6)
    lock: timedelta = timedelta(seconds=30)


class FaultKind(StrEnum):
    """Why a driver raised, as far as it matters what to do next."""

    LOST = "lost"
    CANCELLED = "cancelled"
    TIME_LIMIT = "time limit"
    LOCKED = "locked"
    DENIED = "denied"
    DUPLICATE = "duplicate"
    LOGIN = "login"
    SYNTAX = "syntax"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Fault:
    """A driver's error as a kind and one sentence in the server's words (may hold secrets until scrubbed)."""

    kind: FaultKind
    text: str


@dataclass(frozen=True, slots=True)
class MarkerTable:
    """Where markers live. `name` is quoted and qualified; `found` gives a row when it stands; `create` makes it."""

    name: str
    found: str
    create: tuple[str, ...]


@dataclass(slots=True)
class Fetched:
    """A statement's answer while it is read: rows are streamed. `affected` counts where there are no columns."""

    columns: tuple[str, ...]
    rows: Iterator[Sequence[object]]
    affected: int = 0


class Dialect(ABC):
    """One product. Methods belong to the connection's thread; what `canceller` and `wire` give may go to any."""

    flavor: ClassVar[Flavor]
    driver: ClassVar[str]
    fence: ClassVar[str]
    """INSERT of a marker row that does nothing when the ticket is there; `{table}`, `{now}` are put in."""

    now: ClassVar[str]
    session: ClassVar[str]
    """SQL expression: who this session is, so that `alive` can be asked about it later; `''` when nobody could."""

    alive: ClassVar[str]
    """Query by :session that gives a row while that session still exists; "" when nobody could tell."""

    def __init__(self, url: sa.URL) -> None:
        self.url = url
        self.engine = sa.create_engine(
            url.set(drivername=self.driver), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT", **self.options()
        )

    def options(self) -> dict[str, Any]:
        """More arguments for create_engine."""
        return {}

    def connect(self, password: Callable[[], str] | None, *, read_only: bool = False) -> Driver:
        """A new connection of the caller's own. Raises the driver's errors; the password is never kept.

        `read_only` matters where a file is opened; servers are told in `prepare`.
        """
        del read_only
        if password is None:
            return self._raw()
        fill = _Password(password)
        event.listen(self.engine, "do_connect", fill)
        try:
            return self._raw()
        finally:
            event.remove(self.engine, "do_connect", fill)

    def _raw(self) -> Driver:
        borrowed = self.engine.raw_connection()
        own = borrowed.driver_connection
        borrowed.detach()  # from here on it is ours alone: no pool, no reset, no rollback behind our back
        return own

    def render(
        self, statement: Statement, binds: Mapping[str, Bind], idents: Mapping[str, str]
    ) -> tuple[str, dict[str, Bind]]:
        """Text and parameters for the driver. Raises Refused for a name that has no value."""
        used = {name: _known(binds, name, "bind") for name in sorted(statement.binds())}
        pieces = []
        for token in statement.tokens:
            if token.kind is TokenKind.BIND:
                pieces.append(self.placeholder(token.text))
            elif token.kind is TokenKind.IDENT:
                pieces.append(self.escape(self.quote(_known(idents, token.text, "idents")), used))
            else:
                pieces.append(self.escape(token.text, used))
        return "".join(pieces), used

    def quote(self, name: str) -> str:
        """A name as an identifier; every dot parts schema and table."""
        quoted = self.engine.dialect.identifier_preparer.quote_identifier
        return ".".join(quoted(part) for part in name.split("."))

    def placeholder(self, name: str) -> str:
        """How the driver spells a parameter."""
        return f"%({name})s"

    def escape(self, text: str, used: Mapping[str, Bind]) -> str:
        """Text between parameters, so that the driver reads it as it stands."""
        return text.replace("%", "%%") if used else text

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What the driver raises."""
        return (self.engine.dialect.loaded_dbapi.Error,)

    @abstractmethod
    def prepare(self, connection: Driver, bounds: Bounds, *, read_only: bool) -> None:
        """Set what the server shall keep for this session: limits, time zone, and whether it may write at all."""

    @abstractmethod
    def begin(self, connection: Driver, *, read_only: bool) -> None:
        """Open a transaction that says READ ONLY or READ WRITE itself."""

    @abstractmethod
    def execute(self, connection: Driver, statement: Statement, sql: str, params: dict[str, Bind]) -> Fetched:
        """Run one statement and stream what it answers."""

    @abstractmethod
    def fault(self, error: Exception, connection: Driver | None) -> Fault:
        """What a driver's error means. `connection` None: there was none yet."""

    @abstractmethod
    def canceller(self, connection: Driver, password: Callable[[], str] | None) -> Callable[[], None]:
        """A call for another thread that cancels what runs. Must not raise for a connection that has ended."""

    @abstractmethod
    def wire(self, connection: Driver) -> Wire | None:
        """What another thread cuts so that the owner stops waiting; None where nothing is waited for."""

    @abstractmethod
    def marker_tables(self) -> tuple[MarkerTable, ...]:
        """Where markers may live, the preferred place first."""

    @abstractmethod
    def identity(self, connection: Driver) -> Fingerprint:
        """Who this is."""

    def commits_by_itself(self, statement: Statement) -> bool:
        """Whether the statement ends the transaction it stands in, so that a marker before it proves nothing."""
        del statement
        return False

    def rolled_back_whole(self, connection: Driver) -> bool:
        """Asked right after ROLLBACK: whether everything was undone (MySQL tables without transactions are not)."""
        del connection
        return True

    def sign(self, connection: Driver, ticket: str) -> None:
        """Write the ticket on the session, so that a later console finds what this one left running."""
        del connection, ticket

    def end_signed(self, connection: Driver, ticket: str) -> None:
        """End every session that carries the ticket; the server rolls back what it had open."""
        del connection, ticket

    def for_a_look(self) -> Dialect:
        """The same database, opened so that not even a side file of it changes."""
        return self

    def settle_creates_table(self) -> bool:
        """Whether a missing marker table proves that no marked work ever ran here (see app/connectors/markers.py)."""
        return False


def signature(ticket: str) -> str:
    """A short word for a ticket, of letters that every product keeps as they are; two tickets never share one."""
    return f"tminus {hashlib.sha256(ticket.encode()).hexdigest()[:16]}"


class _Password:
    """Puts the password into the driver's arguments at the last moment; it has no readable form of its own."""

    def __init__(self, reveal: Callable[[], str]) -> None:
        self._reveal = reveal

    def __call__(self, _dialect: object, _record: object, _args: object, arguments: dict[str, Any]) -> None:
        arguments["password"] = self._reveal()


def dialect_for(url: str) -> Dialect:
    """The dialect of a URL. Raises Refused for an unknown product, a URL with a password, or no URL at all."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        parsed = None
    if parsed is None:
        raise Refused(
            "That is not a database URL.", hint="Write postgresql://user@host/name, mysql://… or sqlite:///FILE."
        )
    if parsed.password is not None:
        raise Refused("A database URL must not hold a password.", hint="Name a secret in `password` instead.")
    match parsed.get_backend_name():
        case "postgresql" | "postgres":
            from app.connectors.dialects.postgresql import PostgreSql

            return PostgreSql(parsed)
        case "mysql" | "mariadb":
            from app.connectors.dialects.mysql import MySql

            return MySql(parsed)
        case "sqlite":
            from app.connectors.dialects.sqlite import Sqlite

            return Sqlite(parsed)
        case other:
            raise Refused(f"No driver for {other} databases.", hint="Use postgresql://, mysql:// or sqlite:///.")


def rows_of(cursor: Driver, *, batch: int = 500) -> Iterator[Sequence[object]]:
    """A cursor's rows, fetched in batches; closes the cursor after the last."""
    if cursor.description is not None:
        while rows := cursor.fetchmany(batch):
            yield from rows
    cursor.close()


def _known(values: Mapping[str, Any], name: str, field: str) -> Any:  # noqa: ANN401 - Bind or str, as in the mapping
    if name not in values:
        sign = f":{name}" if field == "bind" else f"{{{name}}}"
        raise Refused(f"The SQL asks for {sign} and nothing gives it.", hint=f"Add `{name}` to `{field}`.")
    return values[name]
