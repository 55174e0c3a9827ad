"""`sql`: statements in one database; with `changes: nothing` in a session that the server keeps read-only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from app.runbook.body import Body, Changes, Target, Writes
from app.runbook.fields import Arg, Bound, wrong
from app.runbook.kind import Inner
from app.steps.sql_live import SqlLive


class SqlBody(Body):
    """Where, what (`run`, or the `file` it stands in), the values it binds and the identifiers it takes."""

    verbatim: ClassVar[frozenset[str]] = frozenset({"run", "file"})
    sealed: ClassVar[frozenset[str]] = frozenset({"bind"})

    db: str
    run: str = ""
    file: str = ""
    bind: dict[str, Bound] = Field(default_factory=dict)
    idents: dict[str, Arg] = Field(default_factory=dict)
    tx: Literal["one", "none"] = "one"

    @model_validator(mode="after")
    def _one_text(self) -> SqlBody:
        if bool(self.run) == bool(self.file):
            raise wrong("A sql step takes either `run` or `file`.", "Write the statements under run.")
        return self


@dataclass(frozen=True, slots=True)
class SqlKind(SqlLive):
    """The static half of `sql`; the live half is SqlLive."""

    name: str = "sql"
    model: type[SqlBody] = field(default=SqlBody)
    available: str = ""

    def targets(self, body: SqlBody, /) -> tuple[Target, ...]:
        """One database."""
        return (Target("database", body.db),)

    def writes(self, body: SqlBody, /) -> Writes:
        """The text tells, and the checker reads it."""
        del body
        return Writes.MAYBE

    def default_changes(self, body: SqlBody, /) -> Changes | None:
        """The step must say."""
        del body
        return None

    def inner(self, body: SqlBody, /) -> Inner:
        """None."""
        del body
        return ()

    def describe(self, body: SqlBody, /) -> str:
        """The database, the text as it will be sent, and what is bound."""
        lines = [f"-- in {body.db}", body.run.strip() or f"-- the statements of {body.file}"]
        lines += [f"-- :{name} = {value}" for name, value in body.bind.items()]
        lines += [f"-- {{{name}}} = {value}" for name, value in body.idents.items()]
        return "\n".join(lines)
