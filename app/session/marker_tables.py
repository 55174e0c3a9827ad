"""Before the first intent of a run: the table that later decides a doubtful commit stands, in admitted databases only.

Nobody is written to who was not asked who it is and admitted, and what was asked is insisted on by the connection that
writes. It is a help, never a condition: a step makes the table itself where it is missing. So it is short, it ends when
somebody wants something of the run, and whatever went wrong becomes a note.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.engine.loop import Engine
from app.engine.targets import DATABASE, Facts, seen
from app.errors import TminusError
from app.ports import Database
from app.run import events as e
from app.run.state import SeenTarget
from app.runbook.body import Changes, Target
from app.runbook.order import Plan
from app.session.targets import Admission

LIMIT = 8.0
"""Seconds for all databases together; the engine hears nobody meanwhile, apart from being told to end this."""

_LOOK = 0.05
_DOUBT = "a commit that is cut off there may end in doubt."


@dataclass(slots=True)
class MarkerTables:
    """Lays them. `databases`: those of the run, by name."""

    engine: Engine
    databases: Mapping[str, Database]
    admission: Admission
    limit: float = LIMIT
    _met: dict[tuple[str, str], SeenTarget] = field(default_factory=dict)

    async def lay(self) -> None:
        """All at once; returns when all stand, `limit` is over, or somebody wants something of the run."""
        if self.engine.state.started:
            return
        self._met = dict(self.engine.state.targets)
        names = written_databases(self.engine.state.plan)
        tasks = {asyncio.create_task(self._lay_one(name), name=f"markers-{name}"): name for name in names}
        waiting = set(tasks)
        loop = asyncio.get_running_loop()
        ends = loop.time() + self.limit
        while waiting and loop.time() < ends and not self.engine.wanted:
            _, waiting = await asyncio.wait(waiting, timeout=_LOOK)
        for task, name in tasks.items():
            if task in waiting:
                task.cancel()  # it cuts its connection by itself; that is not waited for
                self._note(f"No markers were laid in {name}: it had not answered when the run went on")
            else:
                self._note(task.result())

    async def _lay_one(self, name: str) -> str:
        """Why none could be laid, "" when they stand."""
        try:
            facts, refusal = await self._admitted(name)
            if refusal:
                return f"No markers were laid in {name}: {refusal}"
            marked = await self.databases[name].prepare(facts)
        except TminusError as trouble:
            return f"No markers could be laid in {name}: {trouble}"
        return "" if marked else f"This login may not keep markers in {name}"

    async def _admitted(self, name: str) -> tuple[Facts, str]:
        """What it must show where it is written to, or why it may not be used; one that is met only now is recorded."""
        target = Target(DATABASE, name)
        known = self._met.get((target.kind, target.name))
        if known is not None:
            return known.facts, ""
        who = await self.databases[name].identity()
        if refusal := self.admission(target, who, self._met):
            return (), refusal
        event = seen(target, who)
        now = self.engine.state.now
        self._met[event.kind, name] = SeenTarget(name, event.kind, event.identity, event.facts, event.instance, now)
        self.engine.tell(event)
        return who.facts, ""

    def _note(self, word: str) -> None:
        if word:
            self.engine.tell(e.NoteAdded("console", f"{word}; {_DOUBT}"))


def written_databases(plan: Plan) -> tuple[str, ...]:
    """Names of the databases that a step of this run, forward or back, may write to, in the order of the file."""
    declared = tuple(plan.runbook.databases)
    named = {
        str(getattr(p.step.body, "db", "")) for p in plan.by_address.values() if p.step.changes is not Changes.NOTHING
    }
    if any("${" in name for name in named):
        return declared
    return tuple(name for name in declared if name in named)
