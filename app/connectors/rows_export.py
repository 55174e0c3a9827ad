"""Rows written since an instant, saved whole: a file per table, exact to the last digit, streamed, with SHA-256.

ndjson   one object a row, columns in the order of the table. Whole numbers that every reader keeps (up to 2^53) and
         finite doubles are numbers; decimals, larger numbers, instants and everything else are the server's exact text;
         bytes are base64; true, false and null are themselves
csv      RFC 4180 with a line of names; every value is quoted and NULL is nothing at all, so that it is not ""

The types of the columns are in the manifest, so that whoever loads the file knows what each text was.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from app.connectors.dialect import Bounds
from app.connectors.rows_dated import Dated, ask, dated
from app.connectors.rows_since import Facts, RowsSince, clock_of, count_one
from app.connectors.sql_session import SqlSession
from app.connectors.sql_split import Flavor, split
from app.connectors.sql_values import plain
from app.errors import Refused

Form = Literal["ndjson", "csv"]

EXPORTING = Bounds(statement=timedelta(hours=1), lock=timedelta(seconds=5))
_SAFE = 2**53
_BLOCK = 1 << 18


@dataclass(frozen=True, slots=True)
class Column:
    """`select` is what stands in the query; `kind` the server's own name of the type."""

    name: str
    kind: str
    select: str


@dataclass(frozen=True, slots=True)
class TableFile:
    """One table as it was saved. undated: rows that carry no date, which are not in the file."""

    table: str
    file: str
    rows: int
    digest: str
    undated: int
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Saved:
    """Every table at one moment: `taken` by the server's clock."""

    taken: datetime
    files: tuple[TableFile, ...]


@dataclass(frozen=True, slots=True)
class Errand:
    """Which rows, of which database (`expects`, see RowsSince), and where to: `folder` exists and is empty."""

    since: datetime
    expects: Facts
    folder: Path
    form: Form


async def save_rows(rows: RowsSince, errand: Errand) -> Saved:
    """Write the files. Raises as RowsSince, and Refused for a full disk.

    Cancelling ends the statement at the server; what is in the folder by then is for the caller to remove.
    """

    def look(session: SqlSession) -> Saved:
        taken = clock_of(session).at
        found = []
        for number, (table, column) in enumerate(rows.tables.items(), 1):
            name = f"{number:02}-{_safe(table)}.{errand.form}"
            found.append(_save(session, dated(session, table, column), errand, name))
        return Saved(taken, tuple(found))

    try:
        return await rows.read(look, EXPORTING, errand.expects)
    except OSError as error:
        raise Refused(f"The rows cannot be written: {error.strerror or error}.", where=str(errand.folder)) from error


def _save(session: SqlSession, one: Dated, errand: Errand, name: str) -> TableFile:
    columns = _columns(session, one.table)
    names = {**one.names, **{f"c{number}": column.name for number, column in enumerate(columns)}}
    selected = ", ".join(column.select.replace("{}", f"{{c{number}}}") for number, column in enumerate(columns))
    sql = f"SELECT {selected} FROM {{table}} WHERE {one.newer} ORDER BY {{column}}"  # noqa: S608 - texts of this house; the dialect puts names and values in
    (statement,) = split(sql, session.dialect.flavor)
    undated = count_one(session, one, errand.since).undated
    with session.fetch(statement, one.binds(errand.since), names) as fetched:
        lines = _FORMS[errand.form]([column.name for column in columns], fetched.rows)
        rows, digest = _write(errand.folder / name, lines)
    kinds = tuple((column.name, column.kind) for column in columns)
    return TableFile(one.table, name, rows, digest, undated, kinds)


def _write(file: Path, lines: Iterator[tuple[int, str]]) -> tuple[int, str]:
    """How many rows, and the digest of what is on disk when this returns."""
    digest, rows, block = hashlib.sha256(), 0, bytearray()
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        for number, line in lines:
            rows += number
            block += line.encode("utf-8", "surrogatepass")
            if len(block) >= _BLOCK:
                digest.update(block)
                out.write(block)
                block.clear()
        digest.update(block)
        out.write(block)
        out.flush()
        os.fsync(out.fileno())
    return rows, digest.hexdigest()


def _safe(table: str) -> str:
    """A file's name of a table's: whatever a file system or a shell might act upon becomes `_`."""
    return "".join(one if one.isascii() and (one.isalnum() or one in "-_") else "_" for one in table)[:80]


