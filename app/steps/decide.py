"""`decide`: people say go or no-go on fresh facts. Never performed by Tminus; silence is never "go"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.runbook.body import Body, Changes, Target, Writes
from app.runbook.fields import Duration, Names, ShareField, Whole
from app.runbook.kind import Inner
from app.runbook.part import Part
from app.steps.not_performed import ByOthers


class Rehearsed(Part):
    """What must have been rehearsed before the question may be answered with go."""

    within: Duration | None = None
    undo_coverage: ShareField | None = None


class DecideBody(Body):
    """The question, the roles that answer it, how many must agree, and the facts it rests on."""

    ask: str
    by: Names = ()
    need: Whole = 1
    facts: Names = ()
    rehearsed: Rehearsed | None = None
    deadline: Duration | None = None
    otherwise: Literal["stop", "rollback"] = "stop"


@dataclass(frozen=True, slots=True)
class DecideKind(ByOthers):
    """The static half of `decide`; the live half is ByOthers."""

    name: str = "decide"
    model: type[DecideBody] = DecideBody
    available: str = ""

    def targets(self, body: DecideBody, /) -> tuple[Target, ...]:
        """People."""
        del body
        return (Target("person"),)

    def writes(self, body: DecideBody, /) -> Writes:
        """An answer changes nothing."""
        del body
        return Writes.NEVER

    def default_changes(self, body: DecideBody, /) -> Changes | None:
        """Nothing."""
        del body
        return Changes.NOTHING

    def inner(self, body: DecideBody, /) -> Inner:
        """None."""
        del body
        return ()

    def describe(self, body: DecideBody, /) -> str:
        """The question, who answers, and what happens without a go."""
        lines = [body.ask]
        if body.by:
            lines.append(f"{body.need} of {', '.join(body.by)} must say go; otherwise {body.otherwise}.")
        if body.facts:
            lines.append(f"Rests on {', '.join(body.facts)}.")
        return "\n".join(lines)
