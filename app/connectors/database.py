"""A database as a step sees it (`app.ports.Database`): SQLAlchemy engines, one thread and one connection per call."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

from app.connectors import markers, sql_words
from app.connectors.dialect import Bounds, FaultKind, dialect_for
from app.connectors.own_thread import on_own_thread
from app.connectors.sql_job import prepare, scrubber
from app.connectors.sql_look import Looked, look
from app.connectors.sql_run import WRONG_TARGET, Job, carry_out
from app.connectors.sql_session import Handle, Login, SqlFault, SqlSession, opened
from app.errors import Refused, TargetUnreachable
from app.ports import Fingerprint, MarkerAnswer, Say, Secrets, SecretText, SqlOutcome, SqlVerdict, SqlWork
from app.runbook.checks.sql_needs import Need

T = TypeVar("T")

_PULSE = 4.0  # seconds between two looks at a server while it works for us: contact is lost after 8 s of silence
_SHORT = Bounds(statement=timedelta(seconds=10), lock=timedelta(seconds=10))


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is: its name in the runbook, its URL without a password, the name of the secret or "".

    way: whatever must live as long as the database, such as the tunnel that its URL leads through.
    """

    name: str
    url: str
    password: str = ""
    way: object = None


class SqlDatabase:
    """PostgreSQL, MySQL, MariaDB or SQLite. Safe to use from one loop for many steps at once."""

    def __init__(self, address: Address, secrets: Secrets, bounds: Bounds | None = None) -> None:
        """Raises Refused for a URL it cannot use; does not connect."""
        self.name = address.name
        self._dialect = dialect_for(address.url)
        self.dialect = str(self._dialect.flavor)
        self._secrets = secrets
        self._secret = address.password
        self._way = address.way
        self._bounds = bounds or Bounds()
        self._live: dict[str, Handle] = {}

    async def run(self, work: SqlWork, say: Say) -> SqlOutcome:
        """See `app.ports.Database.run`. Raises TargetUnreachable or Refused (login) when nothing could be run."""
        try:
            job = prepare(self._dialect, work, self._bounds, self._secrets)
        except Refused as refused:
            return SqlOutcome(SqlVerdict.FAILED, error=f"nothing was run: {refused}")
        handle = Handle()
        self._live[work.ticket] = handle
        try:
            async with self._pulse(say):
                return await self.on_its_thread(lambda: carry_out(self.login(job), handle, job), handle)
        finally:
            self._live.pop(work.ticket, None)

    async def stop(self, ticket: str) -> None:
        """Cancel the ticket's statement at the server; what an earlier console left there is found by its ticket."""
        handle = self._live.get(ticket)
        if handle is not None:
            await on_own_thread(handle.stop, name=f"tminus-stop-{self.name}")
        else:
            await self._session(lambda session: session.end_signed(ticket), _SHORT, read_only=True)

    async def settle(self, ticket: str, wait: timedelta) -> MarkerAnswer:
        """Fence the ticket and tell what became of it (see app/connectors/markers.py)."""
        bounds = Bounds(statement=wait + _SHORT.statement, lock=wait)
        return await self._session(lambda session: markers.settle(session, ticket), bounds)

    async def prepare(self, expects: tuple[tuple[str, str], ...] = ()) -> bool:
        """Make the marker table ahead of a run. False: this login may not, so steps here run unmarked.

        Raises Refused, before anything is written, on a connection that does not show what is expected.
        """

        def lay(session: SqlSession) -> bool:
            if changed := session.identity().unlike(expects):
                raise Refused(f"{WRONG_TARGET}: {changed}", where=self._where, hint="Nothing was written there.")
            return markers.ensure(session) is not None

        return await self._session(lay, _SHORT)

    async def identity(self) -> Fingerprint:
        """Server, cluster and database (or file), asked in a read-only session."""
        return await self._session(SqlSession.identity, _SHORT, read_only=True)

    async def look(self, needs: frozenset[Need]) -> Looked:
        """Before a run: who it is, its clock, what this login may do. Read-only, changing nothing."""
        handle = Handle()
        login = replace(self.login(None), dialect=self._dialect.for_a_look())

        def work() -> Looked:
            with opened(login, handle, _SHORT, read_only=True) as session:
                return look(session, needs)

        return await self.on_its_thread(work, handle)

    async def _session(self, ask: Callable[[SqlSession], T], bounds: Bounds, *, read_only: bool = False) -> T:
        handle = Handle()

        def work() -> T:
            with opened(self.login(None), handle, bounds, read_only=read_only) as session:
                return ask(session)

        return await self.on_its_thread(work, handle)

    async def on_its_thread(self, work: Callable[[], T], handle: Handle) -> T:
        """What `work` answers, on a thread of its own; cancelling ends it at the server through `handle`.

        Raises Refused for a log-in that was turned down, TargetUnreachable for a server that does not answer.
        """
        try:
            return await on_own_thread(work, name=f"tminus-sql-{self.name}", stop=handle.stop, sever=handle.sever)
        except SqlFault as fault:
            kind, text = fault.kind, fault.text
        if kind is FaultKind.LOGIN:
            raise sql_words.login_refused(self._where, text)
        raise sql_words.unreachable(self._where, self._dialect.url, text)

    @property
    def _where(self) -> str:
        return f"database {self.name}"

    def login(self, job: Job | None) -> Login:
        """How to enter this database; it masks the password, and the secrets of `job`, in whatever a driver says."""
        password = self._password if self._secret else None
        secret_binds = tuple(name for name, value in job.work.binds if isinstance(value, SecretText)) if job else ()

        def hidden() -> tuple[str, ...]:
            values = tuple(str(job.binds[name]) for name in secret_binds) if job else ()
            return (*values, password()) if password else values

        return Login(self._dialect, password, scrubber(hidden))

    def _password(self) -> str:
        return self._secrets.reveal(SecretText(((True, self._secret),)))

    @contextlib.asynccontextmanager
    async def _pulse(self, say: Say) -> AsyncIterator[None]:
        """Say that the server lives while it works; silence of the pulse is what "no contact" is made of."""
        task = asyncio.create_task(self._beat(say))
        try:
            yield
            say.alive(self._where)
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def _beat(self, say: Say) -> None:
        while True:
            await asyncio.sleep(_PULSE)
            with contextlib.suppress(TargetUnreachable, Refused):  # silence says it
                await self._session(lambda session: session.rows("SELECT 1"), _SHORT, read_only=True)
                say.alive(self._where)
