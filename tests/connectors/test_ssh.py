"""Hosts that are away, strange or hostile: each fault has its own plain sentence, and nothing is started by mistake."""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from app.connectors.secrets import Vault
from app.connectors.ssh import Manner, SshHost
from app.connectors.ssh_connect import Dialer
from app.connectors.ssh_login import no_secrets
from app.connectors.ssh_pool import SshPool
from app.connectors.ssh_route import Declared
from app.connectors.ssh_trust import HostKey, Trust
from app.connectors.ssh_words import no_shell
from app.errors import Refused, TargetUnreachable, TminusError
from app.ports import CommandPhase, Limits, Payload
from tests.connectors.places import Ear, until
from tests.lab import sshd
from tests.lab.hosts import ONCE, QUICK, host_of, pool_for, remote
from tests.lab.line import Line
from tests.lab.sshd import Lab, atlas, make_key, public_key
from tests.servers.absent import not_run
from tests.servers.ports import free_port
from tests.servers.share import SHARE

pytestmark = pytest.mark.anyio
PAYLOAD = Payload(argv=("true",))


async def asked(host: SshHost) -> TminusError:
    """What it says when it is asked for a state and cannot answer."""
    with pytest.raises(TminusError) as told:
        await host.state("t/1")
    text = str(told.value)
    assert "Traceback" not in text and "paramiko" not in text.lower() and len(text) < 600, text
    return told.value


@contextmanager
def knowing(lab: Lab, folder: Path, text: str) -> Iterator[SshHost]:
    """The host with these known hosts."""
    (folder / "known_hosts").write_text(text)
    pool = SshPool(Dialer(Trust(folder / "known_hosts"), no_secrets(), waits=ONCE))
    yield host_of(lab.declared(), pool, folder)
    pool.close()


def known(lab: Lab, key: HostKey, marker: str = "", names: str = "") -> str:
    name = names or f"[127.0.0.1]:{lab.port}"
    return f"{marker} {name} {key.kind} {base64.b64encode(key.blob).decode()}\n".lstrip()


# ---------------------------------------------------------------- keys


async def test_an_unknown_host_is_refused_with_its_fingerprint_and_the_command_to_trust_it(
    lab: Lab, tmp_path: Path
) -> None:
    with knowing(lab, tmp_path, "") as host:
        told = await asked(host)
    assert isinstance(told, Refused) and "not known" in told.what
    assert lab.host_key().fingerprint in told.what
    assert f"tminus host trust 127.0.0.1:{lab.port}" in told.hint


async def test_a_changed_key_stops_and_shows_both(lab: Lab, tmp_path: Path) -> None:
    other = public_key(make_key(tmp_path / "other", "ed25519").with_suffix(".pub"))
    with knowing(lab, tmp_path, known(lab, other)) as host:
        told = await asked(host)
    assert isinstance(told, Refused) and "has changed" in told.what
    assert other.fingerprint in told.what and lab.host_key().fingerprint in told.what and "known_hosts:1" in told.what


async def test_a_revoked_key_stops(lab: Lab, tmp_path: Path) -> None:
    text = known(lab, lab.host_key()) + known(lab, lab.host_key(), "@revoked", "*")
    with knowing(lab, tmp_path, text) as host:
        told = await asked(host)
    assert isinstance(told, Refused) and "revoked" in told.what and "trust" not in told.hint


async def test_a_host_known_by_an_authority_only_is_refused_in_words(lab: Lab, tmp_path: Path) -> None:
    authority = public_key(make_key(tmp_path / "ca", "ed25519").with_suffix(".pub"))
    with knowing(lab, tmp_path, known(lab, authority, "@cert-authority")) as host:
        told = await asked(host)
    assert isinstance(told, Refused) and "certificate" in told.what and "host trust" in told.hint


@pytest.mark.parametrize("kind", ["ecdsa", "rsa"])
async def test_the_kind_of_key_that_is_known_is_the_one_asked_for(lab: Lab, tmp_path: Path, kind: str) -> None:
    with knowing(lab, tmp_path, known(lab, lab.host_key(kind))) as host:
        assert (await host.state("t/1")).phase is CommandPhase.ABSENT


async def test_asking_for_the_key_of_a_host_neither_logs_in_nor_trusts(lab: Lab, tmp_path: Path) -> None:
    pool = SshPool(Dialer(Trust(tmp_path / "known_hosts"), no_secrets(), waits=ONCE))
    with closing(pool):
        key = await pool.shown_key(atlas(w=lab.declared(key="/nonexistent")).route("w"))
        assert key == lab.host_key() and not (tmp_path / "known_hosts").exists()


