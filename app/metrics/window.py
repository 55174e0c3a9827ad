"""What one rule remembers of its metric: how long and how often its condition held, and how long there was no data.

Time counts only between two good readings that both break the rule and lie close enough together: at most `max_age`
apart by the monotonic clock, and without a jump of the wall clock between them. A gap, a sleep, a jump: the count
begins again with the newer reading. A reading without data in between neither counts nor erases, because a good
reading speaks for at most `max_age` anyway. Pure: every instant is handed in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

JUMP = timedelta(seconds=2)
"""Wall and monotonic time that disagree by more than this between two readings: a sleep, or a clock that was set."""


@dataclass(frozen=True, slots=True)
class Point:
    """One look at a metric. `value` None: no data, and `problem` says why.

    mono_ns: monotonic, of this boot; at: wall clock, aware; age: how old the reading was at its source when it arrived;
    source: what tells this reading from the one before at its source, "" when the source does not say.
    """

    mono_ns: int
    at: datetime
    value: float | None
    problem: str = ""
    age: timedelta = timedelta()
    source: str = ""

    def trouble(self, max_age: timedelta) -> str:
        """Why this is no data; "" for a good reading."""
        if self.value is None:
            return self.problem or "no value"
        if not math.isfinite(self.value):
            return f"{self.value} is no figure"
        if self.age > max_age:
            return f"the reading is {self.age.total_seconds():.0f} s old"
        return ""


@dataclass(frozen=True, slots=True)
class Window:
    """good: the newest good reading; n and held_ns: of the readings that break the rule, and the time counted between.

    dark: the newest look without data of a spell that lasts, dark_ns the time counted in it; red: the rule has fired
    and its condition has not ended; blind: the same of no data; calm_ns: when it was last cleared.
    """

    good: Point | None = None
    n: int = 0
    held_ns: int = 0
    dark: Point | None = None
    dark_ns: int = 0
    red: bool = False
    blind: bool = False
    calm_ns: int | None = None

    def broken(self, point: Point, max_age: timedelta) -> Window:
        """One more good reading that breaks the rule."""
        before = self.good
        if not self.n or before is None or not close(before, point, max_age):
            return replace(self.lit(point), n=1, held_ns=0)
        return replace(self.lit(point), n=self.n + 1, held_ns=self.held_ns + point.mono_ns - before.mono_ns)

    def kept(self, point: Point) -> Window:
        """A good reading that does not break it."""
        return replace(self.lit(point), n=0, held_ns=0)

    def lit(self, point: Point) -> Window:
        """There is data again."""
        return replace(self, good=point, dark=None, dark_ns=0)

    def darkened(self, point: Point, longest: timedelta) -> Window:
        """A look that found nothing; two of them up to `longest` apart are one spell."""
        if self.dark is None:
            return replace(self, dark=point, dark_ns=0)
        counted = point.mono_ns - self.dark.mono_ns if close(self.dark, point, longest) else 0
        return replace(self, dark=point, dark_ns=self.dark_ns + counted)

    @property
    def held(self) -> timedelta:
        """For how long the condition has held."""
        return timedelta(microseconds=self.held_ns // 1000)

    @property
    def without_data(self) -> timedelta:
        """For how long there has been no data."""
        return timedelta(microseconds=self.dark_ns // 1000)


def close(before: Point, after: Point, longest: timedelta) -> bool:
    """Whether the time between two looks may be counted."""
    between = timedelta(microseconds=(after.mono_ns - before.mono_ns) // 1000)
    if not timedelta() <= between <= longest:
        return False
    return abs((after.at - before.at) - between) <= JUMP
