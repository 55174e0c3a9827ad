"""A run in which a console looks at one metric with one trigger, driven by hand: readings, looks, other consoles."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from datetime import timedelta
from functools import cache

from app.engine.trigger_replay import Replayed, fired_in, replay_triggers
from app.engine.vitals import point_of
from app.engine.watching import TriggerWatch
from app.metrics.window import Point
from app.run import events as e
from app.run.moment import Moment
from app.run.state import RunState
from tests.run.stage import Stage, book

METRIC = "metrics: {errors: {local: {argv: [x]}, unit: '%', every: 1s, no_data: pause}}\n"
STEPS = """
- id: p
  steps: [{id: a, local: {argv: [a]}, changes: nothing}]
- id: q
  steps: [{id: b, local: {argv: [b]}, changes: nothing}]
- id: z
  steps: [{id: c, local: {argv: [c]}, changes: nothing, watch: [t]}]
"""


class Watched:
    """A run in which a console looks at a metric once a second, and at the clock twice a second."""

    def __init__(self, rule: str, steps: str = STEPS, metric: str = METRIC) -> None:
        begun = _begun(book(steps, metric + f"triggers: [{{id: t, metric: errors, when: '> 5%', {rule}}}]"))
        self.stage = copy(begun)
        self.stage.events, self.stage.began = list(begun.events), list(begun.began)
        self.watch = TriggerWatch(self.stage.state)
        self._first, self._from = self.stage.state, len(self.stage.events)
        self._number = 0

    @property
    def state(self) -> RunState:
        return self.stage.state

    def pass_by(self, seconds: float) -> None:
        """Time passes, and nobody looks."""
        now = self.stage.now
        length = timedelta(seconds=seconds)
        self.stage.now = replace(now, at=now.at + length, mono_ns=now.mono_ns + int(seconds * 1e9))

    def tick(self) -> None:
        """Half a second later somebody looks at the clock."""
        self.pass_by(0.5)
        self.stage.record(*self.watch.tick(self.state, self.stage.now.mono_ns, self.stage.now.at))

    def read(self, *values: float | None, source: str = "", age: float = 0) -> None:
        """One reading a second, with the look at the clock that comes just before it."""
        for value in values:
            self.tick()
            self.tick()
            self.heard(value, source, age)

    def heard(self, value: float | None, source: str = "", age: float = 0) -> Point:
        """A reading at this instant; None: none."""
        self._number += 1
        now, text = self.stage.now, "" if value is None else f"{value:g}"
        problem = "status 503" if value is None else ""
        read = e.MetricRead("errors", self._number, text, problem, now.mono_ns, int(age * 1000), source)
        point = point_of(read, now.at, now.mono_ns)
        news = self.watch.heard(self.state, "errors", point)
        self.stage.record(read, *news)
        return point

    def resume(self, away: float = 0, boot: str = "") -> None:
        """The console dies and another comes later, perhaps after the machine was started again."""
        self.pass_by(away)
        if boot:
            self.stage.now = Moment(self.stage.now.at, 5_000_000_000, boot)
        self.stage.crash()
        self.watch = TriggerWatch(self.state)

    def told(self) -> list[Replayed]:
        """What the record says."""
        return list(fired_in(self.stage.events))

    def told_again(self) -> list[Replayed]:
        """What its triggers say of it afterwards."""
        return list(replay_triggers(self._first, self.stage.events[self._from :]))

    def recorded(self) -> list[str]:
        """What the record says, in words."""
        return [_word(one.event) for one in self.told()]

    def replayed(self) -> list[str]:
        """What its triggers say of it afterwards, in words."""
        return [_word(one.event) for one in self.told_again()]


@cache
def _begun(text: str) -> Stage:
    stage = Stage(text)
    stage.settle_down()
    return stage


def _word(event: e.TriggerFired | e.TriggerCleared) -> str:
    what = "fired" if isinstance(event, e.TriggerFired) else "over"
    return f"{what} no data" if event.problem else f"{what} {event.value}".rstrip()
