"""Looks at every reading of a metric with the eyes of its triggers, and tells what fired and what is over, as events.

Belongs to one console or one replay: what it remembers of the readings begins anew with it, so that a `for` never
spans the time in which nobody looked. What has fired is in the record and goes on from there. No I/O, and no clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.metrics.rule import Judged, News, Outcome, Rule, judge, look_again, rule_of
from app.metrics.sampler import EVERY
from app.metrics.thresholds import Threshold
from app.metrics.window import Point, Window
from app.run import events as e
from app.run.moment import Moment
from app.run.phases import current_phase
from app.run.state import UNDER_WAY, BaselineState, RunState, Stage, TriggerState
from app.runbook.model import Runbook
from app.runbook.model_estate import Trigger
from app.runbook.scope import Scope
from app.runbook.substitute import substitute

_OVER = frozenset({Stage.CLOSED, Stage.ROLLED_BACK, Stage.INCOMPLETE})


@dataclass(frozen=True, slots=True)
class Told:
    """What a trigger makes of its metric right now."""

    trigger: str
    outcome: Outcome


class TriggerWatch:
    """The triggers of a runbook over one run. `book`: other rules than those of the run, to try them on its record."""

    def __init__(self, state: RunState, book: Runbook | None = None) -> None:
        self._book = book or state.plan.runbook
        scope = Scope(state.plan.inputs)
        self._triggers = [substitute(one, scope) for one in self._book.triggers if one.metric in self._book.metrics]
        self._windows = {one.id: _remembered(state.triggers.get(one.id), state.now) for one in self._triggers}
        self._outcomes: dict[str, Outcome] = {}
        self._rules: list[Rule] = []
        self._baselines: Mapping[str, BaselineState] | None = None
        self._watched: frozenset[str] = frozenset()
        self._seen: tuple[object, Stage] | None = None

    def heard(self, state: RunState, metric: str, point: Point) -> tuple[e.Event, ...]:
        """One more reading of a metric."""
        return self._each(state, point, (rule for rule in self._current(state) if rule.metric == metric))

    def tick(self, state: RunState, mono_ns: int, at: datetime) -> tuple[e.Event, ...]:
        """Nothing may have arrived for a while: ask the clock."""
        return self._each(state, Point(mono_ns, at, None), self._current(state), ticking=True)

    def limits(self, state: RunState, metric: str) -> tuple[Threshold, ...]:
        """The lines that its readings may not pass, a baseline's factor worked out. A shadow draws none."""
        return tuple(
            Threshold(rule.trigger, rule.when.op, rule.when.limit, rule.does, threshold_text(rule), rule.max_age)
            for rule in self._current(state)
            if rule.metric == metric and not rule.shadow
        )

    @property
    def outcomes(self) -> tuple[Told, ...]:
        """The last word of each trigger that is watched now."""
        return tuple(Told(name, outcome) for name, outcome in self._outcomes.items())

    def _current(self, state: RunState) -> list[Rule]:
        """The rules with the baselines as they are known by now."""
        if self._baselines is not state.baselines:
            self._baselines = state.baselines
            self._rules = [self._rule(state, trigger) for trigger in self._triggers]
        return self._rules

    def _rule(self, state: RunState, trigger: Trigger) -> Rule:
        metric = self._book.metrics[trigger.metric]
        known = state.baselines.get(trigger.metric)
        usual: float | str = "" if known is None else known.why or known.value
        return rule_of(trigger, metric, max(metric.every or EVERY, timedelta(milliseconds=100)), usual)

    def _each(
        self, state: RunState, point: Point, rules: Iterable[Rule], *, ticking: bool = False
    ) -> tuple[e.Event, ...]:
        self._look_where(state)
        found: list[e.Event] = []
        for rule in rules:
            window = self._windows[rule.trigger]
            if rule.trigger not in self._watched:
                found += self._asleep(rule, window)
                continue
            judged: Judged = look_again(rule, window, point) if ticking else judge(rule, window, point)
            self._windows[rule.trigger] = judged.window
            self._outcomes[rule.trigger] = judged.outcome
            found += [event_of(rule, news) for news in judged.news]
        return tuple(found)

    def _asleep(self, rule: Rule, window: Window) -> list[e.Event]:
        """Its phases are not now: it forgets, and what it had fired for is over. Only data lets it cool down."""
        if window.good is None and window.dark is None and not window.red and not window.blind:
            return []
        self._windows[rule.trigger] = Window(calm_ns=None if window.red else window.calm_ns)
        self._outcomes.pop(rule.trigger, None)
        over = "it is watched no more from here on"
        return [
            e.TriggerCleared(rule.trigger, rule.metric, "", over, problem=int(blind))
            for blind, was in ((True, window.blind), (False, window.red))
            if was
        ]

    def _look_where(self, state: RunState) -> None:
        """Which triggers are watched: those of this phase, and those that a running step names."""
        seen = (state.steps, state.stage)
        if self._seen is not None and self._seen[0] is seen[0] and self._seen[1] is seen[1]:
            return
        self._seen = seen
        if state.stage in _OVER:
            self._watched = frozenset()
            return
        phase = current_phase(state)
        running = (state.plan.by_address.get(a) for a, step in state.steps.items() if step.status in UNDER_WAY)
        named = {name for planned in running if planned is not None for name in planned.step.watch}
        here = {one.id for one in self._triggers if not one.during or phase in one.during}
        self._watched = frozenset(here | named)


def event_of(rule: Rule, news: News) -> e.Event:
    """What is new, as it goes into the record."""
    if news.over:
        why = news.problem or ""
        return e.TriggerCleared(rule.trigger, rule.metric, news.value, why, problem=int(bool(news.problem)))
    return e.TriggerFired(
        rule.trigger,
        rule.metric,
        news.value,
        threshold_text(rule),
        int(news.span / timedelta(milliseconds=1)),
        news.n,
        news.does,
        shadow=int(rule.shadow),
        problem=news.problem,
    )


def threshold_text(rule: Rule) -> str:
    """`> 10%`; of a factor also what it comes to: `> 2x baseline (184 ms)`."""
    if "baseline" not in rule.when.text or rule.when.limit is None:
        return rule.when.text
    unit = rule.unit if rule.unit in {"", "%"} else f" {rule.unit}"
    return f"{rule.when.text} ({rule.when.limit:.6g}{unit})"


def _remembered(fired: TriggerState | None, now: Moment) -> Window:
    """What fired before this console came is not fired again, its end is noticed, and what is over cools down on."""
    if fired is None:
        return Window()
    return Window(red=fired.active, blind=fired.blind, calm_ns=_on_this_clock(fired.cleared, now))


def _on_this_clock(cleared: Moment | None, now: Moment) -> int | None:
    """When it was over, in the nanoseconds of this boot; below zero when that was before it, by the wall clock."""
    if cleared is None or cleared.boot == now.boot:
        return None if cleared is None else cleared.mono_ns
    return now.mono_ns - int(now.since(cleared) / timedelta(microseconds=1)) * 1000
