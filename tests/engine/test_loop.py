"""The engine outlives what breaks around it: a fault is recorded, the run is held, and it goes on listening."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from app.engine import loop
from app.errors import RecordDamaged, RecordUnwritable
from app.journal.store import Journal
from app.run import events as e
from app.run import requests as r
from app.run.crossing import Foresee
from app.run.decide import decide
from app.run.evolve import evolve
from app.run.intentions import Decision
from app.run.moment import Moment
from app.run.outcome import Observed, Outcome, Verdict
from app.run.state import RunState, Status
from app.steps.local import LocalBody
from tests.engine.bench import Bench, Puppet, bench

pytestmark = pytest.mark.anyio
ONE = """
- id: p
  steps:
    - {id: a, local: {argv: [x]}, changes: reversible, undo: {none: "harmless"}}
"""


def kinds_of(run: Bench, kind: type[e.Event]) -> list[e.Event]:
    return [x for x in run.events() if isinstance(x, kind)]


async def test_what_comes_next_cannot_be_told_once_and_the_engine_still_listens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_state: RunState, _now: object) -> None:
        raise ZeroDivisionError("of course")

    monkeypatch.setattr(loop, "decide", broken)
    async with bench(tmp_path, ONE, kind=Puppet()) as run:
        await run.until(lambda s: s.held)
        run.engine.submit(r.Note("ana", "are you there?"))
        await run.until(lambda _: bool(kinds_of(run, e.NoteAdded)))
        assert len(kinds_of(run, e.FaultSeen)) == 1
        assert not run.state.until_reached, "this is not the hold that `until` asks for"
        monkeypatch.setattr(loop, "decide", decide)
        run.engine.submit(r.Release("ana"))
        await run.until(lambda s: s.stage.value == "finished")


async def test_what_the_state_refuses_is_wanted_once_and_holds_the_run_until_a_person_speaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def insists(_state: RunState, now: Moment, _foresee: Foresee) -> Decision:
        return Decision((e.StepCancelled("a", 1, f"at {now.at}"),))

    monkeypatch.setattr(loop, "decide", insists)
    async with bench(tmp_path, ONE, kind=Puppet()) as run:
        await run.until(lambda s: s.held)
        run.engine.submit(r.Note("ana", "are you there?"))
        await run.until(lambda _: len(kinds_of(run, e.FaultSeen)) == 2)
        run.engine.submit(r.Note("ana", "still?"))
        await run.until(lambda _: len(kinds_of(run, e.FaultSeen)) == 3)
        assert len(kinds_of(run, e.NoteAdded)) == 2
        assert len(kinds_of(run, e.HoldPlaced)) == 1
        monkeypatch.setattr(loop, "decide", decide)
        run.engine.submit(r.Release("ana"))
        await run.until(lambda s: s.stage.value == "finished")


@dataclass(frozen=True, slots=True)
class Indescribable(Puppet):
    """Breaks before anything runs."""

    def describe(self, body: LocalBody, /) -> str:
        raise ZeroDivisionError("hidden")


async def test_a_kind_that_breaks_before_it_begins_fails_its_step_and_nothing_else(tmp_path: Path) -> None:
    kind = Indescribable()
    async with bench(tmp_path, ONE, kind=kind) as run:
        state = await run.until(lambda s: s.status("a") is Status.FAILED)
        assert "ZeroDivisionError" in state.step("a").reason
        (fault,) = kinds_of(run, e.FaultSeen)
        assert "describe" in fault.text  # type: ignore[attr-defined]  # a FaultSeen
        assert not kind.heard


async def test_no_lawful_intent_means_no_step_but_a_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(state: RunState, one: e.Recorded) -> RunState:
        if isinstance(one.event, e.StepStarted):
            raise RecordDamaged("It may not start.")
        return evolve(state, one)

    monkeypatch.setattr(loop, "evolve", refusing)
    kind = Puppet()
    async with bench(tmp_path, ONE, kind=kind) as run:
        state = await run.until(lambda s: s.held)
        assert "a could not be started" in state.held_reason
        assert not kind.heard
        assert len(kinds_of(run, e.FaultSeen)) == 1


async def test_a_full_disk_holds_the_run_until_there_is_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = Journal.room

    def full(_journal: Journal) -> int:
        raise RecordUnwritable("Only 12 MiB are free for the record.")

    monkeypatch.setattr(Journal, "room", full)
    async with bench(tmp_path, ONE, kind=Puppet()) as run:
        state = await run.until(lambda s: s.held)
        assert "12 MiB" in state.held_reason
        assert not state.step("a").attempts
        monkeypatch.setattr(Journal, "room", room)
        run.engine.submit(r.Release("ana"))
        await run.until(lambda s: s.stage.value == "finished")


SAYS = """
- id: p
  steps:
    - id: a
      local: {argv: [x]}
      changes: reversible
      undo: {none: "harmless"}
      save: {n: stdout}
      say: {to: ops, text: "a is done"}
    - {id: b, check: {text: "Good?"}, say: {to: ops, text: "b is good, ${steps.a.n}"}}
    - {id: c, local: {argv: [x]}, changes: nothing, expect: {exit: 7}, say: {to: [ops, boss], text: "c is ruled done"}}
    - {id: d, check: {text: "More?"}}
"""


async def answer() -> Outcome:
    return Outcome(Verdict.DONE, "exit 0", Observed({"exit": 0, "stdout": "42"}))


async def test_what_is_to_be_said_is_said_whoever_brought_the_step_to_its_end(tmp_path: Path) -> None:
    back = 'rollback: {to: start, est: 1m, say: {to: ops, text: "we go back"}}'
    async with bench(tmp_path, SAYS, kind=Puppet(outcome=answer), more=back) as run:
        await run.until(lambda s: s.status("b") is Status.WAITING)
        run.engine.submit(r.Answer("ana", "b", "done"))
        await run.until(lambda s: s.status("c") is Status.FAILED)
        run.engine.submit(r.Rule("ana", "c", "done", "I looked"))
        await run.until(lambda s: s.status("d") is Status.WAITING)
        run.engine.submit(r.RollBack("ana", "", "enough", 0))
        await run.until(lambda s: s.back is not None)
        said = [x.text for x in run.events() if isinstance(x, e.NoteAdded) and x.by == "runbook"]
        assert said == [
            "Say to ops: a is done",
            "Say to ops: b is good, 42",
            "Say to ops, boss: c is ruled done",
            "Say to ops: we go back",
        ]
