"""`compare`: do two databases hold the same? Read and checked; not performed in this version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from app.runbook.body import Body, Changes, Target, Writes
from app.runbook.fields import OpenDuration, OpenWhole, Words, one_or_many
from app.runbook.kind import Inner
from app.runbook.part import Part, Raw
from app.steps.not_performed import ComesLater

By = Literal["columns", "count", "checksum", "rows"]


class Recheck(Part):
    """Look again, at the keys that differed only, so many times, so long after."""

    after: OpenDuration
    times: OpenWhole = 1


class CompareBody(Body):
    """Two databases, the tables (`all` or names), by what they are compared, and which differences are none."""

    left: str
    right: str
    tables: Words = ("all",)
    by: Annotated[tuple[By, ...], BeforeValidator(one_or_many)] = ("count", "checksum")
    map: dict[str, Raw] = Field(default_factory=dict)
    ignore: Words = ()
    types: dict[str, str] = Field(default_factory=dict)
    recheck: Recheck | None = None


@dataclass(frozen=True, slots=True)
class CompareKind(ComesLater):
    """The static half of `compare`; the live half is ComesLater."""

    name: str = "compare"
    model: type[CompareBody] = CompareBody
    available: str = "Comparing tables comes with the next version of Tminus."

    def targets(self, body: CompareBody, /) -> tuple[Target, ...]:
        """Both databases."""
        return (Target("database", body.left), Target("database", body.right))

    def writes(self, body: CompareBody, /) -> Writes:
        """It only reads."""
        del body
        return Writes.NEVER

    def default_changes(self, body: CompareBody, /) -> Changes | None:
        """Nothing."""
        del body
        return Changes.NOTHING

    def inner(self, body: CompareBody, /) -> Inner:
        """None."""
        del body
        return ()

    def describe(self, body: CompareBody, /) -> str:
        """One line."""
        return f"compare {', '.join(body.tables)} of {body.left} and {body.right} by {', '.join(body.by)}"
