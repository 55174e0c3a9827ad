"""What SQL text needs to be allowed: the tables it reads, writes, makes and changes, as far as parsing tells.

Pure: nothing is asked of a server. What cannot be parsed is said to be so (`told` False), never guessed.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import Any, Literal

Verb = Literal["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "CREATE", "DROP", "ALTER", "INDEX", "TEMP"]
_LONGEST = 100_000
_NEEDS_NOTHING = frozenset(
    {"Transaction", "Commit", "Rollback", "Set", "Pragma", "Use", "Show", "Describe", "Semicolon"}
)
_READS = frozenset({"Select", "Union", "Intersect", "Except", "Subquery", "Values", "Table"})
_INSIDE = frozenset({"Drop", "Command"})
"""Inside of an ALTER these are what it alters, no statements."""

_ALTER = re.compile(r'alter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?((?:[\w.]|"[^"]+"|`[^`]+`)+)', re.IGNORECASE)
"""What the parser leaves as a command though it is clear which table it is about."""

_SYSTEM = frozenset({"information_schema", "pg_catalog", "mysql", "performance_schema", "sys"})
_DIALECTS = {"postgresql": "postgres", "mysql": "mysql", "sqlite": "sqlite"}


@dataclass(frozen=True, slots=True)
class Need:
    """One right on one object; names are as the server spells them.

    schema: "" is the login's own. CREATE is a right on the schema; `table` then is what will be made.
    """

    verb: Verb
    schema: str
    table: str

    def __str__(self) -> str:
        return f"{self.verb.lower()} {'.'.join(part for part in (self.schema, self.table) if part)}"


@dataclass(frozen=True, slots=True)
class Needs:
    """What one text needs.

    makes: tables that it creates itself; told: whether all of it was understood; may_lack: needs whose object need not
    be there (IF EXISTS).
    """

    needs: frozenset[Need] = frozenset()
    makes: frozenset[tuple[str, str]] = frozenset()
    told: bool = True
    may_lack: frozenset[Need] = frozenset()

    def plus(self, other: Needs) -> Needs:
        """Both together."""
        return Needs(
            self.needs | other.needs, self.makes | other.makes, self.told and other.told, self.may_lack | other.may_lack
        )


def needs_of(text: str, flavor: str) -> Needs:
    """What one statement needs. `flavor` is postgresql, mysql or sqlite."""
    statements = _parsed(text, _DIALECTS.get(flavor, "")) if len(text) <= _LONGEST else None
    if statements is None:
        return Needs(told=False)
    found = Needs()
    for one in statements:
        if one is not None:
            found = found.plus(_Reading(one, flavor).needs())
    return found


def _parsed(text: str, dialect: str) -> list[Any] | None:
    import sqlglot  # noqa: PLC0415 - 150 ms, and only where it is needed
    from sqlglot.errors import SqlglotError  # noqa: PLC0415 - see above

    log = logging.getLogger("sqlglot")
    before, log.disabled = log.disabled, True  # its warnings would go to the terminal
    try:
        return list(sqlglot.parse(text, read=dialect or None))
    except (SqlglotError, RecursionError):
        return None
    finally:
        log.disabled = before


class _Reading:
    """One parsed statement (sqlglot has no stable types)."""

    def __init__(self, statement: Any, flavor: str) -> None:  # noqa: ANN401 - see above
        self._statement, self._flavor = statement, flavor
        self._taken: set[int] = set()
        self._needs: set[Need] = set()
        self._makes: set[tuple[str, str]] = set()
        self._may_lack: set[Need] = set()
        self._told = True

    def needs(self) -> Needs:
        kind = type(self._statement).__name__
        if kind in _NEEDS_NOTHING:
            return Needs()
        if kind not in _READS and kind not in _BY_NODE:  # words that only look like an expression
            return Needs(told=False)
        for node in self._statement.walk():
            if node is not self._statement and type(node).__name__ in _INSIDE:
                continue
            read = _BY_NODE.get(type(node).__name__)
            if read is not None:
                read(self, node)
        self._reads()
        return Needs(frozenset(self._needs), frozenset(self._makes), self._told, frozenset(self._may_lack))

    def _reads(self) -> None:
        import sqlglot.expressions as exp  # noqa: PLC0415 - loaded by now

        inside = {cte.alias_or_name.lower() for cte in self._statement.find_all(exp.CTE)}
        for table in self._statement.find_all(exp.Table):
            local = not table.args.get("db") and table.name.lower() in inside
            if id(table) not in self._taken and table.name and not local:
                self._need("SELECT", table)

    def _need(self, verb: Verb, node: Any) -> tuple[str, str]:  # noqa: ANN401 - see above
        """A right on the first table in `node`; gives its schema and name."""
        import sqlglot.expressions as exp  # noqa: PLC0415 - loaded by now

        table = node if isinstance(node, exp.Table) else node.find(exp.Table) if node is not None else None
        if table is None or not table.name:
            self._told = False
            return "", ""
        self._taken.add(id(table))
        schema, name = self._spelt(table.args.get("db")), self._spelt(table.this)
        if schema.lower() not in _SYSTEM:
            self._needs.add(Need(verb, schema, name))
        return schema, name

    def _spelt(self, part: Any) -> str:  # noqa: ANN401 - see above
        if part is None:
            return ""
        folded = self._flavor == "postgresql" and not part.args.get("quoted")
        name = str(part.name)
        return name.lower() if folded else name

    def insert(self, node: Any) -> None:  # noqa: ANN401 - see above
        self._need("INSERT", node.this)
        conflict = node.args.get("conflict")
        if conflict is not None and (conflict.args.get("expressions") or conflict.args.get("duplicate")):
            self._need("UPDATE", node.this)
        if node.args.get("overwrite"):
            self._need("DELETE", node.this)
        if node.args.get("returning"):
            self._need("SELECT", node.this)

    def update(self, node: Any) -> None:  # noqa: ANN401 - see above
        self._change("UPDATE", node)

    def delete(self, node: Any) -> None:  # noqa: ANN401 - see above
        self._change("DELETE", node)

    def _change(self, verb: Verb, node: Any) -> None:  # noqa: ANN401 - see above
        self._need(verb, node.this)
        if node.args.get("where") or node.args.get("returning"):
            self._need("SELECT", node.this)

    def merge(self, node: Any) -> None:  # noqa: ANN401 - see above
        """Which of the three it does stands in branches; all are asked for."""
        verbs: tuple[Verb, ...] = ("INSERT", "UPDATE", "SELECT")
        for verb in verbs:
            self._need(verb, node.this)

    def truncate(self, node: Any) -> None:  # noqa: ANN401 - see above
        for table in node.expressions:
            self._need("TRUNCATE", table)

    def create(self, node: Any) -> None:  # noqa: ANN401 - see above
        kind = str(node.args.get("kind") or "").upper()
        if kind == "INDEX":
            self._need("INDEX", node.this.args.get("table"))
        elif kind in ("TABLE", "VIEW"):
            passing = any(type(one).__name__ == "TemporaryProperty" for one in node.walk())
            self._makes.add(self._need("TEMP" if passing else "CREATE", node.this))
        else:
            self._unknown(node)

    def drop(self, node: Any) -> None:  # noqa: ANN401 - see above
        if str(node.args.get("kind") or "").upper() not in ("TABLE", "VIEW"):
            self._unknown(node)
            return
        import sqlglot.expressions as exp  # noqa: PLC0415 - loaded by now

        for table in node.find_all(exp.Table):
            schema, name = self._need("DROP", table)
            if node.args.get("exists"):
                self._may_lack.add(Need("DROP", schema, name))

    def alter(self, node: Any) -> None:  # noqa: ANN401 - see above
        if str(node.args.get("kind") or "TABLE").upper() == "TABLE":
            self._need("ALTER", node.this)
        else:
            self._unknown(node)

    def command(self, node: Any) -> None:  # noqa: ANN401 - see above
        found = _ALTER.match(str(node.sql()).strip())
        if found is None:
            self._unknown(node)
            return
        parts = re.findall(r'"([^"]+)"|`([^`]+)`|(\w+)', found[1])
        folded = self._flavor == "postgresql"
        names = [bare.lower() if folded and bare else quoted or ticked or bare for quoted, ticked, bare in parts]
        self._needs.add(Need("ALTER", names[-2] if len(names) > 1 else "", names[-1]))

    def unknown(self, node: Any) -> None:  # noqa: ANN401 - see above
        self._unknown(node)

    def _unknown(self, node: Any) -> None:  # noqa: ANN401 - see above
        self._told = False
        self._taken |= {id(one) for one in node.walk()}


_BY_NODE = {
    "Insert": _Reading.insert,
    "Update": _Reading.update,
    "Delete": _Reading.delete,
    "Merge": _Reading.merge,
    "TruncateTable": _Reading.truncate,
    "Create": _Reading.create,
    "Drop": _Reading.drop,
    "Alter": _Reading.alter,
    "Command": _Reading.command,
    "Grant": _Reading.unknown,
    "Revoke": _Reading.unknown,
    "Copy": _Reading.unknown,
    "LoadData": _Reading.unknown,
    "Comment": _Reading.unknown,
    "Kill": _Reading.unknown,
}
