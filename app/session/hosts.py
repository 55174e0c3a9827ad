"""The hosts of a runbook for a console: their routes, the keys they are known by, and their warm connections."""

from __future__ import annotations

import getpass
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from app.errors import Refused
from app.ports import Host, Secrets
from app.runbook.inputs import Inputs
from app.runbook.scope import Scope
from app.runbook.substitute import fill

if TYPE_CHECKING:
    from app.connectors.ssh_pool import SshPool
    from app.connectors.ssh_route import Atlas, Declared
    from app.connectors.ssh_trust import Trust
    from app.connectors.ssh_tunnel import Tunnels

_SYSTEM = Path("/etc/ssh/ssh_known_hosts")


@dataclass(frozen=True, slots=True)
class Hosts:
    """Every declared host as a place for commands, and the connections behind them. `pool` None: there are none."""

    by_name: Mapping[str, Host]
    pool: SshPool | None = None
    atlas: Atlas | None = None

    def close(self) -> None:
        """Cut the connections. Commands go on at their hosts."""
        if self.pool is not None:
            self.pool.close()


def hosts_of(inputs: Inputs, home: Path, secrets: Secrets, *, patient: bool = True) -> Hosts:
    """The hosts of a runbook; connects to nothing yet. Raises Refused for one that leads nowhere.

    patient: whether a host that is away is asked again for a while (see app/connectors/ssh.py), or once.
    """
    if not inputs.runbook.hosts:
        return Hosts(MappingProxyType({}))
    from app.connectors.ssh import SshHost  # 120 ms, and only when a runbook names a host
    from app.connectors.ssh_connect import Dialer
    from app.connectors.ssh_pool import SshPool
    from app.connectors.ssh_waits import Waits

    atlas = atlas_of(inputs)
    waits = Waits() if patient else Waits(patience=0.0)
    pool = SshPool(Dialer(trust_at(home), secrets, agreed_at(home), waits))
    by_name = {name: SshHost(atlas.route(name), pool) for name in inputs.runbook.hosts}
    return Hosts(MappingProxyType(by_name), pool, atlas)


def tunnels_of(home: Path, secrets: Secrets) -> Tunnels:
    """Ways to databases over hosts, with connections of their own (see app/connectors/ssh_tunnel.py)."""
    from app.connectors.ssh_connect import Dialer
    from app.connectors.ssh_pool import SshPool
    from app.connectors.ssh_tunnel import Tunnels

    return Tunnels(SshPool(Dialer(trust_at(home), secrets, agreed_at(home))))


def atlas_of(inputs: Inputs | None) -> Atlas:
    """The routes to the hosts of a runbook (None: of no runbook), with ~/.ssh/config. Raises Refused."""
    from app.connectors.ssh_config import read_config
    from app.connectors.ssh_route import Atlas

    person = Path.home()
    user = getpass.getuser()
    config = read_config(person / ".ssh" / "config", person, user)
    declared = {name: _declared(name, inputs) for name in inputs.runbook.hosts} if inputs is not None else {}
    return Atlas(declared, config, user, person / ".ssh")


def trust_at(home: Path) -> Trust:
    """The keys that hosts are known by: our own file, then those of OpenSSH, which are never written."""
    from app.connectors.ssh_trust import Trust

    folder = Path.home() / ".ssh"
    return Trust(home / "known_hosts", (folder / "known_hosts", folder / "known_hosts2", _SYSTEM))


def agreed_file(home: Path) -> Path:
    """Where confirmed proxy commands are kept."""
    return home / "proxy-commands.json"


def agreed_at(home: Path) -> tuple[str, ...]:
    """The proxy commands of ~/.ssh/config that were confirmed, word for word. Raises Refused for a damaged file."""
    file = agreed_file(home)
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        raise Refused("It cannot be read.", where=str(file), hint="Mend it, or remove it.") from error
    if not isinstance(found, list):
        raise Refused("It is no list.", where=str(file), hint="Mend it, or remove it.")
    return tuple(str(command) for command in found)


def _declared(name: str, inputs: Inputs) -> Declared:
    from app.connectors.ssh_route import Declared

    host, scope = inputs.runbook.hosts[name], Scope(inputs)
    return Declared(
        address=fill(host.address, scope),
        user=fill(host.user, scope),
        port=host.port or 0,
        via=host.via,
        shell=host.shell,
        key=fill(host.key, scope),
        passphrase=host.passphrase,
        password=host.password,
    )
