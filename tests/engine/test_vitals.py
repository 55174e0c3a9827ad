"""Samples, first reds, sleeps and jumps of the clock as events."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from app.engine.vitals import ClockWatch, let_go, reading, report_faults
from app.engine.watching import TriggerWatch
from app.metrics.thresholds import Threshold
from app.ports import Sample
from app.run import events as e
from tests.run.stage import Stage, book

LIMIT = (Threshold("t", ">", 10.0, "rollback", "> 10%"),)
NOW = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)


def sample(number: int, value: float | None) -> Sample:
    return Sample("errors", number, NOW, value, "" if value is not None else "no answer")


def fed(*values: float | None) -> list[str]:
    stage = Stage(book("- {id: p, steps: [{id: a, local: {argv: [a]}, changes: nothing}]}"))
    names = []
    for number, value in enumerate(values, 1):
        found = reading(stage.state, sample(number, value), LIMIT)
        names += [type(x).__name__ for x in found if not isinstance(x, e.MetricRead)]
        stage.record(*found)
    return names


def test_the_first_red_is_recorded_once_and_stays() -> None:
    assert fed(1.0, 11.0, 12.0, 3.0, 15.0) == ["MetricReddened"]


def test_no_data_is_never_red() -> None:
    assert fed(None, None) == []


def test_a_reading_that_is_older_than_the_trigger_allows_reddens_nothing_and_hides_no_red_after_it() -> None:
    limit = (Threshold("t", ">", 10.0, "rollback", "> 10%", timedelta(seconds=45)),)
    stage = Stage(book("- {id: p, steps: [{id: a, local: {argv: [a]}, changes: nothing}]}"))
    told = []
    for number, (value, age) in enumerate([(1.0, 0), (99.0, 46), (99.0, 172_800), (99.0, 45), (99.0, 0)], 1):
        one = replace(sample(number, value), age=timedelta(seconds=age))
        found = reading(stage.state, one, limit)
        told.append([type(x).__name__ for x in found])
        stage.record(*found)
    assert told == [["MetricRead"]] * 3 + [["MetricRead", "MetricReddened"], ["MetricRead"]]


def test_each_trigger_says_how_old_a_reading_may_redden_its_metric() -> None:
    more = """
    metrics: {errors: {local: {argv: [x]}, unit: '%', every: 10s}}
    triggers:
      - {id: plain, metric: errors, when: '> 5%'}
      - {id: patient, metric: errors, when: '> 9%', max_age: 5m}
    """
    state = Stage(book("- {id: p, steps: [{id: a, local: {argv: [a]}, changes: nothing}]}", more)).state
    ages = [one.max_age for one in TriggerWatch(state).limits(state, "errors")]
    assert ages == [timedelta(seconds=30), timedelta(minutes=5)]


@dataclass
class HandClock:
    """A clock moved by hand."""

    wall: datetime = NOW
    mono: int = 0
    asleep: int = 0

    def now(self) -> datetime:
        return self.wall

    def mono_ns(self) -> int:
        return self.mono

    def asleep_ns(self) -> int:
        return self.asleep

    async def sleep(self, length: timedelta) -> None:
        self.mono += int(length.total_seconds() * 1e9)

    def later(self, wall: float, mono: float, asleep: float = 0) -> None:
        self.wall += timedelta(seconds=wall)
        self.mono += int(mono * 1e9)
        self.asleep += int(asleep * 1e9)


def seen(wall: float, mono: float, asleep: float = 0) -> tuple[e.Event, ...]:
    clock = HandClock()
    watch = ClockWatch(clock)
    assert watch.look() == ()
    clock.later(wall, mono, asleep)
    return watch.look()


def test_time_that_passes_is_no_event() -> None:
    assert seen(100, 100) == ()
    assert seen(101, 100) == ()


def test_a_clock_that_is_set_is_told_either_way() -> None:
    assert seen(3700, 100) == (e.ClockStepped(3_600_000),)
    assert seen(-50, 10) == (e.ClockStepped(-60_000),)


def test_a_machine_that_slept_is_not_a_clock_that_jumped() -> None:
    assert seen(2830, 10, 2820) == (e.MachineSlept(2_820_000),)
    assert [replace(x) for x in seen(3000, 10, 2820)] == [e.MachineSlept(2_820_000), e.ClockStepped(170_000)]


@pytest.mark.anyio
async def test_a_watcher_that_breaks_is_reported_and_one_that_is_let_go_is_not() -> None:
    async def breaks() -> None:
        raise ZeroDivisionError("of course")

    told: list[tuple[str, str]] = []
    tasks = [asyncio.create_task(breaks(), name="triggers"), asyncio.create_task(asyncio.sleep(60), name="clock")]
    report_faults(tasks, lambda where, text: told.append((where, text)))
    await asyncio.wait(tasks[:1])
    await let_go(tasks)
    ((where, text),) = told
    assert where == "triggers"
    assert "ZeroDivisionError" in text
