"""A step's length comes from the record when its target gave none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from app.reports.stopwatch import Stopwatch
from app.run import events as e
from tests.reports.books import recorded


def at(event: e.Event, seconds: float, boot: str = "boot") -> e.Recorded:
    one = recorded(event)
    return replace(one, mono_ns=round(seconds * 1e9), boot=boot, at=one.at + timedelta(seconds=seconds))


def test_the_length_is_from_start_to_end_of_the_same_attempt() -> None:
    watch = Stopwatch()
    assert watch.took(at(e.StepStarted("a", 1, "t", "local", "x", "d"), 1)) is None
    assert watch.took(at(e.StepStarted("b", 1, "t", "local", "x", "d"), 2)) is None
    assert watch.took(at(e.StepFailed("b", 1, "exit 1"), 2.5)) == timedelta(seconds=0.5)
    assert watch.took(at(e.StepSucceeded("a", 1, "exit 0"), 9)) == timedelta(seconds=8)


def test_a_length_that_the_target_gave_is_left_alone_and_an_unknown_start_has_none() -> None:
    watch = Stopwatch()
    watch.took(at(e.StepStarted("a", 1, "t", "local", "x", "d"), 1))
    assert watch.took(at(e.StepSucceeded("a", 1, "exit 0", elapsed_ms=3), 9)) is None
    assert watch.took(at(e.StepSucceeded("b", 1, "exit 0"), 9)) is None


def test_across_a_reboot_the_wall_clock_counts() -> None:
    watch = Stopwatch()
    watch.took(at(e.StepStarted("a", 1, "t", "local", "x", "d"), 100))
    assert watch.took(at(e.StepSucceeded("a", 1, "exit 0"), 400, boot="another")) == timedelta(seconds=300)
