"""A `host` step on a group becomes an `each` over its hosts, so that each host has an attempt and a ticket of its own.

`ro-on: host: {name: app, argv: [...], batch: 25%}` is laid out as `ro-on` (an each over `app`, a quarter at a time)
with `ro-on[app1]/1`, `ro-on[app2]/1`... What belongs to the command goes to each host's step: the command itself,
`expect`, `save`, `probe`, `max`, `rerun`, `retry`. What belongs to the step as a whole stays where it was written: when
it starts, who agrees, modes, boundary, and its undo, which is a step of its own and names its own group. A host that
fails holds the batches after it, as in any each.
"""

from __future__ import annotations

from typing import Any, cast

from app.runbook.inputs import Inputs
from app.runbook.kind import Inner, Kinds
from app.runbook.model_step import Step
from app.runbook.scope import Scope
from app.runbook.substitute import MissingValue, fill

MEMBER = "*"
"""Stands for the host of an item; no name can be written like this."""

_OF_EACH_HOST = ("expect", "save", "probe", "max", "rerun", "retry", "uninterruptible")
_OF_THE_WHOLE = (
    *("id", "at", "within", "track", "needs", "when", "only", "not_in", "fresh", "evidence", "say", "approve"),
    *("undo", "boundary", "enter", "leave", "makes", "uses", "watch", "links", "revert_unless_confirmed", "on_fail"),
)


def spread(step: Step, inputs: Inputs, bindings: tuple[tuple[str, str], ...], kinds: Kinds) -> Step:
    """The step as an each over its group; any other step as it is."""
    group = _group(step, inputs, bindings)
    if not group or "each" not in kinds:
        return step
    body: Any = step.body
    usual = Step.model_fields
    inner = step.model_copy(
        update={
            "body": body.model_copy(update={"name": MEMBER, "batch": None}),
            **{name: usual[name].get_default(call_default_factory=True) for name in _OF_THE_WHOLE},
            "on_fail": step.on_fail if step.on_fail in {"retry", "continue"} else "ask",
        }
    )
    each: Any = kinds["each"].model
    return step.model_copy(
        update={
            "kind": "each",
            "body": each.model_construct(in_=group, as_=MEMBER, batch=body.batch or 1, steps=(inner,)),
            **{name: usual[name].get_default(call_default_factory=True) for name in _OF_EACH_HOST},
            "on_fail": "ask" if step.on_fail == "retry" else step.on_fail,
        }
    )


def on_item(lists: Inner, as_name: str, item: str) -> Inner:
    """The inner lists with the item's host in its place; those of an each that was written as one stay as they are."""
    if as_name != MEMBER:
        return lists
    return tuple((key, tuple(_at(step, item) for step in steps)) for key, steps in lists)


def _at(step: Step, host: str) -> Step:
    body: Any = step.body
    return step.model_copy(update={"body": body.model_copy(update={"name": host})})


def _group(step: Step, inputs: Inputs, bindings: tuple[tuple[str, str], ...]) -> str:
    """The name of the group that it runs on, "" for none."""
    if step.kind != "host":
        return ""
    name = cast("str", getattr(step.body, "name", ""))
    if "${" in name:
        try:
            name = fill(name, Scope(inputs, dict(bindings)))
        except MissingValue:
            return ""  # known only while the run goes on: then it names a host
    book = inputs.runbook
    return name if name in book.groups and name not in book.hosts else ""
