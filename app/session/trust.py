"""Trusting a host's key, for both doors: look at the key that it shows, compare the fingerprint, then say yes.

Nothing is trusted by looking. What is trusted goes into `<home>/known_hosts`; the files of OpenSSH are read, never
written.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.connectors.secrets import Vault
from app.errors import RecordUnwritable, Refused
from app.runbook.inputs import Inputs
from app.session.hosts import agreed_at, agreed_file, atlas_of, trust_at

if TYPE_CHECKING:
    from app.connectors.ssh_route import Route
    from app.connectors.ssh_trust import HostKey


@dataclass(frozen=True, slots=True)
class ShownKey:
    """The key that a host shows now.

    verdict: trusted, unknown, changed, revoked or authority; known: the place of the line that says so, "" for none.
    """

    name: str
    kind: str
    fingerprint: str
    verdict: str
    known: str
    key: HostKey
    route: Route


@dataclass(frozen=True, slots=True)
class Target:
    """Which host: a name of the runbook behind `inputs`, a name of ~/.ssh/config, or `[user@]address[:port]`."""

    name: str
    via: str = ""
    inputs: Inputs | None = None


def show_key(target: Target, home: Path) -> ShownKey:
    """Ask the host for its key. Logs in to the hosts before it, not to the host itself. Blocks for seconds.

    Raises Refused (no such host, a way that is not trusted) or TargetUnreachable.
    """
    return asyncio.run(_show(_route(target), home))


def trust_key(shown: ShownKey, home: Path) -> None:
    """From now on the host is known by this key. Raises Refused for a changed or revoked one, RecordUnwritable."""
    trust_at(home).add(shown.route.known_as, shown.route.port, shown.key)


def trusted(home: Path) -> tuple[tuple[str, str, str], ...]:
    """What was trusted here: names, kind and fingerprint of each line of our own file."""
    from app.connectors.ssh_trust import read

    return tuple((",".join(line.names), line.key.kind, line.key.fingerprint) for line in read(home / "known_hosts"))


def proxy_command(target: Target) -> str:
    """The command that ~/.ssh/config wants run to reach it, "" for none."""
    return _route(target).proxy_command


def agree(command: str, home: Path) -> None:
    """This very command may be run to reach hosts. Raises RecordUnwritable."""
    agreed = agreed_at(home)
    if not command or command in agreed:
        return
    file = agreed_file(home)
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(json.dumps([*agreed, command], indent=2), encoding="utf-8")
    except OSError as error:
        raise RecordUnwritable(f"It cannot be written: {error.strerror}.", where=str(file)) from error


def _route(target: Target) -> Route:
    atlas = atlas_of(target.inputs)
    if target.inputs is not None:
        if target.via:
            raise Refused("The runbook says which way leads there.", hint="Leave --via out.")
        return atlas.route(target.name)
    return atlas.route_to(target.name, target.via)


async def _show(route: Route, home: Path) -> ShownKey:
    from app.connectors.ssh_connect import Dialer
    from app.connectors.ssh_pool import SshPool

    trust = trust_at(home)
    pool = SshPool(Dialer(trust, Vault({}), agreed_at(home)))
    try:
        key = await pool.shown_key(route)
    finally:
        pool.close()
    found = trust.now().judge(route.known_as, route.port, key)
    place = found.line.place if found.line else ""
    return ShownKey(route.spot, key.kind, key.fingerprint, found.verdict.value, place, key, route)
