"""Runbooks on hosts of the laboratory, run for real through a session."""

from __future__ import annotations

from pathlib import Path

from app.connectors.ssh_trust import Trust
from tests.lab.sshd import Lab

NAMES = ("web1", "web2", "web3", "web4")


def home_for(lab: Lab, folder: Path, *ports: int) -> Path:
    """A console's home in which the laboratory is known, at these ports too."""
    home = folder / "home"
    for port in (lab.port, *ports):
        Trust(home / "known_hosts").add("127.0.0.1", port, lab.host_key())
    return home


def hosts(lab: Lab, port: int = 0, names: tuple[str, ...] = NAMES) -> str:
    """The `hosts` and `groups` of a runbook: all of them the laboratory, all of them in the group `web`."""
    at = f"address: 127.0.0.1, port: {port or lab.port}, user: {lab.user}, key: '{lab.key}'"
    rows = "\n".join(f"  {name}: {{{at}}}" for name in names)
    return f"hosts:\n{rows}\ngroups:\n  web: [{', '.join(names)}]\n"
