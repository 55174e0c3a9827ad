"""A step's SQL made ready before any connection opens: split, names checked, secrets revealed, refusals said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from app.connectors.dialect import Bind, Bounds, Dialect
from app.connectors.sql_run import Job
from app.connectors.sql_split import Statement, split
from app.errors import Refused
from app.ports import Secrets, SecretText, SqlWork

TICKET = "tminus_ticket"

# The connector opens and ends the transaction; a COMMIT in the middle would part the marker from the work.
_CONTROL = frozenset({"BEGIN", "COMMIT", "END", "ABORT", "XA"})
_CONTROL_PAIRS = frozenset({("START", "TRANSACTION"), ("PREPARE", "TRANSACTION"), ("SET", "AUTOCOMMIT")})
_MODE_WORDS = frozenset({"TRANSACTION", "TRANSACTION_READ_ONLY", "DEFAULT_TRANSACTION_READ_ONLY", "TX_READ_ONLY"})


def prepare(dialect: Dialect, work: SqlWork, bounds: Bounds, secrets: Secrets) -> Job:
    """Raises Refused for text that cannot be split, names without values, and transaction control."""
    statements = split(work.text, dialect.flavor)
    if not statements:
        raise Refused("There is no statement in this SQL.", hint="Write one, or leave the step out.")
    binds = _reveal(work, secrets)
    idents = dict(work.idents)
    for statement in statements:
        _refuse_control(statement, work)
        dialect.render(statement, binds, idents)
    return Job(work, statements, binds, idents, _bounds(work, bounds))


def _bounds(work: SqlWork, usual: Bounds) -> Bounds:
    return Bounds(
        statement=timedelta(seconds=work.statement_seconds) if work.statement_seconds else usual.statement,
        lock=timedelta(seconds=work.lock_seconds) if work.lock_seconds else usual.lock,
    )


def _reveal(work: SqlWork, secrets: Secrets) -> dict[str, Bind]:
    binds: dict[str, Bind] = {TICKET: work.ticket}
    for name, value in work.binds:
        binds[name] = secrets.reveal(value) if isinstance(value, SecretText) else value
    return binds


def scrubber(values: Callable[[], tuple[str, ...]]) -> Callable[[str], str]:
    """A function that masks these values in a text; they are fetched anew each time and kept nowhere."""

    def scrub(text: str) -> str:
        for value in sorted(filter(None, values()), key=len, reverse=True):
            text = text.replace(value, "***")
        return text

    return scrub


def _refuse_control(statement: Statement, work: SqlWork) -> None:
    first, words = statement.first(), statement.words()
    if first in _CONTROL or words[:2] in _CONTROL_PAIRS or (first == "ROLLBACK" and "TO" not in words):
        raise Refused(
            f"`{statement.shown(40)}` opens or ends a transaction, which Tminus does itself.",
            hint="Leave it out: `tx: one` is one transaction, `tx: none` runs statement by statement.",
        )
    if work.read_only and first == "SET" and not _MODE_WORDS.isdisjoint(words):
        raise Refused(
            f"`{statement.shown(40)}` would change the mode of a session that only reads.",
            hint="Say `changes: reversible` or `destructive` if the step is meant to write.",
        )
    if work.read_only and first in ("LOCK", "UNLOCK"):
        raise Refused(
            f"`{statement.shown(40)}` takes locks in a step that changes nothing.", hint="Say what it changes."
        )
