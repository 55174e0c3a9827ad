"""A trigger as a rule: what each reading of its metric means, judged one after the other. Pure.

`judge` answers with one word for every look (ok, investigate, pause, rollback, no-data), with what to remember, and
with what is new: the rule fired, or it is over. No data (missing, NaN, text, too old, no baseline to compare with)
never goes back and never counts as well; after the rule's own `for` it does what the metric's `no_data` says.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from app.metrics.thresholds import limit_in
from app.metrics.window import Point, Window
from app.runbook.conditions import Comparison
from app.runbook.model_estate import Metric, Trigger

Outcome = Literal["ok", "investigate", "pause", "rollback", "no-data"]
Does = Literal["investigate", "pause", "rollback"]

AGES = 3
"""A reading speaks for so many periods of its metric, unless `max_age` says otherwise."""

NOT_YET = "its baseline is not measured yet"

_TESTS: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True, slots=True)
class Test:
    """`op limit` in the metric's unit; `limit` None: there is no baseline yet. `text` as written."""

    op: str
    limit: float | None
    text: str

    def holds(self, value: float) -> bool:
        """Whether a value is on that side."""
        return self.limit is not None and _TESTS[self.op](value, self.limit)


@dataclass(frozen=True, slots=True)
class Rule:
    """One trigger with its references resolved. `hold` zero fires with the first reading that breaks it.

    max_age: how long a reading speaks, and the longest gap between two; clear: what ends it once it has fired;
    no_data: what is done when no data was borne for `blind_after`; baseline: why there is none, when one is missing;
    by_step: a step measures it, once: it is not waited for, and speaks until it is measured again unless `max_age` is
    written.
    """

    trigger: str
    metric: str
    unit: str
    when: Test
    clear: Test | None
    does: Does
    no_data: Does
    hold: timedelta
    min_samples: int
    max_age: timedelta
    cool_down: timedelta
    during: tuple[str, ...] = ()
    shadow: bool = False
    baseline: str = ""
    by_step: bool = False

    @property
    def blind_after(self) -> timedelta:
        """No data is told of after the rule's own `for`, and after `max_age` when it has none; of a step, at once."""
        return self.hold or (timedelta() if self.by_step else self.max_age)


@dataclass(frozen=True, slots=True)
class News:
    """The rule fired, or it is `over`. value "" and `problem`: about no data; span and n: what it rests on."""

    does: Does
    value: str
    span: timedelta
    n: int = 0
    problem: str = ""
    over: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """What one look came to."""

    window: Window
    outcome: Outcome
    news: tuple[News, ...] = ()


def rule_of(trigger: Trigger, metric: Metric, every: timedelta, usual: float | str = "") -> Rule:
    """The rule of a trigger on a metric that is read `every` so long. `usual`: the baseline, or why there is none."""
    baseline = usual if isinstance(usual, float) else None
    missing = usual if isinstance(usual, str) else ""
    return Rule(
        trigger=trigger.id,
        metric=trigger.metric,
        unit=metric.unit,
        when=_test(trigger.when, metric.unit, baseline),
        clear=_test(trigger.clear, metric.unit, baseline) if trigger.clear is not None else None,
        does=trigger.do,
        no_data=metric.no_data,
        hold=trigger.for_ or timedelta(),
        min_samples=int(trigger.min_samples or 1),
        max_age=trigger.max_age or (timedelta.max if metric.step else every * AGES),
        cool_down=trigger.cool_down or timedelta(),
        during=tuple(trigger.during),
        shadow=bool(trigger.shadow),
        baseline=(missing or NOT_YET) if baseline is None and needs_baseline(trigger) else "",
        by_step=bool(metric.step),
    )


def needs_baseline(trigger: Trigger) -> bool:
    """Whether it compares with what is usual."""
    quantities = (one.quantity() for one in (trigger.when, trigger.clear) if one is not None)
    return any(one is not None and one.of_baseline for one in quantities)


