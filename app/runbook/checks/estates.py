"""Rule 24: a rehearsal never touches production: no address of something that a step changes is the same in both."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass

from app.errors import Problem, Refused
from app.runbook.body import Changes
from app.runbook.checks.enums import Reached, all_reached, possible
from app.runbook.checks.survey import Survey
from app.runbook.environment import apply
from app.runbook.model import Host, Runbook
from app.runbook.order import left_out
from app.runbook.references import Reference, split
from app.runbook.scope import database_attribute, host_attribute

_INNER = (".internal", ".local", ".localhost", ".localdomain", ".lan", ".home.arpa", ".intranet", ".private", ".corp")
"""Ends of names that each network gives to machines of its own."""


@dataclass(frozen=True, slots=True)
class _Touched:
    """Something changed in an environment: its address, its name in the file, and the hosts it is reached over.

    `way` is empty where the address means one place wherever it is looked up from.
    """

    address: str
    name: str
    kind: str
    way: tuple[str, ...] = ()

    @property
    def place(self) -> tuple[str, tuple[str, ...]]:
        """What must not be the same in both."""
        return self.address, self.way


def check_estates(survey: Survey) -> Iterator[Problem]:
    """Every production environment against every rehearsal that is not `live`."""
    environments = survey.runbook.environments
    production = [name for name, each in environments.items() if each.production]
    rehearsals = [name for name, each in environments.items() if each.rehearsal and not each.live]
    if not production or not rehearsals:
        return
    reached = [each for each in all_reached(survey) if _changes(survey, each)]
    touched = {name: _touched(survey, name, reached) for name in (*production, *rehearsals)}
    for one in production:
        for other in rehearsals:
            yield from _shared(survey, (one, other), (touched[one], touched[other]))


def _changes(survey: Survey, reached: Reached) -> bool:
    """Whether the step changes that target; a copy only reads its first database."""
    spot = reached.spot
    if spot.role in ("probe", "read") or spot.changes is Changes.NOTHING:
        return False
    targets = survey.kinds[spot.step.kind].targets(spot.step.body)
    return spot.step.kind != "copy" or reached.target == targets[-1]


def _shared(
    survey: Survey, envs: tuple[str, str], touched: tuple[frozenset[_Touched], frozenset[_Touched]]
) -> Iterator[Problem]:
    ours = {each.place: each for each in sorted(touched[0], key=lambda each: each.name)}
    for each in sorted(touched[1], key=lambda other: (*other.place, other.name)):
        if each.place in ours:
            what = f"`{envs[1]}` would change {each.address} (`{each.name}`), which `{envs[0]}` changes too."
            hint = f"Set another address in `{envs[1]}`, or write live: true."
            path = ("environments", envs[1])
            yield survey.error("RB024", what, path, hint)


def _touched(survey: Survey, env: str, reached: list[Reached]) -> frozenset[_Touched]:
    try:
        runbook = apply(survey.runbook, env)
    except Refused:  # told as a problem of the environment
        return frozenset()
    found: set[_Touched] = set()
    for each in reached:
        if not any(left_out(spot.step, env) for spot in each.spot.chain()):
            found |= _addresses(runbook, each)
    found |= _requests(survey, runbook, env)
    return frozenset(each for each in found if each.address and "${" not in each.address)


def _addresses(runbook: Runbook, reached: Reached) -> set[_Touched]:
    if reached.target.kind == "database":
        database = runbook.databases.get(reached.name)
        if database is None:
            return set()
        location = _location(_fixed(database.url, runbook))
        server = location.partition("://")[2].partition("/")[0].rpartition(":")[0]
        return {_Touched(location, reached.name, "database", _way(server, database.via, runbook))}
    names = runbook.groups.get(reached.name, (reached.name,))
    hosts = [(name, runbook.hosts[name]) for name in names if name in runbook.hosts]
    return {
        _Touched(_machine(host), name, "host", _way(_fixed(host.address, runbook).lower(), host.via, runbook))
        for name, host in hosts
    }


def _machine(host: Host) -> str:
    return f"{host.address.lower()}:{host.port or 22}"


def _way(server: str, via: str, runbook: Runbook) -> tuple[str, ...]:
    """The hosts between, the nearest to the server first: 10.0.0.5 behind another one is another machine."""
    if _one_everywhere(server):
        return ()
    way: list[str] = []
    seen: set[str] = set()
    while via in runbook.hosts and via not in seen:
        seen.add(via)
        host = runbook.hosts[via]
        way.append(_fixed(_machine(host), runbook))
        via = host.via
    return tuple(way)


def _one_everywhere(server: str) -> bool:
    """Whether the address means one machine from wherever it is looked up: a public number, or a full public name."""
    try:
        return ipaddress.ip_address(server.strip("[]")).is_global
    except ValueError:
        return "." in server.strip(".") and not server.strip(".").endswith(_INNER)


def _location(url: str) -> str:
    """Where a database is, without user and driver: two spellings of one place are one."""
    scheme, _, rest = url.partition("://")
    family = scheme.partition("+")[0]
    where = rest.rpartition("@")[2].partition("?")[0].lower()
    ports = {"postgresql": "5432", "mysql": "3306", "mariadb": "3306"}
    host, slash, name = where.partition("/")
    if host and ":" not in host and family in ports:
        host = f"{host}:{ports[family]}"
    return f"{'mysql' if family == 'mariadb' else family}://{host}{slash}{name}"


def _requests(survey: Survey, runbook: Runbook, env: str) -> set[_Touched]:
    """Addresses that requests of changing steps go to."""
    found: set[_Touched] = set()
    for spot in survey.spots:
        url = getattr(spot.step.body, "url", "")
        skipped = any(left_out(each.step, env) for each in spot.chain())
        if not url or spot.changes is Changes.NOTHING or skipped or spot.role in ("probe", "read"):
            continue
        for text in possible(_fixed(url.partition("?")[0], runbook), runbook, spot):
            scheme, _, rest = text.partition("://")
            found.add(_Touched(f"{scheme}://{rest.partition('/')[0].lower()}", url, "http"))
    return found


def _fixed(text: str, runbook: Runbook) -> str:
    """The text with the addresses of hosts and databases filled in, other references left."""
    return "".join(piece if isinstance(piece, str) else _address(piece, runbook) for piece in split(text))


def _address(reference: Reference, runbook: Runbook) -> str:
    section, *rest = reference.parts
    if section == "hosts" and len(rest) > 1 and rest[0] in runbook.hosts:
        return host_attribute(runbook.hosts[rest[0]], rest[1]) or str(reference)
    if section == "databases" and len(rest) > 1 and rest[0] in runbook.databases:
        return database_attribute(runbook.databases[rest[0]], rest[1]) or str(reference)
    if section == "params" and rest and rest[0] in runbook.params and runbook.params[rest[0]].type != "enum":
        default = runbook.params[rest[0]].default
        return str(default) if default is not None else str(reference)
    return str(reference)
