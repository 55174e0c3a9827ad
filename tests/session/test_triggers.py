"""Triggers in real runs: figures read from a file, real holds and ways back, and the record tried again afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from app.engine.trigger_replay import fired_in
from app.run import events as e
from app.run.state import RunState
from app.session import Session
from app.session.triggers import Ahead, measure_ahead, replay_record
from tests.session.conversation import new_run, order, r, stage_is, until, write

MORE = """
roles: {{lead: {{people: [ana]}}}}
metrics:
  load: {{local: {{argv: [cat, {figure}]}}, every: 100ms, no_data: pause, unit: ms, {baseline}}}
triggers:
  - {{id: high, metric: load, when: '{when}', for: 300ms, max_age: 2s, do: {do}, auto: {auto}}}
rollback: {{to: start, est: 1m, decide: {{by: [lead], within: 1s}}}}
"""
STEPS = """
- id: p
  steps:
    - {id: first, check: {text: go on}}
    - id: a
      local: {argv: [touch, FOLDER/there]}
      changes: reversible
      undo: [{local: {argv: [rm, -f, FOLDER/there]}}]
    - {id: soak, wait: {for: 1h}, watch: [high]}
"""


class Scene:
    """A run whose metric is what a file holds."""

    def __init__(self, folder: Path, **words: str) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.figure("10")
        self.path = write(folder, STEPS.replace("FOLDER", str(folder)), MORE.format(figure=folder / "figure", **words))
        self.session: Session = new_run(order(self.path, self.home))

    def figure(self, text: str) -> None:
        """What the metric says from now on; replaced in one go, so that no reading sees half of it."""
        part = self.folder / "part"
        part.write_text(text)
        part.replace(self.folder / "figure")

    def until(self, so: Callable[[RunState], bool]) -> RunState:
        return until(self.session, so, 30)

    def begin(self) -> None:
        """Past the first step, into the one that watches."""
        self.until(lambda s: s.step("first").question is not None)
        self.session.send(r.Answer("ana", "first", "done"))
        self.until(lambda s: s.step("soak").last is not None or s.held)
        assert not self.session.state.held, self.session.state.held_reason

    def replayed(self) -> None:
        """The record's own triggers say the same again, in the same order; no data to within a look at the clock."""
        found = [one.event for one in replay_record(self.home, self.session.run).found]
        with self.session.reader() as reader:
            recorded = [one.event for one in fired_in(reader.since(0))]
        assert [(type(x), x.trigger, x.value) for x in found] == [(type(x), x.trigger, x.value) for x in recorded]


@contextmanager
def scene(folder: Path, *, do: str, when: str = "> 50ms", auto: str = "false", baseline: str = "") -> Iterator[Scene]:
    set_up = Scene(folder, do=do, when=when, auto=auto, baseline=baseline or "title: Load")
    try:
        yield set_up
    finally:
        set_up.session.detach("the test is over")


def test_a_pause_holds_a_real_run_and_an_acknowledgement_unlatches_it(tmp_path: Path) -> None:
    with scene(tmp_path, do="pause") as run:
        run.begin()
        run.figure("70")
        state = run.until(lambda s: s.held)
        assert state.held_by == "trigger high"
        assert "load is 70 ms, > 50ms" in state.held_reason
        assert state.triggers["high"].span_ms >= 300
        run.figure("10")
        run.until(lambda s: not s.triggers["high"].active)
        assert run.session.state.triggers["high"].fired is not None
        run.session.send(r.Acknowledge("ana", "high"))
        run.until(lambda s: s.triggers["high"].fired is None)
        run.replayed()


def test_auto_goes_back_by_itself_and_what_was_there_is_gone(tmp_path: Path) -> None:
    with scene(tmp_path, do="rollback", auto="true") as run:
        run.begin()
        assert (tmp_path / "there").exists()
        run.figure("70")
        run.until(lambda s: s.proposal is not None)
        assert run.session.current().why == "proposed"
        state = run.until(stage_is("rolled back"))
        assert state.back is not None and state.back.by == "trigger high"
        assert not (tmp_path / "there").exists()


