"""May this login do that: asked of the server's own catalogue, in a read-only session, changing nothing.

A right that the catalogue does not settle (columns, roles, row security) is said to be unsettled: better an honest
"could not tell" than a green mark that turns red at T-0.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.connectors.dialect import FaultKind
from app.connectors.sql_session import SqlFault, SqlSession
from app.connectors.sql_split import Flavor
from app.runbook.checks.sql_needs import Need, Verb

Word = Literal["ok", "refused", "missing", "unknown"]


@dataclass(frozen=True, slots=True)
class Right:
    """The answer to one need. `missing`: the object is not there (yet), or this login may not see it."""

    word: Word
    detail: str = ""


OK = Right("ok")
Ask = Callable[[SqlSession, Need], Right]


def rights(session: SqlSession, needs: Iterable[Need]) -> dict[Need, Right]:
    """Each need with its answer."""
    ask = _ASK[session.dialect.flavor]
    return {need: _asked(ask, session, need) for need in needs}


def marker_right(session: SqlSession) -> Right:
    """Whether a marker row can be written (see app/connectors/markers.py): into a table that stands, or a new one.

    refused: one stands and this login may not write into it, so its steps would be refused; missing: none stands and
    it may make none, so its steps run without one.
    """
    return _MARKER[session.dialect.flavor](session)


def _asked(ask: Ask, session: SqlSession, need: Need) -> Right:
    try:
        return ask(session, need)
    except SqlFault as fault:
        if fault.kind is FaultKind.DENIED:
            return Right("refused", fault.text)
        if fault.kind is FaultKind.LOST:
            raise
        return Right("unknown", f"could not tell about {need}: {fault.text}")


def _worst(answers: Iterable[Right]) -> Right:
    order: dict[Word, int] = {"refused": 0, "missing": 1, "unknown": 2, "ok": 3}
    return min(answers, key=lambda one: order[one.word])


# ---------------------------------------------------------------- PostgreSQL

_TABLE = (
    "SELECT pg_catalog.has_table_privilege(c.oid, :verb), pg_catalog.pg_has_role(c.relowner, 'USAGE'),"
    " pg_catalog.row_security_active(c.oid) FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass(:name)"
)
_SOME_COLUMNS = "SELECT pg_catalog.has_any_column_privilege(pg_catalog.to_regclass(:name), :verb)"
_SEQUENCES = (
    "SELECT s.relname FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'"
    " WHERE d.refobjid = pg_catalog.to_regclass(:name) AND d.deptype = 'a'"
    " AND NOT pg_catalog.has_sequence_privilege(s.oid, 'USAGE')"
)
_SCHEMA = (
    "SELECT pg_catalog.has_schema_privilege(oid, 'CREATE') FROM pg_catalog.pg_namespace"
    " WHERE nspname = coalesce(nullif(:name, ''), current_schema())"
)
_OWNERS: frozenset[Verb] = frozenset({"DROP", "ALTER", "INDEX"})


def _postgresql(session: SqlSession, need: Need) -> Right:
    if need.verb == "CREATE":
        return _postgresql_schema(session, need)
    if need.verb == "TEMP":
        found = session.rows("SELECT pg_catalog.has_database_privilege(current_database(), 'TEMP')")
        return OK if found[0][0] else Right("refused", "it may not make temporary tables")
    name = ".".join(session.dialect.quote(part.replace(".", "")) for part in (need.schema, need.table) if part)
    verb = "SELECT" if need.verb in _OWNERS else need.verb
    found = session.rows(_TABLE, {"verb": verb, "name": name})
    if not found:
        return Right("missing", f"{need.table} is not there")
    may, owns, rows_guarded = map(bool, found[0])
    if need.verb in _OWNERS:
        return OK if owns else Right("refused", f"it may not {need}: it does not own it")
    return _postgresql_table(session, need, name, (may, rows_guarded))


def _postgresql_table(session: SqlSession, need: Need, name: str, found: tuple[bool, bool]) -> Right:
    """What the privilege on the table, and whether row security is on for this login, come to."""
    may, rows_guarded = found
    if may and rows_guarded:
        return Right("unknown", f"row security guards {need.table}; could not tell for which rows it may {need}")
    if may:
        return _sequences(session, need, name) if need.verb == "INSERT" else OK
    by_column = need.verb in ("SELECT", "INSERT", "UPDATE")
    if by_column and session.rows(_SOME_COLUMNS, {"verb": need.verb, "name": name})[0][0]:
        return Right("unknown", f"it may {need} on some columns only; could not tell whether they do")
    return Right("refused", f"it may not {need}")


def _sequences(session: SqlSession, need: Need, name: str) -> Right:
    barred = session.rows(_SEQUENCES, {"name": name})
    return Right("refused", f"it may not use the sequence {barred[0][0]} of {need.table}") if barred else OK


def _postgresql_schema(session: SqlSession, need: Need) -> Right:
    found = session.rows(_SCHEMA, {"name": need.schema})
    if not found:
        return Right("missing", f"the schema {need.schema or 'of its search path'} is not there")
    return OK if found[0][0] else Right("refused", f"it may not create {need.table} in that schema")


def _postgresql_marker(session: SqlSession) -> Right:
    if session.rows("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = 'tminus'"):
        needs: tuple[Verb, ...] = ("SELECT", "INSERT", "UPDATE")
        table = _worst(_asked(_postgresql, session, Need(verb, "tminus", "marker")) for verb in needs)
        if table.word != "missing":
            return table
        may = _postgresql_schema(session, Need("CREATE", "tminus", "marker")).word == "ok"
        return OK if may else Right("missing", "it may not make tminus.marker")
    found = session.rows("SELECT pg_catalog.has_database_privilege(current_database(), 'CREATE')")
    return OK if found[0][0] else Right("missing", "it may not make the schema tminus")


# ---------------------------------------------------------------- MySQL and MariaDB

_ME = "replace(grantee, '''', '') = current_user()"
_GRANTS = (
    f"SELECT 1 FROM information_schema.user_privileges WHERE {_ME} AND privilege_type = :verb"  # noqa: S608 - no word of it is anybody else's
    f" UNION SELECT 1 FROM information_schema.schema_privileges WHERE {_ME} AND privilege_type = :verb"
    " AND :schema LIKE table_schema"
    f" UNION SELECT 1 FROM information_schema.table_privileges WHERE {_ME} AND privilege_type = :verb"
    " AND table_schema = :schema AND table_name = :name"
)
_COLUMNS = (
    f"SELECT 1 FROM information_schema.column_privileges WHERE {_ME} AND privilege_type = :verb"  # noqa: S608 - no word of it is anybody else's
    " AND table_schema = :schema AND table_name = :name"
)
_STANDS = "SELECT 1 FROM information_schema.tables WHERE table_schema = :schema AND table_name = :name"
_MYSQL_VERBS: Mapping[Verb, str] = {"TRUNCATE": "DROP", "TEMP": "CREATE TEMPORARY TABLES"}


def _mysql(session: SqlSession, need: Need) -> Right:
    schema = need.schema or str(session.rows("SELECT coalesce(database(), '')")[0][0])
    place = {"schema": schema, "name": need.table}
    if need.verb not in ("CREATE", "TEMP") and not session.rows(_STANDS, place):
        return Right("missing", f"{need.table} is not there, or this login may not see it")
    verb = {"verb": _MYSQL_VERBS.get(need.verb, need.verb)}
    if session.rows(_GRANTS, place | verb):
        return OK
    if session.rows(_COLUMNS, place | verb):
        return Right("unknown", f"it may {need} on some columns only; could not tell whether they do")
    if str(session.rows("SELECT coalesce(current_role(), 'NONE')")[0][0]) != "NONE":
        return Right("unknown", f"could not tell whether its role lets it {need}")
    return Right("refused", f"it may not {need}")


def _mysql_marker(session: SqlSession) -> Right:
    """The same places in the same order as the dialect's, the first that does."""
    answers = []
    own = session.dialect.url.database
    places = [("tminus", "marker"), *([(own, "tminus_marker")] if own else [])]
    for schema, table in places:
        if session.rows(_STANDS, {"schema": schema, "name": table}):
            verbs: tuple[Verb, ...] = ("SELECT", "INSERT", "UPDATE")
            return _worst(_mysql(session, Need(verb, schema, table)) for verb in verbs)
        answers.append(_mysql(session, Need("CREATE", schema, table)))
    return OK if OK in answers else Right("missing", "; ".join(one.detail for one in answers))


