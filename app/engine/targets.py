"""The right target or none: who answers is recorded when first met, and looked at again before anything is written.

A name of the runbook is an address, and addresses move: a proxy is switched, a file is replaced, a machine takes over
another's address. So what counts is what the target says of itself (`Fingerprint`). It may change only when a step that
says `changes_identity` (or the undo of one) has begun since it was last recorded.

Whoever is known is looked at where the step acts: on the connection that writes (`SqlWork.expects`), in the request
that launches (`Host.only`). Everything else is asked here, on a connection of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from app.errors import TminusError
from app.ports import Database, Fingerprint, Host, World
from app.run import events as e
from app.run.state import RunState, SeenTarget
from app.runbook.body import Changes, Target
from app.runbook.model_step import Step
from app.runbook.order import Plan
from app.steps.live import StepKind

DATABASE: Final = "database"
HOST: Final = "host"
Facts = tuple[tuple[str, str], ...]
Admit = Callable[[Target, Fingerprint, Mapping[tuple[str, str], SeenTarget]], str]
"""(which target, who answers, targets known so far) -> why it may not be used, or ""."""

_LOOKS_ITSELF = frozenset({"sql", "host"})
"""Kinds that insist on what is known of their target where they act."""


def admit_all(target: Target, who: Fingerprint, known: Mapping[tuple[str, str], SeenTarget]) -> str:
    """Nothing speaks against any target."""
    del target, who, known
    return ""


def seen(target: Target, who: Fingerprint) -> e.TargetSeen:
    """The event that records who answers under a name of the runbook."""
    return e.TargetSeen(target.name, target.kind, str(who), who.facts, who.instance)


@dataclass(frozen=True, slots=True)
class Cleared:
    """Whether an attempt may go on: `refusal` says why not; `expects` is what each of its targets must still show."""

    refusal: str = ""
    expects: Mapping[str, Facts] = field(default_factory=dict)


class Guard:
    """Stands between an intent and its target."""

    def __init__(
        self,
        world: World,
        state: Callable[[], RunState],
        record: Callable[[e.Event], None],
        admit: Admit = admit_all,
    ) -> None:
        """`record` puts an event on its way into the record; `recorded` tells when one has arrived there."""
        self._world, self._state, self._record, self._admit = world, state, record, admit
        self._arrived = asyncio.Event()

    def recorded(self) -> None:
        """A TargetSeen is on disk and in the state."""
        self._arrived.set()

    async def clear(self, step: Step, kind: StepKind, *, settling: bool) -> Cleared:
        """Look at every target of a step; `settling`: its marker or its gate is asked, which writes, too."""
        expects: dict[str, Facts] = {}
        for target in kind.targets(step.body):
            asked = _Asked(target, step, settling)
            place = self._place(target)
            if place is not None:
                why = await self._clear_one(place, asked)
                if why:
                    return Cleared(f"nothing was run: {why}")
                expects[target.name] = self._state().targets[target.kind, target.name].facts
        return Cleared("", expects)

    def expected(self, targets: Iterable[Target]) -> Mapping[str, Facts]:
        """What targets of a step that only looks must still show, as far as that is known by now."""
        return expected(self._state(), targets)

    def _place(self, target: Target) -> Database | Host | None:
        if target.kind == DATABASE:
            return self._world.databases.get(target.name)
        return self._world.hosts.get(target.name) if target.kind == HOST else None

    async def _clear_one(self, place: Database | Host, asked: _Asked) -> str:
        target = asked.target
        known = self._known(target)
        may_have_moved = known is not None and moved_since(self._state(), known)
        if known is not None and not asked.must_look and not may_have_moved:
            return ""
        try:
            who = await place.identity()
            changed = who.unlike(known.facts) if known is not None else ""
            if changed and not may_have_moved:
                return f"{target.name} is not the {target.kind} that the run saw before: {changed}"
            if known is not None and not changed:
                return ""
            refusal = self._admit(target, who, self._state().targets)
        except TminusError as trouble:
            return str(trouble)
        return refusal or await self._keep(target, who)

    async def _keep(self, target: Target, who: Fingerprint) -> str:
        """Returns once it is on disk: no step writes into a target that the record does not know."""
        self._record(seen(target, who))
        while (known := self._known(target)) is None or known.facts != who.facts:
            self._arrived.clear()
            await self._arrived.wait()
        return ""

    def _known(self, target: Target) -> SeenTarget | None:
        return self._state().targets.get((target.kind, target.name))


def expected(state: RunState, targets: Iterable[Target]) -> Mapping[str, Facts]:
    """By name what these must still show; nothing for one that is not known yet or may have been replaced since."""
    found = {}
    for target in targets:
        known = state.targets.get((target.kind, target.name))
        if known is not None and not moved_since(state, known):
            found[target.name] = known.facts
    return found


@dataclass(frozen=True, slots=True)
class _Asked:
    """The attempt that wants to go on."""

    target: Target
    step: Step
    settling: bool

    @property
    def must_look(self) -> bool:
        """Whether a connection of our own is needed first: not for what the step looks at itself, where it acts."""
        writes = self.step.changes not in (None, Changes.NOTHING)
        alone = self.step.kind in _LOOKS_ITSELF and (self.step.kind == "host" or not self.settling)
        return writes and not alone


def moved_since(state: RunState, known: SeenTarget) -> bool:
    """Whether a step that may put another server under this name has begun since it was recorded."""
    for address, step in state.steps.items():
        began = step.last.began if step.last is not None else None
        if began is not None and began.at >= known.at.at and _moves(state.plan, address, known):
            return True
    return False


def _moves(plan: Plan, address: str, known: SeenTarget) -> bool:
    """`changes_identity` of a sql step is about its own database, of any other kind about every target."""
    for one in (address, address.rpartition("/undo/")[0]):
        planned = plan.by_address.get(one)
        if planned is not None and planned.step.changes_identity:
            step = planned.step
            own = known.kind == DATABASE and getattr(step.body, "db", known.name) == known.name
            return step.kind != "sql" or own
    return False