def test_a_hold_with_a_reason_keeps_it_from_going_back(tmp_path: Path) -> None:
    with scene(tmp_path, do="rollback") as run:
        run.begin()
        run.figure("70")
        run.until(lambda s: s.proposal is not None)
        run.session.send(r.Hold("ana"))
        run.until(lambda _: any(isinstance(x.event, e.RequestRefused) for x in run.session.take()))
        run.session.send(r.Hold("ana", "cause known"))
        run.until(lambda s: s.held_by == "ana")
        assert run.session.state.proposal is None
        assert (tmp_path / "there").exists()


def test_words_and_silence_hold_the_run_and_never_take_it_back(tmp_path: Path) -> None:
    with scene(tmp_path, do="rollback", auto="true") as run:
        run.begin()
        run.figure("many")
        state = run.until(lambda s: s.held)
        assert state.held_by == "trigger high"
        assert "`many` is no number" in state.held_reason
        assert state.triggers["high"].blind and not state.triggers["high"].active
        assert state.proposal is None
        run.figure("10")
        run.until(lambda s: not s.triggers["high"].blind)


def test_what_is_usual_is_measured_before_the_change_and_a_factor_of_it_judges(tmp_path: Path) -> None:
    with scene(
        tmp_path, do="pause", when="> 2x baseline", baseline="baseline: {from: T-1h, to: T-1m, stat: median}"
    ) as run:
        run.until(lambda s: s.metrics.get("load") is not None and s.metrics["load"].number >= 5)
        run.begin()
        state = run.until(lambda s: "load" in s.baselines)
        assert state.baselines["load"].value == 10
        assert state.baselines["load"].n >= 5
        assert state.baselines["load"].source == "run"
        run.figure("21")
        state = run.until(lambda s: s.held)
        assert "> 2x baseline (20 ms)" in state.held_reason


def test_a_baseline_that_nobody_could_measure_is_said_and_its_trigger_has_no_data(tmp_path: Path) -> None:
    with scene(
        tmp_path, do="rollback", when="> 2x baseline", baseline="baseline: {from: T-1h, to: T-1m, stat: median}"
    ) as run:
        run.figure("nothing yet")
        run.until(lambda s: s.metrics.get("load") is not None and bool(s.metrics["load"].problem))
        run.until(lambda s: s.step("first").question is not None)
        run.session.send(r.Answer("ana", "first", "done"))
        state = run.until(lambda s: "load" in s.baselines)
        assert "good reading" in state.baselines["load"].why
        run.figure("1000000")
        state = run.until(lambda s: s.held)
        assert state.proposal is None


def test_a_baseline_measured_ahead_is_used_by_the_run_and_by_no_other_metric(tmp_path: Path) -> None:
    words = {"do": "pause", "when": "> 2x baseline", "baseline": "baseline: {from: T-1h, to: T-1m, stat: p95}"}
    with scene(tmp_path, **words) as run:
        run.session.detach("only the file is wanted")
    found = measure_ahead(Ahead(run.path, run.home, "", {}, timedelta(milliseconds=900)))
    assert found.found["load"].value == 10 and not found.missing
    session = new_run(order(run.path, run.home))
    try:
        state = until(session, lambda s: "load" in s.baselines)
        assert (state.baselines["load"].source, state.baselines["load"].stat) == ("ahead", "p95")
    finally:
        session.detach("the test is over")
    run.path.write_text(
        run.path.read_text().replace("every: 100ms", "every: 200ms").replace("argv: [cat", "argv: [cat, --")
    )
    session = new_run(order(run.path, run.home))
    try:
        until(session, lambda s: s.metrics.get("load") is not None and s.metrics["load"].number >= 2)
        assert "load" not in session.state.baselines
    finally:
        session.detach("the test is over")