# ---------------------------------------------------------------- the login


async def test_a_wrong_key_is_told_with_all_that_was_tried(lab: Lab, tmp_path: Path) -> None:
    wrong = make_key(tmp_path / "wrong", "ed25519")
    with closing(pool_for(lab, tmp_path, waits=ONCE)) as pool:
        told = await asked(host_of(lab.declared(key=str(wrong)), pool, tmp_path))
    assert isinstance(told, Refused) and "refused the login" in told.what and str(wrong) in told.what


async def test_a_wrong_password_is_told_without_the_password(lab: Lab, tmp_path: Path) -> None:
    vault = Vault({"root-pw": "hunter2-hunter2"})
    with closing(pool_for(lab, tmp_path, secrets=vault, waits=ONCE)) as pool:
        host = host_of(lab.declared(key="", password="root-pw"), pool, tmp_path)
        told = await asked(host)
    assert isinstance(told, Refused) and "the password root-pw" in told.what and "hunter2" not in repr(told.args)


def locked_copy(key: Path, to: Path, passphrase: str) -> Path:
    shutil.copy(key, to)
    to.chmod(0o600)
    change = ["ssh-keygen", "-q", "-p", "-P", "", "-N", passphrase, "-f", str(to)]
    subprocess.run(change, check=True, capture_output=True)
    return to


async def test_a_key_with_a_passphrase_is_opened_with_its_secret(lab: Lab, tmp_path: Path) -> None:
    locked = locked_copy(lab.key, tmp_path / "locked", "open sesame 123")
    vault = Vault({"right": "open sesame 123", "wrong": "open sesame 321"})
    with closing(pool_for(lab, tmp_path, secrets=vault, waits=ONCE)) as pool:
        right = host_of(lab.declared(key=str(locked), passphrase="right"), pool, tmp_path)
        assert (await right.state("t/1")).phase is CommandPhase.ABSENT
        told = await asked(host_of(lab.declared(key=str(locked), passphrase="wrong"), pool, tmp_path))
        assert "does not open" in told.what and "sesame" not in str(told)
        told = await asked(host_of(lab.declared(key=str(locked)), pool, tmp_path))
        assert "has a passphrase" in told.what


@contextmanager
def agent_with(*keys: Path) -> Iterator[None]:
    """An agent of our own that holds these keys, for this process."""
    said = subprocess.run(["ssh-agent", "-s"], check=True, capture_output=True, text=True).stdout
    told = dict(part.split("=", 1) for part in said.replace("\n", ";").split(";") if "=" in part)
    before = os.environ.get("SSH_AUTH_SOCK")
    os.environ["SSH_AUTH_SOCK"] = told["SSH_AUTH_SOCK"]
    try:
        for key in keys:
            subprocess.run(["ssh-add", "-q", str(key)], check=True, capture_output=True)
        yield
    finally:
        os.kill(int(told["SSH_AGENT_PID"]), 15)
        if before is None:
            del os.environ["SSH_AUTH_SOCK"]
        else:
            os.environ["SSH_AUTH_SOCK"] = before


async def test_the_agent_logs_in_where_no_file_could(lab: Lab, tmp_path: Path) -> None:
    with agent_with(lab.key), closing(pool_for(lab, tmp_path, waits=ONCE)) as pool:
        host = host_of(lab.declared(key=""), pool, tmp_path)
        assert (await host.state("t/1")).phase is CommandPhase.ABSENT


async def test_a_full_agent_is_not_emptied_at_the_server_when_a_key_is_named(lab: Lab, tmp_path: Path) -> None:
    many = [make_key(tmp_path / f"k{number}", "ed25519") for number in range(7)]
    with agent_with(*many, lab.key), closing(pool_for(lab, tmp_path, waits=ONCE)) as pool:
        host = host_of(lab.declared(), pool, tmp_path)  # MaxAuthTries is 6
        assert (await host.state("t/1")).phase is CommandPhase.ABSENT
        told = await asked(host_of(lab.declared(key=""), pool, tmp_path))
        assert "name one with `key`" in str(told)


# ---------------------------------------------------------------- the network


async def test_a_closed_port_is_told_as_one(lab: Lab, tmp_path: Path) -> None:
    host, pool = remote(lab, tmp_path, port=free_port(), waits=ONCE)
    with closing(pool):
        told = await asked(host)
    assert isinstance(told, TargetUnreachable) and "refuses connections" in told.what


async def test_a_name_without_an_address_is_told(lab: Lab, tmp_path: Path) -> None:
    with closing(pool_for(lab, tmp_path, waits=ONCE)) as pool:
        told = await asked(host_of(lab.declared(address="no-such-host.invalid"), pool, tmp_path))
    assert isinstance(told, TargetUnreachable) and ("no address" in told.what or "did not answer" in told.what)


