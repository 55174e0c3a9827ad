"""Metrics as cards: value against limits and baseline, freshness, the first red until somebody took note of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from app.metrics.rule import AGES, Rule, needs_baseline
from app.run.state import BaselineState, MetricState
from app.runbook.model_estate import Metric
from ui import words
from ui.glyphs import Glyph
from ui.models.metric_memory import MetricMemory
from ui.models.metric_rules import every_of
from ui.models.metric_words import (
    baseline_words,
    distance_words,
    elsewhere_words,
    follows_words,
    limit_words,
)
from ui.models.shown import Shown
from ui.tokens import Tone
from ui.widgets.metric_card import MetricView
from ui.widgets.sparkline import ScaleView

_SHORTEST = timedelta(seconds=8)
_OLD = timedelta(seconds=2)
_NEAR = 0.9


@dataclass(frozen=True, slots=True)
class Look:
    """One metric at one instant: what the runbook says of it, and what was read. `old`: how old its newest reading is.

    stale: too old, or never heard, or without a figure: what it was says nothing of now.
    """

    name: str
    metric: Metric
    state: MetricState
    rules: tuple[Rule, ...]
    usual: BaselineState | None
    age: timedelta | None
    old: timedelta | None
    stale: bool

    @property
    def value(self) -> float | None:
        """The newest figure, as long as it says something of now."""
        return None if self.stale else self.state.value

    @property
    def passed(self) -> tuple[Rule, ...]:
        """The limits that the figure is past, the strongest first."""
        value = self.value
        return tuple(r for r in self.rules if value is not None and r.when.holds(value))


def look_at(shown: Shown, memory: MetricMemory, name: str) -> Look:
    """Look at one metric of the runbook."""
    state = shown.state
    known = state.metrics.get(name) or MetricState(name)
    age = shown.now.since(known.at) if known.at is not None else None
    old = age + timedelta(milliseconds=known.age_ms) if age is not None else None
    limit = max(_SHORTEST, every_of(state, name) * AGES)
    stale = old is None or old > limit or known.value is None
    metric = state.plan.runbook.metrics[name]
    return Look(name, metric, known, memory.rules.of(state, name), state.baselines.get(name), age, old, stale)


def metric_views(shown: Shown, memory: MetricMemory) -> dict[str, MetricView]:
    """A view for each metric of the runbook, in its order."""
    return {name: view_of(shown, memory, look_at(shown, memory, name)) for name in shown.state.plan.runbook.metrics}


def order(views: dict[str, MetricView]) -> list[str]:
    """Red cards first, then those near a limit, then the rest as the runbook has them."""
    weight = {Tone.BAD: 0, Tone.WARN: 1}
    return sorted(views, key=lambda name: weight.get(views[name].tone, 2))


def view_of(shown: Shown, memory: MetricMemory, look: Look) -> MetricView:
    """What its card says."""
    glyph, word, tone = judged(look)
    main = main_rule(look)
    last = look.state.value
    trip, trip_tone = _distance(shown, memory, look)
    usual = look.usual if look.usual is not None and not look.usual.why else None
    wanted = any(needs_baseline(memory.rules.triggers[rule.trigger]) for rule in look.rules)
    return MetricView(
        look.metric.title or look.name,
        words.number(last) if last is not None else "\u2013",
        look.metric.unit,
        glyph,
        word,
        tone,
        limit_words(main) if main is not None else "",
        baseline_words(look.metric, look.usual, wanted=wanted),
        _heard(look),
        _first_red(shown, memory, look),
        look.stale,
        ScaleView(
            main.when.limit if main is not None else None,
            usual.median if usual is not None else None,
            usual_high=usual.p95 if usual is not None else None,
            shadow=main is not None and main.shadow,
        ),
        trip,
        trip_tone,
        look.usual.why if look.usual is not None else "",
    )


def judged(look: Look) -> tuple[Glyph, str, Tone]:
    """A metric's status: shape, word and tone."""
    if look.stale:
        if look.state.at is not None and look.state.value is None and look.state.problem:
            return Glyph.STALE, "no data", Tone.IDLE
        return Glyph.STALE, "not heard" if look.age is not None else "not heard yet", Tone.IDLE
    passed = look.passed
    if any(not rule.shadow for rule in passed):
        return Glyph.FAILED, "over limit" if passed[0].when.op in {">", ">="} else "past limit", Tone.BAD
    if passed:
        return Glyph.WARNING, "over a shadow limit", Tone.WARN
    if any(_is_near(look.value or 0.0, rule) for rule in look.rules if not rule.shadow):
        return Glyph.WARNING, "near limit", Tone.WARN
    return _unpassed(look)


def _unpassed(look: Look) -> tuple[Glyph, str, Tone]:
    """Past no limit; but where no limit is known, nobody can say that this is well."""
    if look.rules and all(rule.when.limit is None for rule in look.rules):
        if look.usual is not None and look.usual.why:
            return Glyph.WARNING, "cannot be judged", Tone.WARN
        return Glyph.WAITING, "not judged yet", Tone.IDLE
    return Glyph.DONE, "ok" if look.rules else "heard", Tone.OK


def main_rule(look: Look) -> Rule | None:
    """The limit that a card names: the strongest one passed, else the strongest there is."""
    return next(iter(look.passed), None) or next(iter(look.rules), None)


def _is_near(value: float, rule: Rule) -> bool:
    limit = rule.when.limit
    if limit is None or limit <= 0:
        return False
    if rule.when.op in {">", ">="}:
        return value >= limit * _NEAR
    return rule.when.op in {"<", "<="} and value <= limit / _NEAR


def _heard(look: Look) -> str:
    """How fresh it is: `heard 4 s ago`, `no data for 6 s: refused`, `heard 1 s ago, 40 s old then`."""
    if look.state.value is None and look.state.problem:
        return f"no data: {look.state.problem}"
    then = timedelta(milliseconds=look.state.age_ms)
    old = f", {words.took(then)} old then" if then >= _OLD else ""
    return words.heard(look.age) + old


def _distance(shown: Shown, memory: MetricMemory, look: Look) -> tuple[str, Tone]:
    """How far it is to a trip, and how loudly that is said."""
    state = shown.state
    follows = memory.rules.follows(state, look.name, shown.now)
    if follows is not None:
        loud = Tone.MUTED if follows.rule.shadow else Tone.BAD if not follows.dark else Tone.WARN
        return follows_words(follows), loud
    if look.value is None:
        return "", Tone.MUTED
    fired = [t for t in (state.triggers.get(rule.trigger) for rule in look.passed) if t is not None and t.active]
    if fired:
        said = f"fired {words.time_of_second(fired[0].newest.at, shown.zone)}"
        return (f"shadow {said}", Tone.MUTED) if fired[0].shadow else (said, Tone.BAD)
    if look.passed:
        return elsewhere_words(state, look.passed[0]), Tone.MUTED
    return distance_words(look.value, tuple(r for r in look.rules if not r.shadow)), Tone.MUTED


def _first_red(shown: Shown, memory: MetricMemory, look: Look) -> str:
    """`first red 02:18:40, 15 s`; without its length when the readings of then are not at hand."""
    red = look.state.red_at
    if red is None:
        return ""
    length = memory.red_for(look.name, shown.now)
    said = f", {words.took(length)}" if length is not None else ""
    return f"first red {words.time_of_second(red.at, shown.zone)}{said}"
