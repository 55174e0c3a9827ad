"""The usual value of a metric, summed up from readings: how many, their median, their 95th percentile. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

LEAST = 3
"""Fewer readings than this are no baseline."""

_SHARES = {"p90": 0.90, "p95": 0.95, "p99": 0.99}


@dataclass(frozen=True, slots=True)
class Usual:
    """value: what `stat` ("median", "mean", "min", "max", "p90", "p95", "p99") came to, over n readings.

    source: "run" (readings of this run), "ahead" (measured before it) or "prometheus" (from its history).
    """

    metric: str
    stat: str
    value: float
    n: int
    median: float
    p95: float
    began: datetime
    ended: datetime
    source: str


@dataclass(frozen=True, slots=True)
class Taken:
    """One good reading and when it was taken."""

    at: datetime
    value: float


def summed_up(metric: str, stat: str, taken: Sequence[Taken], source: str) -> Usual | None:
    """What the readings come to; None when they are fewer than LEAST."""
    good = sorted(one.value for one in taken if math.isfinite(one.value))
    if len(good) < LEAST:
        return None
    began, ended = min(one.at for one in taken), max(one.at for one in taken)
    value = statistic(stat, good)
    return Usual(
        metric, stat, value, len(good), statistic("median", good), statistic("p95", good), began, ended, source
    )


def statistic(stat: str, good: Sequence[float]) -> float:
    """One figure of sorted values, at least one. Percentiles are by nearest rank: a value that was really read."""
    match stat:
        case "mean":
            return math.fsum(good) / len(good)
        case "min":
            return good[0]
        case "max":
            return good[-1]
        case "median":
            middle = len(good) // 2
            return good[middle] if len(good) % 2 else (good[middle - 1] + good[middle]) / 2
        case _:
            return good[max(0, math.ceil(_SHARES[stat] * len(good)) - 1)]
