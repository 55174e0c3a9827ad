"""A figure from a short command on a host: run there under a ticket of its own, which is removed when it has ended.

The host keeps the time limit and the cap on output itself, so that a look that was cut off ends all the same.
"""

from __future__ import annotations

import contextlib
import itertools
import math
from dataclasses import dataclass, field
from datetime import timedelta

from app.errors import TargetUnreachable
from app.metrics.kind import Finished
from app.ports import Commands, Limits, Payload, Stream

LARGEST = 1 << 20
"""Bytes of output that are kept of each look; a figure needs few."""


@dataclass(slots=True)
class HostLooks:
    """`app.metrics.kind.ShortCommands` on any place for commands. `prefix` tells its tickets from those of steps."""

    place: Commands
    prefix: str
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    async def run(self, payload: Payload, limit: timedelta) -> Finished:
        """See the port."""
        ticket = f"{self.prefix}/{next(self._numbers)}"
        heard = _Heard()
        limits = Limits(max(1, math.ceil(limit.total_seconds())), LARGEST)
        try:
            await self.place.launch(ticket, payload, limits)
            state = await self.place.attach(ticket, 0, 0, heard)
        finally:
            with contextlib.suppress(TargetUnreachable):  # the look is over; what is left of it there is harmless
                await self.place.forget(ticket)
        if state.rc is None:
            raise TargetUnreachable(f"The command on {self.place.name} did not end: {state.phase.value}.")
        return Finished(state.rc, bytes(heard.out), bytes(heard.err))


@dataclass(slots=True)
class _Heard:
    """Listens to one look."""

    out: bytearray = field(default_factory=bytearray)
    err: bytearray = field(default_factory=bytearray)

    def output(self, stream: Stream, offset: int, data: bytes) -> None:
        """Kept up to LARGEST bytes."""
        del offset
        kept = self.err if stream == "err" else self.out
        if stream != "note":
            kept += data[: LARGEST - len(kept)]

    def alive(self, where: str) -> None:
        """Nothing to tell: it is over in no time."""
