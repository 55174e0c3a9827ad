"""Marker rows: how a database remembers what became of a ticket, and how a ticket is fenced.

One table per database, in a schema or database of its own where the product allows it. One row per ticket:

    done      written FIRST in the step's own transaction, so it stands exactly when the step's work stands;
              or set last by work that no single transaction can hold
    started   work that no transaction can hold (MySQL DDL, `tx: none`) began; how far it came the row cannot say
    fenced    a console found no row and took the ticket's place: the work never committed and never will,
              because its own INSERT of the same primary key now fails

The fence waits for a transaction that has written the row and not ended yet; so whatever it finds is final.

Why the absence of a row proves that nothing was done. Every piece of work inserts its row before anything else, and
only one thing lets it go on without: the table does not stand and the login may not make it. So when the table
stands, no row means no work (a login that may not write into a standing table is refused before it starts). When it
does not stand, the work may have run unmarked, and `settle` neither makes the table nor guesses: CANNOT_TELL. SQLite
knows no such rights, so there a missing table is made, fenced, and proof. What is left: a table made by hand, by
somebody else, between a crash and its settling; so make it before a run (`prepare`), not after.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.connectors.dialect import FaultKind, MarkerTable
from app.connectors.sql_session import SqlFault, SqlSession
from app.ports import MarkerAnswer

DONE = "done"
STARTED = "started"
FENCED = "fenced"


def ensure(session: SqlSession) -> MarkerTable | None:
    """The marker table, made when missing; None when this login may not make it anywhere. Outside transactions."""
    standing = tables(session)
    if standing:
        return standing[0]
    for table in session.dialect.marker_tables():
        if _create(session, table):
            return table
    return None


def tables(session: SqlSession) -> tuple[MarkerTable, ...]:
    """The marker tables that stand and that this login can see, the preferred first."""
    return tuple(table for table in session.dialect.marker_tables() if session.rows(table.found))


@dataclass(frozen=True, slots=True)
class Row:
    """What is written for a ticket; `head` is the hash of the record before it, a witness against a cut tail."""

    ticket: str
    head: str
    verdict: str


def mark(session: SqlSession, table: MarkerTable, row: Row) -> str:
    """Insert the ticket's row as the first thing done. Returns "" or why the work must not run."""
    try:
        session.rows(
            f"INSERT INTO {table.name} (ticket, verdict, head, session, at)"  # noqa: S608 - the name is ours
            f" VALUES (:ticket, :verdict, :head, {session.dialect.session}, {session.dialect.now})",
            {"ticket": row.ticket, "verdict": row.verdict, "head": row.head},
        )
    except SqlFault as fault:
        if fault.kind is FaultKind.DUPLICATE:
            return f"ticket {row.ticket} was fenced or used before; nothing was run"
        if fault.kind is FaultKind.DENIED:
            return (
                f"this login may not write into {table.name}; nothing was run. Grant it SELECT, INSERT and UPDATE there"
            )
        raise
    return ""


def finish(session: SqlSession, table: MarkerTable, ticket: str) -> None:
    """Say of work that no transaction holds that all of it is done."""
    session.rows(
        f"UPDATE {table.name} SET verdict = 'done' WHERE ticket = :ticket",  # noqa: S608 - the name is ours
        {"ticket": ticket},
    )


def settle(session: SqlSession, ticket: str) -> MarkerAnswer:
    """Fence the ticket and tell the truth. The session's lock limit bounds the wait for a doubtful transaction."""
    standing = tables(session)
    if not standing and session.dialect.settle_creates_table():
        made = ensure(session)
        standing = (made,) if made else ()
    answers = [_settle_in(session, table, ticket) for table in standing]
    for answer in (MarkerAnswer.COMMITTED, MarkerAnswer.RUNNING, MarkerAnswer.CANNOT_TELL):
        if answer in answers:
            return answer
    return MarkerAnswer.NEVER if answers else MarkerAnswer.CANNOT_TELL


def _settle_in(session: SqlSession, table: MarkerTable, ticket: str) -> MarkerAnswer:
    try:
        fence = session.dialect.fence.replace("{table}", table.name).replace("{now}", session.dialect.now)
        session.rows(fence, {"ticket": ticket, "head": ""})
        found = session.rows(
            f"SELECT verdict, session FROM {table.name} WHERE ticket = :ticket",  # noqa: S608 - the name is ours
            {"ticket": ticket},
        )
    except SqlFault as fault:
        match fault.kind:
            case FaultKind.LOCKED:
                return MarkerAnswer.RUNNING
            case FaultKind.DENIED:
                return MarkerAnswer.CANNOT_TELL
            case _:
                raise
    verdict, owner = found[0]
    match verdict:
        case "done":
            return MarkerAnswer.COMMITTED
        case "fenced":
            return MarkerAnswer.NEVER
        case _:
            return MarkerAnswer.RUNNING if _alive(session, str(owner)) else MarkerAnswer.CANNOT_TELL


def _alive(session: SqlSession, owner: str) -> bool:
    query = session.dialect.alive
    return bool(query and owner and session.rows(query, {"session": owner}))


def _create(session: SqlSession, table: MarkerTable) -> bool:
    try:
        for statement in table.create:
            session.rows(statement)
    except SqlFault as fault:
        match fault.kind:
            case FaultKind.DENIED:
                return False
            case FaultKind.DUPLICATE:  # another console made it at the same moment
                return bool(session.rows(table.found))
            case _:
                raise
    return True
