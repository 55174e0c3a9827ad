"""A figure from a query: `value: row.x` of the first row, or its first column."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.metrics.kind import NoData, Reach, figure
from app.metrics.sources.local import Missing
from app.ports import Database, SqlResult, SqlVerdict, SqlWork, Stream
from app.runbook.model_estate import Metric


@dataclass(frozen=True, slots=True)
class SqlSource:
    """Reads in a session that the server keeps read-only, with the server's own time limit."""

    database: Database
    work: SqlWork
    column: str

    async def read(self, ticket: str, limit: timedelta) -> float:
        """The figure now."""
        seconds = max(1, round(limit.total_seconds()))
        outcome = await self.database.run(_limited(self.work, ticket, seconds), _Quiet())
        if outcome.verdict is not SqlVerdict.COMMITTED:
            raise NoData(outcome.error or outcome.verdict.value)
        return figure(_cell(outcome.result, self.column))


def source(metric: Metric, reach: Reach) -> SqlSource | Missing:
    """From a resolved metric."""
    body: Any = metric.body
    if body.db not in reach.databases:
        return Missing(f"there is no database called {body.db}")
    work = SqlWork("", body.run, tuple(body.bind.items()), tuple(body.idents.items()), read_only=True, max_rows=1)
    return SqlSource(reach.databases[body.db], work, metric.value.removeprefix("row."))


def _limited(work: SqlWork, ticket: str, seconds: int) -> SqlWork:
    return SqlWork(
        ticket,
        work.text,
        work.binds,
        work.idents,
        read_only=True,
        statement_seconds=seconds,
        lock_seconds=seconds,
        max_rows=1,
    )


def _cell(result: SqlResult, column: str) -> object:
    if not result.rows:
        raise NoData("the query gave no row")
    if not column:
        return result.rows[0][0]
    near = [number for number, name in enumerate(result.columns) if name.lower() == column.lower()]
    if len(near) != 1:
        raise NoData(f"the query has no column {column}; it has {', '.join(result.columns)[:80]}")
    return result.rows[0][near[0]]


class _Quiet:
    """Nobody listens to a metric's query."""

    def output(self, stream: Stream, offset: int, data: bytes) -> None:
        """Dropped."""

    def alive(self, where: str) -> None:
        """Dropped."""
