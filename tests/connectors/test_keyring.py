"""A keyring is believed only when it is of a known kind and gave back what it was given."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import keyring.backends.fail
import keyring.backends.null
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, PasswordDeleteError

from app.connectors.keyring import Keyring
from app.errors import Refused, TargetUnreachable

pytestmark = pytest.mark.anyio


class Kept(KeyringBackend):
    """Keeps what it is given, in memory."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # keyring has no types here
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.entries.pop((service, username), None) is None:
            raise PasswordDeleteError(username)


class Forgetful(Kept):
    def set_password(self, service: str, username: str, password: str) -> None:
        """Takes it and forgets it."""


class Locked(Kept):
    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringError("locked: correct-horse")


class Hanging(Kept):
    gate = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.gate.wait(20)
        return None


def ring(backend: KeyringBackend, limit: float = 5) -> Keyring:
    own = {f"{type(backend).__module__}.{name}" for name in ("Kept", "Forgetful", "Locked", "Hanging")}
    return Keyring(lambda: backend, frozenset(own), timedelta(seconds=limit))


async def test_a_value_is_kept_given_back_and_forgotten() -> None:
    backend = Kept()
    keys = ring(backend)
    assert (await keys.test()).endswith("Kept")
    await keys.set("pg-pw", "correct-horse")
    assert await keys.get("pg-pw") == "correct-horse"
    assert await keys.delete("pg-pw")
    assert not await keys.delete("pg-pw")
    assert backend.entries == {}, "the canary is gone too"
    with pytest.raises(Refused, match="tminus secret set pg-pw"):
        await keys.get("pg-pw")


@pytest.mark.parametrize("backend", [keyring.backends.null.Keyring, keyring.backends.fail.Keyring])
async def test_a_backend_that_keeps_nothing_safe_is_refused(backend: Callable[[], KeyringBackend]) -> None:
    with pytest.raises(Refused, match=r"does not keep secrets encrypted|has no keyring"):
        await Keyring(backend).get("pg-pw")


async def test_a_backend_that_forgets_is_found_out() -> None:
    with pytest.raises(Refused, match="forgot"):
        await ring(Forgetful()).get("pg-pw")


async def test_a_locked_or_hanging_keyring_is_an_error_in_time_and_tells_no_value() -> None:
    with pytest.raises(TargetUnreachable) as caught:
        await ring(Locked()).get("pg-pw")
    assert "correct-horse" not in str(caught.value)
    with pytest.raises(TargetUnreachable, match="did not answer"):
        await ring(Hanging(), limit=0.2).get("pg-pw")
    Hanging.gate.set()


async def test_a_short_secret_is_not_stored() -> None:
    with pytest.raises(Refused):
        await ring(Kept()).set("pg-pw", "short")
