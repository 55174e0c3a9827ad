"""How a column dates the rows of its table, so that those from an instant on can be told apart by the server itself.

The column is an instant with a zone; one without (read in the zone that the server gives to sessions that ask for none,
which is what the clock default of an application wrote); a number of seconds, milliseconds, microseconds or nanoseconds
since 1970; or in SQLite text that SQLite itself reads as an instant. A date alone cannot tell what is new: refused.

The instant is rounded down to the second, because applications cut fractions off: a row too many, never one too few.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.connectors.dialect import Bind
from app.connectors.sql_session import SqlSession
from app.connectors.sql_split import Flavor, split
from app.errors import Refused

_UNITS = ((10**17, 10**9), (10**14, 10**6), (10**11, 10**3))
"""Numbers from here on count nanoseconds, microseconds, milliseconds; smaller ones seconds (until the year 5138)."""


@dataclass(frozen=True, slots=True)
class Dated:
    """SQL about one table, with `{table}` and `{column}` for names and binds for values.

    newer: holds for rows from the instant on; undated: for rows that no instant can be read from; age: seconds since
    the newest row, an aggregate over those that are newer; unit: of a column of numbers, how many make a second.
    """

    table: str
    column: str
    newer: str
    age: str
    undated: str = "{column} IS NULL"
    more: Mapping[str, Bind] = field(default_factory=dict)
    unit: int = 1

    @property
    def names(self) -> dict[str, str]:
        """What `{table}` and `{column}` stand for."""
        return {"table": self.table, "column": self.column}

    def binds(self, since: datetime) -> dict[str, Bind]:
        """What the parameters stand for."""
        whole = since.astimezone(UTC).replace(microsecond=0)
        return {
            **self.more,
            "since": whole.strftime("%Y-%m-%d %H:%M:%S"),
            "zoned": whole.strftime("%Y-%m-%d %H:%M:%S+00"),
            "epoch": int(whole.timestamp()) * self.unit,
            "day": (whole - timedelta(days=1)).strftime("%Y-%m-%d"),
        }


def dated(session: SqlSession, table: str, column: str) -> Dated:
    """Raises Refused when the column is not there, or cannot tell what is new. Raises SqlFault."""
    return _BY_FLAVOR[session.dialect.flavor](session, table, column)


def ask(session: SqlSession, sql: str, names: Mapping[str, str], binds: Mapping[str, Bind]) -> list[tuple[object, ...]]:
    """All rows of one statement of ours about a table that the runbook names; values as the driver gives them."""
    (statement,) = split(sql, session.dialect.flavor)
    with session.fetch(statement, binds, names) as fetched:
        return [tuple(row) for row in fetched.rows]


# ---------------------------------------------------------------- PostgreSQL

_PG_KIND = """
SELECT pg_catalog.format_type(CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE a.atttypid END, NULL),
       (SELECT reset_val FROM pg_catalog.pg_settings WHERE name = 'TimeZone')
  FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
 WHERE a.attrelid = pg_catalog.to_regclass(CAST(:table AS text)) AND a.attname = CAST(:column AS text)
   AND NOT a.attisdropped AND a.attnum > 0
"""
_PG_NEWEST = "max({column}) FILTER (WHERE pg_catalog.isfinite({column}))"
_PG_LARGEST = "max({column}) FILTER (WHERE CAST({column} AS double precision) < 'Infinity')"  # NaN is larger still
_PG_NOW = "pg_catalog.clock_timestamp()"


def _postgresql(session: SqlSession, table: str, column: str) -> Dated:
    found = ask(session, _PG_KIND, {}, {"table": session.dialect.quote(table), "column": column})
    kind, zone = (str(one) for one in (found[0] if found else ("", "")))
    if kind == "timestamp with time zone":
        age = f"extract(epoch FROM {_PG_NOW} - {_PG_NEWEST})"
        return Dated(table, column, "{column} >= CAST(:zoned AS timestamptz)", age)
    if kind == "timestamp without time zone":
        newer = "{column} >= CAST(:zoned AS timestamptz) AT TIME ZONE CAST(:zone AS text)"
        age = f"extract(epoch FROM ({_PG_NOW} AT TIME ZONE CAST(:zone AS text)) - {_PG_NEWEST})"
        return Dated(table, column, newer, age, more={"zone": zone})
    if kind in {"integer", "bigint", "numeric", "double precision"}:
        return _numbered(session, table, column, (f"extract(epoch FROM {_PG_NOW})", _PG_LARGEST))
    raise _useless(table, column, kind)


# ---------------------------------------------------------------- MySQL and MariaDB

_MY_KIND = """
SELECT data_type FROM information_schema.columns
 WHERE table_schema = coalesce(nullif(:schema, ''), database()) AND table_name = :name AND column_name = :column
