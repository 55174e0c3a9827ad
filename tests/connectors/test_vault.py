"""The vault gives back what it was given, to whoever knows the passphrase, and tells damage from a wrong one."""

from __future__ import annotations

import builtins
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from app.connectors.vault import TRIES, Cost, VaultDamaged, VaultFile, WrongPassphrase
from app.errors import Refused
from tests.connectors.spellings import traces

CANARY = "c4nary/v4lue+with=odd&chars' 42"
PASSPHRASE = "four words are enough"
CHEAP = Cost(n=1 << 10)


class Person:
    """Answers what the test says, and counts."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, which: str) -> str:
        self.asked.append(which)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def vault(folder: Path, person: Callable[[str], str] | None = None) -> VaultFile:
    return VaultFile(folder / "secrets.vault", person or Person(PASSPHRASE), CHEAP)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = vault(tmp_path)
    made.set("pg-pw", CANARY)
    return made.file


def test_what_is_set_is_found_by_the_next_console(file: Path) -> None:
    again = vault(file.parent)
    assert again.get("pg-pw") == CANARY
    assert again.get("other") is None
    assert again.names() == ("pg-pw",)
    again.set("my-pw", "correct-horse")
    again.test()
    assert again.names() == ("my-pw", "pg-pw")
    assert again.delete("pg-pw")
    assert not again.delete("pg-pw")
    assert vault(file.parent).names() == ("my-pw",)


def test_the_passphrase_is_asked_once(file: Path) -> None:
    person = Person(PASSPHRASE)
    opened = vault(file.parent, person)
    for _ in range(3):
        assert opened.get("pg-pw") == CANARY
    opened.set("more", "correct-horse")
    assert person.asked == ["passphrase of the vault"]


def test_a_new_vault_wants_its_passphrase_twice(tmp_path: Path) -> None:
    person = Person(PASSPHRASE, "something else")
    with pytest.raises(Refused, match="differ"):
        vault(tmp_path, person).set("pg-pw", CANARY)
    with pytest.raises(Refused, match="at least 8"):
        vault(tmp_path, Person("short")).set("pg-pw", CANARY)
    assert not vault(tmp_path).exists


def test_a_wrong_passphrase_may_be_corrected_and_then_is_said_to_be_wrong(file: Path) -> None:
    assert vault(file.parent, Person("wrong one", PASSPHRASE)).get("pg-pw") == CANARY
    person = Person("wrong one")
    with pytest.raises(WrongPassphrase) as caught:
        vault(file.parent, person).get("pg-pw")
    assert len(person.asked) == TRIES
    assert "wrong one" not in str(caught.value)


def test_every_damage_is_told_as_damage_and_never_as_a_wrong_passphrase(file: Path) -> None:
    whole = file.read_bytes()
    for at in range(0, len(whole), 7):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(VaultDamaged):
            vault(file.parent).get("pg-pw")
    for length in (0, 5, 20, len(whole) - 1):
        file.write_bytes(whole[:length])
        with pytest.raises(VaultDamaged, match=r"not at fault|damaged"):
            vault(file.parent).get("pg-pw")
    file.write_bytes(whole)
    assert vault(file.parent).get("pg-pw") == CANARY


def forged(whole: bytes, change: Iterable[tuple[str, Any]], content: bytes | None = None) -> bytes:
    """The file with another header or content, and a digest that holds."""
    first, header, rest = whole[:-32].split(b"\n", 2)
    tree = json.loads(header)
    tree |= dict(change)
    body = first + b"\n" + json.dumps(tree).encode() + b"\n" + (rest if content is None else content)
    return body + hashlib.sha256(body).digest()


def test_a_forged_file_is_damage_too_and_cannot_ask_for_all_the_memory(file: Path) -> None:
    whole = file.read_bytes()
    content = whole[:-32].split(b"\n", 2)[2]
    file.write_bytes(forged(whole, (), bytes([content[0] ^ 1]) + content[1:]))
    with pytest.raises(VaultDamaged, match="changed after it was written"):
        vault(file.parent).get("pg-pw")
    for cost in ({"n": 1 << 40}, {"n": 3}, {"n": -1}, {"n": "x"}):
        file.write_bytes(forged(whole, cost.items()))
        with pytest.raises(VaultDamaged):
            vault(file.parent).get("pg-pw")


def test_a_vault_of_a_newer_version_is_left_alone(file: Path) -> None:
    body = file.read_bytes()[:-32].replace(b"tminus vault 1", b"tminus vault 2", 1)
    file.write_bytes(body + hashlib.sha256(body).digest())
    with pytest.raises(Refused, match="newer version"):
        vault(file.parent).set("other", CANARY)


def test_it_is_for_this_user_only_and_no_byte_on_the_disk_holds_a_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[bytes] = []
    replace = Path.replace

    def watched(self: Path, target: Path) -> Path:
        written.append(self.read_bytes())  # the temporary file, at the last moment of its life
        assert self.stat().st_mode & 0o777 == 0o600
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", watched)
    made = vault(tmp_path)
    made.set("pg-pw", CANARY)
    made.delete("pg-pw")
    made.set("pg-pw", CANARY)
    assert made.file.stat().st_mode & 0o777 == 0o600
    (tmp_path / "every-temporary-file").write_bytes(b"".join(written))
    assert len(written) == 3
    assert not traces(tmp_path, CANARY)
    assert not traces(tmp_path, PASSPHRASE)
    assert CANARY not in repr(made) + repr(vars(made))
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"secrets.vault", "secrets.vault.lock", "every-temporary-file"}


def test_a_write_that_fails_leaves_the_old_vault_and_nothing_else(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = file.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    opened = vault(file.parent)
    assert opened.get("pg-pw")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(builtins.Exception, match="No space left"):
        opened.set("more", "correct-horse")
    assert file.read_bytes() == before
    assert {path.name for path in file.parent.iterdir()} == {file.name, f"{file.name}.lock"}


def test_two_consoles_that_set_at_one_moment_lose_nothing(file: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from app.connectors.vault import Cost, VaultFile\n"
        "vault = VaultFile(Path(sys.argv[1]), lambda _: sys.argv[2], Cost(n=1024))\n"
        "for n in range(10): vault.set(f'{sys.argv[3]}-{n}', 'correct-horse')"
    )
    both = [subprocess.Popen([sys.executable, "-c", code, str(file), PASSPHRASE, name]) for name in ("a", "b")]
    assert [one.wait(60) for one in both] == [0, 0]
    assert len(vault(file.parent).names()) == 21
