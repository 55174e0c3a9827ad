"""What a console knows of triggers that fired before it came, and that a replay of its record says the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from app.engine.trigger_replay import fired_in, replay_triggers
from app.engine.vitals import point_of
from app.engine.watching import TriggerWatch
from app.run import events as e
from app.run.moment import Moment
from app.run.state import RunState
from app.runbook.model import Runbook
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
        self.stage = Stage(book(steps, metric + f"triggers: [{{id: t, metric: errors, when: '> 5%', {rule}}}]"))
        self.stage.settle_down()
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

    def heard(self, value: float | None, source: str = "", age: float = 0) -> None:
        """A reading at this instant; None: none."""
        self._number += 1
        now, text = self.stage.now, "" if value is None else f"{value:g}"
        problem = "status 503" if value is None else ""
        read = e.MetricRead("errors", self._number, text, problem, now.mono_ns, int(age * 1000), source)
        news = self.watch.heard(self.state, "errors", point_of(read, now.at, now.mono_ns))
        self.stage.record(read, *news)

    def resume(self, away: float = 0, boot: str = "") -> None:
        """The console dies and another comes later, perhaps after the machine was started again."""
        self.pass_by(away)
        if boot:
            self.stage.now = Moment(self.stage.now.at, 5_000_000_000, boot)
        self.stage.crash()
        self.watch = TriggerWatch(self.state)

    def recorded(self) -> list[str]:
        """What the record says."""
        return [_word(one.event) for one in fired_in(self.stage.events)]

    def replayed(self, other: Runbook | None = None) -> list[str]:
        """What its triggers say of it afterwards."""
        return [_word(one.event) for one in replay_triggers(self._first, self.stage.events[self._from :], other)]


def _word(event: e.TriggerFired | e.TriggerCleared) -> str:
    what = "fired" if isinstance(event, e.TriggerFired) else "over"
    return f"{what} no data" if event.problem else f"{what} {event.value}".rstrip()


def test_what_was_over_goes_on_cooling_down_when_another_console_comes() -> None:
    run = Watched("do: rollback, cool_down: 30m")
    run.read(7, 1)
    run.resume()
    run.read(7)
    assert run.recorded() == ["fired 7", "over 1"]
    run.resume(away=1790)
    run.read(7)
    assert run.recorded() == ["fired 7", "over 1"]
    run.resume(away=10)
    run.read(8)
    assert run.recorded() == run.replayed() == ["fired 7", "over 1", "fired 8"]


def test_across_a_restart_of_the_machine_it_cools_down_by_the_wall_clock() -> None:
    run = Watched("do: rollback, cool_down: 30m")
    run.read(7, 1)
    run.resume(away=1700, boot="boot-2")
    run.read(7)
    assert run.recorded() == ["fired 7", "over 1"]
    run.resume(away=100, boot="boot-3")
    run.read(8)
    assert run.recorded() == run.replayed() == ["fired 7", "over 1", "fired 8"]


def test_it_goes_on_cooling_down_while_its_phases_are_not_now() -> None:
    run = Watched("do: rollback, during: [p], cool_down: 30m")
    run.read(7, 1)
    run.stage.done("a")
    run.read(9)  # nobody watches it here
    run.stage.done("b")
    run.read(8)  # this step names it
    assert run.recorded() == run.replayed() == ["fired 7", "over 1"]


def test_a_red_that_ends_because_nobody_watches_it_has_not_cooled_down() -> None:
    run = Watched("do: investigate, during: [p], cool_down: 30m")
    run.read(7)
    run.stage.done("a")
    run.read(7)
    assert run.recorded() == ["fired 7", "over"]
    run.resume()
    run.stage.done("b")
    run.read(8)
    assert run.recorded() == run.replayed() == ["fired 7", "over", "fired 8"]


def test_a_red_outlives_the_console_in_the_record_and_in_its_replay() -> None:
    run = Watched("do: investigate")
    run.read(1, 7, 7)
    run.resume(away=30)
    run.read(7, 7, 1)
    assert run.recorded() == run.replayed() == ["fired 7", "over 1"]


def test_no_data_that_was_told_of_outlives_the_console_in_the_record_and_in_its_replay() -> None:
    run = Watched("do: rollback")
    run.read(1, None, None, None, None, None)
    run.resume(away=30)
    run.read(None, None, 1)
    assert run.recorded() == run.replayed() == ["fired no data", "over no data"]


def test_a_replay_does_not_look_at_the_clock_while_no_console_did() -> None:
    run = Watched("do: rollback")
    run.read(1, 1)
    run.resume(away=300)
    run.read(1)
    assert run.recorded() == run.replayed() == []


def test_what_a_step_will_measure_is_not_missed_before_it_has_run() -> None:
    run = Watched("do: pause", metric="metrics: {errors: {step: b, unit: '%', no_data: pause}}\n")
    for _ in range(600):
        run.tick()
    run.heard(0, "r1/b/1")
    for _ in range(600):
        run.tick()
    assert run.recorded() == run.replayed() == []
    run.heard(7, "r1/b/2")
    assert run.recorded() == run.replayed() == ["fired 7"]
