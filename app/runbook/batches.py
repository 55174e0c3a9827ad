"""The items of an each, and the batches in which they are taken."""

from __future__ import annotations

from typing import Any, TypeVar

from app.errors import Refused
from app.runbook.body import Body
from app.runbook.fields import Template
from app.runbook.inputs import Inputs, ParamValue, unfit_name
from app.runbook.model_step import Step
from app.runbook.part import Part, Raw
from app.runbook.references import Reference, split
from app.runbook.scope import Scope
from app.runbook.substitute import MissingValue, fill, typed
from app.runbook.units import Share

P = TypeVar("P", bound=Part)
_MOST = 10_000


def items_of(body: Body, inputs: Inputs) -> tuple[str, ...]:
    """The names of the items, in the order in which they are taken. Raises Refused when they cannot be told."""
    each: Any = body
    if each.count is not None:
        count = _value(each, "count", inputs)
        if not isinstance(count, int) or count > _MOST:
            raise Refused(f"An each over {count} items is too much.", hint=f"At most {_MOST} items are taken.")
        return tuple(str(number) for number in range(1, count + 1))
    names = _named(each.in_, inputs)
    for name in names:
        if trouble := unfit_name(name):
            raise Refused(f"An each cannot be done for an item: {trouble}", hint="Give it another value.")
    if len(set(names)) < len(names):
        raise Refused(f"An item stands twice in {', '.join(names)}.", hint="Name each item once.")
    return ordered(names, each.order, each.last)


def ordered(names: tuple[str, ...], first: tuple[str, ...], last: tuple[str, ...]) -> tuple[str, ...]:
    """`first` in front in their own order, `last` at the end in theirs, the others as they are."""
    front = [name for name in first if name in names]
    back = [name for name in last if name in names and name not in front]
    middle = [name for name in names if name not in front and name not in back]
    return (*front, *middle, *back)


def split_batches(body: Body, items: tuple[str, ...], inputs: Inputs) -> tuple[tuple[str, ...], ...]:
    """The canary as a batch of its own, then as many as `batch` says at a time."""
    each: Any = body
    canary = _size(_value(each, "canary", inputs), len(items)) if each.canary is not None else 0
    size = _size(_value(each, "batch", inputs), len(items))
    batches = [items[:canary]] if canary and items else []
    batches += [items[start : start + size] for start in range(canary, len(items), size)]
    return tuple(batches)


def settled_numbers(step: Step, inputs: Inputs) -> Step:
    """The step with the numbers that steer it (of an each, of a retry) filled in from the parameters.

    They decide how the run goes on, so they are known before it starts. Raises Refused when they are not.
    """
    changed: dict[str, Any] = {}
    if step.kind == "each":
        changed["body"] = _filled(step.body, ("count", "batch", "canary", "pause", "max_failed"), inputs)
    if step.retry is not None:
        changed["retry"] = _filled(step.retry, ("times", "every"), inputs)
    same = all(getattr(step, name) is value for name, value in changed.items())
    return step if same else step.model_copy(update=changed)


def _filled(part: P, names: tuple[str, ...], inputs: Inputs) -> P:
    values = {name: _value(part, name, inputs) for name in names if isinstance(getattr(part, name), Template)}
    return part.model_copy(update=values) if values else part


def _named(source: str | tuple[str, ...], inputs: Inputs) -> tuple[str, ...]:
    if isinstance(source, tuple):
        return tuple(fill(name, Scope(inputs)) for name in source)
    pieces = split(source)
    if len(pieces) == 1 and not isinstance(pieces[0], str) and pieces[0].root == "params":
        return _of_param(pieces[0], inputs)
    if "${" in source:
        source = fill(source, Scope(inputs))
    if source in inputs.runbook.groups:
        return inputs.runbook.groups[source]
    value = inputs.params.get(source)
    return _held(value) if value else (source,)


def _of_param(reference: Reference, inputs: Inputs) -> tuple[str, ...]:
    """What was asked for by name is the parameter: a group that is called the same reaches other hosts."""
    value = inputs.params.get(".".join(reference.parts[1:]))
    if value is None:
        raise MissingValue(reference)
    return _held(value)


def _held(value: ParamValue) -> tuple[str, ...]:
    """The names of a list, which may be none at all; any other value is one name."""
    return (value.text,) if value.items is None else value.items


def _size(value: Raw, whole: int) -> int:
    """At least one, for nobody too: a share of an empty group is nothing, and batches of nothing never end."""
    return max(1, value.of(whole) if isinstance(value, Share) else min(int(value), whole))


def _value(each: Part, name: str, inputs: Inputs) -> Raw:
    value = getattr(each, name)
    if not isinstance(value, Template):
        return value
    return typed(value, type(each).model_fields[name].rebuild_annotation(), Scope(inputs))
