"""The live world: which adapter stands behind each port. The one place that names them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from app.connectors.clock import SystemClock
from app.connectors.local import LocalCommands
from app.connectors.secrets import Vault
from app.connectors.short_commands import LocalShortCommands
from app.journal.names import new_id
from app.metrics.kind import Reach
from app.metrics.sampler import Sampler
from app.metrics.sources.host import HostLooks
from app.ports import Database, Http, Sample, World
from app.runbook.inputs import Inputs
from app.runbook.scope import Scope
from app.runbook.substitute import fill
from app.session.gauges import Metrics, metrics_of
from app.session.hosts import Hosts, atlas_of, hosts_of, tunnels_of
from app.session.usual_ahead import kept_ahead


class Relay:
    """Where samples go: set once the engine is there, dropped before."""

    def __init__(self) -> None:
        self.listener: Callable[[Sample], None] | None = None

    def __call__(self, sample: Sample) -> None:
        """Pass it on."""
        if self.listener is not None:
            self.listener(sample)


@dataclass(frozen=True, slots=True)
class Estate:
    """The world, its metrics, and what must be let go of afterwards."""

    world: World
    vault: Vault
    local: LocalCommands
    hosts: Hosts
    metrics: Metrics
    sampler: Sampler
    samples: Relay
    home: Path

    def close(self) -> None:
        """Let threads and connections go. Commands are not touched."""
        self.local.close()
        self.hosts.close()


def build(inputs: Inputs, home: Path, vault: Vault) -> Estate:
    """Adapters for everything this runbook names. Connects to nothing yet. Raises Refused for an address of no use."""
    clock, environ, samples = SystemClock(), inherited(inputs), Relay()
    local = LocalCommands(home / "commands", environ)
    databases, http = databases_of(inputs, vault, home), _http(vault)
    hosts = hosts_of(inputs, home, vault)
    looks = {name: HostLooks(host, f"metric/{new_id(clock)}") for name, host in hosts.by_name.items()}
    reach = Reach(clock, databases, http, LocalShortCommands(environ), looks)
    metrics = metrics_of(inputs, reach, kept_ahead(home, inputs))
    sampler = metrics.sampler(clock, samples)
    world = World(clock, local, hosts.by_name, databases, http, vault, sampler)
    return Estate(world, vault, local, hosts, metrics, sampler, samples, home)


def inherited(inputs: Inputs) -> Mapping[str, str]:
    """The environment for local commands, without the variables that hold secrets and without our own."""
    hidden = {s.name or name for name, s in inputs.runbook.secrets.items() if s.from_ == "env"}
    return {k: v for k, v in os.environ.items() if k not in hidden and not k.startswith("TMINUS_")}


def databases_of(inputs: Inputs, vault: Vault, home: Path) -> Mapping[str, Database]:
    """A Database for each that the runbook declares; connects to none. Raises Refused for an address of no use."""
    if not inputs.runbook.databases:
        return MappingProxyType({})
    from app.connectors.database import Address, SqlDatabase  # 190 ms, and only when a runbook names a database

    scope = Scope(inputs)
    declared = inputs.runbook.databases
    atlas, tunnels = None, None
    if any(database.via for database in declared.values()):
        atlas, tunnels = atlas_of(inputs), tunnels_of(home, vault)
    found = {}
    for name, database in declared.items():
        url = fill(database.url, scope)
        if database.via and atlas is not None and tunnels is not None:
            url = tunnels.lead(atlas.route(database.via), url, name)
        found[name] = SqlDatabase(Address(name, url, database.password, tunnels), vault)
    return MappingProxyType(found)


def _http(vault: Vault) -> Http:
    from app.connectors.http import HttpConnector  # 60 ms

    return HttpConnector(vault)
