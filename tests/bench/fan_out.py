"""`uptime` on 200 hosts at once: the whole of `tminus run`, beside pyinfra and Ansible, each a process of its own.

All 200 are one sshd on loopback, so what the hosts do is paid by this machine too: what is measured is mostly that, and
the difference is what each tool asks of them. Ours asks for more: preflight and the host's identity, two gates, a
supervisor that outlives the console, output kept at the far side and in the record. Ansible runs its cheapest module,
`raw`; it and pyinfra keep nothing.

The peers are installed with pip into build/peers, for this only; where they cannot be, the row says NOT MEASURED.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.lab import books
from tests.lab.sshd import Lab
from tests.session.conversation import write

Row = tuple[str, str, str, str, str, bool]
HOSTS = 200
TIMES = 3.0
"""How much quicker the issue wants it to be."""

ROOT = Path(__file__).parents[2]
PEERS = ROOT / "build" / "peers"
_MOST_SECONDS = 400


def measure(lab: Lab) -> list[Row]:
    """A row for each peer."""
    with tempfile.TemporaryDirectory(prefix="tminus-bench-") as name:
        folder = Path(name)
        ours = _ours(lab, folder)
        missing = _missing()
        rows = []
        for peer, work in (("pyinfra", _pyinfra), ("Ansible", _ansible)):
            what = f"`uptime` on {HOSTS} hosts, whole run, beside {peer}"
            if missing:
                rows.append((what, f"{ours:.1f} s", f"NOT MEASURED: {missing}", "", f"{TIMES:g}x quicker", True))
                continue
            theirs = work(lab, folder)
            told, ratio = f"{peer}: {theirs:.1f} s", theirs / ours
            rows.append((what, f"{ours:.1f} s", told, f"{ours / theirs:.2f}", f"{TIMES:g}x quicker", ratio >= TIMES))
    return rows


def _ours(lab: Lab, folder: Path) -> float:
    names = tuple(f"h{n}" for n in range(HOSTS))
    phases = "- {id: p, steps: [{id: up, changes: nothing, host: {name: web, argv: [uptime], batch: 100%}}]}"
    path = write(folder, phases, books.hosts(lab, 0, names))
    home = books.home_for(lab, folder)
    words = [sys.executable, "-c", "from app.cli.main import main; main()", "run", str(path), "--yes"]
    said, seconds = _timed([*words, "--home", str(home)], folder, {"PYTHONPATH": str(ROOT)})
    assert said.returncode == 0, said.stdout[-2000:] + said.stderr[-2000:]
    return seconds


def _pyinfra(lab: Lab, folder: Path) -> float:
    told = {"ssh_hostname": "127.0.0.1", "ssh_port": lab.port, "ssh_user": lab.user, "ssh_key": str(lab.key)}
    told |= {"ssh_known_hosts_file": str(folder / "known"), "ssh_strict_host_key_checking": "no"}
    (folder / "inventory.py").write_text(f"hosts = [(f'h{{n}}', {told!r}) for n in range({HOSTS})]\n")
    words = [str(PEERS / "bin" / "pyinfra"), "-y", "--parallel", str(HOSTS), "inventory.py", "exec", "--", "uptime"]
    said, seconds = _timed(words, folder, {})
    assert said.returncode == 0, said.stderr[-2000:]
    assert said.stderr.count("load average") + said.stdout.count("load average") >= HOSTS, said.stderr[-2000:]
    return seconds


def _ansible(lab: Lab, folder: Path) -> float:
    at = (
        f"ansible_host=127.0.0.1 ansible_port={lab.port} ansible_user={lab.user} ansible_ssh_private_key_file={lab.key}"
    )
    (folder / "hosts.ini").write_text("[web]\n" + "".join(f"h{n} {at}\n" for n in range(HOSTS)))
    trust = "-o ControlMaster=no -o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no -o LogLevel=ERROR"
    words = [str(PEERS / "bin" / "ansible"), "web", "-i", "hosts.ini", "-f", str(HOSTS), "-m", "raw", "-a", "uptime"]
    more = {"ANSIBLE_HOST_KEY_CHECKING": "False", "ANSIBLE_SSH_ARGS": trust, "HOME": str(folder)}
    said, seconds = _timed(words, folder, more)
    assert said.returncode == 0, said.stderr[-2000:]
    assert said.stdout.count("CHANGED") == HOSTS, said.stdout[-2000:]
    return seconds


def _timed(words: list[str], folder: Path, more: dict[str, str]) -> tuple[subprocess.CompletedProcess[str], float]:
    began = time.perf_counter()
    said = subprocess.run(
        words, cwd=folder, env=os.environ | more, check=False, capture_output=True, text=True, timeout=_MOST_SECONDS
    )
    return said, time.perf_counter() - began


def _missing() -> str:
    """Why the peers are not there, after trying to install them; "" when they are."""
    if (PEERS / "bin" / "ansible").exists() and (PEERS / "bin" / "pyinfra").exists():
        return ""
    PEERS.parent.mkdir(exist_ok=True)
    install = [str(PEERS / "bin" / "python"), "-m", "pip", "install", "--quiet", "ansible-core", "pyinfra"]
    try:
        for words in ([sys.executable, "-m", "venv", str(PEERS)], install):
            subprocess.run(words, check=True, capture_output=True, text=True, timeout=600)
    except (OSError, subprocess.SubprocessError) as trouble:
        print(f"\nNOT MEASURED: pyinfra and Ansible could not be installed: {trouble}")
        return "they could not be installed"
    return ""
