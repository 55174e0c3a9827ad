"""Does SQL text write? An allow-list of statement kinds, and a list of functions with effects.

A read-only session of the server is the second guard, not the first: PostgreSQL's still permits `ALTER SYSTEM`,
`pg_reload_conf()` and `pg_terminate_backend()`. Simple selects are told by a pattern, the rest is parsed by sqlglot.
"""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.runbook.checks.sql_words import EFFECTS, HARMLESS, READING_PRAGMAS, SETTING_PRAGMAS, WRITING_WORDS

_SIMPLE = re.compile(r"\s*(select|with)\b[\w\s.,:*=<>+%|!/()\[\]'\"-]*", re.IGNORECASE)
_NOT_SIMPLE = re.compile(
    r"\b(into|for|lock|procedure|insert|update|delete|merge|call|set|copy|create|drop|truncate|alter)\b"
    r"|--|/\*|''|\"\s*\(",
    re.IGNORECASE,
)
_CALL = re.compile(r"\b(\w+)\s*\(")
_READS = frozenset({"Select", "Union", "Intersect", "Except", "Subquery", "Show", "Describe", "Values", "Table", "Use"})
_WRITES = frozenset(
    {
        "Insert",
        "Update",
        "Delete",
        "Merge",
        "Create",
        "Drop",
        "Alter",
        "AlterSession",
        "TruncateTable",
        "Grant",
        "Revoke",
    }
    | {"Comment", "LoadData", "Copy", "Kill", "Refresh", "Analyze", "Into", "Attach", "Detach"}
)
_HIDDEN = re.compile(r"/\*!|/\*M!", re.IGNORECASE)
# SET takes several settings at once, and each says for itself whether it is the session's or the whole server's.
_SERVERWIDE = re.compile(r"(?:\bset|,)\s*(?:@@)?\s*(?:global|persist(?:_only)?)\b", re.IGNORECASE)
_QUOTED = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.)*\"")
_SETTING = re.compile(r"\s*set\s", re.IGNORECASE)
_EXPLAIN = re.compile(r"\s*explain\b(?!.*\banaly[sz]e\b)", re.IGNORECASE | re.DOTALL)
_CERTAIN = (
    (re.compile(r"\binto\s+(outfile|dumpfile)\b", re.IGNORECASE), "it writes a file"),
    (re.compile(r"(^|;)\s*(start|stop)\s+(slave|replica|group_replication)", re.IGNORECASE), "it steers replication"),
    (re.compile(r"(^|;)\s*(begin|start|set)\b[^;]*\bread\s+write\b", re.IGNORECASE), "it makes the session writable"),
    (re.compile(r"(^|;)\s*set\b[^;]*\bread_only\b", re.IGNORECASE), "it makes the session writable"),
    (re.compile(r"(^|;)\s*set\b[^;]*transaction_read_only", re.IGNORECASE), "it makes the session writable"),
    (
        re.compile(r"(^|;)\s*explain\b[^;]*\banaly[sz]e\b[^;]*\b(insert|update|delete|merge|create)\b", re.IGNORECASE),
        "it runs what it explains",
    ),
)
_PRAGMA = re.compile(
    r"\s*pragma\s+(?:\w+\s*\.\s*)?(?P<name>\w+)\s*(?P<value>(?:\(|=)\s*[^;]*?)?\s*;?\s*", re.IGNORECASE
)
_LONGEST = 100_000


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a text: `what` completes "the step changes nothing, but ..."; certain: it surely writes."""

    what: str
    certain: bool


def sql_findings(text: str, dialect: str) -> tuple[Finding, ...]:
    """What speaks against running `text` where nothing may change. `dialect` is sqlglot's name, "" when unknown."""
    if _simple(text):
        return ()
    if len(text) > _LONGEST or _HIDDEN.search(text):
        return (
            Finding(
                "the text cannot be judged before it runs, so only the server's read-only session guards it",
                certain=False,
            ),
        )
    for pattern, what in _CERTAIN:
        if pattern.search(text):
            return (Finding(what, certain=True),)
    if pragma := _PRAGMA.fullmatch(text):
        return _of_pragma(pragma)
    with _quiet():
        statements = _parsed(text, dialect)
        if statements is None:
            return _by_words(text)
        return tuple(finding for each in statements if each is not None for finding in _of_statement(each))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without sqlglot's warnings, which would go to the terminal."""
    log = logging.getLogger("sqlglot")
    before, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = before