async def test_a_server_that_takes_connections_and_says_nothing_is_given_up(lab: Lab, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        host, pool = remote(lab, tmp_path, port=mute.getsockname()[1], waits=ONCE)
        with closing(pool):
            told = await asked(host)
    assert isinstance(told, TargetUnreachable) and "says nothing" in told.what


async def test_a_network_that_swallows_everything_is_given_up_in_time(lab: Lab, tmp_path: Path, line: Line) -> None:
    host, pool = remote(lab, tmp_path, port=line.port, waits=ONCE)
    with closing(pool):
        assert (await host.state("t/1")).phase is CommandPhase.ABSENT
        line.swallow()
        began = asyncio.get_running_loop().time()
        told = await asked(host)
        assert asyncio.get_running_loop().time() - began < 6
    assert isinstance(told, TargetUnreachable)


async def test_what_is_no_ssh_server_is_told(lab: Lab, tmp_path: Path) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        host, pool = remote(lab, tmp_path, port=server.sockets[0].getsockname()[1], waits=ONCE)
        with closing(pool):
            told = await asked(host)
    assert isinstance(told, TargetUnreachable) and "No connection came about" in told.what


async def test_a_launch_that_never_left_is_refused_and_not_in_doubt(lab: Lab, tmp_path: Path) -> None:
    host, pool = remote(lab, tmp_path, port=free_port(), waits=ONCE)
    with closing(pool), pytest.raises(Refused, match="Nothing was sent"):
        await host.launch("t/1", PAYLOAD, Limits())


async def test_a_host_that_comes_back_within_the_patience_is_used(lab: Lab, tmp_path: Path, line: Line) -> None:
    host, pool = remote(lab, tmp_path, port=line.port, waits=QUICK)
    line.refuse()
    with closing(pool):
        task = asyncio.create_task(host.launch("t/1", PAYLOAD, Limits()))
        await asyncio.sleep(0.3)
        assert not task.done()
        line.open()
        assert (await task).phase is CommandPhase.RUNNING


# ---------------------------------------------------------------- the far side


async def test_start_up_files_that_print_do_not_disturb(lab: Lab, tmp_path: Path) -> None:
    assert "Welcome" in (lab.folder / "home" / ".bashrc").read_text()  # so every test here goes through the noise
    host, pool = remote(lab, tmp_path)
    with closing(pool):
        ear = Ear()
        await host.launch("t/1", Payload(script="echo hi"), Limits())
        assert (await host.attach("t/1", 0, 0, ear)).rc == 0 and ear.out == b"hi\n"


async def test_an_account_without_a_shell_is_told(lab: Lab, tmp_path: Path) -> None:
    host, pool = remote(lab, tmp_path, shell=("/no/such/shell",), waits=ONCE)
    with closing(pool):
        told = await asked(host)
        assert isinstance(told, Refused) and "No shell could be started" in told.what
        with pytest.raises(Refused):
            await host.launch("t/1", PAYLOAD, Limits())


async def test_a_full_disk_there_refuses_the_launch(lab: Lab, tmp_path: Path) -> None:
    with closing(pool_for(lab, tmp_path, waits=ONCE)) as pool:
        host = SshHost(atlas(web1=lab.declared()).route("web1"), pool, Manner("/dev/full/tickets"))
        with pytest.raises(Refused, match="cannot create"):
            await host.launch("t/1", PAYLOAD, Limits())


async def test_more_sessions_than_a_connection_takes_open_another(lab: Lab, tmp_path: Path) -> None:
    host, pool = remote(lab, tmp_path)
    with closing(pool):
        names = [f"t/{number}" for number in range(20)]
        await asyncio.gather(*(host.launch(name, Payload(argv=("sleep", "1")), Limits()) for name in names))
        states = await asyncio.gather(*(host.attach(name, 0, 0, Ear()) for name in names))
        assert [state.rc for state in states] == [0] * 20
        assert 1 < pool.links <= 4
        before = pool.links
        await host.launch("t/x", PAYLOAD, Limits())
        assert pool.links == before, "a warm connection is used again"


async def test_jump_hosts_are_gone_through(lab: Lab, tmp_path: Path, lines: Callable[[int], Line]) -> None:
    behind = lines(lab.port)
    with closing(pool_for(lab, tmp_path, port=behind.port, waits=ONCE)) as pool:
        Trust(tmp_path / "known_hosts").add("127.0.0.1", lab.port, lab.host_key())
        hop, far = lab.declared(), lab.declared(port=behind.port, via="hop")
        host = SshHost(atlas(far=far, hop=hop).route("far"), pool, Manner(str(tmp_path / "tickets")))
        ear = Ear()
        await host.launch("t/1", Payload(script="echo through"), Limits())
        assert (await host.attach("t/1", 0, 0, ear)).rc == 0 and ear.out == b"through\n"
        closed = lab.declared(port=free_port(), via="hop")
        told = await asked(SshHost(atlas(far=closed, hop=hop).route("far"), pool))
        assert isinstance(told, TargetUnreachable) and "hop does not pass connections on" in told.what


async def test_a_proxy_command_runs_only_when_it_was_confirmed(lab: Lab, tmp_path: Path) -> None:
    command = f"nc 127.0.0.1 {lab.port}"
    if shutil.which("nc") is None:
        command = f"busybox {command}"
    route = replace(atlas(web1=lab.declared()).route("web1"), proxy_command=command)
    trust = lab.trust(tmp_path / "known_hosts")
    for agreed in ((), (command,)):
        pool = SshPool(Dialer(trust, no_secrets(), agreed, ONCE))
        host = SshHost(route, pool, Manner(str(tmp_path / "tickets")))
        with closing(pool):
            if agreed:
                assert (await host.state("t/1")).phase is CommandPhase.ABSENT
            else:
                told = await asked(host)
                assert isinstance(told, Refused) and command in told.what


# ---------------------------------------------------------------- becoming somebody else


async def test_a_step_may_become_another_user_without_a_prompt(lab: Lab, tmp_path: Path) -> None:
    if shutil.which("sudo") is None or os.geteuid() != 0:
        not_run("sudo is not installed (apt-get install sudo), or the tests do not run as root")
    folder = Path(tempfile.mkdtemp(prefix="tminus-sudo-"))  # not under tmp_path, which only we may enter
    folder.chmod(0o777)
    with closing(pool_for(lab, tmp_path, waits=ONCE)) as pool:
        host = host_of(lab.declared(), pool, folder).become("nobody")
        ear = Ear()
        secret = (("PW", "a secret for nobody"),)
        script = 'id -un; echo "${#PW}"; exec sleep 60'
        await host.launch("t/1", Payload(script=script, secret_env=secret, cwd=str(folder)), Limits())
        task = asyncio.create_task(host.attach("t/1", 0, 0, ear))

        async def both_lines() -> bool:
            return ear.out.count(b"\n") == 2 or task.done()

        await until(both_lines, "both lines")
        assert ear.out == b"nobody\n19\n"
        await host.cancel("t/1", "TERM")
        assert ((await task).rc, (await host.state("t/1")).killed) == (143, "operator-TERM")
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("sudo: a password is required", "without a password"),
        ("deploy is not in the sudoers file.", "does not let"),
        ("sh: 1: sudo: not found", "No shell could be started"),
    ],
)
async def test_a_sudo_that_would_ask_is_told_with_the_line_that_mends_it(
    lab: Lab, tmp_path: Path, said: str, words: str
) -> None:
    told = no_shell(atlas(web1=lab.declared()).route("web1"), "root", said)
    assert isinstance(told, Refused) and words in told.what


