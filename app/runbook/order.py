"""Lays a runbook out: every step with its address, what must be over before it, and the lists of the way back.

Pure and static: only the inputs decide. What really happens, batch by batch, is decided while the run goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from app.errors import Refused
from app.runbook.batches import items_of, settled_numbers, split_batches
from app.runbook.body import Changes
from app.runbook.group import on_item, spread
from app.runbook.inputs import Inputs
from app.runbook.kind import Kinds
from app.runbook.model import Phase, PhaseRollback, Runbook
from app.runbook.model_step import Step

Role = Literal["main", "finally"]
Bindings = tuple[tuple[str, str], ...]
MOST_LAID_OUT = 100_000
"""Steps that a plan holds, those of every item and of the way back counted: nobody can look through more."""
POST = "after"
"""The phase that the tasks after the migration are listed under."""


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One step at its address. Its text is not substituted; `owner`, `est` and `changes` are filled in.

    number: for people ("4.14"); bindings: `as` names and items of the eaches around it; after: addresses that must be
    over first (the previous phase is implied; the first `finally` step names the last main one of its item, and runs
    however that ended); parent: the each's address, "" outside of one; item: "" or the item's name; left_out: "" or why
    the environment leaves it out.
    """

    address: str
    phase: str
    number: str
    step: Step
    bindings: Bindings = ()
    after: tuple[str, ...] = ()
    parent: str = ""
    item: str = ""
    role: Role = "main"
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class PlannedPhase:
    """A phase of the plan; `rollback` as in the file."""

    id: str
    number: str
    title: str
    rollback: PhaseRollback | None = None


@dataclass(frozen=True, slots=True)
class BackPlan:
    """The ways back that the file names: undos by address, procedures by name. Which of them run, the run decides."""

    undos: Mapping[str, tuple[PlannedStep, ...]] = field(default_factory=dict)
    procedures: Mapping[str, tuple[PlannedStep, ...]] = field(default_factory=dict)

    def undo_of(self, address: str) -> tuple[PlannedStep, ...]:
        """The undo steps of a step, in the order in which they run; addresses `ro-off/undo/1`..."""
        return self.undos.get(address, ())

    def procedure(self, name: str) -> tuple[PlannedStep, ...]:
        """`rollback/before`, `rollback/after`, `rollback/verify`, `PHASE/rollback` or `PHASE/verify`."""
        return self.procedures.get(name, ())


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that may run, in file order, steps of eaches under their parents.

    by_address: every planned step, those of the way back and the tasks after it included.
    """

    steps: tuple[PlannedStep, ...]
    phases: tuple[PlannedPhase, ...]
    back: BackPlan
    post: tuple[PlannedStep, ...]
    by_address: Mapping[str, PlannedStep]
    batches: Mapping[str, tuple[tuple[str, ...], ...]]
    inner: Mapping[tuple[str, str], tuple[PlannedStep, ...]]
    inputs: Inputs
    tops: Mapping[str, tuple[PlannedStep, ...]]

    @property
    def runbook(self) -> Runbook:
        """The runbook with its environment applied."""
        return self.inputs.runbook

    def top(self, phase: str) -> tuple[PlannedStep, ...]:
        """The steps of a phase, in file order, without those inside of eaches."""
        return self.tops.get(phase, ())

    def items(self, parent: str) -> tuple[tuple[str, ...], ...]:
        """The batches of an each: names of items, the canary first as a batch of its own."""
        return self.batches.get(parent, ())

    def children(self, address: str, item: str) -> tuple[PlannedStep, ...]:
        """The steps of an each for one item, `finally` last."""
        return self.inner.get((address, item), ())


@dataclass(frozen=True, slots=True)
class _Above:
    """What a step takes over from where it stands."""

    phase: str
    number: str
    owner: str = ""
    step: Step | None = None
    bindings: Bindings = ()
    parent: str = ""
    item: str = ""
    left_out: str = ""


def too_many(each: str) -> Refused:
    """What is said of an each that would make a plan longer than any may be."""
    what = f"With the each `{each}` there are more than {MOST_LAID_OUT:,} steps."
    return Refused(what, hint="Take fewer items, or call a script that goes through them.")


def lay_out(inputs: Inputs, kinds: Kinds) -> Plan:
    """The plan of a run with these inputs. Raises Refused when an each has too many items, or none can tell which."""
    layout = _Layout(inputs, kinds)
    phases: list[PlannedPhase] = []
    steps: list[PlannedStep] = []
    for index, phase in enumerate(inputs.runbook.phases):
        number = str(phase.number if phase.number is not None else index)
        phases.append(PlannedPhase(phase.id, number, phase.title, phase.rollback))
        steps += layout.phase(phase, number)
    layout.procedures()
    post = layout.post()
    return Plan(
        tuple(steps),
        tuple(phases),
        BackPlan(layout.undos, layout.named),
        post,
        layout.by_address,
        layout.batches,
        layout.inner,
        inputs,
        {phase.id: tuple(s for s in steps if s.phase == phase.id and not s.parent) for phase in phases},
    )


def inherit(step: Step, above: Step | None, kinds: Kinds) -> Step:
    """The step with `owner`, `est` and `changes` filled in: its own, what its words say, its parent's, a default."""
    kind = kinds[step.kind]
    changes = step.changes or (above.changes if above else None) or kind.default_changes(step.body) or Changes.NOTHING
    owner = step.owner or (above.owner if above else "")
    est = next((one for one in (step.est, step.body.lasts) if one is not None), above.est if above else None)
    same = changes is step.changes and owner == step.owner and est == step.est
    return step if same else step.model_copy(update={"changes": changes, "owner": owner, "est": est})


