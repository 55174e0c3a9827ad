"""Triggers from the terminal: a run that one holds, its record tried again, and what is usual measured ahead."""

from __future__ import annotations

from pathlib import Path

from tests.cli.terminal import Cli, ended, first_line, until

MORE = """
roles: {lead: {people: [ana]}}
params: {limit: {type: int, default: 50}}
metrics:
  load:
    local: {argv: [cat, FOLDER/load]}
    unit: ms
    every: 100ms
    baseline: {from: T-1h, to: T-1m, stat: median}
triggers:
  - {id: high, metric: load, when: '> 50ms', for: 300ms, max_age: 3s, do: DOES}
rollback: {to: start, est: 1m, decide: {by: [lead], within: 1s}}
"""
STEPS = """
- id: p
  steps:
    - {id: a, local: {argv: ["true"]}, changes: reversible, undo: [{local: {argv: ["true"]}}]}
    - {id: soak, wait: {for: 8s}, watch: [high]}
    - {id: b, local: {argv: ["true"]}, changes: nothing}
"""


def book(cli: Cli, does: str, load: str = "70") -> str:
    (cli.folder / "load").write_text(load)
    return cli.book(STEPS, MORE.replace("DOES", does))


def test_a_run_that_a_trigger_holds_says_so_and_waits_for_a_person(cli: Cli) -> None:
    ran = cli("run", book(cli, "pause"))
    assert ran.code == 10, ran.out + ran.err
    assert "Trigger high fired: metric load is 70 ms, > 50ms" in ran.out
    assert "Trigger high holds the run: load is 70 ms" in ran.err
    run = cli.only_run()
    assert f"tminus release {run}" in ran.err
    assert cli("ack", run, "high").code == 0
    (cli.folder / "load").write_text("10")
    assert cli("release", run).code == 0
    assert cli("resume", run).code == 0


def test_a_rollback_that_is_only_proposed_waits_for_a_person_too(cli: Cli) -> None:
    ran = cli("run", book(cli, "rollback"))
    assert ran.code == 10, ran.out + ran.err
    assert "Trigger high proposes to go back" in ran.err
    run = cli.only_run()
    refused = cli("hold", run)
    assert refused.code == 1
    assert "reason" in refused.err
    assert cli("rollback", run).code == 8


def test_a_proposal_is_held_off_from_another_terminal(cli: Cli) -> None:
    (cli.folder / "load").write_text("10")
    running = cli.start("run", book(cli, "rollback"), "--wait")
    try:
        run = first_line(running)
        until(lambda: "proposes" in cli("log", run).out, "a proposal")
        held = cli("hold", run, "--reason", "cause known")
        assert held.code == 0, held.err
        assert "ana held off the rollback that trigger high proposed: cause known." in held.out
        running.terminate()
        assert ended(running).code == 130
    finally:
        if running.poll() is None:
            running.kill()
            running.communicate()


def test_the_record_is_tried_with_its_own_triggers_and_with_others(cli: Cli) -> None:
    path = book(cli, "investigate")
    assert cli("run", path).code == 0
    run = cli.only_run()
    own = cli("triggers", "replay", run)
    assert own.code == 0, own.err
    assert "FIRED   Trigger high fired: metric load is 70 ms, > 50ms" in own.out
    assert own.out.strip().endswith("1 firing.")
    other = Path(path).with_name("other.yaml")
    other.write_text(Path(path).read_text().replace("> 50ms", "> 100ms"))
    assert cli("triggers", "replay", run, "--runbook", str(other)).out == "Nothing would have fired.\n"
    first = cli("triggers", "replay", run, "--json").lines()[0]
    assert (first["event"], first["trigger"]) == ("TriggerFired", "high")


def test_what_is_usual_is_measured_ahead_and_what_is_not_measured_is_said(cli: Cli) -> None:
    path = book(cli, "investigate", "12")
    ran = cli("baseline", path, "--for", "2s")
    assert ran.code == 0, ran.err
    assert ran.out.startswith("load: median 12, median 12, p95 12, ")
    (cli.folder / "load").write_text("many")
    missing = cli("baseline", path, "--for", "1s", "--json")
    assert missing.code == 1
    assert missing.json()["missing"] == {"load": "`many` is no number"}
    assert cli("baseline", path, "--for", "soon").code == 2
