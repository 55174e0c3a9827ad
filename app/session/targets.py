"""Which databases and hosts a run may work on: no target under two names, and in a rehearsal never production's."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from app.engine.targets import DATABASE, HOST, seen
from app.errors import Refused, TminusError
from app.ports import Clock, Database, Fingerprint
from app.run import events as e
from app.run.moment import Moment
from app.run.state import SeenTarget
from app.runbook.body import Changes, Target
from app.runbook.order import Plan, PlannedStep
from app.runbook.scope import Scope
from app.runbook.substitute import fill
from app.session.known_targets import KnownTarget, known_targets, remember
from app.session.opening import kinds

FIRST_LOOK = 8.0
"""Seconds that a database has to say who it is before the run; later it is asked again by the step that needs it."""

_SSH = 22


@dataclass(frozen=True, slots=True)
class Admission:
    """Says why a target may not be used in this run (see `app.engine.targets.Admit`).

    remembers: whether a target of production is noted as such, so that no rehearsal uses it.
    """

    plan: Plan
    home: Path
    clock: Clock
    remembers: bool = True

    def __call__(self, target: Target, who: Fingerprint, known: Mapping[tuple[str, str], SeenTarget]) -> str:
        """Why not, or "". A target of production is remembered."""
        return self._of_production(target, who) or self._under_two_names(target, who, known)

    def _of_production(self, target: Target, who: Fingerprint) -> str:
        inputs = self.plan.inputs
        here = inputs.environment
        if here.production and self.remembers:
            at = self.clock.now().isoformat(timespec="seconds")
            book = inputs.runbook.name
            one = KnownTarget(who.instance, str(who), book, inputs.env, target.name, at, target.kind, who.facts)
            remember(self.home, one)
        if not here.rehearsal or here.live:
            return ""
        for one in known_targets(self.home):
            if one.is_it(target.kind, who):
                used_by = f"{one.runbook} used it in {one.environment} as {one.name} on {one.seen}"
                return (
                    f"{target.name} is production: {used_by}."
                    f" A rehearsal must not touch it; give {inputs.env} another address, or write live: true"
                )
        return ""

    def _under_two_names(self, target: Target, who: Fingerprint, known: Mapping[tuple[str, str], SeenTarget]) -> str:
        twins = [
            Target(target.kind, other)
            for (kind, other), found in known.items()
            if kind == target.kind and other != target.name and who.instance and found.instance == who.instance
        ]
        here = self._place(target) if twins else ""
        apart = [twin for twin in twins if self._place(twin) != here]
        changed = written(self.plan) if apart else frozenset()
        for twin in apart:
            if target in changed or twin in changed:
                names = f"{target.name} and {twin.name}"
                return f"{names} are one and the same {target.kind} ({who}), and a step changes it"
        return ""

    def _place(self, target: Target) -> str:
        """Where the file says that it is, without who logs in: two logins to one place are meant to be one place."""
        book, scope = self.plan.runbook, Scope(self.plan.inputs)
        if target.kind == HOST and target.name in book.hosts:
            host = book.hosts[target.name]
            return f"{fill(host.address, scope).lower()} {host.port or _SSH} {host.via}"
        if target.kind != DATABASE or target.name not in book.databases:
            return target.name
        url = urlsplit(fill(book.databases[target.name].url, scope))
        return f"{url.scheme.partition('+')[0]} {url.netloc.rpartition('@')[2]} {url.path}".lower()


Answers = Mapping[str, Fingerprint | str]
"""By name: who answered, or why nobody did."""


def first_look(
    databases: Mapping[str, Database], hosts: Answers, plan: Plan, admission: Admission
) -> tuple[e.Event, ...]:
    """Ask every database that the plan names who it is, all at once; `hosts` were asked already. Blocks.

    Gives the events that record all of them; one that does not answer is told in a note and met later by its first
    step. Call it outside of any event loop. Raises Refused for a target that may not be used, before anything was
    recorded.
    """
    names = sorted({one.name for one in used(plan) if one.kind == DATABASE} & set(databases))
    found = asyncio.run(_ask_all({name: databases[name] for name in names})) if names else {}
    answers = [(Target(DATABASE, name), who) for name, who in found.items()]
    answers += [(Target(HOST, name), hosts[name]) for name in sorted(hosts)]
    known: dict[tuple[str, str], SeenTarget] = {}
    events: list[e.Event] = []
    for target, who in answers:
        if isinstance(who, str):
            what = f"{target.kind.capitalize()} {target.name} could not be asked before the run: {who}"
            events.append(e.NoteAdded("console", what))
            continue
        if why := admission(target, who, known):
            raise Refused(f"{why}.", where=f"{target.kind} {target.name}", hint="Nothing was started.")
        event = seen(target, who)
        at = Moment(admission.clock.now(), 0, "")
        known[event.kind, target.name] = SeenTarget(
            target.name, event.kind, event.identity, event.facts, event.instance, at
        )
        events.append(event)
    return tuple(events)


def used(plan: Plan) -> Iterator[Target]:
    """Targets that steps of a run reach, forward or back, as far as the file tells; some more than once."""
    for planned in plan.by_address.values():
        yield from (target for target, _ in _targets(plan, planned)) if not planned.left_out else ()


def written(plan: Plan) -> frozenset[Target]:
    """Targets that a step changes, forward or back."""
    return frozenset(
        target
        for planned in plan.by_address.values()
        if not planned.left_out
        for target, changed in _targets(plan, planned)
        if changed
    )


def _targets(plan: Plan, planned: PlannedStep) -> list[tuple[Target, bool]]:
    """Each target of a step, and whether the step changes it; a copy only reads its first one."""
    step = planned.step
    scope = Scope(plan.inputs, dict(planned.bindings))
    targets = [_named(target, scope) for target in kinds()[step.kind].targets(step.body)]
    changes = step.changes not in (None, Changes.NOTHING)
    return [(one, changes and (step.kind != "copy" or one == targets[-1])) for one in targets]


def _named(target: Target, scope: Scope) -> Target:
    """With the references in its name filled in, where they are known before the run."""
    try:
        return Target(target.kind, fill(target.name, scope))
    except Refused:
        return target


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