def _simple(text: str) -> bool:
    if not _SIMPLE.fullmatch(text) or _NOT_SIMPLE.search(text) or text.count("'") % 2 or text.count('"') % 2:
        return False
    return all(name.lower() in HARMLESS for name in _CALL.findall(text))


def _parsed(text: str, dialect: str) -> list[Any] | None:
    import sqlglot  # noqa: PLC0415 - 150 ms, and only for SQL that is not simple
    from sqlglot.errors import SqlglotError  # noqa: PLC0415 - see above: slow to import

    try:
        return list(sqlglot.parse(text, read=dialect or None))
    except (SqlglotError, RecursionError):
        return None


def _by_words(text: str) -> tuple[Finding, ...]:
    for statement in text.split(";"):
        words = re.findall(r"[a-z]+", statement.lower())
        if words and words[0] in WRITING_WORDS:
            return (Finding(f"`{words[0]}` writes", certain=True),)
    if any(name.lower() in EFFECTS for name in _CALL.findall(text)):
        name = next(name for name in _CALL.findall(text) if name.lower() in EFFECTS)
        return (Finding(f"`{name}()` has an effect", certain=True),)
    return (Finding("the text cannot be parsed, so only the server's read-only session guards it", certain=False),)


def _of_statement(statement: Any) -> Iterator[Finding]:  # noqa: ANN401 - sqlglot has no stable types for this
    kind = type(statement).__name__
    text = "" if kind in _READS else statement.sql()  # slow, and only needed for what is not known to read
    if kind in ("Command", "Set", "Pragma"):
        yield from _of_command(text)
        yield from _of_nodes(statement)
        return
    writing = next((type(node).__name__ for node in statement.walk() if type(node).__name__ in _WRITES), "")
    if writing and not (writing == "Analyze" and kind in _READS):
        yield Finding(f"`{_said(writing)}` writes", certain=True)
    elif kind not in _READS and kind not in ("Transaction", "Commit", "Rollback"):
        first = text.partition(" ")[0].lower()
        if first in WRITING_WORDS:
            yield Finding(f"`{first}` writes", certain=True)
            return
        yield Finding(f"`{text[:40]}` is no statement that is known to only read", certain=False)
    yield from _of_nodes(statement)


def _of_command(text: str) -> tuple[Finding, ...]:
    if _SETTING.match(text):
        return _of_setting(text)
    if pragma := _PRAGMA.fullmatch(text):
        return _of_pragma(pragma)
    return () if _EXPLAIN.match(text) else _by_words(text)


def _of_setting(text: str) -> tuple[Finding, ...]:
    plain = _QUOTED.sub("''", text)
    return (Finding(f"`{text[:60]}` sets it for the whole server", certain=True),) if _SERVERWIDE.search(plain) else ()


def _of_pragma(pragma: re.Match[str]) -> tuple[Finding, ...]:
    name, value = pragma["name"].lower(), pragma["value"] or ""
    if name in READING_PRAGMAS or (name in SETTING_PRAGMAS and not value):
        return ()
    return (Finding(f"`{pragma[0].strip()[:60]}` changes something", certain=True),)


def _of_nodes(statement: Any) -> Iterator[Finding]:  # noqa: ANN401 - see above
    for node in statement.walk():
        name = type(node).__name__
        called = str(node.name if name == "Anonymous" else "" if name != "NextValueFor" else "nextval").lower()
        if called in EFFECTS:
            yield Finding(f"`{called}()` has an effect", certain=True)
        elif name == "Lock":
            yield Finding("it locks rows", certain=True)


def _said(node: str) -> str:
    return {"TruncateTable": "TRUNCATE", "Into": "SELECT INTO", "LoadData": "LOAD DATA"}.get(node, node.upper())
