"""The axis of a run goes on while the machine sleeps, and a reading stands where it was taken."""

from __future__ import annotations

from app.run import events as e
from tests.run.stage import Stage, book
from ui.models.run_axis import RunAxis


def test_a_sleep_is_as_wide_as_it_was_long() -> None:
    stage = Stage(book("- {id: p, steps: [{id: a, local: {argv: [a]}, changes: nothing}]}"))
    axis = RunAxis(stage.state)
    stage.go(seconds=10)
    stage.sleep(minutes=47)
    assert axis.at(stage.now) == 2830
    read = e.MetricRead("errors", 1, "7", "", taken_ns=stage.now.mono_ns - 1_000_000_000)
    stage.record(read)
    assert axis.at_reading(stage.events[-1], read) == 2829
