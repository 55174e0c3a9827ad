"""What is usual comes from all of a run's readings, whoever took them, and from no old or repeated one."""

from __future__ import annotations

from datetime import timedelta

from app.engine.usual import BaselineWatch
from app.metrics.window import Point
from app.run import events as e
from tests.run.stage import T0, Stage, book

STEPS = """
- id: p
  steps:
    - {id: look, local: {argv: [look]}, changes: nothing}
    - {id: a, local: {argv: [a]}, changes: reversible, undo: [{local: {argv: [undo]}}]}
"""
MORE = "metrics: {{lat: {{local: {{argv: [x]}}, unit: ms, every: 15s, baseline: {{from: {0}, to: {1}}}}}}}"


def stage(began: str = "T-30m", ended: str = "T+10m") -> Stage:
    made = Stage(book(STEPS, MORE.format(began, ended)))
    made.settle_down()
    return made


def points(first: float, count: int, *, age: float = 0, source: str = "") -> list[Point]:
    """Every five seconds."""
    seconds = [first + 5 * number for number in range(count)]
    return [
        Point(int(x * 1e9), T0 + timedelta(seconds=x), 10.0, "", timedelta(seconds=age), source and f"{source}{x}")
        for x in seconds
    ]


def after(minutes: float, watch: BaselineWatch, on: Stage) -> list[e.Event]:
    return list(watch.tick(on.state, T0 + timedelta(minutes=minutes)))


def test_another_console_goes_on_with_the_readings_of_the_one_before() -> None:
    run = stage()
    watch = BaselineWatch(run.state)
    for one in points(500, 4):
        watch.heard("lat", one)
    watch.remember("lat", points(0, 100))
    assert after(9, watch, run) == []
    (found,) = after(11, watch, run)
    assert isinstance(found, e.BaselineMeasured)
    assert (found.n, found.value, found.began) == (104, "10", T0.isoformat())
    assert watch.wanted == ()


def test_readings_outside_the_span_do_not_count() -> None:
    run = stage("T+1m", "T+10m")
    watch = BaselineWatch(run.state)
    watch.remember("lat", [*points(0, 12), *points(60, 4), *points(601, 4)])
    (found,) = after(11, watch, run)
    assert isinstance(found, e.BaselineMeasured)
    assert found.n == 4


def test_after_the_first_change_nothing_is_usual_any_more() -> None:
    """A console that comes after it counts what was read before, and nothing of what it reads itself."""
    run = stage("T-30m", "T-1m")
    run.go(seconds=60)
    run.done("look")
    assert run.running() == ["a"]
    watch = BaselineWatch(run.state)
    watch.remember("lat", points(0, 10))
    for one in points(61, 10):
        watch.heard("lat", one)
    (found,) = after(3, watch, run)
    assert isinstance(found, e.BaselineMeasured)
    assert found.n == 10


def test_old_readings_and_repeated_ones_are_no_baseline() -> None:
    run = stage()
    watch = BaselineWatch(run.state)
    for one in points(0, 50, age=46, source="m"):
        watch.heard("lat", one)
    still = points(300, 1, source="still")[0]
    for _ in range(50):
        watch.heard("lat", still)
    assert after(11, watch, run) == [e.BaselineMissing("lat", "1 good reading in its span; it takes 3")]
