"""The live half of `sql`: run in one database, and after a doubt believe its marker, then a probe, then nobody."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import Literal, Protocol

from app.errors import Refused, TargetUnreachable, TminusError
from app.ports import Database, MarkerAnswer, Say, SqlOutcome, SqlResult, SqlVerdict, SqlWork, World
from app.run.outcome import Evidence, Intent, Observed, Outcome, PointsTo, Verdict
from app.runbook.body import Changes
from app.runbook.model_step import Step
from app.steps.doubt import Doubt, at, probe_or_doubt
from app.steps.live import Toolbox

SETTLE_FOR = timedelta(seconds=5)
"""How long one question to the marker may wait for a doubtful transaction before it is asked anew."""

_SHOWN_ROWS = 50


class SqlFields(Protocol):
    """What the live half reads of a body."""

    db: str
    run: str
    file: str


class SqlLive:
    """perform, settle and stop of `sql`."""

    async def perform(self, intent: Intent, step: Step, world: World, say: Say, toolbox: Toolbox) -> Outcome:
        """Run it. Its rows and counts become output and facts."""
        began = world.clock.mono_ns()
        try:
            database = _database(step, world)
            work = _work(intent, step, toolbox)
            ended = await database.run(work, say)
        except (Refused, TargetUnreachable) as trouble:
            return Outcome(Verdict.FAILED, f"nothing was run: {trouble}")
        _tell(ended.result, say)
        elapsed = timedelta(microseconds=(world.clock.mono_ns() - began) // 1000)
        outcome = await self._outcome(ended, elapsed, (intent, step, world, toolbox))
        return at(outcome, f"database {database.name}")

    async def settle(self, intent: Intent, step: Step, world: World, say: Say, toolbox: Toolbox) -> Outcome:
        """Ask the marker; reading never has to be settled, it is simply done again once the old query is ended."""
        if reads_only(step):
            with contextlib.suppress(TminusError):  # the attempt that follows meets the same fault, and tells it
                await _database(step, world).stop(intent.ticket)
            return Outcome(Verdict.NEVER_RAN, "it only read, and its answer was lost: it may run again")
        try:
            database = _database(step, world)
            answer = await _ask_until_known(database, intent.ticket, say)
        except TminusError as trouble:
            return _doubt_of(f"the database cannot be asked: {trouble}")
        return at(await _settled(answer, intent, step, world, toolbox), f"database {database.name}")

    async def stop(self, intent: Intent, step: Step, world: World, force: Literal["gentle", "kill"]) -> bool:
        """Cancel the statement at the server; rolling back is the only way it can end, so both forces are one."""
        del force
        await _database(step, world).stop(intent.ticket)
        return True

    async def _outcome(
        self, ended: SqlOutcome, elapsed: timedelta, attempt: tuple[Intent, Step, World, Toolbox]
    ) -> Outcome:
        intent, step, world, toolbox = attempt
        match ended.verdict:
            case SqlVerdict.COMMITTED:
                return Outcome(Verdict.DONE, _count(ended.result), _observed(ended.result, elapsed), elapsed=elapsed)
            case SqlVerdict.FAILED:
                return Outcome(Verdict.FAILED, f"{ended.error}{_standing(ended)}", elapsed=elapsed)
            case SqlVerdict.CANCELLED:
                return Outcome(Verdict.CANCELLED, f"cancelled{_standing(ended) or ', rolled back'}", elapsed=elapsed)
            case SqlVerdict.UNKNOWN:
                evidence = (
                    Evidence("What did the database say?", ended.error, PointsTo.UNKNOWN),
                    Evidence("What certainly stands?", f"{ended.partial} statement(s)", _points(ended.partial)),
                )
                doubt = Doubt(f"in doubt: {ended.error}", evidence)
                return await probe_or_doubt(doubt, intent, step, world, toolbox)


def reads_only(step: Step) -> bool:
    """Whether the server is told to refuse every write; a step that says nothing changes nothing."""
    return step.changes in (None, Changes.NOTHING)


def _database(step: Step, world: World) -> Database:
    name = str(getattr(step.body, "db", ""))
    if name not in world.databases:
        raise Refused(f"There is no database called {name}.", hint="Declare it under `databases`.")
    return world.databases[name]


def _work(intent: Intent, step: Step, toolbox: Toolbox) -> SqlWork:
    body = step.body
    return SqlWork(
        ticket=intent.ticket,
        text=_text(step),
        binds=tuple(getattr(body, "bind", {}).items()),
        idents=tuple(getattr(body, "idents", {}).items()),
        tx=getattr(body, "tx", "one"),
        read_only=reads_only(step),
        head=intent.head,
        statement_seconds=toolbox.limit_seconds,
        expects=toolbox.expects.get(str(getattr(body, "db", "")), ()),
    )


def _text(step: Step) -> str:
    """Only what stands in the record runs: a file that was changed since the run was opened must not."""
    text, file = str(getattr(step.body, "run", "")), str(getattr(step.body, "file", ""))
    if file:
        raise Refused("The text of this SQL file is not in the record.", where=file, hint="Start a new run.")
    return text


async def _ask_until_known(database: Database, ticket: str, say: Say) -> MarkerAnswer:
    """RUNNING means that the step's transaction is open at the server; it ends by itself or by its limits."""
    while True:
        answer = await database.settle(ticket, SETTLE_FOR)
        say.alive(f"database {database.name}")
        if answer is not MarkerAnswer.RUNNING:
            return answer


