"""Ways into a host that a key alone does not open: a password that is right, and a command that a person agrees to."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.run.state import Status
from tests.cli.test_host import Stranger
from tests.cli.test_prompt import Terminal
from tests.lab import sshd
from tests.lab.books import home_for
from tests.lab.sshd import Lab
from tests.lab.trial import Trial
from tests.lab.walled import must_be_root, walled
from tests.servers.absent import not_run
from tests.servers.share import SHARE

PASSWORD = "correct horse battery"
ONCE = "echo $TMINUS_TICKET >>LEDGER"


@pytest.fixture
def with_password(request: pytest.FixtureRequest) -> Lab:
    """An sshd that sees an /etc/shadow of its own, in which root has a password; the machine's is not touched."""
    must_be_root()
    found = sshd.binary()
    openssl = shutil.which("openssl")
    if found is None or openssl is None:
        not_run(f"{sshd.MISSING}, or openssl is not installed")
    made = subprocess.run(
        [openssl, "passwd", "-6", "-stdin"], input=PASSWORD, capture_output=True, text=True, check=True
    )
    line = f"root:{made.stdout.strip()}:20000:0:99999:7:::"
    setup = f"""umask 077; printf '%s\\n' '{line}' >"$1/shadow"; grep -v '^root:' /etc/shadow >>"$1/shadow" || :
    mount --bind "$1/shadow" /etc/shadow"""
    return sshd.lab_at(request.config.stash[SHARE].server(walled(sshd.recipe(found), "sshd-with-a-password", setup)))


def test_a_run_logs_in_with_a_password_that_no_byte_of_the_record_holds(
    with_password: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = with_password
    monkeypatch.setenv("WEB_PW", PASSWORD)
    host = f"{{address: 127.0.0.1, port: {lab.port}, user: root, password: web-pw}}"
    more = f"secrets: {{web-pw: {{from: env, name: WEB_PW}}}}\nhosts: {{web1: {host}}}"
    with Trial(tmp_path, home_for(lab, tmp_path), more) as trial:
        session = trial.step(f"host: {{name: web1, script: '{ONCE}; id -un'}}")
        trial.go(session)
        state = trial.finished(session)
        assert state.status("s") is Status.DONE and trial.ledger == {f"{state.run}/s/1": 1}
        session.detach()
        for file in trial.home.rglob("*"):
            assert not file.is_file() or PASSWORD.encode() not in file.read_bytes(), file
    monkeypatch.setenv("WEB_PW", f"{PASSWORD} not")
    other = Trial(tmp_path, tmp_path / "home", more)
    with pytest.raises(Exception, match="Tried: the password web-pw"):
        other.step(f"host: {{name: web1, script: '{ONCE}'}}")


# ---------------------------------------------------------------- ProxyCommand


@pytest.fixture
def person(tmp_path: Path, lab: Lab) -> Stranger:
    """Somebody whose ~/.ssh/config leads to `behind` through a command, which writes down that it ran."""
    (tmp_path / "home").mkdir()
    work = tmp_path / "work"
    (work / ".ssh").mkdir(parents=True, mode=0o700)
    relay = work / "relay"
    relay.write_text(
        "import os, selectors, socket, sys\n"
        "open(sys.argv[3], 'a').write('ran\\n')\n"
        "far = socket.create_connection((sys.argv[1], int(sys.argv[2])))\n"
        "with selectors.DefaultSelector() as both:\n"
        "    both.register(0, 1, far.sendall)\n"
        "    both.register(far, 1, lambda data: os.write(1, data))\n"
        "    while True:\n"
        "        for key, _ in both.select():\n"
        "            data = os.read(0, 65536) if key.fileobj == 0 else far.recv(65536)\n"
        "            if not data:\n"
        "                sys.exit(0)\n"
        "            key.data(data)\n"
    )
    (work / ".ssh" / "config").write_text(
        f"Host behind\n  HostName 127.0.0.1\n  Port {lab.port}\n  User {lab.user}\n  IdentityFile {lab.key}\n"
        f"  ProxyCommand {sys.executable} {relay} %h %p {work}/ran\n"
    )
    return Stranger(tmp_path / "home", work)


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    opened: list[Terminal] = []
    yield opened
    for terminal in opened:
        terminal.close()


def test_a_proxy_command_is_shown_and_runs_only_after_a_person_said_yes(
    person: Stranger, lab: Lab, terminals: list[Terminal]
) -> None:
    ran = person.folder / "ran"
    more = "hosts: {far: {address: behind}}"
    book = person.book("- {id: p, steps: [{id: s, host: {name: far, script: 'id -un'}, changes: nothing}]}", more)

    refused = person("run", book)
    assert (
        refused.code == 1
        and "wants to run a command on this machine" in refused.err
        and "--proxy-command" in refused.err
    )
    assert not ran.exists() and not list(person.home.glob("runs/*"))

    nobody = person("host", "trust", "behind", "--proxy-command", "--fingerprint", lab.host_key().fingerprint)
    assert nobody.code == 10 and "nobody is there" in nobody.err and not ran.exists()

    terminals.append(Terminal(person, "host", "trust", "behind", "--proxy-command"))
    terminals[-1].expect("this would be run here: ")
    terminals[-1].expect("Type yes to agree:")
    terminals[-1].type("no")
    terminals[-1].expect("Not agreed")
    assert terminals[-1].ended() == 1 and not ran.exists()
    assert not (person.home / "proxy-commands.json").exists()

    terminals.append(Terminal(person, "host", "trust", "behind", "--proxy-command"))
    terminals[-1].expect("Type yes to agree:")
    terminals[-1].type("yes")
    terminals[-1].expect(lab.host_key().fingerprint)
    terminals[-1].expect("Type yes to trust it:")
    terminals[-1].type("yes")
    terminals[-1].expect("is trusted.")
    assert terminals[-1].ended() == 0 and ran.exists()

    went = person("run", book)
    assert went.code == 0, went.out + went.err
    assert person.account(person.only_run()) == [("s", 1, "do", "done")]
