"""The desktop's keyring, trusted only after it gave back what it was given.

Only backends that keep secrets encrypted are used, by an allow-list: the null backend accepts a secret and forgets it,
others write it into a plain file. A keyring may also hang (a locked one waits for a dialog that nobody sees), so each
call has a thread of its own and a time limit.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, PasswordDeleteError

from app.connectors.own_thread import on_own_thread
from app.connectors.secrets import check_length
from app.errors import Refused, TargetUnreachable

T = TypeVar("T")

SERVICE = "tminus"

ALLOWED = frozenset(
    {
        "keyring.backends.SecretService.Keyring",
        "keyring.backends.libsecret.Keyring",
        "keyring.backends.kwallet.DBusKeyring",
        "keyring.backends.macOS.Keyring",
        "keyring.backends.Windows.WinVaultKeyring",
    }
)

_NONE = "keyring.backends.fail.Keyring"

_CANARY_LENGTH = 24
_HINT = "Use `from: env` or `from: prompt` on this machine, or set up the desktop's keyring."


class Keyring:
    """Entries of the service `tminus` in the first allowed backend of this machine."""

    def __init__(
        self,
        find: Callable[[], KeyringBackend] = keyring.get_keyring,
        allowed: frozenset[str] = ALLOWED,
        limit: timedelta = timedelta(seconds=30),
    ) -> None:
        """`find` names the backend that is configured; `limit` bounds each call, a dialog to unlock it included."""
        self._find = find
        self._allowed = allowed
        self._limit = limit
        self._backend: KeyringBackend | None = None

    async def test(self) -> str:
        """Write, read and delete a canary, each time. Returns the backend's name. Raises Refused, TargetUnreachable."""
        self._backend = None
        backend = await self._trusted()
        return _name(backend)

    async def get(self, entry: str) -> str:
        """The value of an entry. Raises Refused when there is none."""
        value = await self.find(entry)
        if not value:
            raise Refused(f"The keyring has no entry {entry}.", hint=f"Run `tminus secret set {entry}`.")
        return value

    async def find(self, entry: str) -> str | None:
        """The value of an entry, None when there is none."""
        backend = await self._trusted()
        return await self._call(lambda: backend.get_password(SERVICE, entry))

    async def set(self, entry: str, value: str) -> None:
        """Store a value and read it back. Raises Refused for one under eight characters."""
        check_length(entry, value)
        backend = await self._trusted()
        await self._call(lambda: backend.set_password(SERVICE, entry, value))
        if await self._call(lambda: backend.get_password(SERVICE, entry)) != value:
            raise Refused(f"The keyring did not keep the entry {entry}.", where=_name(backend), hint=_HINT)

    async def delete(self, entry: str) -> bool:
        """Forget an entry; False when there was none."""
        backend = await self._trusted()
        try:
            await self._call(lambda: backend.delete_password(SERVICE, entry))
        except PasswordDeleteError:
            return False
        return True

    async def _trusted(self) -> KeyringBackend:
        if self._backend is None:
            backend = await self._call(self._allowed_backend)
            await self._canary(backend)
            self._backend = backend
        return self._backend

    def _allowed_backend(self) -> KeyringBackend:
        found = self._find()
        candidates: list[KeyringBackend] = [
            found,
            *getattr(found, "backends", ()),
        ]  # a chainer tries several: look inside
        for backend in candidates:
            if _name(backend) in self._allowed:
                return backend
        if _name(found) == _NONE:
            raise Refused("This machine has no keyring.", hint=_HINT)
        raise Refused(
            f"The keyring on this machine ({_name(found)}) does not keep secrets encrypted, so it is not used.",
            hint=_HINT,
        )

    async def _canary(self, backend: KeyringBackend) -> None:
        entry, value = f"canary-{secrets.token_hex(8)}", secrets.token_urlsafe(_CANARY_LENGTH)

        def there_and_back() -> str | None:
            backend.set_password(SERVICE, entry, value)
            try:
                return backend.get_password(SERVICE, entry)
            finally:
                backend.delete_password(SERVICE, entry)

        try:
            kept = await self._call(there_and_back)
        except PasswordDeleteError:
            kept = None
        if kept != value:
            raise Refused("The keyring forgot a test entry right after taking it.", where=_name(backend), hint=_HINT)

    async def _call(self, work: Callable[[], T]) -> T:
        try:
            async with asyncio.timeout(self._limit.total_seconds()):
                return await on_own_thread(work, name="tminus-keyring")
        except TimeoutError:
            problem = f"The keyring did not answer within {self._limit.total_seconds():g} s."
        except PasswordDeleteError:
            raise
        except KeyringError as error:
            problem = f"The keyring failed: {type(error).__name__}."
        raise TargetUnreachable(problem, where="keyring", hint="Unlock it and try again. " + _HINT)


def _name(backend: KeyringBackend) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"
