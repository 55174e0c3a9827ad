"""Secrets are fetched from where the runbook says, kept in memory, and shown nowhere."""

from __future__ import annotations

import traceback

import pytest

from app.connectors.secrets import Sources, Vault, Wanted, fetch
from app.errors import AnswerMissing, Refused
from app.ports import SecretText

pytestmark = pytest.mark.anyio


async def typed(name: str) -> str:
    return f"typed-{name}-value"


async def kept(entry: str) -> str:
    return f"kept-{entry}-value"


async def test_each_source_is_asked_for_its_own() -> None:
    wanted = (Wanted("a", "env", "A_VAR"), Wanted("b", "prompt", "b"), Wanted("c", "keyring", "entry"))
    vault = await fetch(wanted, Sources({"A_VAR": "from-environment"}, typed, kept))
    assert vault.plain_values() == {"a": "from-environment", "b": "typed-b-value", "c": "kept-entry-value"}
    assert vault.reveal(SecretText(((False, "Bearer "), (True, "a")))) == "Bearer from-environment"
    assert vault.reveal("plain") == "plain"


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        (Wanted("a", "env", "A_VAR"), Refused),
        (Wanted("a", "prompt", "a"), AnswerMissing),
        (Wanted("a", "keyring", "a"), Refused),
    ],
)
async def test_what_cannot_be_had_is_said_by_name(wanted: Wanted, error: type[Exception]) -> None:
    with pytest.raises(error, match="secret a"):
        await fetch((wanted,), Sources({}))


def test_a_short_value_is_refused_and_not_repeated() -> None:
    short = "secret" + "7"
    with pytest.raises(Refused) as caught:
        Vault({"a": short})
    assert short not in "".join(traceback.format_exception(caught.value))


def test_nothing_that_is_printed_shows_a_value() -> None:
    vault = Vault({"a": "correct-horse"})
    assert repr(vault) == "Vault(a=***)"
    with pytest.raises(Refused):
        vault.reveal(SecretText(((True, "b"),)))
