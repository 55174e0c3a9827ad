"""Ten thousand random runs of one trigger, through lost consoles, restarted machines, dark spells and people's holds.

An oracle that looks back over all readings says when a red fires and when it is over. Whatever happens in between: no
rollback on missing or stale data, none that is missed on good data, also none that was held off once; and the record
tried again says what it said, to the event and to the instant.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from app.metrics.rule import Rule
from app.metrics.window import Point
from app.run import events as e
from app.run import requests as r
from app.run.moment import Moment
from app.run.state import Stage as RunStage
from tests.engine.watched import Watched
from tests.metrics.rules import rule
from tests.metrics.test_random_series import is_good, is_over, walk_back

RUNS = 10_000
CHUNKS = 10
LISTENING = {RunStage.FORWARD, RunStage.STOPPED, RunStage.FINISHED}
HELD_OFF = timedelta(minutes=5)
METRIC = "metrics: {{errors: {{local: {{argv: [x]}}, unit: '%', every: 1s, no_data: {no_data}}}}}\n"
MORE = "rollback: {to: start, est: 1m, decide: {by: [ana], within: 3s}}\n"
STEPS = """
- id: p
  steps: [{id: a, local: {argv: [a]}, changes: reversible, undo: [{local: {argv: [b]}}]}]
"""


def random_fields(dice: random.Random) -> dict[str, str]:
    choices: dict[str, list[str]] = {
        "max_age": ["2s", "3s", "6s"],
        "for": ["", "", "2s", "4s"],
        "min_samples": ["", "", "2"],
        "clear": ["", "'< 3%'"],
        "cool_down": ["", "5s", "9s"],
    }
    found = {name: dice.choice(values) for name, values in choices.items()}
    return {name: value for name, value in found.items() if value}


def rule_in_words(fields: dict[str, str]) -> Rule:
    """The same rule for the oracle."""
    named: dict[str, Any] = {("for_" if name == "for" else name): value.strip("'") for name, value in fields.items()}
    if "min_samples" in named:
        named["min_samples"] = int(named["min_samples"])
    return rule(**named)


@dataclass
class Oracle:
    """Looks back over every reading since the console came; what is red and when it was over outlives consoles."""

    one: Rule
    seen: list[Point] = field(default_factory=list)
    mark: str = ""
    red: bool = False
    over: Moment | None = None
    over_ns: int = 0

    def resume(self, now: Moment) -> None:
        """Another console: it has seen nothing yet, and reads off the clocks once how long ago it was over."""
        self.seen, self.mark = [], ""
        if self.over is not None:
            same = self.over.boot == now.boot
            ago = max(round((now.at - self.over.at).total_seconds() * 1e9), 0)
            self.over_ns = self.over.mono_ns if same else now.mono_ns - ago

    def hear(self, point: Point, now: Moment) -> list[tuple[str, str]]:
        """What this reading brings, of data alone."""
        if not is_good(self.one, point) or (point.source and point.source == self.mark):
            return []
        assert point.value is not None
        self.mark = point.source
        self.seen.append(point)
        if self.red:
            return self._end(point.value, now) if is_over(self.one, point.value) else []
        if point.value <= 5 or (self.over is not None and self._since_over(now) < self.one.cool_down):
            return []
        chain = walk_back(self.one, self.seen)
        held = timedelta(microseconds=(point.mono_ns - chain[-1].mono_ns) // 1000)
        if held < self.one.hold or len(chain) < self.one.min_samples:
            return []
        self.red = True
        return [("TriggerFired", f"{point.value:g}")]

    def _since_over(self, now: Moment) -> timedelta:
        return timedelta(microseconds=(now.mono_ns - self.over_ns) // 1000)

    def _end(self, value: float, now: Moment) -> list[tuple[str, str]]:
        self.red, self.over, self.over_ns, self.seen = False, now, now.mono_ns, []
        return [("TriggerCleared", f"{value:g}")]


class RandomRun:
    """One run, what happens to it, and what must hold at every moment."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.fields = random_fields(dice)
        self.auto = dice.random() < 0.3
        words = ", ".join(f"{name}: {value}" for name, value in self.fields.items())
        metric = METRIC.format(no_data=dice.choice(["investigate", "pause"])) + MORE
        self.run = Watched(f"do: rollback, auto: {str(self.auto).lower()}, {words}", STEPS, metric)
        self.oracle = Oracle(rule_in_words(self.fields))
        self.expected: list[tuple[str, str]] = []
        self.level, self.mark, self.boots = dice.choice([2.0, 6.0]), "", 1
        self.newest: tuple[Point, Moment] | None = None
        self.checked = len(self.run.stage.events)

    def live(self) -> None:
        """Until it goes back, or long enough."""
        for _ in range(self.dice.randint(4, 26)):
            self.happen()
            if self.run.state.back is not None:
                return

    def happen(self) -> None:
        """One thing; readings most of all."""
        what = self.dice.random()
        if what < 0.05:
            self.resume()
        elif what < 0.10:
            self.dark()
        elif what < 0.13:
            self.clocks()
        elif what < 0.25:
            self.speak()
        else:
            self.wait(self.dice.choice([0.5, 1, 1, 1, 1, 2, 3]))
            self.read()

    def read(self) -> None:
        self.level = self.dice.choice([self.level] * 6 + [0.5, 4.0, 6.0, 7.0])
        kind = self.dice.randrange(14)
        if kind == 0:
            self.hear(None)
        elif kind == 1:
            self.hear(self.dice.choice([math.nan, math.inf]))
        elif kind == 2:
            self.hear(self.level, age=self.dice.choice([1, 5, 60]))
        elif kind in {3, 4}:
            self.hear(self.level, self.mark)
        else:
            self.mark = f"m{len(self.run.stage.events)}" if self.dice.random() < 0.6 else ""
            self.hear(self.level, self.mark)

    def hear(self, value: float | None, source: str = "", age: float = 0) -> None:
        point = self.run.heard(value, source, age)
        self.newest = (point, self.run.stage.now)
        self.expected += self.oracle.hear(point, self.run.stage.now)
        self.settle()

    def dark(self) -> None:
        """Refused answers, or none at all, for a while."""
        silent = self.dice.random() < 0.5
        for _ in range(self.dice.randint(2, 12)):
            self.wait(1)
            if not silent:
                self.hear(None)

    def resume(self) -> None:
        boot = ""
        if self.dice.random() < 0.3:
            self.boots += 1
            boot = f"boot-{self.boots}"
        self.run.resume(self.dice.choice([0, 1, 4, 30, 400]), boot)
        self.oracle.resume(self.run.stage.now)
        self.settle()

    def clocks(self) -> None:
        """The wall clock is set, or the machine sleeps; the console notices within a second."""
        stage, jump = self.run.stage, self.dice.choice([-75.0, 1.5, 2900.0])
        length = timedelta(seconds=jump)
        asleep = int(jump * 1e9) if jump > 0 and self.dice.random() < 0.5 else 0
        stage.now = replace(stage.now, at=stage.now.at + length, asleep_ns=stage.now.asleep_ns + asleep)
        stage.record(e.MachineSlept(int(jump * 1000)) if asleep else e.ClockStepped(int(jump * 1000)))
        self.settle()

    def speak(self) -> None:
        """A person holds a proposal off, or lets the run go on."""
        state = self.run.state
        if state.proposal is not None:
            self.run.stage.say(r.Hold("ana", "cause known"))
        elif state.held:
            self.run.stage.say(r.Release("ana"))
        self.settle()

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds * 2)):
            self.run.tick()
            self.settle()

    # ------------------------------------------------------------ what must hold

    def settle(self) -> None:
        self.run.stage.settle_down()
        self.check_what_was_done()
        self.check_nothing_is_missed()

    def check_what_was_done(self) -> None:
        """Nothing is proposed or done for the lack of data."""
        events = self.run.stage.events
        for one in events[self.checked :]:
            if isinstance(one.event, e.TriggerFired) and one.event.problem:
                assert one.event.outcome != "rollback"
            if isinstance(one.event, e.RollbackProposed):
                assert one.event.reason.startswith("errors is "), one.event.reason
                assert self.oracle.red
                assert not self.told_blind()
            if isinstance(one.event, e.RollbackRequested):
                assert self.auto and self.oracle.red
                assert self.newest is not None
                point, then = self.newest
                assert is_good(self.oracle.one, point)
                assert Moment.of(one).since(then) + point.age <= self.oracle.one.max_age
        self.checked = len(events)

    def check_nothing_is_missed(self) -> None:
        """What is red by data is proposed, or was held off by a person not too long ago."""
        state = self.run.state
        listens = state.stage in LISTENING and state.back is None and state.countdown is None
        if not self.oracle.red or self.told_blind() or not listens or state.proposal is not None:
            return
        refused = self.held_off()
        assert refused is not None
        assert self.run.stage.now.since(refused) < (self.oracle.one.cool_down or HELD_OFF)

    def held_off(self) -> Moment | None:
        """When a person last held this red off."""
        for one in reversed(self.run.stage.events):
            if isinstance(one.event, e.RollbackRefused):
                return Moment.of(one)
            if isinstance(one.event, e.TriggerFired) and not one.event.problem:
                return None
        return None

    def told_blind(self) -> bool:
        """Whether the last word about data is that there is none."""
        for one in reversed(self.run.told()):
            if one.event.problem:
                return isinstance(one.event, e.TriggerFired)
        return False


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_false_rollback_none_missed_and_the_record_says_so_again(chunk: int) -> None:
    dice = random.Random(20260315 + chunk)
    seen = {"fired": 0, "dark": 0, "held off": 0, "came again": 0, "went back": 0}
    for _ in range(RUNS // CHUNKS):
        case = RandomRun(dice)
        case.live()
        told = case.run.told()
        by_data = [(type(x.event).__name__, x.event.value) for x in told if not x.event.problem]
        assert by_data == case.expected, case.fields
        assert case.run.told_again() == told, case.fields
        names = case.run.stage.names()
        seen["fired"] += sum(name == "TriggerFired" for name, _ in by_data)
        seen["dark"] += len(told) - len(by_data)
        seen["held off"] += names.count("RollbackRefused")
        seen["came again"] += max(0, names.count("RollbackProposed") - by_data.count(("TriggerFired", "7")))
        seen["went back"] += names.count("RollbackRequested")
    assert min(seen.values()) > 0, seen  # the runs are not all alike
