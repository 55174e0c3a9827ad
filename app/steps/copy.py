"""`copy`: rows from one database to another. Read and checked; not performed in this version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from app.runbook.body import Body, Changes, Target, Writes
from app.runbook.fields import OpenWhole, Words
from app.runbook.kind import Inner
from app.runbook.part import Raw
from app.steps.not_performed import ComesLater


class CopyBody(Body):
    """From where to where, which tables (`all` or names), how much of them, rows per batch, and what maps to what."""

    from_: str = Field(alias="from")
    to: str
    tables: Words = ("all",)
    how: Literal["full", "delta"] = "full"
    batch: OpenWhole | None = None
    map: dict[str, Raw] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CopyKind(ComesLater):
    """The static half of `copy`; the live half is ComesLater."""

    name: str = "copy"
    model: type[CopyBody] = CopyBody
    available: str = "Copying tables comes with the next version of Tminus."

    def targets(self, body: CopyBody, /) -> tuple[Target, ...]:
        """Both databases."""
        return (Target("database", body.from_), Target("database", body.to))

    def writes(self, body: CopyBody, /) -> Writes:
        """Always, in the second database."""
        del body
        return Writes.ALWAYS

    def default_changes(self, body: CopyBody, /) -> Changes | None:
        """The step must say."""
        del body
        return None

    def inner(self, body: CopyBody, /) -> Inner:
        """None."""
        del body
        return ()

    def describe(self, body: CopyBody, /) -> str:
        """One line."""
        batch = f", {body.batch} rows at a time" if body.batch else ""
        return f"copy {', '.join(body.tables)} from {body.from_} to {body.to} ({body.how}{batch})"
