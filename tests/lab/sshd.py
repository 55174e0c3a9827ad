"""How a private sshd is made: throw-away keys, a random loopback port, nobody's settings but its own."""

from __future__ import annotations

import base64
import getpass
import os
import shutil
import signal
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from app.connectors.ssh_config import SshConfig
from app.connectors.ssh_route import Atlas, Declared
from app.connectors.ssh_trust import HostKey, Trust
from tests.servers.ports import free_port
from tests.servers.share import Recipe, run_as

MISSING = "sshd is not installed (apt-get install openssh-server)"
KEYS = ("ed25519", "ecdsa", "rsa")

_SETTINGS = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_ed25519
HostKey {folder}/host_ecdsa
HostKey {folder}/host_rsa
AuthorizedKeysFile {folder}/authorized
StrictModes no
PidFile none
UsePAM no
PermitRootLogin yes
PasswordAuthentication yes
KbdInteractiveAuthentication no
MaxStartups 1000
MaxSessions {sessions}
MaxAuthTries 6
UseDNS no
LoginGraceTime 30
PrintMotd no
PrintLastLog no
AcceptEnv none
AllowTcpForwarding {forwarding}
SetEnv HOME={folder}/home
"""


@dataclass(frozen=True, slots=True)
class Lab:
    """A running sshd: where it listens, who logs in, and the folder with the keys."""

    port: int
    user: str
    folder: Path

    @property
    def key(self) -> Path:
        """A private key that it takes."""
        return self.folder / "client"

    def host_key(self, kind: str = "ed25519") -> HostKey:
        """One of the keys that it shows."""
        return public_key(self.folder / f"host_{kind}.pub")

    def declared(self, **more: object) -> Declared:
        """It as a runbook would declare it."""
        told: dict[str, object] = {"address": "127.0.0.1", "port": self.port, "user": self.user, "key": str(self.key)}
        return Declared(**{**told, **more})  # type: ignore[arg-type]  # a test gives what it means

    def trust(self, file: Path, port: int | None = None) -> Trust:
        """Known hosts in which it is known, also at another port."""
        trust = Trust(file)
        trust.add("127.0.0.1", port or self.port, self.host_key())
        return trust


def atlas(**hosts: Declared) -> Atlas:
    """Hosts by name, and nobody's ~/.ssh/config."""
    return Atlas(hosts, SshConfig(), getpass.getuser(), Path("/nonexistent"))


def public_key(file: Path) -> HostKey:
    """The key of a `.pub` file."""
    kind, text = file.read_text().split()[:2]
    return HostKey(kind, base64.b64decode(text))


def binary() -> Path | None:
    """The installed sshd, or None. It wants to be started by its full path."""
    found = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")
    return Path(found).resolve() if found and shutil.which("ssh-keygen") else None


def recipe(sshd: Path, name: str = "sshd", *, sessions: int = 10, forwarding: bool = True) -> Recipe:
    """How to run it as whoever runs the tests."""

    def command(folder: Path, user: str) -> tuple[list[str], str]:
        for kind in KEYS:
            make_key(folder / f"host_{kind}", kind)
        make_key(folder / "client", "ed25519")
        (folder / "authorized").write_text((folder / "client.pub").read_text())
        (folder / "home").mkdir(mode=0o700)  # no start-up files of whoever runs the tests, and no tickets among theirs
        (folder / "home" / ".bashrc").write_text("echo 'Welcome to the laboratory'; printf 'S state=done'\n")
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where it locks its children up
        port = free_port()
        settings = _SETTINGS.format(
            port=port, folder=folder, sessions=sessions, forwarding="yes" if forwarding else "no"
        )
        (folder / "sshd_config").write_text(settings)
        run_as(user, [str(sshd), "-t", "-f", str(folder / "sshd_config")], folder)
        # The guard's own umask is tight; sessions get the one of whoever runs the tests.
        line = ["/bin/sh", "-c", f"umask {_umask():04o}; exec {sshd} -D -e -f {folder}/sshd_config"]
        return line, f"ssh://{getpass.getuser()}@127.0.0.1:{port}?folder={folder}"

    return Recipe(name, (getpass.getuser(),), signal.SIGTERM, command, _answers)


def lab_at(url: str) -> Lab:
    """From the URL that the recipe gave."""
    parts = urlsplit(url)
    return Lab(parts.port or 0, parts.username or "", Path(parse_qs(parts.query)["folder"][0]))


def make_key(file: Path, kind: str, passphrase: str = "") -> Path:
    """A new key pair. ssh-keygen wants the passphrase in its arguments; it is a test's."""
    bits = ["-b", "2048"] if kind == "rsa" else []
    subprocess.run(
        ["ssh-keygen", "-q", "-t", kind, *bits, "-N", passphrase, "-C", "lab", "-f", str(file)],
        check=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    return file


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _answers(url: str) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 0), 2) as sock:
            return sock.recv(4) == b"SSH-"
    except OSError:
        return False
