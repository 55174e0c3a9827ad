"""Who a host is, asked of a real sshd; and what a host that is somebody else is spared."""

from __future__ import annotations

import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from app.connectors.host_identity import STRANGER, admit, fingerprint, insisting
from app.connectors.ssh_trust import HostKey
from app.errors import Refused, TargetUnreachable
from app.ports import Limits, Payload
from tests.lab.hosts import remote
from tests.lab.sshd import Lab

pytestmark = pytest.mark.anyio
KEY = HostKey("ssh-ed25519", b"one")
OTHER = HostKey("ssh-ed25519", b"two")
RSA = HostKey("ssh-rsa", b"three")


async def test_a_host_says_its_key_and_its_machine(lab: Lab, tmp_path: Path) -> None:
    host, pool = remote(lab, tmp_path)
    with closing(pool):
        who = await host.identity()
    key, own = who.facts
    assert key == ("ssh-ed25519", lab.host_key().fingerprint)
    file = Path("/etc/machine-id")
    if file.exists() and file.read_text().strip():
        assert own == ("machine", file.read_text().strip())
    else:
        assert own[0] in ("machine", "hostname") and own[1]
    assert who.product == "linux" and who.instance.startswith("host SHA256:")


async def test_what_runs_on_the_right_machine_is_started_nowhere_else(lab: Lab, tmp_path: Path) -> None:
    host, pool = remote(lab, tmp_path)
    payload = Payload(script=f"echo ran >>{tmp_path}/ran")
    with closing(pool):
        key, own = (await host.identity()).facts
        other_key = (key, (own[0], "0123abcd"))
        other_machine = (("ssh-ed25519", OTHER.fingerprint), own)
        for facts, word in (
            (other_key, f"{own[0]} is {own[1]}, was 0123abcd"),
            (other_machine, "its ssh-ed25519 key is"),
        ):
            stranger = host.only(facts)
            for verb in (
                stranger.launch("run/a/1", payload, Limits()),
                stranger.fence("run/a/1"),
                stranger.state("run/a/1"),
                stranger.cancel("run/a/1", "TERM"),
            ):
                with pytest.raises(Refused, match="not the host that the run saw before") as told:
                    await verb
                assert word in str(told.value)
        assert not (tmp_path / "tickets").exists(), "not even a ticket's folder"
        state = await host.only((key, own)).launch("run/a/1", payload, Limits())
        assert state.phase.value == "running"


def test_keys_of_one_kind_must_agree_and_of_different_kinds_the_machine_must_vouch() -> None:
    facts = ((KEY.kind, KEY.fingerprint), ("machine", "1"))
    admit(KEY, facts, "host a")
    admit(KEY, (), "host a")
    admit(RSA, facts, "host a")
    with pytest.raises(Refused, match=f"its ssh-ed25519 key is {OTHER.fingerprint[:20]}"):
        admit(OTHER, facts, "host a")
    with pytest.raises(Refused, match="it shows ssh-rsa"):
        admit(RSA, ((KEY.kind, KEY.fingerprint), ("hostname", "a")), "host a")


def test_a_machine_without_an_id_goes_by_its_name_and_one_without_both_by_nothing() -> None:
    who = fingerprint(KEY, ["os=FreeBSD", "machine=", "name=db1", "boot=7"], "host a")
    assert who.facts[1] == ("hostname", "db1")
    assert str(who) == f"freebsd ssh-ed25519 {KEY.fingerprint} hostname db1"
    with pytest.raises(TargetUnreachable):
        fingerprint(KEY, [], "host a")


def test_two_machines_that_were_cloned_are_two_although_key_and_id_are_the_same() -> None:
    said = "os=Linux machine=12ab name={} boot={}"
    left, same, right = (
        fingerprint(KEY, said.format(*two).split(), "host a") for two in (("a", 1), ("a", 1), ("a", 2))
    )
    assert left.facts == right.facts
    assert left.instance == same.instance != right.instance


def test_a_machine_that_was_known_by_its_id_and_shows_none_is_another_one() -> None:
    said = "os=Linux machine={} name=db1 boot=7"
    known, bare = (fingerprint(KEY, said.format(one).split(), "host a") for one in ("12ab", ""))
    assert bare.unlike(known.facts) == "machine is unknown, was 12ab"
    assert not known.unlike(bare.facts), "one that was known by its name has got an id since"


@pytest.mark.parametrize(("shows", "refused"), [("12ab", False), ("", True), ("34cd", True)])
def test_the_far_side_refuses_everything_but_the_id_that_was_known(shows: str, refused: bool) -> None:
    """The shell's own words, run here with the id that such a machine would show."""
    (text,) = insisting((("machine", "12ab"),))
    asked = text.replace("t_was=", f"t_machine={shows}\nt_was=")
    ended = subprocess.run(["sh", "-c", f"{asked}\necho ran"], capture_output=True, text=True, check=True)
    assert (STRANGER in ended.stdout) is refused
    assert ("ran" in ended.stdout.splitlines()) is not refused