# ---------------------------------------------------------------- lines

_Lines = Callable[[Sequence[str], Iterator[Sequence[object]]], Iterator[tuple[int, str]]]
"""(names, rows) -> (rows in it, line)."""


def _ndjson(names: Sequence[str], rows: Iterator[Sequence[object]]) -> Iterator[tuple[int, str]]:
    keys = [json.dumps(name, ensure_ascii=False) for name in names]
    for row in rows:
        cells = ", ".join(f"{key}: {_value(value)}" for key, value in zip(keys, row, strict=True))
        yield 1, f"{{{cells}}}\n"


def _value(value: object) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        return f'"{base64.b64encode(bytes(value)).decode()}"'
    whole = isinstance(value, int) and abs(value) <= _SAFE
    if value is None or whole or (isinstance(value, float) and math.isfinite(value)):
        return json.dumps(value)
    return json.dumps(_text(value), ensure_ascii=False)


def _csv(names: Sequence[str], rows: Iterator[Sequence[object]]) -> Iterator[tuple[int, str]]:
    yield 0, ",".join(map(_quoted, names)) + "\r\n"
    for row in rows:
        yield 1, ",".join(map(_cell, row)) + "\r\n"


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes | bytearray | memoryview):
        return _quoted(base64.b64encode(bytes(value)).decode())
    return _quoted(_text(value))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(plain(value))


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


_FORMS: Mapping[str, _Lines] = {"ndjson": _ndjson, "csv": _csv}


# ---------------------------------------------------------------- columns

_PG_COLUMNS = """
SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), pg_catalog.format_type(a.atttypid, NULL)
  FROM pg_catalog.pg_attribute a
 WHERE a.attrelid = pg_catalog.to_regclass(CAST(:table AS text)) AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attnum
"""
_PG_OWN = frozenset({"boolean", "smallint", "integer", "bigint", "real", "double precision", "bytea"})
_PG_FORMS = (
    "SELECT pg_catalog.set_config('DateStyle', 'ISO, YMD', true), pg_catalog.set_config('IntervalStyle', 'iso_8601',"
    " true), pg_catalog.set_config('extra_float_digits', '1', true)"
)
_MY_COLUMNS = """
SELECT column_name, column_type, data_type FROM information_schema.columns
 WHERE table_schema = coalesce(nullif(:schema, ''), database()) AND table_name = :name ORDER BY ordinal_position
"""
_MY_AS_TEXT = frozenset({"date", "datetime", "timestamp", "time", "year", "json", "decimal", "set", "enum"})


def _columns(session: SqlSession, table: str) -> tuple[Column, ...]:
    return _COLUMNS[session.dialect.flavor](session, table)


def _pg_columns(session: SqlSession, table: str) -> tuple[Column, ...]:
    """Instants, decimals, arrays and documents as PostgreSQL writes them: no driver can say them more exactly."""
    ask(session, _PG_FORMS, {}, {})
    found = ask(session, _PG_COLUMNS, {}, {"table": session.dialect.quote(table)})
    return tuple(Column(str(n), str(kind), "{}" if bare in _PG_OWN else "{}::text") for n, kind, bare in found)


def _my_columns(session: SqlSession, table: str) -> tuple[Column, ...]:
    """A FLOAT read as text is cut to six digits, and a date of zeros is no date to a driver."""
    schema, _, name = table.rpartition(".")
    found = ask(session, _MY_COLUMNS, {}, {"schema": schema, "name": name})
    forms = {"float": "{} + 0e0"} | dict.fromkeys(_MY_AS_TEXT, "CAST({} AS char)")
    return tuple(Column(str(n), str(kind), forms.get(str(bare).lower(), "{}")) for n, kind, bare in found)


def _lite_columns(session: SqlSession, table: str) -> tuple[Column, ...]:
    """Every value carries its own type; the declared one is what the table says."""
    sql = "SELECT name, type FROM pragma_table_xinfo(:name) WHERE hidden <> 1 ORDER BY cid"
    found = ask(session, sql, {}, {"name": table.rpartition(".")[2]})
    return tuple(Column(str(name), str(kind), "{}") for name, kind in found)


_COLUMNS: Mapping[Flavor, Callable[[SqlSession, str], tuple[Column, ...]]] = {
    "postgresql": _pg_columns,
    "mysql": _my_columns,
    "sqlite": _lite_columns,
}
