"""One walk over a runbook that every rule shares: each step with where it stands and what it belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from app.errors import Problem, Severity
from app.runbook.body import Changes
from app.runbook.kind import Kinds
from app.runbook.model import Phase, Runbook
from app.runbook.model_step import Step
from app.runbook.order import inherit
from app.runbook.part import Raw
from app.runbook.read import Document, Path
from app.runbook.references import Use, references

Role = Literal["main", "inner", "finally", "undo", "probe", "procedure", "task", "read"]
FORWARD: frozenset[Role] = frozenset({"main", "inner", "finally", "task"})
"""The roles of steps that run on the way forward."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A step and where it stands. `phase` is the phase's index, -1 outside of one; `order` counts the forward steps.

    of: the step that an inner, undo or probe step belongs to; items: the `as` names in reach, with what they stand for
    in the file (the each's `in`); step: as written; full: with owner, est and changes filled in.
    """

    path: Path
    name: str
    role: Role
    phase: int
    order: int
    step: Step
    full: Step
    of: Spot | None = None
    items: tuple[tuple[str, Raw], ...] = ()

    @property
    def forward(self) -> bool:
        """Whether it runs on the way forward."""
        return self.role in FORWARD

    @property
    def changes(self) -> Changes:
        """What it changes, inherited or by default."""
        return self.full.changes or Changes.NOTHING

    @property
    def top(self) -> Spot:
        """The step of a phase (or task, or procedure) that this one is part of; itself mostly."""
        return self.of.top if self.of else self

    def chain(self) -> Iterator[Spot]:
        """Itself, then what it belongs to, outwards."""
        spot: Spot | None = self
        while spot is not None:
            yield spot
            spot = spot.of


@dataclass(frozen=True, slots=True)
class Survey:
    """The runbook as the rules see it.

    by_id: the forward steps; uses: every text with references, and the step it stands in; facts: what decisions may
    rest on; before: for each phase and each of its steps the ids it waits for (its track's last one, its needs).
    """

    runbook: Runbook
    document: Document
    kinds: Kinds
    env: str
    spots: tuple[Spot, ...]
    by_id: dict[str, Spot] = field(default_factory=dict)
    uses: tuple[tuple[Spot, Use], ...] = ()
    facts: frozenset[str] = frozenset()
    before: tuple[Mapping[str, tuple[str, ...]], ...] = ()

    def main(self) -> tuple[Spot, ...]:
        """The steps of the phases, eaches not entered."""
        return tuple(spot for spot in self.spots if spot.role == "main")

    def forward(self) -> tuple[Spot, ...]:
        """Every step of the way forward, in file order, tasks of `after` last."""
        return tuple(spot for spot in self.spots if spot.forward)

    def error(self, code: str, what: str, path: Path, hint: str = "") -> Problem:
        """A problem that blocks a run."""
        return self._problem(Problem(code, what, self.document.place(path), hint), path)

    def warning(self, code: str, what: str, path: Path, hint: str = "") -> Problem:
        """A problem that wants a reason."""
        return self._problem(Problem(code, what, self.document.place(path), hint, Severity.WARNING), path)

    def _problem(self, problem: Problem, path: Path) -> Problem:
        dotted = ".".join(str(part) for part in path)
        return Problem(problem.code, problem.what, problem.place, problem.hint, problem.severity, dotted)


def survey(runbook: Runbook, document: Document, kinds: Kinds, env: str | None) -> Survey:
    """Walks the runbook once."""
    spots = tuple(_Walk(runbook, kinds).all())
    by_id: dict[str, Spot] = {}
    for spot in spots:
        if spot.step.id and spot.forward:
            by_id.setdefault(spot.step.id, spot)
    uses = tuple((spot, use) for spot in spots for use in references(spot.step))
    tested = (*(test.id for test in runbook.tests), *(criterion.id for criterion in runbook.success))
    facts = frozenset((*tested, *by_id, *runbook.metrics))
    before = tuple(_predecessors(phase) for phase in runbook.phases)
    return Survey(runbook, document, kinds, env or "", spots, by_id, uses, facts, before)


def _predecessors(phase: Phase) -> Mapping[str, tuple[str, ...]]:
    last: dict[str, str] = {}
    before: dict[str, tuple[str, ...]] = {}
    for step in phase.steps:
        track, name = step.track or "", step.id or ""
        before[name] = (*((last[track],) if track in last else ()), *step.needs)
        last[track] = name
    return before


class _Walk:
    def __init__(self, runbook: Runbook, kinds: Kinds) -> None:
        self.runbook = runbook
        self.kinds = kinds
        self.order = 0

    def all(self) -> Iterator[Spot]:
        for number, phase in enumerate(self.runbook.phases):
            for index, step in enumerate(phase.steps):
                path: Path = ("phases", number, "steps", index)
                yield from self._step(self._spot(step, path, "main", number))
        for index, task in enumerate(self.runbook.after):
            yield from self._step(self._spot(task, ("after", index), "task", -1))
        yield from self._procedures()
        for index, row in enumerate(self.runbook.state):
            if row.read:
                yield from self._step(self._spot(row.read, ("state", index, "read"), "read", -1))

    def _procedures(self) -> Iterator[Spot]:
        for number, phase in enumerate(self.runbook.phases):
            if phase.rollback:
                for key in ("steps", "verify"):
                    yield from self._procedure(getattr(phase.rollback, key), ("phases", number, "rollback", key))
        for key in ("before", "after", "verify"):
            yield from self._procedure(getattr(self.runbook.rollback, key), ("rollback", key))

    def _procedure(self, steps: tuple[Step, ...], path: Path) -> Iterator[Spot]:
        number = path[1] if isinstance(path[1], int) else -1
        for index, step in enumerate(steps):
            yield from self._step(self._spot(step, (*path, index), "procedure", number))

    def _spot(self, step: Step, path: Path, role: Role, phase: int) -> Spot:
        self.order += 1
        name = step.id or "/".join(str(part) for part in path)
        return Spot(path, name, role, phase, self.order, step, inherit(step, None, self.kinds))

    def _inside(self, step: Step, of: Spot, role: Role, path: Path) -> Spot:
        self.order += 1
        name = step.id or "/".join((of.name, *(str(part + 1 if isinstance(part, int) else part) for part in path)))
        full = inherit(step, of.full, self.kinds)
        return Spot((*of.path, *path), name, role, of.phase, self.order, step, full, of, of.items)

    def _step(self, spot: Spot) -> Iterator[Spot]:
        yield spot
        step = spot.step
        for key, steps in self.kinds[step.kind].inner(step.body):
            name, source = str(getattr(step.body, "as_", "item")), getattr(step.body, "in_", "")
            role: Role = spot.role if not spot.forward else "finally" if key == "finally" else "inner"
            for index, inner in enumerate(steps):
                child = self._inside(inner, spot, role, (step.kind, key, index))
                yield from self._step(_with_item(child, name, source))
        for index, undo in enumerate(step.undo_steps):
            yield from self._step(self._inside(undo, spot, "undo", ("undo", index)))
        if step.probe:
            yield from self._step(self._inside(step.probe, spot, "probe", ("probe",)))


def _with_item(spot: Spot, name: str, source: Raw) -> Spot:
    items = (*spot.items, (name, source))
    return replace(spot, items=items)
