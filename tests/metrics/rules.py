"""Rules and readings for tests: a trigger from a line of YAML-like fields, and points on a clock of seconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from app.metrics.rule import Rule, rule_of
from app.metrics.window import Point
from app.runbook.model_estate import Metric, Trigger
from app.runbook.part import Reading
from tests.steps.bench import KINDS

START = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def trigger(**fields: Any) -> Trigger:
    """`errors > 5%` unless the fields say otherwise; `for_` stands for `for`."""
    whole = {"id": "t", "metric": "m", "when": "> 5%", "do": "rollback"} | fields
    if "for_" in whole:
        whole["for"] = whole.pop("for_")
    return Trigger.model_validate(whole, context=Reading(KINDS))


def metric(**fields: Any) -> Metric:
    """A share, read every second, or measured by a `step`."""
    read = {} if "step" in fields else {"local": {"argv": ["true"]}, "every": "1s"}
    whole = {"unit": "%"} | read | fields
    return Metric.model_validate(whole, context=Reading(KINDS))


def rule(usual: float | str = "", unit: str = "%", no_data: str = "investigate", **fields: Any) -> Rule:
    """The rule of such a trigger."""
    return rule_of(trigger(**fields), metric(unit=unit, no_data=no_data), SECOND, usual)


def at(
    seconds: float, value: float | None, problem: str = "", *, wall: float = 0, age: float = 0, source: str = ""
) -> Point:
    """A look after so many seconds; `wall`: how far the wall clock is off by then."""
    instant = START + timedelta(seconds=seconds + wall)
    return Point(round(seconds * 1e9), instant, value, problem, timedelta(seconds=age), source)
