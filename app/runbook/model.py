"""The runbook as values: the whole file, its phases and its way back. The smaller pieces live in `model_*.py`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.runbook.fields import Duration, MomentField, Name, Names, Whole
from app.runbook.model_estate import Artifact, Database, Environment, Host, Metric, Mode, Secret, Trigger
from app.runbook.model_plan import (
    Aspect,
    Constraint,
    Criterion,
    Decider,
    Dependency,
    Param,
    Risk,
    Role,
    Schedule,
    Summary,
    Test,
)
from app.runbook.model_step import Say, Step, Task
from app.runbook.part import Part


class PhaseRollback(Part):
    """How a phase is gone back on: the undos in reverse, a recipe of its own, a run of other phases, or not at all."""

    how: Literal["reverse", "steps", "rerun", "none"] = "reverse"
    est: Duration | None = None
    steps: tuple[Step, ...] = ()
    verify: tuple[Step, ...] = ()
    phases: Names = ()
    swap: tuple[tuple[str, str], ...] = ()


class Phase(Part):
    """A stretch of the migration. `number` is for people; `from_` and `to` are the plan, not a gate."""

    id: Name
    number: Whole | None = None
    title: str = ""
    from_: MomentField | None = Field(default=None, alias="from")
    to: MomentField | None = None
    steps: tuple[Step, ...] = ()
    rollback: PhaseRollback | None = None


class Loss(Part):
    """What counts as written since the switch: per table the column that says when a row was written."""

    db: str
    tables: dict[str, str] = Field(default_factory=dict)


class Rollback(Part):
    """The way back of the whole run. `to` is a phase or `start`; None means the beginning of the current phase."""

    to: str | None = None
    decide: Decider | None = None
    est: Duration | None = None
    before: tuple[Step, ...] = ()
    after: tuple[Step, ...] = ()
    verify: tuple[Step, ...] = ()
    loss: Loss | None = None
    uses: Names = ()
    say: Say | None = None


class Runbook(Part):
    """One runbook file. Attributes are the file's keys, in the order of the language's page."""

    runbook: Literal[1]
    name: Name
    title: str = ""
    plan: Summary = Summary()
    state: tuple[Aspect, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    schedule: Schedule = Schedule()
    roles: dict[Name, Role] = Field(default_factory=dict)
    params: dict[Name, Param] = Field(default_factory=dict)
    secrets: dict[Name, Secret] = Field(default_factory=dict)
    hosts: dict[Name, Host] = Field(default_factory=dict)
    groups: dict[Name, Names] = Field(default_factory=dict)
    databases: dict[Name, Database] = Field(default_factory=dict)
    environments: dict[Name, Environment] = Field(default_factory=dict)
    modes: dict[Name, Mode] = Field(default_factory=dict)
    artifacts: dict[Name, Artifact] = Field(default_factory=dict)
    locks: Names = ()
    metrics: dict[Name, Metric] = Field(default_factory=dict)
    triggers: tuple[Trigger, ...] = ()
    phases: tuple[Phase, ...]
    rollback: Rollback = Rollback()
    risks: tuple[Risk, ...] = ()
    tests: tuple[Test, ...] = ()
    success: tuple[Criterion, ...] = ()
    after: tuple[Task, ...] = ()


__all__ = [
    "Artifact",
    "Aspect",
    "Constraint",
    "Criterion",
    "Database",
    "Decider",
    "Dependency",
    "Environment",
    "Host",
    "Loss",
    "Metric",
    "Mode",
    "Param",
    "Phase",
    "PhaseRollback",
    "Risk",
    "Role",
    "Rollback",
    "Runbook",
    "Say",
    "Schedule",
    "Secret",
    "Step",
    "Summary",
    "Task",
    "Test",
    "Trigger",
]
