"""Known hosts are read as OpenSSH reads them, compared with ssh-keygen itself, and written without harm."""

from __future__ import annotations

import base64
import stat
import subprocess
from pathlib import Path

import pytest

from app.connectors.ssh_trust import HostKey, KnownHosts, Trust, Verdict, name_of, read
from app.errors import Refused
from tests.lab.sshd import make_key, public_key


def key(word: str, kind: str = "ssh-ed25519") -> HostKey:
    return HostKey(kind, len(kind).to_bytes(4, "big") + kind.encode() + word.encode())


A, B = key("a"), key("b")
RSA = key("r", "ssh-rsa")


def line(names: str, of: HostKey, marker: str = "") -> str:
    return f"{marker} {names} {of.kind} {base64.b64encode(of.blob).decode()} a comment".strip() + "\n"


def known(folder: Path, text: str) -> KnownHosts:
    (folder / "known").write_text(text)
    return KnownHosts(tuple(read(folder / "known")))


@pytest.mark.parametrize(
    ("names", "host", "port", "fits"),
    [
        ("web1", "web1", 22, True),
        ("web1", "WEB1", 22, True),
        ("web1,10.0.0.1", "10.0.0.1", 22, True),
        ("web*", "web77", 22, True),
        ("web?", "web77", 22, False),
        ("*.prd,!db.prd", "web.prd", 22, True),
        ("*.prd,!db.prd", "db.prd", 22, False),
        ("!db.prd", "web.prd", 22, False),
        ("[web1]:2222", "web1", 2222, True),
        ("[web1]:2222", "web1", 22, False),
        ("[web1]:2222", "web1", 2223, False),
        ("web1", "web1", 2222, True),  # as OpenSSH: the same key at another port is the same host
        ("[2001:db8::1]:2222", "2001:db8::1", 2222, True),
        ("web[12]", "web1", 22, False),
    ],
)
def test_a_name_is_found_as_openssh_finds_it(tmp_path: Path, names: str, host: str, port: int, fits: bool) -> None:
    verdict = known(tmp_path, line(names, A)).judge(host, port, A).verdict
    assert verdict is (Verdict.TRUSTED if fits else Verdict.UNKNOWN)


def test_another_key_is_a_changed_one_and_so_is_another_kind_of_key(tmp_path: Path) -> None:
    hosts = known(tmp_path, line("web1", A))
    assert hosts.judge("web1", 22, B).verdict is Verdict.CHANGED
    found = hosts.judge("web1", 22, RSA)
    assert found.verdict is Verdict.CHANGED and found.line and found.line.place.endswith("known:1")


def test_a_revoked_key_is_refused_wherever_it_is_also_trusted(tmp_path: Path) -> None:
    hosts = known(tmp_path, line("web1", A) + line("*", A, "@revoked"))
    assert hosts.judge("web1", 22, A).verdict is Verdict.REVOKED
    assert hosts.judge("web1", 2222, A).verdict is Verdict.REVOKED
    assert hosts.judge("web1", 22, B).verdict is Verdict.CHANGED


def test_an_authority_alone_is_no_trust_and_beside_a_key_no_hindrance(tmp_path: Path) -> None:
    authority = line("*.prd", B, "@cert-authority")
    assert known(tmp_path, authority).judge("web.prd", 22, A).verdict is Verdict.AUTHORITY
    assert known(tmp_path, authority).judge("web.prd", 22, B).verdict is Verdict.AUTHORITY
    assert known(tmp_path, authority + line("web.prd", A)).judge("web.prd", 22, A).verdict is Verdict.TRUSTED


def test_what_nobody_can_read_is_passed_over(tmp_path: Path) -> None:
    text = "# a comment\n\nweb1\nweb1 ssh-ed25519 no-base64!\n@strange " + line("web1", B) + "web1 ssh-rsa "
    text += base64.b64encode(A.blob).decode() + "\n|1|x|y ssh-ed25519 AAAA\n\xff\xfe\n" + line("web1", A)
    assert known(tmp_path, text).judge("web1", 22, A).verdict is Verdict.TRUSTED