async def _settled(answer: MarkerAnswer, intent: Intent, step: Step, world: World, toolbox: Toolbox) -> Outcome:
    match answer:
        case MarkerAnswer.COMMITTED:
            found = Evidence("What does the marker row say?", "done: it was committed", PointsTo.DONE)
            return Outcome(Verdict.DONE, "committed, says its marker row", evidence=(found,))
        case MarkerAnswer.NEVER:
            return Outcome(Verdict.NEVER_RAN, "never committed, and never will: its ticket is fenced")
        case _:
            row = Evidence("What does the marker row say?", "nothing that decides it", PointsTo.UNKNOWN)
            doubt = Doubt("in doubt: the database holds no marker that decides it", (row,))
            return await probe_or_doubt(doubt, intent, step, world, toolbox)


def _doubt_of(why: str) -> Outcome:
    row = Evidence("What does the marker row say?", why, PointsTo.UNKNOWN)
    return Outcome(Verdict.IN_DOUBT, f"in doubt: {why}", evidence=(row,))


def _observed(result: SqlResult, elapsed: timedelta) -> Observed:
    facts: dict[str, object] = {"rows": result.row_count, "duration": elapsed}
    if result.rows:
        facts["row"] = dict(zip(result.columns, result.rows[0], strict=True))
    return Observed(facts)


def _tell(result: SqlResult, say: Say) -> None:
    """The statements and the first rows, one line each, tab-separated, as output of the step."""
    lines = list(result.statements)
    if result.columns:
        lines.append("\t".join(result.columns))
    lines += ["\t".join("null" if value is None else str(value) for value in row) for row in result.rows[:_SHOWN_ROWS]]
    if len(result.rows) > _SHOWN_ROWS:
        lines.append(f"... {result.row_count} rows in all")
    if lines:
        say.output("out", 0, "".join(f"{line}\n" for line in lines).encode())


def _count(result: SqlResult) -> str:
    return f"{result.row_count} {'row' if result.row_count == 1 else 'rows'}"


def _standing(ended: SqlOutcome) -> str:
    return f"; {ended.partial} statement(s) before it stand" if ended.partial else ""


def _points(partial: int) -> PointsTo:
    return PointsTo.HALF_DONE if partial else PointsTo.UNKNOWN
