"""The clock of the way back learns from the records of earlier runs, and says which."""

from __future__ import annotations

from pathlib import Path

from app.run import events as e
from app.run.state import RunState, Status
from tests.session.conversation import new_run, order, r, stage_is, until, write

LONG = 60.0
STEPS = """
- id: p
  steps:
    - id: make
      local: {argv: ["true"]}
      changes: reversible
      undo: [{est: 9m, local: {argv: UNDO}}]
    - {id: look, check: {text: "Is it good?"}}
"""


def go_back(folder: Path, undo: str, environment: str = "") -> RunState:
    """A run of this runbook there and back; the state it ended in."""
    more = "environments: {staging: {}, other: {}}"
    path = write(folder, STEPS.replace("UNDO", undo), more)
    session = new_run(order(path, folder / "home", environment=environment))
    try:
        until(session, lambda s: s.status("look") is Status.WAITING, LONG)
        session.send(r.RollBack("ana", "", "to learn", 0))
        return until(session, stage_is("rolled back"), LONG)
    finally:
        session.detach()


def test_a_run_begins_with_what_its_undos_took_before(tmp_path: Path) -> None:
    first = go_back(tmp_path, '["sleep", "0.3"]', "staging")
    assert not first.undo_times, "nobody went back before"
    second = go_back(tmp_path, '["sleep", "0.3"]', "staging")
    assert second.undo_runs == (first.run,)
    (took,) = second.undo_times["make/undo/1"].values
    assert 300 <= took < 20_000
    third = go_back(tmp_path, '["sleep", "0.3"]', "other")
    assert third.undo_times["make/undo/1"].environment == "staging", "another environment is better than a guess"
    assert len(third.undo_times["make/undo/1"].values) == 2
    again = go_back(tmp_path, '["sleep", "0.3"]', "other")
    assert again.undo_runs == (third.run,), "the same environment goes first"


def test_an_undo_that_does_something_else_now_starts_from_its_estimate(tmp_path: Path) -> None:
    go_back(tmp_path, '["sleep", "0.1"]')
    state = go_back(tmp_path, '["true"]')
    assert not state.undo_times


def test_the_clock_uses_them_and_the_record_holds_them(tmp_path: Path) -> None:
    go_back(tmp_path, '["true"]')
    session = new_run(order(tmp_path / "book.yaml", tmp_path / "home"))
    try:
        until(session, lambda s: s.status("look") is Status.WAITING, LONG)
        length = session.way_back().length
        assert (length.measured, length.guessed, length.n) == (1, 0, 1)
        assert length.slow.total_seconds() < 60, "not the estimate of nine minutes"
        with session.reader() as reader:
            learned = [one.event for one in reader.since(0) if isinstance(one.event, e.UndoTimesLearned)]
        assert len(learned) == 1
        assert learned[0].times[0][0] == "make/undo/1"
    finally:
        session.detach()
