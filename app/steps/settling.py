"""When a watched value counts as settled: it holds for some samples running, or it stays within a share of itself."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any, Protocol


class Watching(Protocol):
    """Told of every distinct sample in order."""

    def settled(self, holds: bool, value: float | None, /) -> bool:  # noqa: FBT001 - positional in a protocol of one verb
        """Whether that was enough."""

    def told(self) -> str:
        """What was enough, to be put after the value; "" for a single sample."""


@dataclass(slots=True)
class Running:
    """It holds for `runs` samples running; one that does not hold, or has no value, starts the count anew."""

    runs: int
    count: int = 0

    def settled(self, holds: bool, value: float | None, /) -> bool:  # noqa: FBT001 - see Watching
        """Count."""
        del value
        self.count = self.count + 1 if holds else 0
        return self.count >= self.runs

    def told(self) -> str:
        """How many."""
        return f", {self.count} times running" if self.runs > 1 else ""


@dataclass(slots=True)
class Within:
    """The last `runs` values lie within a share of the largest of them, after `after` samples were passed over."""

    runs: int
    percent: float
    after: int
    passed: int
    values: deque[float]

    def settled(self, holds: bool, value: float | None, /) -> bool:  # noqa: FBT001 - see Watching
        """Compare the last ones."""
        self.passed += 1
        if self.passed <= self.after:
            return False
        if value is None or not holds:
            self.values.clear()
            return False
        self.values.append(value)
        spread = max(self.values) - min(self.values)
        return len(self.values) == self.runs and spread <= self.percent / 100 * max(map(abs, self.values))

    def told(self) -> str:
        """How close they were."""
        return f", within {self.percent:g}% for {self.runs} samples"


def watching(stable: Any) -> Watching:  # noqa: ANN401 - an int or the language's Settles
    """From the `stable` of a wait."""
    if isinstance(stable, int):
        return Running(max(1, stable))
    return Within(stable.runs, stable.within.percent, stable.after, 0, deque(maxlen=max(1, stable.runs)))
