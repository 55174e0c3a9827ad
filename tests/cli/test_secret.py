"""`tminus secret`: a value goes in by a pipe or a terminal and comes out nowhere; a run finds it in the vault."""

from __future__ import annotations

import dataclasses
import sqlite3
from pathlib import Path

import pytest

from tests.cli.terminal import Cli
from tests.connectors.spellings import spellings, traces

CANARY = "c4nary/v4lue+with=odd&chars' 42"


@dataclasses.dataclass(frozen=True)
class Knowing(Cli):
    """A terminal whose environment knows the passphrase of the vault."""

    passphrase: str = "four words are enough"

    def env(self) -> dict[str, str]:
        return super().env() | {"TMINUS_VAULT_PASSPHRASE": self.passphrase}


@pytest.fixture
def knowing(cli: Cli) -> Knowing:
    return Knowing(cli.home, cli.folder)


def clean(text: str) -> bool:
    return not [name for name, spelt in spellings(CANARY).items() if spelt in text.encode()]


def test_a_value_is_set_tested_listed_and_forgotten_and_never_shown(knowing: Knowing) -> None:
    ran = [
        knowing("secret", "set", "pg-pw", typed=f"{CANARY}\n"),
        knowing("secret", "test", "pg-pw"),
        knowing("secret", "list"),
        knowing("secret", "list", "--json"),
        knowing("secret", "forget", "pg-pw"),
    ]
    assert [one.code for one in ran] == [0] * 5, ran
    assert "kept in the vault file" in ran[0].out and "This machine has no keyring" in ran[0].out
    assert "written, read back and removed" in ran[1].out
    assert ran[2].out.splitlines()[0].index("KEPT IN") == ran[2].out.splitlines()[1].index("vault")
    assert ran[2].out.splitlines()[1].split()[:2] == ["pg-pw", "vault"]
    assert [(one["name"], one["kept"], one["used"]) for one in ran[3].json()] == [("pg-pw", "vault", "")]
    assert all(clean(one.out + one.err) for one in ran)
    assert not traces(knowing.home, CANARY)
    assert knowing("secret", "test", "pg-pw").code == 1


def test_a_run_takes_it_from_the_vault_and_the_list_says_that_it_was_used(knowing: Knowing) -> None:
    assert knowing("secret", "set", "pg-pw", typed=CANARY).code == 0
    sqlite3.connect(knowing.folder / "d.db").close()
    steps = """
    - id: p
      steps:
        - id: bind
          sql: {db: db, run: "create table t (v text); insert into t values (:v)", bind: {v: "${secrets.pw}"}}
          changes: reversible
          undo: {none: harmless}
        - id: env
          local: {script: 'printf "%s" "$PW"; test -z "$TMINUS_VAULT_PASSPHRASE"', env: {PW: "${secrets.pw}"}}
          changes: nothing
    """
    more = """
    secrets: {pw: {from: keyring, name: pg-pw}}
    databases: {db: {url: "sqlite:///FOLDER/d.db"}}
    """
    ran = knowing("run", knowing.book(steps, more))
    assert ran.code == 0, ran
    with sqlite3.connect(knowing.folder / "d.db") as db:
        assert db.execute("select v from t").fetchall() == [(CANARY,)]
    db.close()
    assert knowing("secret", "list", "--json").json()[0]["used"]
    assert clean(ran.out + ran.err)
    assert not traces(knowing.home, CANARY)
    assert not traces(knowing.home, knowing.passphrase)


def test_what_is_missing_is_said_with_its_exit_status(cli: Cli, knowing: Knowing) -> None:
    assert cli("secret", "set", "pg-pw").code == 10
    assert cli("secret", "set", "pg-pw", typed=CANARY).code == 10  # nobody there to choose a passphrase
    assert cli("secret", "set").code == 2
    assert cli("secret", "set", "pg-pw", CANARY).code == 2
    short = knowing("secret", "set", "pg-pw", typed="short")
    assert short.code == 1 and "under 8 characters" in short.err
    assert cli("secret", "list").out == "No secret was set on this machine.\n"


def test_a_wrong_passphrase_and_a_damaged_vault_are_two_messages(knowing: Knowing) -> None:
    assert knowing("secret", "set", "pg-pw", typed=CANARY).code == 0
    wrong = dataclasses.replace(knowing, passphrase="not this one")("secret", "test", "pg-pw")
    assert wrong.code == 1 and "not the passphrase" in wrong.err and "not this one" not in wrong.err
    file = Path(knowing.home / "secrets.vault")
    file.write_bytes(file.read_bytes()[:-1])
    damaged = knowing("secret", "test", "pg-pw")
    assert damaged.code == 1 and "The vault is damaged" in damaged.err
