"""Which stretch of a run's time a plot shows: zoomed, moved, following the live end, never beyond what there is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, floor, inf, log10

_ROOM = 0.02
_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400, 604800)
_MOST, _LEAST_SPAN = 1e300, 1e-300
LEAST = 5.0
"""Nobody looks at less than five seconds."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """`length` seconds that end at `end`; None for both is everything. An `end` of None follows the newest instant.

    first and last: what there is on the axis.
    """

    first: float = 0.0
    last: float = LEAST
    length: float | None = None
    until: float | None = None

    @property
    def end(self) -> float:
        """Where it ends on the axis; everything leaves a little room at the right."""
        if self.until is not None:
            return self.until
        return self.last + (self.whole * _ROOM if self.length is None else self.length * _ROOM)

    @property
    def begin(self) -> float:
        """Where it begins; what follows the live end never begins before there is anything."""
        if self.length is None:
            return self.first
        return max(self.first, self.end - self.length) if self.until is None else self.end - self.length

    @property
    def whole(self) -> float:
        """All the seconds there are."""
        return max(self.last - self.first, LEAST)

    def grown(self, first: float, last: float) -> Stretch:
        """The axis has grown."""
        return replace(self, first=first, last=max(last, first + LEAST))

    def zoomed(self, factor: float, around: float | None = None) -> Stretch:
        """Shows `factor` times as many seconds; the instant `around` stays where it is, else the live end does."""
        length = max(LEAST, (self.end - self.begin) * factor)
        if length >= self.whole:
            return replace(self, length=None, until=None)
        if around is None or (self.until is None and self.length is not None and around >= self.last):
            until = self.until if self.length is not None else None
            return replace(self, length=length, until=until)
        share = (around - self.begin) / (self.end - self.begin)
        return replace(self, length=length, until=around + (1 - share) * length).kept()

    def moved(self, share: float) -> Stretch:
        """Moves by a share of its length: below zero to earlier times. Everything cannot be moved."""
        if self.length is None:
            return self
        return replace(self, until=self.end + share * self.length).kept()

    def all(self) -> Stretch:
        """Everything."""
        return replace(self, length=None, until=None)

    def kept(self) -> Stretch:
        """Inside what there is; at the live end it follows again."""
        assert self.length is not None
        if self.end >= self.last:
            return replace(self, until=None)
        return replace(self, until=max(self.end, self.first + self.length))


def tick_step(seconds: float, room: float) -> float:
    """The distance of the marks on an axis of so many seconds, when `room` of them fit at most."""
    return next((step for step in _STEPS if seconds / step <= max(1.0, room)), _STEPS[-1])


def drawable(value: float) -> float:
    """A finite figure that sums and products of a plot still hold: a source may say the largest float for no value."""
    return max(-_MOST, min(_MOST, value))


def value_ticks(low: float, high: float, room: int) -> list[float]:
    """Round figures from `low` to `high`, at most `room` and one of them."""
    span = high - low
    if not _LEAST_SPAN < span < inf or room < 1:
        return [low]
    unit = 10.0 ** floor(log10(span / room))
    step = next(unit * f for f in (1, 2, 5, 10, 20) if span / (unit * f) <= room)
    return [step * n for n in range(ceil(low / step), floor(high / step) + 1)]
