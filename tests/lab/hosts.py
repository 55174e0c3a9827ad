"""Hosts of the laboratory as the console would set them up."""

from __future__ import annotations

from pathlib import Path

from app.connectors.ssh import Manner, SshHost
from app.connectors.ssh_connect import Dialer
from app.connectors.ssh_login import no_secrets
from app.connectors.ssh_pool import SshPool
from app.connectors.ssh_route import Declared
from app.connectors.ssh_waits import Waits
from app.ports import Secrets
from tests.lab.sshd import Lab, atlas

QUICK = Waits(connect=2, greeting=2, handshake=4, login=4, answer=2, silence=3, patience=6)
"""The same waits as the product's, shorter: a test of a black hole should not take a minute."""

ONCE = Waits(connect=2, greeting=2, handshake=4, login=4, answer=2, silence=3, patience=0)


def pool_for(
    lab: Lab, folder: Path, *, port: int = 0, secrets: Secrets | None = None, waits: Waits = Waits()
) -> SshPool:
    """A pool that knows the laboratory's key, at this port too."""
    trust = lab.trust(folder / "known_hosts", port or lab.port)
    return SshPool(Dialer(trust, secrets or no_secrets(), waits=waits))


def remote(
    lab: Lab, folder: Path, *, port: int = 0, shell: tuple[str, ...] = ("/bin/sh",), waits: Waits = Waits()
) -> tuple[SshHost, SshPool]:
    """The laboratory as host `web1`, its tickets under `folder`; close the pool."""
    pool = pool_for(lab, folder, port=port, waits=waits)
    declared = lab.declared(port=port or lab.port, shell=" ".join(shell))
    return host_of(declared, pool, folder), pool


def host_of(declared: Declared, pool: SshPool, folder: Path) -> SshHost:
    """One host `web1`, declared like this."""
    return SshHost(atlas(web1=declared).route("web1"), pool, Manner(str(folder / "tickets")))
