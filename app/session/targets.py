"""Which databases a run may work on: not one database under two names, and in a rehearsal never production's."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from app.engine.targets import seen
from app.errors import Refused, TminusError
from app.ports import Clock, Database, Fingerprint
from app.run import events as e
from app.run.moment import Moment
from app.run.state import SeenTarget
from app.runbook.body import Changes
from app.runbook.order import Plan, PlannedStep
from app.runbook.scope import Scope
from app.runbook.substitute import fill
from app.session.known_targets import KnownTarget, known_targets, remember
from app.session.opening import kinds

FIRST_LOOK = 8.0
"""Seconds that a database has to say who it is before the run; later it is asked again by the step that needs it."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Says why a database may not be used in this run (see `app.engine.targets.Admit`).

    remembers: whether a database of production is noted as such, so that no rehearsal uses it.
    """

    plan: Plan
    home: Path
    clock: Clock
    remembers: bool = True

    def __call__(self, name: str, who: Fingerprint, known: Mapping[tuple[str, str], SeenTarget]) -> str:
        """Why not, or "". A database of production is remembered."""
        return self._of_production(name, who) or self._under_two_names(name, who, known)

    def _of_production(self, name: str, who: Fingerprint) -> str:
        inputs = self.plan.inputs
        here = inputs.environment
        if here.production and self.remembers:
            seen_at = self.clock.now().isoformat(timespec="seconds")
            book = inputs.runbook.name
            remember(self.home, KnownTarget(who.instance, str(who), book, inputs.env, name, seen_at))
        if not here.rehearsal or here.live:
            return ""
        for one in known_targets(self.home):
            if one.is_it(who):
                return (
                    f"{name} is production: {one.runbook} used it in {one.environment} as {one.name} on {one.seen}."
                    f" A rehearsal must not touch it; give {inputs.env} another address, or write live: true"
                )
        return ""

    def _under_two_names(self, name: str, who: Fingerprint, known: Mapping[tuple[str, str], SeenTarget]) -> str:
        changed = written(self.plan)
        for (kind, other), found in known.items():
            twins = kind == "database" and other != name and who.instance and found.instance == who.instance
            if twins and (name in changed or other in changed) and self._place(name) != self._place(other):
                return f"{name} and {other} are one and the same database ({who}), and a step changes it"
        return ""

    def _place(self, name: str) -> str:
        """Where the file says that it is, without who logs in: two logins to one place are meant to be one place."""
        databases = self.plan.runbook.databases
        if name not in databases:
            return name
        url = urlsplit(fill(databases[name].url, Scope(self.plan.inputs)))
        return f"{url.scheme.partition('+')[0]} {url.netloc.rpartition('@')[2]} {url.path}".lower()


def first_look(databases: Mapping[str, Database], plan: Plan, admission: Admission) -> tuple[e.Event, ...]:
    """Ask every database that the plan names who it is, all at once. Blocks; call it outside of any event loop.

    Gives the events that record it; one that does not answer is told in a note and met later by its first step. Raises
    Refused for a database that may not be used, before anything was recorded.
    """
    names = sorted(set(used(plan)) & set(databases))
    answers = asyncio.run(_ask_all({name: databases[name] for name in names})) if names else {}
    known: dict[tuple[str, str], SeenTarget] = {}
    events: list[e.Event] = []
    for name, who in answers.items():
        if isinstance(who, str):
            events.append(e.NoteAdded("console", f"Database {name} could not be asked before the run: {who}"))
            continue
        if why := admission(name, who, known):
            raise Refused(f"{why}.", where=f"database {name}", hint="Nothing was started.")
        event = seen(name, who)
        at = Moment(admission.clock.now(), 0, "")
        known[event.kind, name] = SeenTarget(name, event.kind, event.identity, event.facts, event.instance, at)
        events.append(event)
    return tuple(events)


def used(plan: Plan) -> Iterator[str]:
    """Names of databases that steps of a run reach, forward or back, as far as the file tells; some more than once."""
    for planned in plan.by_address.values():
        yield from (target for target, _ in _databases(planned)) if not planned.left_out else ()


def written(plan: Plan) -> frozenset[str]:
    """Names of databases that a step changes, forward or back."""
    return frozenset(
        name
        for planned in plan.by_address.values()
        if not planned.left_out
        for name, changed in _databases(planned)
        if changed
    )


def _databases(planned: PlannedStep) -> Iterable[tuple[str, bool]]:
    """Each database of a step, and whether the step changes it; a copy only reads its first one."""
    step = planned.step
    targets = [target.name for target in kinds()[step.kind].targets(step.body) if target.kind == "database"]
    changes = step.changes not in (None, Changes.NOTHING)
    return [(name, changes and (step.kind != "copy" or name == targets[-1])) for name in targets]


async def _ask_all(databases: Mapping[str, Database]) -> dict[str, Fingerprint | str]:
    answers = await asyncio.gather(*(_ask(database) for database in databases.values()))
    return dict(zip(databases, answers, strict=True))


async def _ask(database: Database) -> Fingerprint | str:
    try:
        async with asyncio.timeout(FIRST_LOOK):
            return await database.identity()
    except TimeoutError:
        return f"no answer within {FIRST_LOOK:g} s"
    except TminusError as trouble:
        return str(trouble)
