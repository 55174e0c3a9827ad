"""The lines over a plot are what the triggers say, in the metric's unit."""

from __future__ import annotations

import pytest

from app.metrics.thresholds import thresholds
from app.runbook.model_estate import Trigger


def trigger(when: str, metric: str = "lag") -> Trigger:
    return Trigger.model_validate({"id": "t", "metric": metric, "when": when, "do": "rollback"})


@pytest.mark.parametrize(
    ("when", "unit", "limit"),
    [("> 5%", "%", 5), ("> 2s", "ms", 2000), ("> 300ms", "s", 0.3), ("> 0 rows", "rows", 0), ("> 3", "ms", 3)],
)
def test_a_limit_is_drawn_in_the_metrics_own_unit(when: str, unit: str, limit: float) -> None:
    (line,) = thresholds("lag", unit, [trigger(when), trigger(when, "other")])
    assert line.limit == pytest.approx(limit)
    assert (line.op, line.does, line.text) == (">", "rollback", when)


def test_a_factor_of_a_baseline_has_no_line_until_there_is_one() -> None:
    one = trigger("> 2x baseline")
    assert thresholds("lag", "ms", [one])[0].limit is None
    assert thresholds("lag", "ms", [one], baseline=40)[0].limit == 80
