"""The plan around the steps: summary, current and target state, constraints, schedule, people, inputs, risks, tests."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from app.runbook.conditions import ComparisonField
from app.runbook.fields import (
    Arg,
    DueField,
    Duration,
    Flag,
    MomentField,
    Name,
    Names,
    StartField,
    Whole,
    Words,
)
from app.runbook.model_step import Step
from app.runbook.part import Part


class Summary(Part):
    """`plan`: what kind of migration this is and how bad it may get."""

    type: Literal["database", "framework", "infrastructure", "hybrid"] | None = None
    strategy: Literal["big-bang", "incremental", "blue-green", "canary", "parallel-run", "strangler-fig"] | None = None
    risk: Literal["low", "medium", "high", "critical"] | None = None
    duration: Duration | None = None
    downtime: Duration | None = None
    rollback: Literal["automated", "manual", "limited", "none"] | None = None


class Aspect(Part):
    """One row of the table of current against target; `read` asks whether `current` is still true."""

    aspect: str
    current: Arg
    target: Arg
    changes: str = ""
    read: Step | None = None


class Constraint(Part):
    """A limit the migration keeps, and what proves that it does: a step, a mode or a trigger."""

    id: Name
    text: str
    owner: str = ""
    proof: str = ""
    mode: str = ""
    trigger: str = ""


class Dependency(Part):
    """Something that must be true first; it blocks unless `optional`."""

    id: Name
    text: str
    owner: str = ""
    due: DueField | None = None
    optional: Flag = False
    proof: str = ""
    mode: str = ""
    trigger: str = ""


class Window(Part):
    """From when to when."""

    from_: MomentField = Field(alias="from")
    to: MomentField


class Blackout(Window):
    """A time in which nothing may happen, and why."""

    text: str = ""


class Schedule(Part):
    """When T is (`now` or a local time), the window around it, and when downtime must be over either way."""

    timezone: str = ""
    t0: StartField | None = None
    window: Window | None = None
    abort_by: MomentField | None = None
    blackout: tuple[Blackout, ...] = ()


class Role(Part):
    """The people who can speak for a role, and how many of them must be there."""

    people: Words = ()
    min: Whole = 1


class Param(Part):
    """A typed input. `default`, `min`, `max` and `values` are as written; `inputs` reads them as `type`."""

    type: Literal["text", "int", "size", "duration", "share", "enum", "list"]
    title: str = ""
    pattern: str | None = None
    default: Any = None
    min: Any = None
    max: Any = None
    values: tuple[Arg, ...] = ()
    differs_from: str = ""
    ask: Flag = False


class Decider(Part):
    """Who decides on the way back, how many of them, and within what time."""

    by: Names
    need: Whole = 1
    within: Duration | None = None


class Risk(Part):
    """One row of the risk matrix; `watched_by` names a step, a metric or a trigger."""

    id: Name
    text: str
    probability: Literal["low", "medium", "high"] | None = None
    impact: Literal["low", "medium", "high", "critical"] | None = None
    mitigation: str = ""
    watched_by: str = ""
    owner: str = ""


class Test(Part):
    """One row of the testing plan; `proof` names a step, `is` what its figure must be."""

    id: Name
    text: str
    when: Literal["before", "during", "after"] | None = None
    kind: Literal["unit", "integration", "performance", "dry-run", "data", "rollback", "acceptance"] | None = None
    owner: str = ""
    is_: ComparisonField | None = Field(default=None, alias="is")
    proof: str = ""
    must: Flag = False


class Criterion(Part):
    """A success criterion: a metric or the time in a mode against a limit, or a sentence for a person."""

    id: Name
    metric: str = ""
    mode: str = ""
    text: str = ""
    is_: ComparisonField | None = Field(default=None, alias="is")
    at: MomentField | None = None
    owner: str = ""
