"""One piece of SQL from BEGIN to a verdict: the only place that decides what a database's errors mean.

    before COMMIT was sent      an error, a stop, a lost connection: rolled back for certain -> FAILED or CANCELLED
    once COMMIT was sent        an error means nothing: the marker is asked on a new connection -> COMMITTED, FAILED
                                (it never committed and never will) or UNKNOWN (the database cannot tell yet)
    statement by statement      those before the error stand and are counted in `partial`; a connection lost while one
                                ran leaves that one UNKNOWN

Work that one transaction cannot hold (MySQL DDL commits by itself) counts like the last row, whatever `tx` says.
Everything here blocks and belongs on a thread of its own.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from app.connectors import markers
from app.connectors.dialect import Bind, Bounds, FaultKind, Fetched, MarkerTable
from app.connectors.sql_session import Handle, Login, SqlFault, SqlSession, opened
from app.connectors.sql_split import Statement
from app.connectors.sql_values import Plain, plain
from app.ports import MarkerAnswer, SqlOutcome, SqlResult, SqlVerdict, SqlWork

RESOLVE_FOR = timedelta(seconds=10)
"""How long a doubtful COMMIT is asked about before the verdict is UNKNOWN (it can be settled later)."""

WRONG_TARGET = "this is not the database that the run saw before"

_ASK_AGAIN = 0.1


@dataclass(frozen=True, slots=True)
class Job:
    """Checked and ready: the work, its statements, and its values with secrets revealed (never in a repr)."""

    work: SqlWork
    statements: tuple[Statement, ...]
    binds: Mapping[str, Bind] = field(repr=False)
    idents: Mapping[str, str]
    bounds: Bounds


def carry_out(login: Login, handle: Handle, job: Job) -> SqlOutcome:
    """Run it and resolve a doubtful COMMIT. Raises SqlFault only when no connection came about: nothing was run."""
    try:
        with opened(login, handle, job.bounds, read_only=job.work.read_only) as session:
            session.sign(job.work.ticket)
            outcome, ask = _Attempt(session, handle, job).run()
    except SqlFault as fault:
        if fault.kind in (FaultKind.LOST, FaultKind.LOGIN):
            raise
        return _ended(handle, fault.text)
    return resolve(login, job, outcome) if ask else outcome


def resolve(login: Login, job: Job, outcome: SqlOutcome) -> SqlOutcome:
    """Ask the marker what became of a COMMIT that got no answer."""
    ends = time.monotonic() + RESOLVE_FOR.total_seconds()
    while True:
        left = timedelta(seconds=max(1.0, ends - time.monotonic()))
        match _ask(login, job.work, left):
            case MarkerAnswer.COMMITTED:
                return replace(outcome, verdict=SqlVerdict.COMMITTED, error="")
            case MarkerAnswer.NEVER:
                return replace(outcome, verdict=SqlVerdict.FAILED, result=SqlResult(), partial=0)
            case MarkerAnswer.CANNOT_TELL:
                return outcome
            case _ if time.monotonic() > ends:
                return outcome
        time.sleep(_ASK_AGAIN)


def _ask(login: Login, work: SqlWork, wait: timedelta) -> MarkerAnswer:
    """RUNNING when nobody answers: ask again. Another database than the one written to cannot tell."""
    try:
        with opened(login, Handle(), Bounds(lock=wait), read_only=False) as session:
            if session.identity().unlike(work.expects):
                return MarkerAnswer.CANNOT_TELL
            return markers.settle(session, work.ticket)
    except SqlFault as fault:
        return MarkerAnswer.CANNOT_TELL if fault.kind is FaultKind.LOGIN else MarkerAnswer.RUNNING


class _Attempt:
    """One run of one job on one open session."""

    def __init__(self, session: SqlSession, handle: Handle, job: Job) -> None:
        self._session = session
        self._handle = handle
        self._job = job
        self._seen = _Seen(job.work.max_rows)

    def run(self) -> tuple[SqlOutcome, bool]:
        """The outcome, and whether the marker must be asked about it on a new connection."""
        if self._job.work.read_only:
            return self._reading(), False
        if changed := self._session.identity().unlike(self._job.work.expects):
            return SqlOutcome(SqlVerdict.FAILED, error=f"nothing was run: {WRONG_TARGET}: {changed}"), False
        table = markers.ensure(self._session) if self._job.work.marker else None
        if self._job.work.tx == "none":
            return self._one_by_one(table), False
        if any(map(self._session.dialect.commits_by_itself, self._job.statements)):
            return self._committing_by_itself(table)
        return self._in_one(table)

    def _reading(self) -> SqlOutcome:
        """One READ ONLY transaction whatever `tx` says: between two of them a statement could switch the mode off."""
        try:
            self._session.begin(read_only=True)
            self._all_statements()
        except SqlFault as fault:
            return _ended(self._handle, fault.text)
        finally:
            self._session.rollback()
        if self._handle.stopped:  # MySQL's sleep() and benchmark() answer early instead of failing
            return _ended(self._handle, "stopped while it ran")
        return SqlOutcome(SqlVerdict.COMMITTED, self._seen.result())

    def _in_one(self, table: MarkerTable | None) -> tuple[SqlOutcome, bool]:
        marked = table is not None
        try:
            self._session.begin(read_only=False)
            if table is not None and (refused := self._mark(table, markers.DONE)):
                return self._undone(refused, marked=marked), False
            self._all_statements()
        except SqlFault as fault:
            return self._undone(_before_commit(fault), marked=marked), False
        if not self._handle.commit_is_sent():
            return self._undone("stopped before COMMIT", marked=marked), False
        return self._commit(marked=marked, ask=marked)

    def _committing_by_itself(self, table: MarkerTable | None) -> tuple[SqlOutcome, bool]:
        """MySQL DDL: the row says "started" ahead of everything and "done" in the last transaction."""
        if table is not None and (refused := self._mark(table, markers.STARTED)):
            return SqlOutcome(SqlVerdict.FAILED, error=refused), False
        try:
            self._session.begin(read_only=False)
            self._all_statements(reopen=True)
            if table is not None:
                markers.finish(self._session, table, self._job.work.ticket)
        except SqlFault as fault:
            return self._partly(fault), False
        if not self._handle.commit_is_sent():
            return self._partly(SqlFault(FaultKind.CANCELLED, "stopped before COMMIT")), False
        return self._commit(marked=False, ask=table is not None)

    def _one_by_one(self, table: MarkerTable | None) -> SqlOutcome:
        if table is not None and (refused := self._mark(table, markers.STARTED)):
            return SqlOutcome(SqlVerdict.FAILED, error=refused)
        try:
            self._all_statements()
        except SqlFault as fault:
            return self._stopped_halfway(fault, standing=len(self._seen.statements))
        if table is not None:
            self._say_done(table)
        return SqlOutcome(SqlVerdict.COMMITTED, self._seen.result())

    def _say_done(self, table: MarkerTable) -> None:
        try:
            markers.finish(self._session, table, self._job.work.ticket)
        except SqlFault:
            # Every statement was acknowledged, so the outcome is known here and now. The row stays at "started",
            # which only makes a later settle say "cannot tell" instead of "committed".
            return

    def _mark(self, table: MarkerTable, verdict: str) -> str:
        return markers.mark(self._session, table, markers.Row(self._job.work.ticket, self._job.work.head, verdict))

    def _all_statements(self, *, reopen: bool = False) -> None:
        """`reopen`: what commits by itself leaves no transaction open, so what follows it gets a new one."""
        for statement in self._job.statements:
            if self._handle.stopped:
                raise SqlFault(FaultKind.CANCELLED, "stopped between two statements")
            with self._session.fetch(statement, self._job.binds, self._job.idents) as fetched:
                self._seen.read(statement, fetched)
            if reopen and self._session.dialect.commits_by_itself(statement):
                self._session.begin(read_only=False)

    def _commit(self, *, marked: bool, ask: bool) -> tuple[SqlOutcome, bool]:
        try:
            self._session.commit()
        except SqlFault as fault:
            said = f"COMMIT was sent and got no clear answer: {fault.text}"
            return SqlOutcome(SqlVerdict.UNKNOWN, self._seen.result(), said, marked=marked), ask
        return SqlOutcome(SqlVerdict.COMMITTED, self._seen.result(), marked=marked), False

    def _undone(self, why: str, *, marked: bool) -> SqlOutcome:
        if self._session.rollback():
            return _ended(self._handle, why, marked=marked)
        why = f"{why}. Some tables keep no transactions: what was written into them was not rolled back"
        return _ended(self._handle, why, partial=max(1, len(self._seen.statements)))

    def _partly(self, fault: SqlFault) -> SqlOutcome:
        whole = self._session.rollback()
        done = len(self._seen.statements)
        return self._stopped_halfway(fault, standing=self._standing(fault) if whole else max(1, done))

    def _stopped_halfway(self, fault: SqlFault, standing: int) -> SqlOutcome:
        if fault.kind is FaultKind.LOST:  # nobody knows about the statement that ran at that moment
            return SqlOutcome(SqlVerdict.UNKNOWN, error=fault.text, partial=standing)
        return _ended(self._handle, fault.text, partial=standing)

    def _standing(self, fault: SqlFault) -> int:
        """How many statements the last one that commits by itself took with it."""
        done = len(self._seen.statements)
        commits = [self._session.dialect.commits_by_itself(statement) for statement in self._job.statements]
        if done < len(commits) and commits[done] and fault.kind not in (FaultKind.SYNTAX, FaultKind.CANCELLED):
            return done  # it commits what is open before it fails
        return max((number + 1 for number in range(done) if commits[number]), default=0)


class _Seen:
    """What the statements answered, in bounded memory."""

    def __init__(self, max_rows: int) -> None:
        self.statements: list[str] = []
        self._max_rows = max_rows
        self._last: tuple[tuple[str, ...], list[tuple[Plain, ...]]] = ((), [])
        self._count = 0

    def read(self, statement: Statement, fetched: Fetched) -> None:
        """Read all rows, keep the first of them, count every one."""
        kept: list[tuple[Plain, ...]] = []
        count = fetched.affected
        for number, row in enumerate(fetched.rows, start=1):
            count = number
            if number <= self._max_rows:
                kept.append(_row(row))
        if fetched.columns or not self._last[0]:
            self._last, self._count = (fetched.columns, kept), count
        self.statements.append(f"{statement.shown()}: {count} {'row' if count == 1 else 'rows'}")

    def result(self) -> SqlResult:
        columns, rows = self._last
        return SqlResult(columns, tuple(rows), self._count, tuple(self.statements))


def _row(row: Sequence[object]) -> tuple[Plain, ...]:
    return tuple(map(plain, row))


def _before_commit(fault: SqlFault) -> str:
    if fault.kind is FaultKind.LOST:
        return f"the connection was lost before COMMIT, so the server rolls back: {fault.text}"
    return fault.text


def _ended(handle: Handle, error: str, *, partial: int = 0, marked: bool = False) -> SqlOutcome:
    verdict = SqlVerdict.CANCELLED if handle.stopped else SqlVerdict.FAILED
    return SqlOutcome(verdict, error=error, partial=partial, marked=marked)
