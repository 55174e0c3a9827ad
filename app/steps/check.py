"""`check`: a person does something, or looks at something, and says so. Never performed by Tminus."""

from __future__ import annotations

from dataclasses import dataclass

from app.runbook.body import Body, Changes, Target, Writes
from app.runbook.fields import Words
from app.runbook.kind import Inner
from app.steps.not_performed import ByOthers


class CheckBody(Body):
    """What to do or to look at, and the items to tick off."""

    text: str = ""
    items: Words = ()


@dataclass(frozen=True, slots=True)
class CheckKind(ByOthers):
    """The static half of `check`; the live half is ByOthers."""

    name: str = "check"
    model: type[CheckBody] = CheckBody
    available: str = ""

    def targets(self, body: CheckBody, /) -> tuple[Target, ...]:
        """A person."""
        del body
        return (Target("person"),)

    def writes(self, body: CheckBody, /) -> Writes:
        """A person may do anything."""
        del body
        return Writes.MAYBE

    def default_changes(self, body: CheckBody, /) -> Changes | None:
        """Nothing, unless the step says more."""
        del body
        return Changes.NOTHING

    def inner(self, body: CheckBody, /) -> Inner:
        """None."""
        del body
        return ()

    def describe(self, body: CheckBody, /) -> str:
        """The instruction, then one line per item."""
        return "\n".join((body.text, *(f"[ ] {item}" for item in body.items))).strip()