def left_out(step: Step, env: str) -> str:
    """Why an environment leaves the step out, "" when it does not."""
    if step.only and env not in step.only:
        return f"only in {', '.join(step.only)}"
    return f"not in {env}" if env and env in step.not_in else ""


class _Layout:
    """Collects while walking the file once."""

    def __init__(self, inputs: Inputs, kinds: Kinds) -> None:
        self.inputs = inputs
        self.kinds = kinds
        self.by_address: dict[str, PlannedStep] = {}
        self.undos: dict[str, tuple[PlannedStep, ...]] = {}
        self.named: dict[str, tuple[PlannedStep, ...]] = {}
        self.batches: dict[str, tuple[tuple[str, ...], ...]] = {}
        self.inner: dict[tuple[str, str], tuple[PlannedStep, ...]] = {}

    def phase(self, phase: Phase, number: str) -> list[PlannedStep]:
        last: dict[str, str] = {}
        result: list[PlannedStep] = []
        for index, step in enumerate(phase.steps, 1):
            track = step.track or ""
            before = (last[track],) if track in last else ()
            after = tuple(dict.fromkeys((*before, *step.needs)))
            address = step.id or f"{phase.id}/{index}"
            planned = self._step(step, address, after, _Above(phase.id, f"{number}.{index}"))
            if not planned[0].left_out:  # what is left out holds nobody up
                last[track] = address
            result += planned
        return result

    def procedures(self) -> None:
        rollback = self.inputs.runbook.rollback
        for name in ("before", "after", "verify"):
            self._list(f"rollback/{name}", getattr(rollback, name), _Above("", "R"))
        for phase in self.inputs.runbook.phases:
            if phase.rollback:
                self._list(f"{phase.id}/rollback", phase.rollback.steps, _Above(phase.id, "R"))
                self._list(f"{phase.id}/verify", phase.rollback.verify, _Above(phase.id, "R"))

    def post(self) -> tuple[PlannedStep, ...]:
        result: list[PlannedStep] = []
        for index, task in enumerate(self.inputs.runbook.after, 1):
            above = _Above(POST, f"after.{index}")
            result += self._step(task, task.id or f"{POST}/{index}", task.needs, above)
        return tuple(result)

    def _list(self, name: str, steps: tuple[Step, ...], above: _Above) -> None:
        self.named[name] = self._chain(steps, name, above)

    def _chain(self, steps: tuple[Step, ...], prefix: str, above: _Above) -> tuple[PlannedStep, ...]:
        """Steps one after the other, addressed `prefix/1`, `prefix/2`...; children of eaches are kept aside."""
        result: list[PlannedStep] = []
        before: tuple[str, ...] = ()
        for index, step in enumerate(steps, 1):
            address = f"{prefix}/{index}"
            planned = self._step(step, address, before, replace(above, number=f"{above.number}.{index}"))[0]
            if not planned.left_out:
                before = (address,)
            result.append(planned)
        return tuple(result)

    def _step(self, step: Step, address: str, after: tuple[str, ...], above: _Above) -> list[PlannedStep]:
        """The step and, for an each, all its children; its undos are laid out on the side."""
        step = spread(step, self.inputs, above.bindings, self.kinds)
        full = settled_numbers(inherit(step, above.step, self.kinds), self.inputs)
        planned = PlannedStep(
            address=address,
            phase=above.phase,
            number=above.number,
            step=full,
            bindings=above.bindings,
            after=after,
            parent=above.parent,
            item=above.item,
            left_out=above.left_out or left_out(step, self.inputs.env),
        )
        self.by_address[address] = planned
        inside = replace(above, step=full, left_out=planned.left_out)
        if step.undo_steps:
            back = replace(inside, parent="", item="", number=f"{above.number}.undo")
            self.undos[address] = self._chain(step.undo_steps, f"{address}/undo", back)
        return [planned, *self._children(full, address, inside)]

    def _children(self, step: Step, address: str, above: _Above) -> list[PlannedStep]:
        lists = self.kinds[step.kind].inner(step.body)
        if not lists:
            return []
        items = items_of(step.body, self.inputs)
        if len(self.by_address) + len(items) * sum(len(steps) for _, steps in lists) > MOST_LAID_OUT:
            raise too_many(address)
        self.batches[address] = split_batches(step.body, items, self.inputs)
        result: list[PlannedStep] = []
        name = str(getattr(step.body, "as_", "item"))
        for item in items:
            inside = replace(above, parent=address, item=item, bindings=(*above.bindings, (name, item)))
            result += self._item(on_item(lists, name, item), f"{address}[{item}]", inside)
            if len(self.by_address) > MOST_LAID_OUT:  # with the undos of the items
                raise too_many(address)
        return result

    def _item(self, lists: tuple[tuple[str, tuple[Step, ...]], ...], prefix: str, above: _Above) -> list[PlannedStep]:
        direct: list[PlannedStep] = []
        result: list[PlannedStep] = []
        before: tuple[str, ...] = ()
        index = 0
        for key, steps in lists:
            for step in steps:
                index += 1
                address = f"{prefix}/{step.id or index}"
                after = tuple(dict.fromkeys((*before, *(f"{prefix}/{need}" for need in step.needs))))
                planned = self._step(step, address, after, replace(above, number=f"{above.number}.{index}"))
                if key == "finally":
                    planned[0] = replace(planned[0], role="finally")
                    self.by_address[address] = planned[0]
                if not planned[0].left_out:
                    before = (address,)
                direct.append(planned[0])
                result += planned
        self.inner[(above.parent, above.item)] = tuple(direct)
        return result
