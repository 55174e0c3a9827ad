"""Metrics as cards: value against limits, freshness, the first red until somebody took note of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from app.run.compare import compare
from app.run.moment import Moment
from app.run.state import MetricState
from app.runbook.model_estate import Metric, Trigger
from app.runbook.units import parse_quantity
from ui import words
from ui.glyphs import Glyph
from ui.models.shown import Shown
from ui.tokens import Tone
from ui.widgets.metric_card import MetricView
from ui.widgets.sparkline import ScaleView

_STALE_AFTER = 3
_SHORTEST = timedelta(seconds=8)
_NEAR = 0.9


@dataclass(frozen=True, slots=True)
class _Look:
    """One metric: what the runbook says of it and what was read."""

    name: str
    metric: Metric
    state: MetricState
    limits: tuple[Trigger, ...]


def metric_views(shown: Shown) -> dict[str, MetricView]:
    """A view for each metric of the runbook, in its order."""
    book = shown.state.plan.runbook
    views = {}
    for name, metric in book.metrics.items():
        limits = tuple(t for t in book.triggers if t.metric == name)
        state = shown.state.metrics.get(name) or MetricState(name)
        views[name] = _view(shown, _Look(name, metric, state, limits))
    return views


def reds(shown: Shown) -> tuple[int, int]:
    """How many are red now, and how many were and are not yet acknowledged."""
    views = metric_views(shown).values()
    return sum(v.tone is Tone.BAD for v in views), sum(bool(v.first_red) for v in views)


def order(views: dict[str, MetricView]) -> list[str]:
    """Red cards first, then those near a limit, then the rest as the runbook has them."""
    weight = {Tone.BAD: 0, Tone.WARN: 1}
    return sorted(views, key=lambda name: weight.get(views[name].tone, 2))


def _view(shown: Shown, look: _Look) -> MetricView:
    value, age = look.state.value, _age(shown, look.state.at)
    every = look.metric.every or timedelta(seconds=10)
    stale = age is None or age > max(_SHORTEST, every * _STALE_AFTER)
    glyph, word, tone = _judged(look, stale=stale, heard=age is not None)
    limit = look.limits[0] if look.limits else None
    shown_value = words.number(value) if value is not None else "\u2013"
    heard = f"no data: {look.state.problem}" if look.state.problem else words.heard(age)
    return MetricView(
        look.metric.title or look.name,
        shown_value,
        look.metric.unit,
        glyph,
        word,
        tone,
        f"limit {_plain(limit)}" if limit is not None else "",
        "",
        heard,
        _first_red(shown, look.state),
        stale or value is None,
        ScaleView(_number(limit)),
    )


def _judged(look: _Look, *, stale: bool, heard: bool) -> tuple[Glyph, str, Tone]:
    value = look.state.value
    if stale or value is None:
        return Glyph.STALE, "not heard" if heard else "not heard yet", Tone.IDLE
    over = [t for t in look.limits if compare(value, t.when.op, t.when.right, look.metric.unit)]
    if over:
        return Glyph.FAILED, "over limit", Tone.BAD
    near = [n for n in map(_number, look.limits) if n and value >= n * _NEAR]
    if near:
        return Glyph.WARNING, "near limit", Tone.WARN
    return (Glyph.DONE, "ok", Tone.OK) if look.limits else (Glyph.DONE, "heard", Tone.OK)


def _first_red(shown: Shown, state: MetricState) -> str:
    if state.red_at is None:
        return ""
    return f"first red {words.time_of_second(state.red_at.at, shown.zone)}, {state.red_value}"


def _age(shown: Shown, at: Moment | None) -> timedelta | None:
    return shown.now.since(at) if at is not None else None


def _plain(trigger: Trigger) -> str:
    return trigger.when.right if trigger.when.op in {">", ">="} else str(trigger.when)


def _number(trigger: Trigger | None) -> float | None:
    if trigger is None:
        return None
    quantity = parse_quantity(trigger.when.right)
    return quantity.number if quantity is not None and not quantity.unit.endswith("baseline") else None
