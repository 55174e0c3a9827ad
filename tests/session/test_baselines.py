"""Baselines in real runs: over a change of consoles, from elsewhere, and from no page that stands still."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from app.run import events as e
from app.session import Session, baselines, resume
from app.session.baselines import readings_in
from app.session.triggers import Ahead, measure_ahead
from tests.session.conversation import new_run, order, r, until, write
from tests.session.test_bad_sources import Source, served

STEPS = """
- id: p
  steps:
    - {id: first, check: {text: go on}}
    - {id: a, local: {argv: ['true']}, changes: reversible, undo: [{local: {argv: ['true']}}]}
    - {id: soak, wait: {for: 1h}}
"""
MORE = """
metrics:
  load: {{{source}, every: 100ms, unit: ms, baseline: {{from: T-1h, to: {to}, stat: median}}}}
"""


def book(folder: Path, source: str = "", to: str = "T-1m") -> Path:
    (folder / "figure").write_text("10")
    return write(folder, STEPS, MORE.format(source=source or f"local: {{argv: [cat, {folder}/figure]}}", to=to))


def read_on(session: Session, count: int) -> int:
    """Wait for so many more readings; the newest one's number."""
    first = session.state.metrics["load"].number if "load" in session.state.metrics else 0
    state = until(session, lambda s: "load" in s.metrics and s.metrics["load"].number >= first + count)
    return state.metrics["load"].number


def test_another_console_counts_what_the_one_before_has_read(tmp_path: Path) -> None:
    home = tmp_path / "home"
    session = new_run(order(book(tmp_path), home))
    read_on(session, 5)
    until(session, lambda s: s.step("first").question is not None)
    session.detach("another console goes on")
    (tmp_path / "figure").write_text("nothing")
    session = resume(home, session.run, operator="bo")
    try:
        read_on(session, 2)
        session.send(r.Answer("bo", "first", "done"))
        state = until(session, lambda s: "load" in s.baselines)
        usual = state.baselines["load"]
        assert (usual.value, usual.why, usual.source) == (10, "", "run")
        assert usual.n >= 4
        assert state.faults == 0
    finally:
        session.detach("the test is over")


def test_a_record_is_read_page_by_page_and_not_past_the_entry_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = new_run(order(book(tmp_path), tmp_path / "home"))
    read_on(session, 5)
    session.detach("there is enough")
    monkeypatch.setattr(baselines, "_PAGE", 2)
    with session.reader() as reader:
        seqs = [one.seq for one in reader.samples("load")]
    assert len(readings_in(session.path, ["load", "other"], seqs[-1])["load"]) == len(seqs)
    assert [one.value for one in readings_in(session.path, ["load"], seqs[2])["load"]] == [10, 10, 10]


def test_a_span_that_ends_without_readings_takes_what_was_measured_ahead(tmp_path: Path) -> None:
    home, path = tmp_path / "home", book(tmp_path, to="T+1s")
    ahead = measure_ahead(Ahead(path, home, "", {}, timedelta(milliseconds=900)))
    assert ahead.found["load"].value == 10
    (tmp_path / "figure").write_text("nothing")
    session = new_run(order(path, home))
    try:
        usual = until(session, lambda s: "load" in s.baselines).baselines["load"]
        assert (usual.value, usual.source, usual.why) == (10, "ahead", "")
    finally:
        session.detach("the test is over")


def test_a_baseline_that_was_missing_is_found_by_the_next_console_and_said_once(tmp_path: Path) -> None:
    home, path = tmp_path / "home", book(tmp_path, to="T+1s")
    (tmp_path / "figure").write_text("nothing")
    session = new_run(order(path, home))
    until(session, lambda s: "load" in s.baselines and bool(s.baselines["load"].why))
    session.detach("another console goes on")
    session = resume(home, session.run, operator="bo")
    read_on(session, 3)
    session.detach("another console goes on")
    with session.reader() as reader:
        assert sum(isinstance(one.event, e.BaselineMissing) for one in reader.since(0)) == 1
    (tmp_path / "figure").write_text("10")
    measure_ahead(Ahead(path, home, "", {}, timedelta(milliseconds=900)))
    session = resume(home, session.run, operator="bo")
    try:
        usual = until(session, lambda s: not s.baselines["load"].why).baselines["load"]
        assert (usual.value, usual.source) == (10, "ahead")
    finally:
        session.detach("the test is over")


@dataclass
class Still(Source):
    """A page whose reading is `age` seconds old and never changes."""

    age: float = 0
    since: float = field(default_factory=time.time)

    def body(self) -> bytes:
        return f"load 10 {int((self.since - self.age) * 1000)}\n".encode()


def test_a_page_that_stands_still_is_measured_once_and_an_old_one_never(tmp_path: Path) -> None:
    for age, why in ((-60, "1 good readings"), (60, "the reading is 6")):
        with served(Still(age=age)) as port:
            path = book(tmp_path, f"prometheus: {{url: 'http://127.0.0.1:{port}/metrics', query: load}}")
            ahead = measure_ahead(Ahead(path, tmp_path / "home", "", {}, timedelta(seconds=1)))
            assert not ahead.found
            assert why in ahead.missing["load"]
