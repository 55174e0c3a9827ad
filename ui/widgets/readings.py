"""All readings of one metric over a run's time, for a plot that can be zoomed: bucketed for paint, raw for judging.

Times are seconds on one axis of the run. Readings come in order; one that is older than the newest is put level with
it, so that a clock that was set back never folds the plot.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from math import isfinite


@dataclass(frozen=True, slots=True)
class Column:
    """The readings that fall into one stretch of the axis: their extremes, the first and the last, and when these were.

    broken: there was no data between the column before and this one, or within it.
    """

    begin: float
    end: float
    low: float
    high: float
    first: float
    last: float
    broken: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """A time without data, from the last good reading to the next; `why` as the source said it, "" for silence."""

    begin: float
    end: float
    why: str


class Readings:
    """Good readings, and the gaps between them. `silence`: seconds between two readings that are a gap. One thread."""

    def __init__(self, silence: float) -> None:
        self._silence = silence
        self.times: array[float] = array("d")
        self.values: array[float] = array("d")
        self._breaks: array[int] = array("q")
        self._gaps: list[Gap] = []
        self._why = ""
        self._dark = False
        self._newest = 0.0

    def add(self, time: float, value: float | None, why: str = "") -> None:
        """One more reading; None, NaN and infinity are no data."""
        time = max(time, self._newest)
        self._newest = time
        if value is None or not isfinite(value):
            self._dark, self._why = True, why or self._why or "no figure"
            if not self.times and not self._gaps:
                self._gaps.append(Gap(time, time, self._why))
            return
        if self.times:
            before = self.times[-1]
            if self._dark or time - before > self._silence:
                self._gaps.append(Gap(before, time, self._why))
                self._breaks.append(len(self.times))
        elif self._gaps:
            self._gaps[0] = Gap(self._gaps[0].begin, time, self._gaps[0].why)
        self._dark, self._why = False, ""
        self.times.append(time)
        self.values.append(value)

    def gaps(self, now: float) -> list[Gap]:
        """Every time without data up to now, the one that still lasts included."""
        last = self.times[-1] if self.times else None
        if last is None:
            return [Gap(one.begin, now, one.why) for one in self._gaps]
        if self._dark or now - last > self._silence:
            return [*self._gaps, Gap(last, now, self._why)]
        return list(self._gaps)

    def extremes(self, begin: float, end: float) -> tuple[float, float] | None:
        """Lowest and highest reading of a stretch."""
        lo, hi = bisect_left(self.times, begin), bisect_right(self.times, end)
        return (min(self.values[lo:hi]), max(self.values[lo:hi])) if lo < hi else None

    def columns(self, begin: float, end: float, count: int) -> list[Column]:
        """The stretch from `begin` to `end` in at most `count` columns; empty ones are left out.

        Every reading lies in exactly one of them, so a spike of one reading is seen at any zoom. The neighbours beyond
        both ends are columns of their own, so that a line leaves the plot where it really goes.
        """
        lo, hi = bisect_left(self.times, begin), bisect_right(self.times, end)
        if hi - lo <= 2 * count:
            return [self._column(i, i + 1) for i in range(max(0, lo - 1), min(len(self.times), hi + 1))]
        found = [self._column(lo - 1, lo)] if lo else []
        width = (end - begin) / count
        at = lo
        for number in range(count):
            after = hi if number == count - 1 else bisect_left(self.times, begin + (number + 1) * width, at, hi)
            if after > at:
                found.append(self._column(at, after))
            at = after
        if hi < len(self.times):
            found.append(self._column(hi, hi + 1))
        return found

    def nearest(self, time: float) -> tuple[float, float] | None:
        """The reading closest to an instant: when, and what."""
        if not self.times:
            return None
        right = bisect_left(self.times, time)
        near = [i for i in (right - 1, right) if 0 <= i < len(self.times)]
        best = min(near, key=lambda i: abs(self.times[i] - time))
        return self.times[best], self.values[best]

    def _column(self, lo: int, hi: int) -> Column:
        part = self.values[lo:hi]
        at = bisect_left(self._breaks, lo)
        broken = at < len(self._breaks) and self._breaks[at] < hi
        return Column(self.times[lo], self.times[hi - 1], min(part), max(part), part[0], part[-1], broken)
