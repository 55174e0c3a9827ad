"""`each`: an inner list of steps for every item, batch by batch. Composite: its steps run, never itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from app.runbook.body import Body, Changes, Target, Writes
from app.runbook.fields import Name, OpenBatch, OpenDuration, OpenWhole, Words, items, wrong
from app.runbook.kind import Inner
from app.runbook.model_step import Step
from app.steps.not_performed import ByOthers


class EachBody(Body):
    """The items (`in_`: a group, a list parameter or names; or `count`), their name, and how they are taken.

    canary: how many items go first, alone; order: names that go first; last: names that go last; gate: whether a
    person is asked after each batch, the first one, or never; max_failed: items that may fail before all stop.
    """

    in_: Annotated[str | tuple[str, ...], PlainValidator(items), WithJsonSchema({"type": ["string", "array"]})] = Field(
        default=(), alias="in"
    )
    count: OpenWhole | None = None
    as_: Name = Field(default="item", alias="as")
    batch: OpenBatch = 1
    canary: OpenBatch | None = None
    pause: OpenDuration | None = None
    order: Words = ()
    last: Words = ()
    gate: Literal["each", "first", "none"] = "none"
    max_failed: OpenWhole = 0
    steps: tuple[Step, ...]
    finally_: tuple[Step, ...] = Field(default=(), alias="finally")

    @model_validator(mode="after")
    def _one_source(self) -> EachBody:
        if bool(self.in_) == (self.count is not None):
            raise wrong("An each takes either `in` or `count`.", "Write in: [a, b], in: GROUP or count: 3.")
        if not self.steps:
            raise wrong("There are no steps to do for each item.", "Write at least one under steps.")
        return self


@dataclass(frozen=True, slots=True)
class EachKind(ByOthers):
    """The static half of `each`; the live half is ByOthers."""

    name: str = "each"
    model: type[EachBody] = EachBody
    available: str = ""

    def targets(self, body: EachBody, /) -> tuple[Target, ...]:
        """Its inner steps have theirs."""
        del body
        return ()

    def writes(self, body: EachBody, /) -> Writes:
        """Its inner steps say."""
        del body
        return Writes.MAYBE

    def default_changes(self, body: EachBody, /) -> Changes | None:
        """The step must say; its inner steps inherit it."""
        del body
        return None

    def inner(self, body: EachBody, /) -> Inner:
        """The list for every item, and what is done whatever happened."""
        return (("steps", body.steps), ("finally", body.finally_))

    def describe(self, body: EachBody, /) -> str:
        """One line."""
        over = body.in_ if isinstance(body.in_, str) else ", ".join(body.in_)
        what = f"{body.count} times" if body.count is not None else f"for each of {over}"
        return f"{what}: {len(body.steps)} step{'s' if len(body.steps) != 1 else ''}, {body.batch} at a time"
