"""~/.ssh/config is followed as OpenSSH follows it; compared with `ssh -G` where that can say it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from app.connectors.ssh_config import SshConfig, read_config
from app.connectors.ssh_route import Atlas, Declared, Route, parse_target
from app.errors import Refused

TEXT = """
# a comment
Host web1 web2
    HostName %h.example.net
    User deploy
    Port = 2222
    IdentityFile ~/.ssh/one
    IdentityFile "/keys/with space"

Host db1
  HostName 10.0.0.9
  ProxyJump jump@bastion:2200,inner
  IdentitiesOnly yes
  HostKeyAlias the-db

Host * !web1
    User everybody
    IdentityFile ~/.ssh/all

Match host *.example.net user deploy
    ProxyCommand nc -X 5 %h %p %%

Match exec "touch /tmp/tminus-must-not-run"
    User nobody

Include more/*.conf
"""


def config(home: Path, text: str = TEXT) -> SshConfig:
    folder = home / ".ssh"
    folder.mkdir(exist_ok=True)
    (folder / "config").write_text(text)
    return read_config(folder / "config", home, "me")


def test_the_first_value_wins_and_identity_files_add_up(tmp_path: Path) -> None:
    found = config(tmp_path).of("web2")
    assert (found.hostname, found.user, found.port) == ("web2.example.net", "deploy", 2222)
    paths = (tmp_path / ".ssh/one", Path("/keys/with space"), tmp_path / ".ssh/all")
    assert found.identity_files == paths
    assert config(tmp_path).of("web1").identity_files == paths[:2]
    assert config(tmp_path).of("other").user == "everybody"


@pytest.mark.parametrize("host", ["web1", "web2", "db1", "other"])
def test_it_is_what_ssh_itself_would_do(tmp_path: Path, host: str) -> None:
    assert shutil.which("ssh")
    text = TEXT.replace('Match exec "touch /tmp/tminus-must-not-run"', "Match exec false")
    found = config(tmp_path, text).of(host)
    said = subprocess.run(
        ["ssh", "-G", "-F", str(tmp_path / ".ssh/config"), host], check=True, capture_output=True, text=True
    ).stdout
    told = dict(row.split(" ", 1) for row in said.splitlines() if " " in row)
    assert (found.hostname or host, str(found.port or 22)) == (told["hostname"], told["port"])
    assert found.user in (told["user"], "")
    assert found.proxy_jump == told.get("proxyjump", "")
    assert found.identities_only is (told["identitiesonly"] == "yes")


def test_a_match_that_would_run_a_command_is_not_run(tmp_path: Path) -> None:
    assert config(tmp_path).of("web1").user == "deploy"
    assert not Path("/tmp/tminus-must-not-run").exists()


def test_files_that_are_included_count_where_they_are_included(tmp_path: Path) -> None:
    (tmp_path / ".ssh/more").mkdir(parents=True)
    (tmp_path / ".ssh/more/b.conf").write_text("Host late\n  Port 2\n")
    (tmp_path / ".ssh/more/a.conf").write_text("Host late\n  Port 1\n")
    assert config(tmp_path, "Include more/*.conf\nHost late\n  Port 3\n").of("late").port == 1
    inside = "Host other\n  Include more/*.conf\n"
    assert config(tmp_path, inside).of("late").port == 0


def test_a_file_that_includes_itself_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="without end"):
        config(tmp_path, "Include ~/.ssh/config\n")


def test_no_file_says_nothing(tmp_path: Path) -> None:
    assert read_config(tmp_path / "none", tmp_path, "me").of("web1").port == 0


def route(home: Path, text: str = TEXT, **hosts: Declared) -> Route:
    return Atlas(hosts, config(home, text), "me", home / ".ssh").route(next(iter(hosts)))


def test_the_runbook_goes_before_the_config_and_the_config_before_the_usual(tmp_path: Path) -> None:
    found = route(tmp_path, web=Declared("web1", user="ops"))
    assert (found.address, found.port, found.login.user) == ("web1.example.net", 2222, "ops")
    plain = route(tmp_path, "", web=Declared("10.0.0.1"))
    assert (plain.port, plain.login.user, plain.shell) == (22, "me", ("/bin/sh",))
    assert [file.name for file in plain.login.keys] == ["id_ed25519", "id_ecdsa", "id_rsa"]


def test_jumps_are_followed_in_order_each_with_its_own_settings(tmp_path: Path) -> None:
    found = route(tmp_path, db=Declared("db1"))
    assert (found.known_as, found.login.only) == ("the-db", True)
    inner = found.via
    assert inner and inner.address == "inner"
    bastion = inner.via
    assert bastion and (bastion.spot, bastion.login.user) == ("bastion:2200", "jump") and bastion.via is None


def test_via_names_a_host_of_the_runbook(tmp_path: Path) -> None:
    found = route(tmp_path, "", db=Declared("10.0.0.5", via="hop"), hop=Declared("hop.example", user="h"))
    assert found.via and (found.via.name, found.via.address, found.via.login.user) == ("hop", "hop.example", "h")


def test_a_way_in_a_circle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="circle"):
        route(tmp_path, "", a=Declared("a", via="b"), b=Declared("b", via="a"))
    with pytest.raises(Refused, match="circle"):
        route(tmp_path, "Host a\n  ProxyJump a\n", x=Declared("a"))


def test_a_key_of_the_runbook_is_the_only_one_that_is_tried(tmp_path: Path) -> None:
    login = route(tmp_path, web=Declared("web1", key="~/deploy")).login
    assert login.only and [file.name for file in login.keys] == ["deploy"]


def test_a_proxy_command_has_its_tokens_filled_in(tmp_path: Path) -> None:
    text = "Host web\n  HostName web.example\n  Port 2222\n  ProxyCommand nc -x proxy %h %p %r %%\n"
    assert route(tmp_path, text, w=Declared("web", user="u")).proxy_command == "nc -x proxy web.example 2222 u %"
    assert route(tmp_path, text, w=Declared("web", via="hop")).proxy_command == ""


@pytest.mark.parametrize("target", ["", "a b", "-oProxyCommand=x", "web:99999", "web:x", "user@"])
def test_what_is_no_address_is_refused(target: str) -> None:
    with pytest.raises(Refused):
        parse_target(target)


@pytest.mark.parametrize(
    ("user", "shell"), [("a;b", ""), ("$(id)", ""), ("-x", ""), ("ok", "sh; id"), ("ok", "$SHELL")]
)
def test_nothing_that_a_shell_would_act_upon_gets_through(tmp_path: Path, user: str, shell: str) -> None:
    with pytest.raises(Refused):
        route(tmp_path, "", web=Declared("web", user=user, shell=shell))
