"""Rows of a database that were written since an instant, as its own server counts them, and that server's clock.

Every call has a connection of its own, in one read-only transaction that the server itself keeps read-only, within
limits that the server keeps, too; the table's own writers never wait for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from math import isfinite
from time import monotonic
from typing import TypeVar

from app.connectors.database import SqlDatabase
from app.connectors.dialect import Bounds, FaultKind
from app.connectors.rows_dated import Dated, ask, dated
from app.connectors.sql_session import Handle, SqlFault, SqlSession, opened
from app.connectors.sql_split import Flavor
from app.errors import Refused
from app.run.loss_state import ServerTime, TableRows

T = TypeVar("T")
Facts = tuple[tuple[str, str], ...]

COUNTING = Bounds(statement=timedelta(seconds=5), lock=timedelta(seconds=1))
"""Kept by the server for one count, so that an undo that wants the table for itself waits no longer than that."""

_CLOCK: Mapping[Flavor, str] = {
    "postgresql": "SELECT extract(epoch FROM pg_catalog.clock_timestamp())",
    "mysql": "SELECT unix_timestamp(now(6))",
    "sqlite": "SELECT (julianday('now') - 2440587.5) * 86400.0",
}
_ONE_MOMENT: Mapping[Flavor, str] = {
    "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    "mysql": "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
    "sqlite": "BEGIN",
}
_ENDED = {FaultKind.TIME_LIMIT: "no answer within the time limit", FaultKind.LOCKED: "the table is locked"}


class RowsSince:
    """Asks one database about tables and, for each, the column that dates its rows.

    expects: what the database must still show of itself (see `app.ports.Fingerprint`); another one is refused. All
    calls raise Refused (login, wrong database, a table that cannot be counted, a limit) and TargetUnreachable.
    """

    def __init__(self, database: SqlDatabase, tables: Mapping[str, str]) -> None:
        self._database = database
        self.name = database.name
        self.tables = dict(tables)

    async def clock(self, expects: Facts = ()) -> ServerTime:
        """The server's clock; refused, too, when one of the tables could not be counted."""

        def look(session: SqlSession) -> ServerTime:
            for table, column in self.tables.items():
                dated(session, table, column)
            return clock_of(session)

        return await self.read(look, COUNTING, expects)

    async def count(self, since: datetime, expects: Facts = ()) -> tuple[TableRows, ...]:
        """The rows of each table that are dated from `since` on, all counted at one moment."""

        def look(session: SqlSession) -> tuple[TableRows, ...]:
            return tuple(count_one(session, dated(session, *pair), since) for pair in self.tables.items())

        return await self.read(look, COUNTING, expects)

    async def read(self, look: Callable[[SqlSession], T], bounds: Bounds, expects: Facts) -> T:
        """What `look` answers from one moment of the database, on a thread of its own. Cancelling ends it there."""
        handle, where = Handle(), f"database {self.name}"

        def work() -> T:
            login = self._database.login(None)
            with opened(login, handle, bounds, read_only=True) as session:
                try:
                    if changed := session.identity().unlike(expects):
                        raise Refused(f"It is not the database that the run saw before: {changed}.", where=where)
                    session.rows(_ONE_MOMENT[session.dialect.flavor])
                    return look(session)
                except SqlFault as fault:
                    if fault.kind in {FaultKind.LOST, FaultKind.LOGIN}:
                        raise
                    said = _ENDED.get(fault.kind, fault.text)
                raise Refused(f"{said.rstrip('.')}.", where=where)

        return await self._database.on_its_thread(work, handle)


def clock_of(session: SqlSession) -> ServerTime:
    """Ask the server what time it is."""
    before = monotonic()
    seconds = float(str(ask(session, _CLOCK[session.dialect.flavor], {}, {})[0][0]))
    return ServerTime(datetime.fromtimestamp(seconds, UTC), timedelta(seconds=monotonic() - before))


def count_one(session: SqlSession, one: Dated, since: datetime) -> TableRows:
    """Rows, rows without a date, and the age of the newest, None when nothing tells it."""
    sql = (
        f"SELECT count(CASE WHEN {one.newer} THEN 1 END), count(CASE WHEN {one.undated} THEN 1 END), {one.age}"  # noqa: S608 - texts of this house; names and values are put in by the dialect
        f" FROM {{table}} WHERE {one.newer} OR {one.undated}"
    )
    rows, undated, age = ask(session, sql, one.names, one.binds(since))[0]
    seconds = None if age is None else float(str(age))
    newest = max(0, round(seconds * 1000)) if seconds is not None and isfinite(seconds) else None
    return TableRows(one.table, int(str(rows)), int(str(undated)), newest)