def judge(rule: Rule, window: Window, point: Point) -> Judged:
    """One look at the metric, in the order in which they were taken."""
    trouble = rule.baseline or point.trouble(rule.max_age)
    if trouble:
        return _without_data(rule, window, replace(point, value=None, problem=trouble))
    assert point.value is not None
    if window.good is not None and point.source and point.source == window.good.source:
        return _the_same(rule, window, point)
    return _with_data(rule, window, point, point.value)


def look_again(rule: Rule, window: Window, now: Point) -> Judged:
    """A look at the clock when nothing arrived: a reading that is too old is no data any more. `now` has no value."""
    last = window.dark or window.good
    if rule.by_step and last is None:
        return Judged(window, "no-data")  # its step has not run: that is no silence
    if window.dark is None and window.good is not None:
        age = _between(window.good, now) + (window.good.age if rule.by_step else timedelta())
        if age <= rule.max_age and not rule.baseline:
            return Judged(window, _word(rule, window))
        now = replace(now, problem=f"nothing heard for {age.total_seconds():.0f} s")
    problem = rule.baseline or now.problem or (last.problem if last is not None else "") or "nothing heard yet"
    return _without_data(rule, window, replace(now, value=None, problem=problem))


def _the_same(rule: Rule, window: Window, point: Point) -> Judged:
    """The same reading once more: no new sample, but as long as it speaks there is data again."""
    assert window.good is not None
    if window.dark is None or _between(window.good, point) > rule.max_age:
        return Judged(window, _word(rule, window))
    news: tuple[News, ...] = ()
    if window.blind:
        news = (_seen_again(rule, window, f"{point.value:.12g}"),)
    after = replace(window.lit(window.good), blind=False)
    return Judged(after, _word(rule, after), news)


def _seen_again(rule: Rule, window: Window, figure: str) -> News:
    return News(rule.no_data, figure, window.without_data, problem="there is data again", over=True)


def _between(before: Point, after: Point) -> timedelta:
    return timedelta(microseconds=(after.mono_ns - before.mono_ns) // 1000)


def _without_data(rule: Rule, window: Window, point: Point) -> Judged:
    longest = max(rule.max_age, rule.blind_after)
    after = window.darkened(point, longest)
    first = window.good is None and not rule.by_step
    borne = longest if first else rule.blind_after  # the very first reading may take its time
    if after.blind or after.without_data < borne:
        return Judged(after, "no-data")
    after = replace(after, blind=True)
    return Judged(after, "no-data", (News(rule.no_data, "", after.without_data, problem=point.problem),))


def _with_data(rule: Rule, window: Window, point: Point, value: float) -> Judged:
    figure = f"{value:.12g}"
    news: tuple[News, ...] = ()
    if window.blind:
        news = (_seen_again(rule, window, figure),)
    breaks = rule.when.holds(value)
    after = replace(window.broken(point, rule.max_age) if breaks else window.kept(point), blind=False)
    if window.red:
        over = rule.clear.holds(value) if rule.clear is not None else not breaks
        if not over:
            return Judged(after, rule.does, news)
        after = replace(after, red=False, calm_ns=point.mono_ns, n=0, held_ns=0)
        return Judged(after, "ok", (*news, News(rule.does, figure, window.held, window.n, over=True)))
    if breaks and after.held >= rule.hold and after.n >= rule.min_samples and not _cooling(rule, window, point):
        fired = News(rule.does, figure, after.held, after.n)
        return Judged(replace(after, red=True), rule.does, (*news, fired))
    return Judged(after, "ok", news)


def _cooling(rule: Rule, window: Window, point: Point) -> bool:
    if window.calm_ns is None:
        return False
    return timedelta(microseconds=(point.mono_ns - window.calm_ns) // 1000) < rule.cool_down


def _word(rule: Rule, window: Window) -> Outcome:
    if window.dark is not None:
        return "no-data"
    return rule.does if window.red else "ok"


def _test(comparison: Comparison, unit: str, baseline: float | None) -> Test:
    return Test(comparison.op, limit_in(unit, comparison.quantity(), baseline), str(comparison))
