"""Figures, limits and distances of metrics in words: `10 %`, `limit 2\u00d7 = 184 ms`, `trips in 20 s if it stays`."""

from __future__ import annotations

from datetime import timedelta

from app.metrics.rule import Rule
from app.run.state import BaselineState, RunState
from app.runbook.model_estate import Metric
from ui import words
from ui.models.metric_rules import Follows
from ui.models.naming import phase_name

WANTS = {"rollback": "roll back", "pause": "hold the run", "investigate": "somebody looks"}
_TRIPS = {"rollback": "trips", "pause": "holds", "investigate": "look"}
_SIDES = {">": "below", ">=": "below", "<": "above", "<=": "above"}
_CALLED = {"investigate": "look"}
_OPS = {">": "", ">=": "", "<": "at least ", "<=": "more than ", "==": "not ", "!=": "other than "}


def amount(value: float, unit: str) -> str:
    """A figure with its unit, as on a card: `12.4 %`, `184 ms`, `7`."""
    return f"{words.number(value)} {unit}".strip()


def limit_words(rule: Rule) -> str:
    """`limit 10 %`; a factor with what it comes to: `limit 2\u00d7 = 184 ms`; `look` where somebody only looks."""
    called = "shadow" if rule.shadow else _CALLED.get(rule.does, "limit")
    if rule.when.limit is None:
        return f"{called} {_times(rule.when.text).removeprefix('> ')}"
    figure = amount(rule.when.limit, rule.unit)
    if "baseline" in rule.when.text:
        return f"{called} {_times(rule.when.text).removeprefix('> ').removesuffix(' baseline')} = {figure}"
    return f"{called} {_OPS[rule.when.op]}{figure}"


def rule_words(state: RunState, rule: Rule) -> str:
    """The rule as a sentence without its end: `Errors > 10% for 0:03 in Cutover, then roll back`."""
    name = title_of_metric(state, rule.metric)
    held = f" for {words.took(rule.hold)}" if rule.hold else ""
    least = f", {rule.min_samples} readings at least" if rule.min_samples > 1 else ""
    where = f" in {_phases(state, rule)}" if rule.during else ""
    then = f"it would {WANTS[rule.does]}, but it is a shadow and only tells" if rule.shadow else WANTS[rule.does]
    return f"{name} {_times(rule.when.text)}{held}{least}{where}, then {then}"


def baseline_words(metric: Metric, known: BaselineState | None, *, wanted: bool) -> str:
    """`baseline 0.4 %`; `no baseline yet` while it is to come or when it is missing; "" where none is declared."""
    if known is not None and not known.why:
        return f"baseline {amount(known.median, metric.unit)}"
    if known is not None:
        return "no baseline"
    return "no baseline yet" if metric.baseline is not None or wanted else ""


def distance_words(value: float, rules: tuple[Rule, ...]) -> str:
    """`0.8 % below the limit`: to the nearest limit that it has not passed; "" when there is none to be measured."""
    found = [
        (abs(rule.when.limit - value), rule)
        for rule in rules
        if rule.when.limit is not None and rule.when.op in _SIDES and not rule.when.holds(value)
    ]
    if not found:
        return ""
    left, rule = min(found, key=lambda one: one[0])
    called = {"look": "look line"}.get(_CALLED.get(rule.does, ""), "limit")
    return f"{amount(left, rule.unit)} {_SIDES[rule.when.op]} the {called}"


def follows_words(follows: Follows) -> str:
    """`trips in 20 s if it stays`; of no data `holds in 3 s if it stays`."""
    does = follows.rule.no_data if follows.dark else follows.rule.does
    verb = "shadow trips" if follows.rule.shadow else _TRIPS[does]
    if follows.left <= timedelta():
        return f"{verb} at the next look" if follows.dark else f"{verb} at the next reading"
    return f"{verb} in {_rounded(follows.left)} if it stays"


def elsewhere_words(state: RunState, rule: Rule) -> str:
    """A limit that is passed where nobody acts on it: `acts only in Cutover`."""
    return f"acts only in {_phases(state, rule)}" if rule.during else ""


def title_of_metric(state: RunState, name: str) -> str:
    """As its card is called."""
    metric = state.plan.runbook.metrics.get(name)
    return (metric.title if metric is not None else "") or name


def _phases(state: RunState, rule: Rule) -> str:
    names = [phase_name(state.plan, one).partition(" ")[2] for one in rule.during]
    return " and ".join(names) if len(names) < 3 else f"{len(names)} phases"


def _times(text: str) -> str:
    return text.replace("x baseline", "\u00d7 baseline")


def _rounded(left: timedelta) -> str:
    seconds = -int(-left.total_seconds() // 1)
    return f"{seconds} s" if seconds < 60 else words.duration(timedelta(seconds=seconds))
