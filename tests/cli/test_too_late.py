"""A step that comes too late for the way back: refused, overridden with a reason, and modes that keep a run open."""

from __future__ import annotations

from tests.cli.terminal import Cli

LATE = """
schedule: {t0: now, window: {from: T-1h, to: T+5m}}
modes: {freeze: {max: 2h, blocks: deploys}}
rollback: {to: start, est: 21m}
"""
STEPS = """
- id: p
  steps:
    - id: freeze
      local: {argv: ["true"]}
      changes: reversible
      enter: [freeze]
      undo: [{est: 10s, local: {argv: ["true"]}, leave: [freeze]}]
    - {id: move, local: {argv: ["true"]}, changes: reversible, undo: [{est: 20m, local: {argv: ["true"]}}]}
    - {id: thaw, local: {argv: ["false"]}, changes: reversible, leave: [freeze], undo: {none: thawed}}
"""


def test_a_step_that_comes_too_late_is_overridden_with_a_reason_and_a_mode_keeps_the_run_open(cli: Cli) -> None:
    ran = cli("run", cli.book(STEPS, LATE))
    assert ran.code == 10, ran.out + ran.err
    assert "move was not begun: After this step the way back would take 20 min 10 s (by estimates)" in ran.err
    run = cli.only_run()
    assert f"tminus step {run} move override --reason WHY" in ran.err

    shown = cli("show", run)
    assert "latest safe moment" in shown.out
    assert "TOO LATE by" in shown.out
    assert "freeze is on for" in shown.out
    assert "blocks deploys" in shown.out
    tree = cli("show", run, "--json").json()
    assert next(one for one in tree["steps"] if one["step"] == "move")["way_back_after"]["too_late"] is True

    without = cli("step", run, "move", "override")
    assert without.code == 1
    assert "reason" in without.err
    assert cli("step", run, "move", "override", "--reason", "the window was moved").code == 0
    went_on = cli("resume", run)
    assert "move begin although the way back would not end by" in went_on.out, went_on.out
    assert "thaw failed" in went_on.err

    assert cli("step", run, "thaw", "skip", "--reason", "by hand").code == 0
    finished = cli("resume", run)
    assert finished.code == 0, finished.err
    assert "Still on: freeze" in finished.out
    refused = cli("close", run)
    assert refused.code == 1
    assert "Still on: freeze" in refused.err
    closed = cli("close", run, "--reason", "thawed by hand, ticket 7")
    assert closed.code == 0
    assert "closed the run: thawed by hand, ticket 7." in closed.out
    assert cli("show", run, "--json").json()["stage"] == "closed"
