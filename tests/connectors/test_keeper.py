"""Keyring, then vault, then this session only; and the words about which of them it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.connectors.clock import SystemClock
from app.connectors.keeper import Keeper
from app.connectors.keyring import Keyring
from app.connectors.vault import Cost, VaultFile
from app.errors import AnswerMissing, Refused
from tests.connectors.spellings import traces
from tests.connectors.test_keyring import Forgetful, Kept, Locked, ring

pytestmark = pytest.mark.anyio
CANARY = "c4nary/v4lue+with=odd&chars' 42"
NOW = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)


def keeper(home: Path, keys: Keyring | None = None, typed: str | None = None) -> Keeper:
    vault = VaultFile(home / "secrets.vault", lambda _: "four words are enough", Cost(n=1 << 10))
    return Keeper(home, keys, vault, (lambda _: typed) if typed is not None else None)


async def test_the_keyring_comes_first(tmp_path: Path) -> None:
    keys = ring(Kept())
    assert await keeper(tmp_path, keys).set("pg-pw", CANARY, NOW) == "pg-pw is kept in the desktop's keyring."
    found = keeper(tmp_path, keys)
    assert await found.get("pg-pw") == CANARY
    assert found.found == {"pg-pw": "keyring"}
    assert not (tmp_path / "secrets.vault").exists()
    assert "written, read back and removed" in await found.test("pg-pw")


@pytest.mark.parametrize("backend", [Forgetful, Locked])
async def test_a_keyring_that_cannot_be_trusted_leaves_it_to_the_vault_and_says_why(
    tmp_path: Path, backend: type[Kept]
) -> None:
    said = await keeper(tmp_path, ring(backend())).set("pg-pw", CANARY, NOW)
    assert said.startswith(
        f"pg-pw is kept in the vault file {tmp_path}/secrets.vault, as the desktop's keyring is of no"
    )
    found = keeper(tmp_path, ring(backend()))
    assert await found.get("pg-pw") == CANARY
    assert found.found == {"pg-pw": "vault"}
    assert not traces(tmp_path, CANARY)


async def test_what_is_nowhere_is_typed_in_for_this_session_only(tmp_path: Path) -> None:
    found = keeper(tmp_path, None, typed=CANARY)
    assert await found.get("pg-pw") == CANARY
    assert found.found == {"pg-pw": "session"}
    found.used(SystemClock())
    assert list(tmp_path.iterdir()) == []


async def test_nobody_there_and_nothing_kept_is_a_refusal_that_names_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(
        Refused, match=r"neither in the desktop's keyring \(there is none.* nor in a vault file"
    ) as caught:
        await keeper(tmp_path).get("pg-pw")
    assert "tminus secret set pg-pw" in str(caught.value)

    def nobody(_: str) -> str:
        raise AnswerMissing("nobody")

    vault = VaultFile(tmp_path / "v", nobody)
    with pytest.raises(AnswerMissing, match="neither"):
        await Keeper(tmp_path, None, vault, nobody).get("pg-pw")


async def test_a_secret_that_moves_into_the_keyring_leaves_no_old_value_in_the_vault(tmp_path: Path) -> None:
    await keeper(tmp_path).set("pg-pw", "value-of-yesterday", NOW)
    keys = ring(Kept())
    await keeper(tmp_path, keys).set("pg-pw", CANARY, NOW)
    with pytest.raises(Refused):
        await keeper(tmp_path).get("pg-pw")
    assert await keeper(tmp_path, keys).get("pg-pw") == CANARY


async def test_the_list_tells_names_places_and_times_and_no_value(tmp_path: Path) -> None:
    here = keeper(tmp_path)
    await here.set("pg-pw", CANARY, NOW)
    await here.set("my-pw", "correct-horse", NOW + timedelta(hours=1))
    assert [(one.name, one.where, one.set, one.used) for one in here.kept()] == [
        ("my-pw", "vault", "2026-03-14T22:00:00+00:00", ""),
        ("pg-pw", "vault", "2026-03-14T21:00:00+00:00", ""),
    ]
    await here.get("pg-pw")
    here.used(SystemClock())
    assert {one.name: bool(one.used) for one in here.kept()} == {"my-pw": False, "pg-pw": True}
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert await here.forget("pg-pw") == "pg-pw is forgotten: it was in the vault file."
    assert [one.name for one in here.kept()] == ["my-pw"]
    with pytest.raises(Refused, match="neither"):
        await here.forget("pg-pw")
    assert not traces(tmp_path, CANARY)


async def test_a_short_one_is_kept_nowhere(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="under 8"):
        await keeper(tmp_path).set("pg-pw", "short", NOW)
    with pytest.raises(Refused, match="under 8"):
        await keeper(tmp_path, typed="short").get("pg-pw")
    assert list(tmp_path.iterdir()) == []
