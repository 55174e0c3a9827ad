"""The right target or none: who answers is recorded when first met, and looked at again before anything is written.

A name of the runbook is an address, and addresses move: a proxy is switched, a file is replaced, a tunnel goes
elsewhere. So what counts is what the server says of itself (`Fingerprint`). It may change only when a step that says
`changes_identity` (or the undo of one) has begun since it was last recorded.

A `sql` step on a database that is known is looked at on the very connection that writes (`SqlWork.expects`); everything
else is asked here, on a connection of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.errors import TminusError
from app.ports import Database, Fingerprint
from app.run import events as e
from app.run.state import RunState, SeenTarget
from app.runbook.body import Changes
from app.runbook.model_step import Step
from app.runbook.order import Plan
from app.steps.live import StepKind

DATABASE = "database"
Facts = tuple[tuple[str, str], ...]
Admit = Callable[[str, Fingerprint, Mapping[tuple[str, str], SeenTarget]], str]
"""(name, who answers, targets known so far) -> why it may not be used, or ""."""


def admit_all(name: str, who: Fingerprint, known: Mapping[tuple[str, str], SeenTarget]) -> str:
    """Nothing speaks against any target."""
    del name, who, known
    return ""


def seen(name: str, who: Fingerprint) -> e.TargetSeen:
    """The event that records who answers under a database's name."""
    return e.TargetSeen(name, DATABASE, str(who), who.facts, who.instance)


@dataclass(frozen=True, slots=True)
class Cleared:
    """Whether an attempt may go on: `refusal` says why not; `expects` is what each database must still show."""

    refusal: str = ""
    expects: Mapping[str, Facts] = field(default_factory=dict)


class Guard:
    """Stands between an intent and its target."""

    def __init__(
        self,
        databases: Mapping[str, Database],
        state: Callable[[], RunState],
        record: Callable[[e.Event], None],
        admit: Admit = admit_all,
    ) -> None:
        """`record` puts an event on its way into the record; `recorded` tells when one has arrived there."""
        self._databases, self._state, self._record, self._admit = databases, state, record, admit
        self._arrived = asyncio.Event()

    def recorded(self) -> None:
        """A TargetSeen is on disk and in the state."""
        self._arrived.set()

    async def clear(self, address: str, step: Step, kind: StepKind, *, settling: bool) -> Cleared:
        """Look at every database of a step; `settling`: its marker is asked, which writes, too."""
        expects: dict[str, Facts] = {}
        for target in kind.targets(step.body):
            if target.kind == DATABASE and target.name in self._databases:
                why = await self._clear_one(target.name, _Asked(address, step, settling))
                if why:
                    return Cleared(f"nothing was run: {why}")
                expects[target.name] = self._state().targets[DATABASE, target.name].facts
        return Cleared("", expects)

    async def _clear_one(self, name: str, asked: _Asked) -> str:
        known = self._state().targets.get((DATABASE, name))
        may_have_moved = known is not None and moved_since(self._state(), known)
        if known is not None and not asked.must_look and not may_have_moved:
            return ""
        try:
            who = await self._databases[name].identity()
            changed = who.unlike(known.facts) if known is not None else ""
            if changed and not may_have_moved:
                return f"{name} is not the database that the run saw before: {changed}"
            if known is not None and not changed:
                return ""
            refusal = self._admit(name, who, self._state().targets)
        except TminusError as trouble:
            return str(trouble)
        return refusal or await self._keep(name, who)

    async def _keep(self, name: str, who: Fingerprint) -> str:
        """Returns once it is on disk: no step writes into a target that the record does not know."""
        self._record(seen(name, who))
        while not self._is_known(name, who):
            self._arrived.clear()
            await self._arrived.wait()
        return ""

    def _is_known(self, name: str, who: Fingerprint) -> bool:
        known = self._state().targets.get((DATABASE, name))
        return known is not None and known.facts == who.facts


@dataclass(frozen=True, slots=True)
class _Asked:
    """The attempt that wants to go on."""

    address: str
    step: Step
    settling: bool

    @property
    def must_look(self) -> bool:
        """Whether a connection of our own is needed: sql that writes looks on the connection that it writes on."""
        writes = self.step.changes not in (None, Changes.NOTHING)
        return writes and (self.settling or self.step.kind != "sql")


def moved_since(state: RunState, known: SeenTarget) -> bool:
    """Whether a step that may put another server under this name has begun since it was recorded."""
    for address, step in state.steps.items():
        began = step.last.began if step.last is not None else None
        if began is not None and began.at >= known.at.at and _moves(state.plan, address, known.name):
            return True
    return False


def _moves(plan: Plan, address: str, name: str) -> bool:
    """`changes_identity` of a sql step is about its own database, of any other kind about all of them."""
    for one in (address, address.rpartition("/undo/")[0]):
        planned = plan.by_address.get(one)
        if planned is not None and planned.step.changes_identity:
            return planned.step.kind != "sql" or getattr(planned.step.body, "db", name) == name
    return False
