"""The triggers of each metric as lines over its plot, and how far it is to a trip: `app.metrics` windows, followed.

The engine decides what fires, and the record says it. What is followed here only tells how long a breach still has to
last; it begins anew with the window, as the engine's own does with its console.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from app.metrics.rule import Rule, judge, rule_of
from app.metrics.window import Point, Window
from app.run import events as e
from app.run.moment import Moment
from app.run.phases import current_phase
from app.run.state import UNDER_WAY, BaselineState, RunState, StepState
from app.runbook.model_estate import Trigger
from app.runbook.scope import Scope
from app.runbook.substitute import substitute

STRENGTH = {"rollback": 3, "pause": 2, "investigate": 1}
_EVERY = timedelta(seconds=15)
_LEAST_EVERY = timedelta(milliseconds=100)


@dataclass(frozen=True, slots=True)
class Follows:
    """What follows when a metric stays as it is: the rule, and in how long; `left` zero: with the next reading.

    dark: it is about data that does not come.
    """

    rule: Rule
    left: timedelta
    dark: bool = False


class MetricRules:
    """The rules of one run, with what the readings came to so far."""

    def __init__(self, state: RunState) -> None:
        book = state.plan.runbook
        scope = Scope(state.plan.inputs)
        self.triggers: dict[str, Trigger] = {
            one.id: substitute(one, scope) for one in book.triggers if one.metric in book.metrics
        }
        self._rules: dict[str, tuple[Rule, ...]] = {}
        self._known: Mapping[str, BaselineState] | None = None
        self._windows: dict[str, Window] = {}
        self._watched: frozenset[str] = frozenset()
        self._from: Moment | None = None
        self._steps: Mapping[str, StepState] | None = None

    def of(self, state: RunState, metric: str) -> tuple[Rule, ...]:
        """The rules of a metric with the baseline as it is known by now, the strongest first, shadows last."""
        if self._known is not state.baselines:
            self._known = state.baselines
            made = [_rule(state, one) for one in self.triggers.values()]
            made.sort(key=lambda rule: (rule.shadow, -STRENGTH[rule.does]))
            self._rules = {name: tuple(r for r in made if r.metric == name) for name in state.plan.runbook.metrics}
        return self._rules.get(metric, ())

    def watched(self, rule: Rule) -> bool:
        """Whether the engine looks at it now."""
        return rule.trigger in self._watched

    def take(self, state: RunState, events: Sequence[e.Recorded]) -> None:
        """Follow the readings among these entries."""
        self._look_where(state)
        for one in events:
            if isinstance(one.event, e.MetricRead) and self._counts(one):
                point = _point(one.event, one)
                for rule in self.of(state, one.event.metric):
                    if rule.trigger in self._watched:
                        window = self._windows.get(rule.trigger, Window())
                        self._windows[rule.trigger] = judge(rule, window, point).window

    def follows(self, state: RunState, metric: str, now: Moment) -> Follows | None:
        """What happens by rule if the metric stays as it is, the strongest of it; None when nothing is under way."""
        found = [
            one
            for rule in self.of(state, metric)
            if rule.trigger in self._watched and (one := self._next(state, rule, now)) is not None
        ]
        return min(found, key=lambda one: (one.rule.shadow, -_weight(one), one.left), default=None)

    def over_for(self, trigger: str) -> tuple[timedelta, int]:
        """How long the condition has held by the readings, and over how many of them."""
        window = self._windows.get(trigger, Window())
        return window.held, window.n

    def last_good(self, trigger: str) -> Point | None:
        """The newest reading with a figure, as far as it was followed."""
        return self._windows.get(trigger, Window()).good

    def dark_for(self, trigger: str, now: Moment) -> timedelta:
        """For how long there has been no data by now."""
        window = self._windows.get(trigger, Window())
        return window.without_data + _since(now, window.dark) if window.dark is not None else timedelta()

    def _next(self, state: RunState, rule: Rule, now: Moment) -> Follows | None:
        fired = state.triggers.get(rule.trigger)
        window = self._windows.get(rule.trigger)
        if window is None:
            return None
        if window.dark is not None and not rule.baseline:
            left = rule.blind_after - window.without_data - _since(now, window.dark)
            return None if fired is not None and fired.blind else Follows(rule, max(left, timedelta()), dark=True)
        if window.good is None or not window.n or (fired is not None and fired.active):
            return None
        every = every_of(state, rule.metric)
        left = max(rule.hold - window.held, every * (rule.min_samples - window.n), _cooling(rule, window))
        return Follows(rule, max(left - _since(now, window.good), timedelta()))

    def _look_where(self, state: RunState) -> None:
        """Which triggers are watched now; one that begins to be watched begins to count."""
        if self._steps is state.steps:
            return
        self._steps = state.steps
        phase = current_phase(state)
        running = [state.plan.by_address.get(a) for a, s in state.steps.items() if s.status in UNDER_WAY]
        named = {name for planned in running if planned is not None for name in planned.step.watch}
        here = {one.id for one in self.triggers.values() if not one.during or phase in one.during}
        watched = frozenset(here | named)
        for name in watched - self._watched:
            self._windows.pop(name, None)
        if self._from is None:
            self._from = _phase_began(state, phase)
        self._watched = watched

    def _counts(self, one: e.Recorded) -> bool:
        """Readings from before the present phase, or of a machine that was restarted since, say nothing of now."""
        begun = self._from
        return begun is None or (one.boot == begun.boot and one.mono_ns >= begun.mono_ns)


def _rule(state: RunState, trigger: Trigger) -> Rule:
    known = state.baselines.get(trigger.metric)
    usual: float | str = "" if known is None else known.why or known.value
    metric = state.plan.runbook.metrics[trigger.metric]
    return rule_of(trigger, metric, every_of(state, trigger.metric), usual)


def every_of(state: RunState, metric: str) -> timedelta:
    """How often a metric is read."""
    return max(state.plan.runbook.metrics[metric].every or _EVERY, _LEAST_EVERY)


def _point(read: e.MetricRead, one: e.Recorded) -> Point:
    value = float(read.value) if read.value else None
    age = timedelta(milliseconds=read.age_ms)
    return Point(read.taken_ns or one.mono_ns, one.at, value, read.problem, age, read.source)


def _weight(one: Follows) -> int:
    return STRENGTH[one.rule.no_data if one.dark else one.rule.does]


def _since(now: Moment, point: Point) -> timedelta:
    return max(timedelta(microseconds=(now.mono_ns - point.mono_ns) // 1000), timedelta())


def _cooling(rule: Rule, window: Window) -> timedelta:
    if window.calm_ns is None or window.good is None:
        return timedelta()
    return rule.cool_down - timedelta(microseconds=(window.good.mono_ns - window.calm_ns) // 1000)


def _phase_began(state: RunState, phase: str) -> Moment | None:
    """When the first step of the phase began, or this console, whatever was later."""
    attempts = [a for p in state.plan.top(phase) for a in state.step(p.address).attempts]
    began = min((a.began for a in attempts), key=lambda m: m.at, default=state.console.since)
    console = state.console.since
    if console is None or began is None:
        return console or began
    return replace(max(began, console, key=lambda m: m.at))
