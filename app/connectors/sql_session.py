"""One connection on its own thread: opened, limited, cancelled from outside, always closed."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from app.connectors.dialect import Bind, Bounds, Dialect, Driver, FaultKind, Fetched
from app.connectors.dialects.wire import Wire
from app.connectors.sql_split import Statement, split
from app.connectors.sql_values import Plain, plain
from app.connectors.sql_words import tidy
from app.ports import Fingerprint


class SqlFault(Exception):
    """A driver's error without the driver: kind and scrubbed text. Never leaves the connectors."""

    def __init__(self, kind: FaultKind, text: str) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text


@dataclass(frozen=True, slots=True)
class Login:
    """How to connect and what to hide: `password` reveals it at the last moment, `scrub` masks secrets in a text."""

    dialect: Dialect
    password: Callable[[], str] | None
    scrub: Callable[[str], str]


class Handle:
    """The outside end of a session: any thread may stop or sever what runs inside, at any time, also too late."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancel: Callable[[], None] | None = None
        self._wire: Wire | None = None
        self._committing = False
        self._stopped = False

    @property
    def stopped(self) -> bool:
        """Whether somebody asked to stop; looked at between statements."""
        return self._stopped

    def stop(self) -> None:
        """Cancel the running statement at the server; a COMMIT that was sent is left alone."""
        with self._lock:
            self._stopped = True
            cancel = None if self._committing else self._cancel
        if cancel is not None:
            cancel()

    def sever(self) -> None:
        """Cut the connection under the session."""
        with self._lock:
            wire = self._wire
        if wire is not None:
            wire.cut()

    def attach(self, cancel: Callable[[], None], wire: Wire | None) -> None:
        """A connection stands from here on."""
        with self._lock:
            self._cancel, self._wire = cancel, wire

    def detach(self) -> None:
        """The connection is about to close."""
        with self._lock:
            wire, self._cancel, self._wire = self._wire, None, None
        if wire is not None:
            wire.close()

    def commit_is_sent(self) -> bool:
        """Cross the line after which no stop is heard. False: somebody stopped it first, so do not commit."""
        with self._lock:
            self._committing = not self._stopped
            return self._committing


class SqlSession:
    """A connection in use, on the thread that opened it. Whatever a driver raises comes out as SqlFault."""

    def __init__(self, login: Login, connection: Driver) -> None:
        self.dialect = login.dialect
        self._login = login
        self._connection = connection

    def sign(self, ticket: str) -> None:
        """Write the ticket on it, before anything is run."""
        with self._faults():
            self.dialect.sign(self._connection, ticket)

    def end_signed(self, ticket: str) -> None:
        """End the sessions of others that carry the ticket."""
        with self._faults():
            self.dialect.end_signed(self._connection, ticket)

    def begin(self, *, read_only: bool) -> None:
        """Open a transaction."""
        with self._faults():
            self.dialect.begin(self._connection, read_only=read_only)

    def rows(self, sql: str, binds: Mapping[str, Bind] | None = None) -> list[tuple[Plain, ...]]:
        """Run one statement of our own and return all its rows."""
        (statement,) = split(sql, self.dialect.flavor)
        with self._faults():
            return [tuple(map(plain, row)) for row in self._execute(statement, binds or {}, {}).rows]

    @contextlib.contextmanager
    def fetch(self, statement: Statement, binds: Mapping[str, Bind], idents: Mapping[str, str]) -> Iterator[Fetched]:
        """Run one statement; read its rows inside the block."""
        with self._faults():
            yield self._execute(statement, binds, idents)

    def commit(self) -> None:
        """Send COMMIT."""
        self.rows("COMMIT")

    def rollback(self) -> bool:
        """Send ROLLBACK; whether everything was undone. A lost connection has rolled back by itself."""
        try:
            self.rows("ROLLBACK")
            with self._faults():
                return self.dialect.rolled_back_whole(self._connection)
        except SqlFault:
            return True

    def identity(self) -> Fingerprint:
        """Who the server says it is."""
        with self._faults():
            return self.dialect.identity(self._connection)

    def _execute(self, statement: Statement, binds: Mapping[str, Bind], idents: Mapping[str, str]) -> Fetched:
        sql, params = self.dialect.render(statement, binds, idents)
        return self.dialect.execute(self._connection, statement, sql, params)

    @contextlib.contextmanager
    def _faults(self) -> Iterator[None]:
        """Turn a driver's error into a SqlFault that holds nothing of the driver: no frame, no password."""
        found = None
        try:
            yield
        except self.dialect.errors as error:
            found = self.dialect.fault(error, self._connection)
        if found is not None:
            raise SqlFault(found.kind, tidy(self._login.scrub(found.text)))


@contextlib.contextmanager
def opened(login: Login, handle: Handle, bounds: Bounds, *, read_only: bool) -> Iterator[SqlSession]:
    """A session for the block; its connection is closed after, whatever happened. Raises SqlFault (LOST or LOGIN)."""
    connection = _connect(login, read_only=read_only)
    try:
        handle.attach(login.dialect.canceller(connection, login.password), login.dialect.wire(connection))
        session = SqlSession(login, connection)
        with session._faults():  # noqa: SLF001 - the same room, one page up
            login.dialect.prepare(connection, bounds, read_only=read_only)
        yield session
    finally:
        handle.detach()
        with contextlib.suppress(*login.dialect.errors):  # closing a dead connection may complain; it is closed
            connection.close()


def _connect(login: Login, *, read_only: bool) -> Driver:
    found = None
    try:
        return login.dialect.connect(login.password, read_only=read_only)
    except login.dialect.errors as error:
        found = login.dialect.fault(error, None)
    raise SqlFault(found.kind, login.scrub(found.text))