def test_a_user_that_is_no_name_is_refused(lab: Lab, tmp_path: Path) -> None:
    host = SshHost(
        atlas(web1=Declared("x")).route("web1"), SshPool(Dialer(Trust(tmp_path / "k"), no_secrets())), Manner()
    )
    with pytest.raises(Refused):
        host.become("root; id")


async def test_a_server_that_takes_one_session_only_gets_a_connection_for_each(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    found = sshd.binary()
    if found is None:
        not_run(sshd.MISSING)
    narrow = sshd.lab_at(request.config.stash[SHARE].server(sshd.recipe(found, "sshd-of-one-session", sessions=1)))
    host, pool = remote(narrow, tmp_path)
    with closing(pool):
        names = [f"t/{number}" for number in range(4)]
        await asyncio.gather(*(host.launch(name, Payload(argv=("sleep", "0.5")), Limits()) for name in names))
        states = await asyncio.gather(*(host.attach(name, 0, 0, Ear()) for name in names))
        assert [state.rc for state in states] == [0] * 4


async def test_a_server_without_a_session_is_told(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    found = sshd.binary()
    if found is None:
        not_run(sshd.MISSING)
    shut = sshd.lab_at(request.config.stash[SHARE].server(sshd.recipe(found, "sshd-of-no-session", sessions=0)))
    host, pool = remote(shut, tmp_path, waits=ONCE)
    with closing(pool):
        told = await asked(host)
    assert isinstance(told, TargetUnreachable) and "no session" in told.what
