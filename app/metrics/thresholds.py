"""The lines to draw over a metric's plot: what its triggers say, in the metric's own unit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from app.runbook.model_estate import Trigger
from app.runbook.units import Quantity


@dataclass(frozen=True, slots=True)
class Threshold:
    """`op` and `limit` in the metric's unit; `limit` None when it is a factor of a baseline nobody has measured.

    does: "investigate", "pause" or "rollback"; text: as written ("> 10%"); max_age: a reading that was older at its
    source says nothing about it.
    """

    trigger: str
    op: str
    limit: float | None
    does: str
    text: str
    max_age: timedelta = timedelta.max


def thresholds(
    metric: str, unit: str, triggers: Iterable[Trigger], baseline: float | None = None
) -> tuple[Threshold, ...]:
    """One line for each trigger on this metric, in the order of the file."""
    return tuple(
        Threshold(one.id, one.when.op, limit_in(unit, one.when.quantity(), baseline), one.do, str(one.when))
        for one in triggers
        if one.metric == metric
    )


def limit_in(unit: str, wanted: Quantity | None, baseline: float | None) -> float | None:
    """The right side of a comparison as a number in `unit`; None when it is none, or its baseline is not there."""
    if wanted is None:
        return None
    if wanted.of_baseline:
        return None if baseline is None else wanted.number * baseline
    mine = Quantity(1.0, unit)
    for there, here in ((wanted.seconds, mine.seconds), (wanted.bytes, mine.bytes)):
        if there is not None and here:
            return there / here
    return wanted.number
