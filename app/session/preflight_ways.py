"""Both directions of a run, step by step: what would be asked of which target, and what may have happened before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from app.errors import Refused
from app.runbook.body import Changes
from app.runbook.kind import Kinds
from app.runbook.model_step import Step
from app.runbook.order import Plan, PlannedStep
from app.runbook.scope import Scope
from app.runbook.substitute import substitute
from app.session.preflight import may_run

Way = Literal["forward", "rollback"]
_OUTSIDE = frozenset({"local", "host", "http"})


@dataclass(frozen=True, slots=True)
class Errand:
    """One thing that a step asks of a target: itself, what it waits for, or its probe.

    subject: the forward step that it belongs to, or a procedure's address; way: when it runs; body: the kind's fields,
    resolved as far as is known before a run (None: `trouble` says what is missing); writes: the step changes something;
    opaque: before it something may have happened that nobody can foresee (a command, a request, another server).
    """

    subject: str
    way: Way
    kind: str
    step: Step
    body: Any
    trouble: str
    writes: bool
    opaque: bool


def errands(plan: Plan, kinds: Kinds) -> Iterator[Errand]:
    """All of them: the steps forward in their order, each followed by its undos, then the procedures."""
    opaque = False
    running = list(may_run(plan))
    forward = [planned for planned in running if _place(plan, planned)[1] == "forward"]
    backward = [planned for planned in running if _place(plan, planned)[1] == "rollback"]
    undos: dict[str, list[PlannedStep]] = {}
    for planned in backward:
        undos.setdefault(_place(plan, planned)[0], []).append(planned)
    for planned in forward:
        yield from _errands(plan, planned, kinds, opaque=opaque)
        opaque = opaque or _is_opaque(planned.step)
        for undo in undos.pop(planned.address, ()):
            yield from _errands(plan, undo, kinds, opaque=opaque)
    for procedure in undos.values():
        for planned in procedure:
            yield from _errands(plan, planned, kinds, opaque=True)


def _place(plan: Plan, planned: PlannedStep) -> tuple[str, Way]:
    """Whose line a step belongs to, and which way."""
    owner, undo, _ = planned.address.partition("/undo/")
    if undo:
        return owner, "rollback"
    in_procedure = any(planned.address.startswith(f"{name}/") for name in plan.back.procedures)
    return planned.address, "rollback" if in_procedure else "forward"


def _errands(plan: Plan, planned: PlannedStep, kinds: Kinds, *, opaque: bool) -> Iterator[Errand]:
    subject, way = _place(plan, planned)
    step = planned.step
    writes = step.changes not in (None, Changes.NOTHING)
    for index, (kind, part) in enumerate(_parts(step)):
        if kind not in kinds:  # a metric
            continue
        body, trouble = _resolved(plan, planned, part)
        yield Errand(subject, way, kind, step, body, trouble, writes and index == 0, opaque)


def _parts(step: Step) -> Iterator[tuple[str, Any]]:
    yield step.kind, step.body
    until = getattr(step.body, "until", None)
    if until is not None:
        yield until.kind, until.body
    if step.probe is not None:
        yield step.probe.kind, step.probe.body


def _resolved(plan: Plan, planned: PlannedStep, body: Any) -> tuple[Any, str]:  # noqa: ANN401 - any kind's fields
    try:
        return substitute(body, Scope(plan.inputs, dict(planned.bindings))), ""
    except Refused as missing:
        return None, str(missing.what)


def _is_opaque(step: Step) -> bool:
    changes = step.changes not in (None, Changes.NOTHING)
    return step.changes_identity or (changes and step.kind in _OUTSIDE)
