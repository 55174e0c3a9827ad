"""`tminus host`: a key is trusted by an explicit act with its fingerprint shown, and never by anything else."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest
from typing_extensions import override

from tests.cli.terminal import Cli
from tests.lab.sshd import Lab, make_key, public_key


@dataclass(frozen=True)
class Stranger(Cli):
    """A command line whose person has no ~/.ssh yet."""

    @override
    def env(self) -> dict[str, str]:
        return super().env() | {"HOME": str(self.folder)}


@pytest.fixture
def cli(tmp_path: Path) -> Stranger:
    (tmp_path / "home").mkdir()
    (tmp_path / "work").mkdir()
    return Stranger(tmp_path / "home", tmp_path / "work")


def test_a_key_is_shown_and_not_trusted_when_nobody_is_there(cli: Stranger, lab: Lab) -> None:
    ran = cli("host", "trust", f"127.0.0.1:{lab.port}")
    assert ran.code == 10 and lab.host_key().fingerprint in ran.out and "--fingerprint" in ran.err
    assert not (cli.home / "known_hosts").exists()


def test_a_wrong_fingerprint_is_refused(cli: Stranger, lab: Lab) -> None:
    ran = cli("host", "trust", f"127.0.0.1:{lab.port}", "--fingerprint", "SHA256:" + "A" * 43)
    assert ran.code == 1 and not (cli.home / "known_hosts").exists()


def test_the_right_fingerprint_is_trusted_and_listed(cli: Stranger, lab: Lab) -> None:
    name, fingerprint = f"127.0.0.1:{lab.port}", lab.host_key().fingerprint
    assert cli("host", "trust", name, "--fingerprint", fingerprint).code == 0
    assert stat.S_IMODE((cli.home / "known_hosts").stat().st_mode) == 0o600
    listed = cast("list[dict[str, str]]", cli("host", "list", "--json").json())
    assert listed == [{"names": f"[127.0.0.1]:{lab.port}", "kind": "ssh-ed25519", "fingerprint": fingerprint}]
    again = cli("host", "trust", name)
    assert again.code == 0 and "already" in again.out
    told = cast("dict[str, object]", cli("host", "trust", name, "--json").json())
    assert (told["fingerprint"], told["trusted"], told["already"]) == (fingerprint, True, True)


def test_a_changed_key_is_not_trusted_over_the_old_one(cli: Stranger, lab: Lab, tmp_path: Path) -> None:
    other = public_key(make_key(tmp_path / "other", "ed25519").with_suffix(".pub"))
    from app.connectors.ssh_trust import Trust

    Trust(cli.home / "known_hosts").add("127.0.0.1", lab.port, other)
    ran = cli("host", "trust", f"127.0.0.1:{lab.port}", "--fingerprint", lab.host_key().fingerprint)
    assert ran.code == 1 and "known_hosts:1" in ran.err


def test_preflight_and_run_refuse_an_unknown_host_and_name_the_command(cli: Stranger, lab: Lab) -> None:
    more = f"hosts: {{web: {{address: 127.0.0.1, port: {lab.port}, user: {lab.user}, key: '{lab.key}'}}}}"
    book = cli.book("- {id: p, steps: [{id: far, changes: nothing, host: {name: web, script: 'echo hi'}}]}", more)
    looked = cli("preflight", book)
    assert looked.code == 1 and "tminus host trust" in looked.out and lab.host_key().fingerprint in looked.out
    ran = cli("run", book)
    assert ran.code == 1 and "tminus host trust" in ran.err and not list(cli.home.glob("runs/*"))
    shown = cli("host", "trust", "web", "--runbook", book, "--fingerprint", lab.host_key().fingerprint)
    assert shown.code == 0, shown.err
    looked = cli("preflight", book)
    assert looked.code == 0 and "host web" in looked.out
    ran = cli("run", book)
    assert ran.code == 0, ran.out + ran.err
    assert cli.account(cli.only_run()) == [("far", 1, "do", "done")]


def test_a_host_that_is_away_is_told_in_preflight(cli: Stranger, lab: Lab) -> None:
    more = "hosts: {web: {address: 127.0.0.1, port: 1}}"
    book = cli.book("- {id: p, steps: [{id: far, changes: nothing, host: {name: web, script: 'echo hi'}}]}", more)
    looked = cli("preflight", book)
    assert looked.code == 1 and "refuses connections" in looked.out
