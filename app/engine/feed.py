"""What the engine tells its door: recorded events, handed over in batches, never one signal per line."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from app.run.events import Recorded


class Feed:
    """A queue from the engine's thread to one consumer. Appending and taking are safe from any two threads."""

    def __init__(self) -> None:
        self._waiting: deque[Recorded] = deque()
        self._callbacks: tuple[Callable[[], None], ...] = ()

    def on_news(self, callback: Callable[[], None]) -> None:
        """Call this from the engine's thread whenever there is something to take. It must return at once."""
        self._callbacks = (*self._callbacks, callback)

    def publish(self, events: Sequence[Recorded]) -> None:
        """Hand these over."""
        self._waiting.extend(events)
        self.nudge()

    def nudge(self) -> None:
        """Wake the consumer though there may be no event: something else changed."""
        for callback in self._callbacks:
            callback()

    def take(self) -> tuple[Recorded, ...]:
        """Everything since the last call, oldest first."""
        taken = []
        while self._waiting:
            taken.append(self._waiting.popleft())
        return tuple(taken)