"""
_MY_LOCAL = "CONVERT_TZ({}, '+00:00', @@global.time_zone)"


def _mysql(session: SqlSession, table: str, column: str) -> Dated:
    schema, _, name = table.rpartition(".")
    found = ask(session, _MY_KIND, {}, {"schema": schema, "name": name, "column": column})
    kind = str(found[0][0]).lower() if found else ""
    if kind == "timestamp":  # shown and compared in the session's zone, which is UTC
        age = "TIMESTAMPDIFF(MICROSECOND, max({column}), utc_timestamp(6)) / 1000000"
        return Dated(table, column, "{column} >= :since", age)
    if kind == "datetime":
        now = _MY_LOCAL.format("utc_timestamp(6)")
        if ask(session, f"SELECT {now} IS NULL", {}, {})[0][0]:
            raise Refused(f"{table}.{column} has no zone, and the server does not tell what its own zone means.")
        age = f"TIMESTAMPDIFF(MICROSECOND, max({{column}}), {now}) / 1000000"
        return Dated(table, column, f"{{column}} >= {_MY_LOCAL.format(':since')}", age)
    if kind in {"int", "bigint", "decimal", "double"}:
        return _numbered(session, table, column, ("unix_timestamp(now(6))", "max({column})"))
    raise _useless(table, column, kind)


# ---------------------------------------------------------------- SQLite

_LITE_AT = """CASE typeof({column})
    WHEN 'text' THEN (julianday({column}) - 2440587.5) * 86400.0
    WHEN 'blob' THEN NULL
    ELSE CASE
        WHEN {column} >= 1e17 THEN {column} / 1e9
        WHEN {column} >= 1e14 THEN {column} / 1e6
        WHEN {column} >= 1e11 THEN {column} / 1e3
        WHEN typeof({column}) = 'real' AND {column} < 1e7 THEN ({column} - 2440587.5) * 86400.0
        ELSE {column} END
    END"""
# Text of an ISO instant sorts by its day, whatever zone it ends with, so that an index on the column is of use.
_LITE_MAY_BE = "({column} >= :day OR {column} < '')"


def _sqlite(session: SqlSession, table: str, column: str) -> Dated:
    name = table.rpartition(".")[2]
    sql = "SELECT 1 FROM pragma_table_info(:name) WHERE lower(name) = lower(:column)"
    if not ask(session, sql, {}, {"name": name, "column": column}):
        raise _useless(table, column, "")
    return Dated(
        table,
        column,
        # a Julian day holds an instant to about a tenth of a millisecond
        newer=f"({_LITE_MAY_BE} AND {_LITE_AT} >= :epoch - 0.001)",
        age=f"(julianday('now') - 2440587.5) * 86400.0 - max({_LITE_AT})",
        undated=f"({{column}} IS NULL OR ({_LITE_MAY_BE} AND {_LITE_AT} IS NULL))",
    )


# ---------------------------------------------------------------- all of them


def _numbered(session: SqlSession, table: str, column: str, reads: tuple[str, str]) -> Dated:
    """A number since 1970; what it counts is told by the size of the largest. reads: SQL of now and of the newest."""
    now, newest = reads
    sql = f"SELECT {newest} FROM {{table}}"  # noqa: S608 - texts of this house; names are put in by the dialect
    largest = ask(session, sql, {"table": table, "column": column}, {})[0][0]
    unit = next((unit for least, unit in _UNITS if largest is not None and float(str(largest)) >= least), 1)
    return Dated(table, column, "{column} >= :epoch", f"{now} - {newest} / {unit}.0", unit=unit)


def _useless(table: str, column: str, kind: str) -> Refused:
    if not kind:
        return Refused(f"There is no column {column} in a table {table}.", hint="Mend rollback.loss.")
    what = "holds days, not instants" if kind == "date" else f"is of type {kind}, which dates no row"
    return Refused(f"{table}.{column} {what}.", hint="Declare a column that says when a row was written.")


_BY_FLAVOR: Mapping[Flavor, Callable[[SqlSession, str, str], Dated]] = {
    "postgresql": _postgresql,
    "mysql": _mysql,
    "sqlite": _sqlite,
}
