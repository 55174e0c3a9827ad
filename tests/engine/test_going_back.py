"""At the moment of going back nothing of ours that breaks ends the engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.engine import loop
from app.engine.dead_man import DeadMen
from app.rollback.planner import plan_back
from app.run import events as e
from app.run import requests as r
from app.run.state import Status
from tests.engine.bench import Puppet, bench
from tests.engine.test_loop import ONE, kinds_of

pytestmark = pytest.mark.anyio
WAY = """
- id: p
  steps:
    - {id: go, decide: {ask: Open writes, by: [lead]}}
    - id: a
      local: {argv: [x]}
      changes: reversible
      boundary: {kind: lossy, says: orders}
      undo: [{local: {argv: [y]}}]
"""


ROLES = "roles: {lead: {people: [ana]}}"


def breaks(*_given: object) -> None:
    raise ZeroDivisionError("of course")


async def test_a_count_that_breaks_does_not_stand_in_the_way_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, WAY, kind=Puppet(), more=ROLES) as run:
        await run.until(lambda s: s.step("go").question is not None)
        run.engine.submit(r.Answer("ana", "go", "go"))
        await run.until(lambda s: s.stage.value == "finished")
        monkeypatch.setattr(loop, "loss_of", breaks)
        run.engine.submit(r.RollBack("ana", "", "because", 0))
        await run.until(lambda _: bool(kinds_of(run, e.RequestRefused)))
        assert run.state.back is None, "what it loses was not accepted"
        run.engine.submit(r.RollBack("ana", "", "because", 0, "orders"))
        state = await run.until(lambda s: s.stage.value == "rolled back")
        assert state.back is not None
        assert state.back.loses == "orders: not counted"
        assert any("ZeroDivisionError" in str(one) for one in kinds_of(run, e.FaultSeen))


async def test_a_way_back_that_cannot_be_computed_ends_in_a_hold_and_not_the_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, WAY, kind=Puppet(), more=ROLES) as run:
        await run.until(lambda s: s.step("go").question is not None)
        run.engine.submit(r.Answer("ana", "go", "go"))
        await run.until(lambda s: s.stage.value == "finished")
        monkeypatch.setattr(loop, "plan_back", breaks)
        run.engine.submit(r.RollBack("ana", "", "because", 0, "orders"))
        await run.until(lambda _: bool(kinds_of(run, e.RequestRefused)))
        run.engine.tell(e.RollbackRequested("ana", "", "because", 0, "orders"))
        state = await run.until(lambda s: s.held)
        assert "could not be computed" in state.held_reason
        monkeypatch.setattr(loop, "plan_back", plan_back)
        run.engine.submit(r.RollBack("ana", "", "because", 0, "orders"))
        await run.until(lambda s: s.stage.value == "rolled back")


async def test_an_undo_whose_arming_breaks_fails_its_step_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    armed = ONE.replace('undo: {none: "harmless"}', "revert_unless_confirmed: 10m, undo: [{local: {argv: [y]}}]")
    monkeypatch.setattr(DeadMen, "arming", breaks)
    async with bench(tmp_path, armed, kind=Puppet()) as run:
        state = await run.until(lambda s: s.status("a") is Status.FAILED)
        assert "could not be armed" in state.step("a").reason
        assert len(kinds_of(run, e.FaultSeen)) == 1
