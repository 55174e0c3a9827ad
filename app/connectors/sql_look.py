"""One look at a database before a run, in one read-only session: who it is, its clock, and what this login may do."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from app.connectors.rights import Right, marker_right, rights
from app.connectors.sql_session import SqlFault, SqlSession
from app.ports import Fingerprint
from app.runbook.checks.sql_needs import Need

_CLOCK = {
    "postgresql": "SELECT extract(epoch FROM pg_catalog.clock_timestamp())::text",
    "mysql": "SELECT CAST(unix_timestamp(now(6)) AS char)",
}
_CLOSED = {
    "postgresql": "SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN 'it is a standby' ELSE '' END",
    "mysql": "SELECT CASE WHEN @@global.read_only NOT IN ('0', 'OFF') THEN 'its read_only is on' ELSE '' END",
}


@dataclass(frozen=True, slots=True)
class Looked:
    """closed: why the server takes no writes, or ""; offset: its clock minus ours, None where it is the same clock."""

    who: Fingerprint
    closed: str
    offset: timedelta | None
    marker: Right
    rights: Mapping[Need, Right]


def look(session: SqlSession, needs: frozenset[Need]) -> Looked:
    """Ask everything. Raises SqlFault when the connection is lost."""
    flavor = session.dialect.flavor
    closed = str(session.rows(_CLOSED[flavor])[0][0]) if flavor in _CLOSED else ""
    offset = _offset(session, _CLOCK[flavor]) if flavor in _CLOCK else None
    return Looked(session.identity(), closed, offset, _marker(session), rights(session, needs))


def _marker(session: SqlSession) -> Right:
    try:
        return marker_right(session)
    except SqlFault as fault:
        return Right("unknown", f"could not tell whether a marker can be written: {fault.text}")


def _offset(session: SqlSession, question: str) -> timedelta:
    """The server's clock at the middle of the question minus ours; half the way there and back is its error."""
    before = time.time()
    theirs = float(str(session.rows(question)[0][0]))
    return timedelta(seconds=theirs - (before + time.time()) / 2)
