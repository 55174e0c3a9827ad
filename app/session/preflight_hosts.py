"""Before a run: every host that a step may use is reached, known, logged in to, and asked for its shell.

Nothing is changed there: the questions are for the state of a ticket that nobody ever launched, and who it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.errors import Refused, TargetUnreachable, TminusError
from app.ports import Commands, Fingerprint, Host, Secrets
from app.runbook.order import Plan, PlannedStep
from app.runbook.scope import Scope
from app.runbook.substitute import fill
from app.session.hosts import hosts_of
from app.session.preflight import PreflightLine, may_run

_AT_ONCE = 50
_NEVER = "preflight"

Use = tuple[str, str]
"""A host and the user that commands become there, "" for whoever logs in."""


@dataclass(frozen=True, slots=True)
class HostsSeen:
    """A line for each host and user, and by name who each host is, or why nobody can say now.

    Words: `refused` is a host that must not or cannot be used; `away` one that did not answer now.
    """

    lines: tuple[PreflightLine, ...] = ()
    who: Mapping[str, Fingerprint | str] = field(default_factory=dict)


def look_at_hosts(plan: Plan, home: Path, secrets: Secrets) -> HostsSeen:
    """Ask them all. Blocks; call it outside of any event loop. Raises Refused for a route of no use."""
    uses = uses_of(plan)
    if not uses:
        return HostsSeen()
    found = asyncio.run(_look(plan, uses, home, secrets))
    who = {name: seen for (name, _), (_, seen) in zip(uses, found, strict=True)}
    return HostsSeen(tuple(line for line, _ in found), who)


def uses_of(plan: Plan) -> tuple[Use, ...]:
    """Every host that a step may use and the user that it becomes there; the hosts of tunnels and on the way, too."""
    found: dict[Use, None] = {}
    for planned in may_run(plan):
        for body in _bodies(planned):
            scope = Scope(plan.inputs, dict(planned.bindings))
            found[_filled(body.name, scope), _filled(body.sudo, scope)] = None
    for database in plan.runbook.databases.values():
        if database.via:
            found[database.via, ""] = None
    for name, _ in tuple(found):
        for before in _on_the_way(plan, name):
            found.setdefault((before, ""))
    return tuple(use for use in found if use[0])


def _on_the_way(plan: Plan, name: str) -> list[str]:
    """The declared hosts that a host is reached through."""
    declared, way = plan.runbook.hosts, []
    before = declared[name].via if name in declared else ""
    while before in declared and before not in way:
        way.append(before)
        before = declared[before].via
    return way


async def _look(
    plan: Plan, uses: Iterable[Use], home: Path, secrets: Secrets
) -> tuple[tuple[PreflightLine, Fingerprint | str], ...]:
    hosts = hosts_of(plan.inputs, home, secrets, patient=False)
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(use: Use) -> tuple[PreflightLine, Fingerprint | str]:
        async with gate:
            return await _line(hosts.by_name.get(use[0]), use)

    try:
        return tuple(await asyncio.gather(*(one(use) for use in uses)))
    finally:
        hosts.close()


async def _line(host: Host | None, use: Use) -> tuple[PreflightLine, Fingerprint | str]:
    name, user = use
    subject = f"host {name}" + (f" as {user}" if user else "")
    try:
        if host is None:
            raise Refused("The runbook declares no such host.")
        place: Commands = host.become(user) if user else host
        state = await place.state(_NEVER)
        who = await host.identity()
    except TargetUnreachable as trouble:
        return PreflightLine(subject, "away", _told(trouble)), _told(trouble)
    except TminusError as trouble:
        return PreflightLine(subject, "refused", _told(trouble)), _told(trouble)
    return PreflightLine(subject, "ok", f"{state.host} answers; its clock says {state.now}; {who}"), who


def _told(trouble: TminusError) -> str:
    return f"{trouble.what} {trouble.hint}".strip()


def _bodies(planned: PlannedStep) -> Iterable[Any]:
    """The fields of every `host` in a step: its own, what it waits for, what its probe asks."""
    step = planned.step
    if step.kind == "host":
        yield step.body
    until = getattr(step.body, "until", None)
    if until is not None and until.kind == "host":
        yield until.body
    if step.probe is not None and step.probe.kind == "host":
        yield step.probe.body


def _filled(text: str, scope: Scope) -> str:
    """The text with its references; "" when one of them is known only later."""
    try:
        return fill(text, scope)
    except Refused:
        return ""
