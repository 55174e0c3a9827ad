"""The four figures of a trigger: what is read now, against what, for how long, and over how many readings."""

from __future__ import annotations

from datetime import timedelta

from app.metrics.rule import Rule
from ui import words
from ui.models.metric_memory import MetricMemory
from ui.models.metric_words import amount, baseline_words
from ui.models.metrics import Look
from ui.models.shown import Shown
from ui.tokens import Tone
from ui.widgets.figure_box import FigureView


def figures_of(shown: Shown, memory: MetricMemory, look: Look, rule: Rule) -> tuple[FigureView, ...]:
    """Of a condition that held."""
    fired = shown.state.triggers[rule.trigger]
    _, n = memory.rules.over_for(rule.trigger)
    told = timedelta(milliseconds=fired.span_ms)
    span = told + shown.age(fired.newest) if fired.active else told
    value = look.value
    now = FigureView("Value now", "no data", words.heard(look.age), Tone.IDLE)
    if value is not None:
        past = rule.when.holds(value)
        now = FigureView(
            "Value now", amount(value, rule.unit), words.ago(look.old or timedelta()), _tone(rule, past=past)
        )
    limit = amount(rule.when.limit, rule.unit) if rule.when.limit is not None else "unknown"
    against = baseline_words(look.metric, look.usual, wanted=bool(rule.baseline)).replace("baseline ", "usual ")
    return (
        now,
        FigureView("Limit", limit, against),
        FigureView(
            "Over for" if fired.active else "Was over for",
            words.duration(span),
            f"rule {words.duration(rule.hold)}",
            _tone(rule, past=fired.active),
        ),
        FigureView("Readings over", words.count(max(n, fired.n)), f"rule {max(1, rule.min_samples)} or more"),
    )


def dark_figures(shown: Shown, memory: MetricMemory, look: Look, rule: Rule) -> tuple[FigureView, ...]:
    """Of data that does not come."""
    fired = shown.state.triggers[rule.trigger]
    good = memory.rules.last_good(rule.trigger)
    last = FigureView("Last figure", "none yet", "", Tone.IDLE)
    if good is not None and good.value is not None:
        clock = words.time_of_second(good.at, shown.zone)
        last = FigureView("Last figure", amount(good.value, rule.unit), clock, Tone.IDLE)
    without = memory.rules.dark_for(rule.trigger, shown.now)
    told = timedelta(milliseconds=fired.dark_ms)
    length = max(told, without) if fired.blind else told
    value = look.value
    heard = "no data" if value is None else amount(value, rule.unit)
    return (
        FigureView("Value now", heard, "", Tone.WARN if value is None else Tone.TEXT),
        last,
        FigureView("Without data for", words.duration(length), f"rule {words.duration(rule.blind_after)}", Tone.WARN),
        FigureView("It says", look.state.problem or fired.problem or "data again"),
    )


def _tone(rule: Rule, *, past: bool) -> Tone:
    loud = Tone.WARN if rule.shadow or rule.does == "investigate" else Tone.BAD
    return loud if past else Tone.TEXT
