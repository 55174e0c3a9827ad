"""Nobody waits for a person who will not come: a run that the engine holds itself ends its unattended console."""

from __future__ import annotations

from app.cli.ending import blocked, ending
from app.cli.exit_codes import ExitCode
from app.engine.loop import CONSOLE
from app.run import events as e
from app.run import requests as r
from tests.run.stage import Stage, book

ONE = book("- {id: p, steps: [{id: a, local: {argv: [x]}, changes: nothing}]}")


def test_a_hold_by_the_console_itself_is_an_end_that_says_why() -> None:
    stage = Stage(ONE)
    stage.record(e.HoldPlaced(CONSOLE, "Only 12 MiB are free for the record."))
    assert ending(stage.state) is None
    found = blocked(stage.state)
    assert found is not None
    assert found.code is ExitCode.ANSWER_MISSING
    assert "12 MiB" in found.says


def test_a_hold_by_a_person_is_waited_for() -> None:
    stage = Stage(ONE)
    stage.record(e.HoldPlaced("ana", "lunch"))
    assert blocked(stage.state) is None


def test_a_failure_that_would_go_back_by_itself_says_whose_hold_it_waits_for() -> None:
    stage = Stage(
        ONE.replace("changes: nothing", "changes: reversible, undo: [{local: {argv: [y]}}], on_fail: rollback")
    )
    stage.settle_down()
    stage.say(r.Panic("ana"))
    stage.fail("a")
    found = blocked(stage.state)
    assert found is not None
    assert found.says.endswith(
        "The runbook goes back after this failure; ana holds the run, so it waits for a release."
    )
    assert any(line.startswith("tminus release r1 ") for line in found.then)
    stage.say(r.Release("ana"))
    stage.say(r.CallOff("ana"))
    found = blocked(stage.state)
    assert found is not None
    assert "waits for a release" not in found.says
