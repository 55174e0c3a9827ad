"""Readings for a sparkline: the last N samples, folded into buckets by their absolute number.

Because bucket k always covers samples k*size .. (k+1)*size-1, a finished bucket never changes: what was drawn
of it stays valid while new samples arrive, and only the unfinished bucket at the end is live.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from dataclasses import dataclass
from math import isnan, nan


@dataclass(frozen=True, slots=True)
class Bucket:
    """The extremes of one bucket and which came first; both NaN when nothing was heard in it."""

    number: int
    low: float
    high: float
    rising: bool


class Series:
    """At most `capacity` raw samples. NaN is a reading that was not heard. Not thread-safe."""

    def __init__(self, capacity: int = 3600, buckets: int = 200) -> None:
        self.capacity = capacity
        self.size = max(1, capacity // buckets)
        self.total = 0
        self._raw: array[float] = array("d")
        self._done: list[Bucket] = []

    def append(self, values: list[float] | tuple[float, ...]) -> int:
        """Add samples in order; returns how many buckets were finished by them."""
        before = self.total // self.size
        self._raw.extend(values)
        self.total += len(values)
        after = self.total // self.size
        start = self.total - len(self._raw)
        for number in range(max(before, -(-start // self.size)), after):
            self._done.append(self._fold(number, number * self.size - start, (number + 1) * self.size - start))
        self._trim()
        return after - before

    def finished(self) -> list[Bucket]:
        """Finished buckets inside the window, oldest first."""
        oldest = max(0, self.total - self.capacity) // self.size
        at = bisect_left(self._done, oldest, key=lambda bucket: bucket.number)
        return self._done[at:]

    def tail(self) -> list[float]:
        """Samples of the unfinished bucket."""
        live = self.total % self.size
        return list(self._raw[-live:]) if live else []

    def last(self) -> float:
        """The newest reading, NaN when there is none."""
        return self._raw[-1] if self._raw else nan

    def extremes(self) -> tuple[float, float]:
        """Lowest and highest of the window; (NaN, NaN) when nothing was heard."""
        heard = [b for b in self.finished() if not isnan(b.low)]
        tail = [v for v in self.tail() if not isnan(v)]
        lows = [b.low for b in heard] + tail
        highs = [b.high for b in heard] + tail
        return (min(lows), max(highs)) if lows else (nan, nan)

    def _fold(self, number: int, begin: int, end: int) -> Bucket:
        part = self._raw[begin:end]
        heard = [v for v in part if not isnan(v)]
        if not heard:
            return Bucket(number, nan, nan, rising=True)
        low, high = min(heard), max(heard)
        return Bucket(number, low, high, rising=part.index(low) <= part.index(high))

    def _trim(self) -> None:
        # In lumps: cutting the front of an array moves everything behind it.
        if len(self._raw) > self.capacity + 10 * self.size:
            del self._raw[: len(self._raw) - self.capacity]
            oldest = max(0, self.total - self.capacity) // self.size
            del self._done[: bisect_left(self._done, oldest, key=lambda bucket: bucket.number)]
