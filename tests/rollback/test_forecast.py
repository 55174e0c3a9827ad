"""The forecast and the plan that it is compared with are laid out alike, so that on time is no slip."""

from __future__ import annotations

from datetime import timedelta

from app.rollback.forecast import Outlook, outlook, planned_end
from app.rollback.planner import plan_back
from tests.run.stage import T0, Stage, book

TRACKS = """
- id: p
  steps:
    - {id: a, local: {argv: [a]}, changes: nothing, est: 60m, track: x}
    - {id: b, local: {argv: [b]}, changes: nothing, est: 60m, track: y}
    - {id: c, local: {argv: [c]}, changes: nothing, est: 30m, track: y}
- id: q
  steps:
    - {id: d, local: {argv: [d]}, changes: nothing, est: 10m, at: T+2h}
"""


def begun(steps: str) -> Stage:
    stage = Stage(book(steps))
    stage.settle_down()
    return stage


def looked(stage: Stage) -> Outlook:
    return outlook(stage.state, plan_back(stage.state), stage.now)


def test_tracks_side_by_side_are_no_slip() -> None:
    stage = begun(TRACKS)
    assert set(stage.running()) == {"a", "b"}
    assert planned_end(stage.state) == T0 + timedelta(hours=2, minutes=10)
    assert (looked(stage).finish, looked(stage).slip) == (T0 + timedelta(hours=2, minutes=10), timedelta())


def test_tracks_that_take_longer_slip_by_so_much() -> None:
    stage = begun(TRACKS.replace(", at: T+2h", ""))
    assert planned_end(stage.state) == T0 + timedelta(minutes=100)
    stage.go(minutes=70)
    stage.done("a", "b")
    assert looked(stage).slip == timedelta(minutes=10)


def test_steps_of_one_track_are_one_after_the_other() -> None:
    stage = begun(TRACKS.replace("track: x", "track: y"))
    assert planned_end(stage.state) == T0 + timedelta(minutes=160)
    assert looked(stage).slip == timedelta()
