"""A step: what every kind has in common, the kind's own fields, and the way back."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from app.runbook.body import BODY_KEY, BodyField, Changes, choose
from app.runbook.conditions import Expect, SaveField, WhenField
from app.runbook.fields import (
    DueField,
    Duration,
    Flag,
    MomentField,
    Name,
    Names,
    OpenDuration,
    OpenWhole,
    Whole,
    Words,
    one_or_many,
)
from app.runbook.part import Part, Raw, Reading

OnFail = Literal["ask", "retry", "continue", "stop", "rollback"]


class Say(Part):
    """A message to people: channels as the notifier knows them, and text with references."""

    to: Words
    text: str


class Approval(Part):
    """Roles of which `need` people (not the operator) must agree before the step starts."""

    by: Names
    need: Whole = 1


class Retry(Part):
    """Another attempt, at most `times`, `every` so often."""

    times: OpenWhole | None = None
    every: OpenDuration | None = None


class Boundary(Part):
    """After this step going back loses something (`lossy`) or is impossible (`final`)."""

    kind: Literal["lossy", "final"]
    says: str


class NoUndo(Part):
    """Why there is no way back from this step."""

    reason: str = Field(alias="none")


class Rehearse(Part):
    """What happens in a rehearsal instead of the real thing."""

    outcome: Literal["done", "failed", "timed-out", "in-doubt", "cancelled"] = "done"
    duration: Duration | None = None
    output: str = ""
    facts: dict[str, Any] = Field(default_factory=dict)


def _undo_shape(value: Raw) -> str | None:
    if isinstance(value, (list, tuple)):
        return "steps"
    return "none" if isinstance(value, (dict, NoUndo)) else None


class Step(Part):
    """One step. `kind` names its kind, `body` holds the kind's fields; the rest every kind has.

    `id` is None only for inner, undo, verify and procedure steps. `changes` None: not said (see
    `Kind.default_changes`).
    """

    id: Name | None = None
    kind: str = Field(alias=" kind")
    body: BodyField = Field(alias=" body")
    title: str = ""
    text: str = ""
    owner: str = ""
    at: MomentField | None = None
    est: Duration | None = None
    max: Duration | None = None
    within: Duration | None = None
    track: Name | None = None
    needs: Names = ()
    when: WhenField = ()
    only: Names = ()
    not_in: Names = ()
    changes: Changes | None = None
    expect: Expect | None = None
    save: dict[Name, SaveField] = Field(default_factory=dict)
    fresh: Duration | None = None
    evidence: Annotated[tuple[Literal["output", "note", "file", "screenshot"], ...], BeforeValidator(one_or_many)] = ()
    say: Say | None = None
    approve: Approval | None = None
    on_fail: OnFail = "ask"
    retry: Retry | None = None
    probe: Probe | None = None
    undo: (
        Annotated[
            Annotated[tuple[Step, ...], Tag("steps")] | Annotated[NoUndo, Tag("none")], Discriminator(_undo_shape)
        ]
        | None
    ) = None
    boundary: Boundary | None = None
    enter: Names = ()
    leave: Names = ()
    makes: Names = ()
    uses: Names = ()
    watch: Names = ()
    rerun: Literal["safe", "ask", "never"] = "ask"
    uninterruptible: Flag = False
    changes_identity: Flag = False
    revert_unless_confirmed: Duration | None = None
    rehearse: Rehearse | None = None
    links: Words = ()

    @classmethod
    def arrange(cls, data: Raw, reading: Reading | None) -> Raw:
        """Finds the one kind."""
        if not isinstance(data, dict) or BODY_KEY in data:
            return data
        return choose(data, reading, cls)

    @property
    def undo_steps(self) -> tuple[Step, ...]:
        """The steps of the way back, empty when there is none."""
        return self.undo if isinstance(self.undo, tuple) else ()


class Probe(Step):
    """A read-only step asked when an outcome is unknown: `expect` holds = done, `half` holds = half done."""

    half: Expect | None = None


class Task(Step):
    """A task after the migration: a step with a due date. Without a kind it is a check of its `text`."""

    due: DueField | None = None

    @classmethod
    def arrange(cls, data: Raw, reading: Reading | None) -> Raw:
        """Finds the one kind, or makes a check of the text."""
        if reading and isinstance(data, dict) and data.get("text") and not any(key in reading.kinds for key in data):
            data = data | {"check": {"text": data["text"]}}
        return super().arrange(data, reading)
