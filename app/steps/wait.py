"""`wait`: for a length of time, for a point in time, or until something is so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic import Field, PlainValidator, ValidationInfo, WithJsonSchema, model_validator

from app.runbook.body import BODY_KEY, Body, Changes, MaybeBody, Target, Writes, choose
from app.runbook.conditions import ComparisonField, Expect, is_fact
from app.runbook.fields import MomentField, OpenDuration, OpenWhole, ShareField, Template, open_whole, wrong
from app.runbook.kind import Inner
from app.runbook.part import Part, Raw, Reading
from app.runbook.units import format_duration
from app.steps.wait_live import WaitLive


class Until(Part):
    """What is asked again and again. `kind` is "metric" (then `metric` names it), "sql", "host", "local" or "http".

    `value` names the fact that `is_` is about; `expect` holds the facts that were asked for by name.
    """

    kind: str = Field(alias=" kind")
    body: MaybeBody = Field(alias=" body")
    metric: str = ""
    value: str = ""
    is_: ComparisonField | None = Field(default=None, alias="is")
    expect: Expect | None = None

    @classmethod
    def arrange(cls, data: Raw, reading: Reading | None) -> Raw:
        """Finds the one source, and gathers the facts."""
        if not isinstance(data, dict) or BODY_KEY in data:
            return data
        facts = {key: value for key, value in data.items() if is_fact(key)}
        rest = {key: value for key, value in data.items() if key not in facts}
        chosen = choose(rest, reading, cls, ("metric",))
        return chosen | {"expect": facts} if facts else chosen


class Settles(Part):
    """The value settles: the last `runs` samples lie within a share of each other, after the first `after` samples."""

    runs: OpenWhole
    within: ShareField
    after: OpenWhole = 0


def _stable(value: Raw, info: ValidationInfo) -> Raw:
    if isinstance(value, dict):
        return Settles.model_validate(value, context=info.context)
    return value if isinstance(value, Settles) else open_whole(value)


_STABLE: dict[str, Raw] = {
    "anyOf": [
        {"type": "integer", "minimum": 0},
        {"type": "string", "pattern": r"\$\{"},
        {
            "type": "object",
            "properties": {"runs": {"type": "integer"}, "within": {"type": "string"}, "after": {"type": "integer"}},
            "required": ["runs", "within"],
            "additionalProperties": False,
        },
    ]
}


class WaitBody(Body):
    """Exactly one of `for_`, `time` and `until`; `stable` 3 means that it holds for three distinct samples running."""

    parts: ClassVar[tuple[str, ...]] = ("for_", "time", "until")

    for_: OpenDuration | None = Field(default=None, alias="for")
    time: MomentField | None = None
    until: Until | None = None
    every: OpenDuration | None = None
    timeout: OpenDuration | None = None
    stable: Annotated[OpenWhole | Settles, PlainValidator(_stable), WithJsonSchema(_STABLE)] = 1

    @property
    def lasts(self) -> timedelta | None:
        """The time of `for`, unless it is only known once a parameter is."""
        return self.for_ if isinstance(self.for_, timedelta) else None

    @model_validator(mode="after")
    def _one_way(self) -> WaitBody:
        if sum(getattr(self, name) is not None for name in self.parts) != 1:
            raise wrong("A wait takes exactly one of `for`, `time` and `until`.", "Write wait: {for: 10s}.")
        return self


@dataclass(frozen=True, slots=True)
class WaitKind(WaitLive):
    """The static half of `wait`; the live half is WaitLive."""

    name: str = "wait"
    model: type[WaitBody] = WaitBody
    available: str = ""

    def targets(self, body: WaitBody, /) -> tuple[Target, ...]:
        """What it asks."""
        until = body.until.body if body.until else None
        name = str(getattr(until, "db", "") or getattr(until, "name", "") or getattr(until, "url", ""))
        kinds = {"sql": "database", "host": "host", "local": "local", "http": "http"}
        kind = kinds.get(body.until.kind, "none") if body.until else "none"
        return (Target(kind, name),)  # type: ignore[arg-type]  # the values of the table above

    def writes(self, body: WaitBody, /) -> Writes:
        """It only looks."""
        del body
        return Writes.NEVER

    def default_changes(self, body: WaitBody, /) -> Changes | None:
        """Nothing."""
        del body
        return Changes.NOTHING

    def inner(self, body: WaitBody, /) -> Inner:
        """None: what it asks is no step."""
        del body
        return ()

    def describe(self, body: WaitBody, /) -> str:
        """What it waits for, how often it looks, and when it gives up."""
        if body.for_ is not None:
            return f"wait for {_length(body.for_)}"
        if body.time is not None:
            return f"wait for {body.time}"
        assert body.until is not None
        every = f", look every {_length(body.every)}" if body.every is not None else ""
        limit = f", give up after {_length(body.timeout)}" if body.timeout is not None else ""
        return f"wait until {_asked(body.until)}{every}{limit}"


def _asked(until: Until) -> str:
    what = f"metric {until.metric}" if until.kind == "metric" else until.kind
    tests = [f"{until.value} {until.is_}".strip()] if until.is_ else [until.value] if until.value else []
    tests += [f"{key} {rule}" for key, rule in until.expect.rules.items()] if until.expect else []
    return f"{what} has {' and '.join(tests)}" if tests else f"{what} answers"


def _length(value: timedelta | Template) -> str:
    return value if isinstance(value, Template) else format_duration(value)