# ---------------------------------------------------------------- SQLite


def _sqlite(session: SqlSession, need: Need) -> Right:
    if need.verb not in ("CREATE", "TEMP"):
        query = "SELECT 1 FROM sqlite_master WHERE lower(name) = lower(:name)"
        if need.schema.lower() not in ("", "main") or need.table.lower().startswith("sqlite_"):
            return OK if need.verb == "SELECT" else Right("unknown", f"could not tell about {need}")
        if not session.rows(query, {"name": need.table}):
            return Right("missing", f"{need.table} is not there")
    return OK if need.verb in ("SELECT", "TEMP") else _sqlite_marker(session)


def _sqlite_marker(session: SqlSession) -> Right:
    """Who may write the file, and the journal beside it, may do anything."""
    file = Path(str(session.dialect.url.database)).absolute()
    for place in (file, file.parent):
        if not os.access(place, os.W_OK):
            return Right("refused", f"{place} cannot be written")
    return OK


_ASK: Mapping[Flavor, Ask] = {"postgresql": _postgresql, "mysql": _mysql, "sqlite": _sqlite}
_MARKER: Mapping[Flavor, Callable[[SqlSession], Right]] = {
    "postgresql": _postgresql_marker,
    "mysql": _mysql_marker,
    "sqlite": _sqlite_marker,
}
