"""Making one request to a host again while the host is away, and whether it may have been followed by then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType

from app.connectors.ssh_words import LinkLost
from app.errors import Refused, TargetUnreachable

_PAUSES = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0)


class Patience:
    """Pauses between tries: none at first, then longer ones, for so many seconds in all (None: for ever)."""

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._tries = 0
        self._deadline: float | None = None

    async def goes_on(self) -> bool:
        """Pause; whether there is time for another try."""
        now = asyncio.get_running_loop().time()
        if self._deadline is None and self._seconds is not None:
            self._deadline = now + self._seconds
        if self._deadline is not None and now >= self._deadline:
            return False
        pause = _PAUSES[min(self._tries, len(_PAUSES) - 1)]
        self._tries += 1
        await asyncio.sleep(pause)
        return True

    def renew(self) -> None:
        """Something was heard: the next trouble is a new one."""
        self._tries = 0
        self._deadline = None


class Tries:
    """`with` it for each try: a lost link and a host out of reach end the try and are kept as `trouble`.

    sent: whether the host may have followed the request in any try so far.
    """

    def __init__(self, seconds: float, away: Callable[[LinkLost], TargetUnreachable]) -> None:
        self.patience, self._away = Patience(seconds), away
        self.sent = self._arrived = False
        self.trouble: TargetUnreachable | None = None

    def arrived(self) -> None:
        """The host has the request; an answer that nobody understands is no proof that it did nothing."""
        self._arrived = True

    def __enter__(self) -> None:
        self._arrived = False

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if isinstance(error, LinkLost):
            self.sent, self.trouble = self.sent or error.sent, self._away(error)
            return True
        if isinstance(error, TargetUnreachable):
            self.sent, self.trouble = self.sent or self._arrived, error
            return True
        return False


class WaryTries(Tries):
    """The same for what must not happen twice: a refusal counts only when no try before it may have been followed."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if isinstance(error, Refused) and self.sent:
            raise TargetUnreachable(error.what, where=error.where, hint=error.hint) from error
        return super().__exit__(kind, error, trace)
