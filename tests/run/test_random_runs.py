"""Random runs: whatever happens in whatever order, nothing starts twice, doubt blocks, every run comes to an end."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable

import pytest

from app.errors import Refused
from app.run import events as e
from app.run import requests as r
from app.run.state import UNDER_WAY, Status
from app.run.state import Stage as RunStage
from tests.run.stage import Stage, book

UNDO = "undo: [{local: {argv: [u]}, changes: reversible}]"
PHASES = book(
    f"""
- id: one
  steps:
    - {{id: a, local: {{argv: [a]}}, changes: reversible, retry: {{times: 1, every: 1s}}, {UNDO}}}
    - {{id: b, track: side, local: {{argv: [b]}}, changes: reversible, on_fail: continue, {UNDO}}}
    - {{id: q, check: {{text: look}}, needs: [b]}}
- id: two
  steps:
    - id: roll
      changes: reversible
      each:
        in: [x, y, z]
        canary: 1
        batch: 2
        gate: first
        max_failed: 1
        steps: [{{id: s, local: {{argv: [s]}}}}]
        finally: [{{id: f, local: {{argv: [f]}}}}]
      {UNDO}
    - id: d
      local: {{argv: [d]}}
      changes: reversible
      on_fail: rollback
      undo:
        - {{local: {{argv: [u]}}, changes: reversible}}
        - {{local: {{argv: [v]}}, changes: reversible}}
    - {{id: e, local: {{argv: [e]}}, changes: nothing, on_fail: stop}}
""",
    "rollback: {to: start, verify: [{local: {argv: [v]}, changes: nothing}]}",
)

ENDS: tuple[Callable[[str, int], e.Event], ...] = (
    lambda a, n: e.StepSucceeded(a, n, "exit 0"),
    lambda a, n: e.StepFailed(a, n, "exit 1"),
    lambda a, n: e.StepInDoubt(a, n, "?"),
    lambda a, n: e.StepCancelled(a, n, "ended"),
)


def live(stage: Stage) -> list[str]:
    return [a for a, s in stage.state.steps.items() if s.status in UNDER_WAY and s.last and s.last.kind != "each"]


def something_happens(stage: Stage, dice: random.Random) -> None:
    running = live(stage)
    roll = dice.random()
    if roll < 0.05:
        stage.crash()
    elif roll < 0.6 and running:
        address = dice.choice(running)
        status = stage.status(address)
        ends = [*ENDS, e.StepFenced] if status is Status.ASKING else list(ENDS)
        weights = [8, 2, 1, 1, 2][: len(ends)]
        stage.record(dice.choices(ends, weights)[0](address, stage.attempt(address)))
    elif roll < 0.7:
        stage.go(seconds=dice.choice([0.5, 2, 6]))
    else:
        somebody_speaks(stage, dice)
    stage.settle_down()


def somebody_speaks(stage: Stage, dice: random.Random) -> None:
    address = dice.choice(list(stage.state.plan.by_address))
    asked = [a for a, s in stage.state.steps.items() if s.question]
    said: list[r.Request] = [
        r.Hold("ana"),
        r.Release("ana"),
        r.Retry("ana", address, "why not"),
        r.Rule("ana", address, dice.choice(["done", "failed", "skipped"]), "because"),
        r.AskAgain("ana", address),
        r.StopStep("ana", address),
        r.CallOff("ana"),
    ]
    if dice.random() < 0.1:
        said = [r.RollBack("ana", dice.choice(["", "start", "one", "two"]), "red", dice.choice([0, 5000]))]
    elif asked and dice.random() < 0.7:
        where = dice.choice(asked)
        question = stage.state.step(where).question
        assert question is not None
        options = question.options
        said = [r.Answer("ana", where, dice.choice([options[0]] * 4 + list(options)))]
    try:
        stage.say(dice.choice(said))
    except Refused:
        return


def invariants(stage: Stage) -> None:
    back = {row.address for row in stage.state.back.rows} if stage.state.back else set()
    under_way = live(stage)
    homeward = [a for a in under_way if stage.state.step(a).attempts[-1].is_undo]
    forward = [a for a in under_way if a not in homeward]
    assert not (homeward and forward), f"the way back ran beside {forward}"
    assert len(homeward) <= 1 or all("[" in a for a in homeward)
    if homeward:
        assert not [a for a in stage.state.started if a not in back and stage.status(a) is Status.IN_DOUBT]
    for address, step in stage.state.steps.items():
        done = [x for x in step.attempts if x.status is Status.DONE]
        again = stage.state.plan.by_address[address].step.changes == "nothing"
        assert len(done) <= 1 or again, f"{address} was done {len(done)} times"


@pytest.mark.parametrize("batch", range(10))
def test_nothing_runs_twice_and_every_run_comes_to_an_end(batch: int) -> None:
    for seed in range(batch * 60, batch * 60 + 60):
        dice = random.Random(seed)
        stage = Stage(PHASES)
        stage.settle_down()
        for _ in range(60):
            something_happens(stage, dice)
            invariants(stage)
        bring_home(stage)


def bring_home(stage: Stage) -> None:
    """From wherever it is, a patient operator gets it finished or back."""
    for _ in range(300):
        if stage.state.stage in {RunStage.FINISHED, RunStage.ROLLED_BACK, RunStage.INCOMPLETE}:
            return
        patiently(stage)
        invariants(stage)
    raise AssertionError(f"stuck at {stage.state.stage}: {[(a, s.status.value) for a, s in stage.state.steps.items()]}")


def settle(stage: Stage, address: str, status: Status) -> None:
    """Retry what failed, vouch for the rest, skip what may not be tried again."""
    ways: list[r.Request] = [r.Rule("ana", address, "done", "by hand"), r.Rule("ana", address, "skipped", "no more")]
    if status is Status.FAILED:
        ways[0] = r.Retry("ana", address, "x")
    for way in ways:
        try:
            stage.say(way)
        except Refused:
            continue
        return


def patiently(stage: Stage) -> None:
    if stage.state.held or stage.state.stage is RunStage.STOPPED:
        with contextlib.suppress(Refused):  # what stopped it must be ruled on first, which comes below
            stage.say(r.Release("ana"))
    for address in live(stage):
        stage.record(e.StepSucceeded(address, stage.attempt(address), "exit 0"))
    for address, step in list(stage.state.steps.items()):
        if step.question:
            stage.answer(address, step.question.options[0])
        elif step.status in {Status.IN_DOUBT, Status.FAILED, Status.CANCELLED}:
            settle(stage, address, step.status)
    stage.go(seconds=6)