def test_the_kinds_that_a_host_is_known_by_are_told(tmp_path: Path) -> None:
    hosts = known(tmp_path, line("web1", RSA) + line("*", A) + line("web2", B) + line("web1", B, "@revoked"))
    assert hosts.kinds("web1", 22) == ("ssh-rsa", "ssh-ed25519")


def test_hashed_names_are_found_as_ssh_keygen_writes_them(tmp_path: Path) -> None:
    one = public_key(make_key(tmp_path / "one", "ed25519").with_suffix(".pub"))
    (tmp_path / "known").write_text(line("web1", one) + line("[web2]:2222", one))
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", str(tmp_path / "known")], check=True, capture_output=True)
    assert "web" not in (tmp_path / "known").read_text().replace("comment", "")
    hosts = KnownHosts(tuple(read(tmp_path / "known")))
    assert hosts.judge("web1", 22, one).verdict is Verdict.TRUSTED
    assert hosts.judge("web2", 2222, one).verdict is Verdict.TRUSTED
    assert hosts.judge("web3", 22, one).verdict is Verdict.UNKNOWN


def test_a_fingerprint_is_the_one_that_ssh_keygen_shows(tmp_path: Path) -> None:
    for kind in ("ed25519", "ecdsa", "rsa"):
        file = make_key(tmp_path / kind, kind)
        shown = subprocess.run(["ssh-keygen", "-l", "-f", str(file)], check=True, capture_output=True, text=True).stdout
        assert public_key(file.with_suffix(".pub")).fingerprint == shown.split()[1]


def test_a_key_that_is_trusted_is_there_at_once_and_ssh_keygen_finds_it(tmp_path: Path) -> None:
    own = tmp_path / "home" / "known_hosts"
    trust = Trust(own)
    one = public_key(make_key(tmp_path / "one", "ed25519").with_suffix(".pub"))
    assert trust.now().judge("web1", 2222, one).verdict is Verdict.UNKNOWN
    trust.add("web1", 2222, one)
    trust.add("web1", 2222, one)
    assert trust.now().judge("web1", 2222, one).verdict is Verdict.TRUSTED
    assert own.read_text().count("\n") == 1 and stat.S_IMODE(own.stat().st_mode) == 0o600
    found = subprocess.run(["ssh-keygen", "-F", "[web1]:2222", "-f", str(own)], check=True, capture_output=True)
    assert b"ssh-ed25519" in found.stdout


def test_a_file_without_a_last_line_end_is_not_spoilt(tmp_path: Path) -> None:
    own = tmp_path / "known_hosts"
    own.write_text(line("web1", A).rstrip("\n"))
    Trust(own).add("web2", 22, B)
    hosts = KnownHosts(tuple(read(own)))
    assert hosts.judge("web1", 22, A).verdict is hosts.judge("web2", 22, B).verdict is Verdict.TRUSTED


@pytest.mark.parametrize("marker", ["", "@revoked"])
def test_a_key_is_not_trusted_over_what_the_files_say(tmp_path: Path, marker: str) -> None:
    other = tmp_path / "theirs"
    other.write_text(line("web1", A if marker else B, marker))
    trust = Trust(tmp_path / "own", (other,))
    with pytest.raises(Refused, match="theirs:1"):
        trust.add("web1", 22, A)
    assert not (tmp_path / "own").exists()


def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    other = tmp_path / "theirs"
    trust = Trust(tmp_path / "own", (other,))
    assert trust.now().judge("web1", 22, A).verdict is Verdict.UNKNOWN
    other.write_text(line("web1", A))
    assert trust.now().judge("web1", 22, A).verdict is Verdict.TRUSTED


def test_a_name_is_written_with_its_port_unless_it_is_the_usual_one() -> None:
    assert (name_of("Web1", 22), name_of("web1", 2222)) == ("web1", "[web1]:2222")
