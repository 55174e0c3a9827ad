"""What the way back needs to be there: databases, hosts, programs, open ports, artefacts, and probes that answer.

One page for both who looks (`app.session.way_back_probes`) and who judges what was seen (`readiness`): they meet in the
subject, a line such as `database new`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from app.errors import Refused
from app.run.scope import scope_of
from app.run.state import MET, BackRow, RunState
from app.runbook.body import Changes
from app.runbook.kind import Kinds
from app.runbook.order import PlannedStep
from app.runbook.substitute import substitute

Sort = Literal["database", "host", "program", "web", "artifact", "probe"]
_PORTS = {"http": 80, "https": 443}
_ASKED = frozenset({"check", "decide", "each"})


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that a step of the way back rests on.

    name: of the database, host, program, `host:port`, artifact, or the address whose probe it is; user: whom a host's
    commands become; folder and path: where and by which PATH a program is looked for; writes: the step changes
    something there.
    """

    sort: Sort
    name: str
    user: str = ""
    folder: str = ""
    path: str = ""
    writes: bool = False

    @property
    def subject(self) -> str:
        """What it is called in the record and on screen."""
        if self.sort == "probe":
            return f"reverse check of {self.name}"
        if self.sort == "web":
            return self.name
        return f"{self.sort} {self.name}" + (f" as {self.user}" if self.user else "")


def needs_of(state: RunState, addresses: Iterable[str], kinds: Kinds) -> tuple[Need, ...]:
    """What these steps need, each once; a database that one of them writes to is needed for writing.

    A value that is not known yet leaves out what depends on it; what a person does needs nothing that can be seen.
    """
    found: dict[str, Need] = {}
    for address in addresses:
        planned = state.plan.by_address.get(address)
        if planned is None or planned.left_out:
            continue
        for need in _of_step(state, planned, kinds):
            known = found.get(need.subject)
            if known is None or (need.writes and not known.writes):
                found[need.subject] = need
    return tuple(found.values())


def needed_back(state: RunState, rows: Sequence[BackRow], kinds: Kinds) -> tuple[Need, ...]:
    """What is left of these rows of a way back needs; artefacts that the whole of it uses come last, once made."""
    left = [row.address for row in rows if row.address and state.status(row.address) not in MET]
    needs = needs_of(state, left, kinds)
    whole = (name for name in state.plan.runbook.rollback.uses if name in state.artifacts)
    return tuple(dict.fromkeys((*needs, *(artifact_needs(whole) if left else ()))))


def needed_ever(state: RunState, kinds: Kinds) -> tuple[Need, ...]:
    """What any way back of this run may need: every undo and procedure, whatever has started by now."""
    back = state.plan.back
    lists = (*back.undos.values(), *back.procedures.values())
    addresses = [planned.address for steps in lists for planned in steps]
    whole = (name for name in state.plan.runbook.rollback.uses if name in state.artifacts)
    return tuple(dict.fromkeys((*needs_of(state, addresses, kinds), *artifact_needs(whole))))


def artifact_needs(names: Iterable[str]) -> tuple[Need, ...]:
    """Backups and dumps that the way back as a whole uses."""
    return tuple(Need("artifact", name) for name in names)


def _of_step(state: RunState, planned: PlannedStep, kinds: Kinds) -> Iterator[Need]:
    step = planned.step
    yield from artifact_needs(step.uses)
    if step.kind in _ASKED:
        return
    writes = step.changes not in (None, Changes.NOTHING)
    parts: list[tuple[str, Any, bool]] = [(step.kind, step.body, writes)]
    until = getattr(step.body, "until", None)
    if until is not None:
        parts.append((until.kind, until.body, False))
    if step.probe is not None:
        parts.append((step.probe.kind, step.probe.body, False))
        yield Need("probe", planned.address)
    for name, body, changes in parts:
        if name not in kinds:  # a metric, or a time
            continue
        try:
            filled = substitute(body, scope_of(state, planned))
        except Refused:
            continue
        yield from _of_part(kinds, name, filled, writes=changes)


def _of_part(kinds: Kinds, name: str, body: Any, *, writes: bool) -> Iterator[Need]:  # noqa: ANN401 - any kind's fields
    if name == "local":
        program = str(body.argv[0]) if body.argv else "sh"
        yield Need("program", program, folder=str(body.cwd or ""), path=str(body.env.get("PATH", "")))
    elif name == "http":
        origin = _origin(str(body.url))
        if origin:
            yield Need("web", origin)
    for target in kinds[name].targets(body):
        if target.kind == "database":
            yield Need("database", target.name, writes=writes)
        elif target.kind == "host":
            yield Need("host", target.name, user=str(getattr(body, "sudo", "") or ""))


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return ""
    return f"{parts.hostname}:{port}" if parts.hostname and port else ""
