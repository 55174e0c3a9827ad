"""A second terminal speaks to a run that the first one drives: requests travel through the record."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator

import pytest

from tests.cli.terminal import Cli, Ran, ended, first_line, until

GATED = """
- id: one
  steps:
    - {id: make, changes: reversible, local: {argv: [touch, FOLDER/made]}, undo: [{local: {argv: [rm, FOLDER/made]}}]}
    - id: wait
      changes: nothing
      local: {argv: [sh, -c, "touch FOLDER/waits; until [ -e FOLDER/gate ]; do sleep 0.05; done"]}
    - {id: ready, owner: ops, check: {text: Is it ready}}
    - {id: last, changes: nothing, local: {argv: ["true"]}}
"""
MORE = "rollback: {to: start, est: 1m}\nroles: {ops: {people: [ana, raj]}}"


class First:
    """The terminal that drives, patient enough to wait for answers from elsewhere."""

    def __init__(self, cli: Cli) -> None:
        self.cli = cli
        self.process = cli.start("run", cli.book(GATED, MORE), "--wait")
        self.run = first_line(self.process)
        until((cli.folder / "waits").exists, "the waiting step started")

    def open_gate(self) -> None:
        (self.cli.folder / "gate").touch()

    def asks(self, step: str) -> None:
        until(lambda: ("ready", 1, "do", "running") in self.cli.account(self.run), f"{step} asks")

    def ended(self) -> Ran:
        return ended(self.process)


@pytest.fixture
def first(cli: Cli) -> Iterator[First]:
    console = First(cli)
    yield console
    if console.process.poll() is None:
        console.process.kill()
    console.process.communicate()


def test_hold_note_answer_and_release_reach_the_driver(cli: Cli, first: First) -> None:
    held = cli("hold", first.run, "--reason", "lunch", "--as", "raj")
    assert (held.code, held.out) == (0, "raj put the run on hold: lunch. Nothing new starts.\n")
    assert cli("hold", first.run).code == 1  # held already: refused, with the reason
    assert cli("note", first.run, "the", "lamp", "is", "green", "--as", "raj").code == 0
    first.open_gate()
    until(lambda: ("wait", 1, "do", "done") in cli.account(first.run), "the step ended")
    assert cli.account(first.run)[2] == ("ready", 0, "do", "not-run")
    assert cli("release", first.run).code == 0
    first.asks("ready")
    wrong = cli("answer", first.run, "ready", "maybe")
    assert wrong.code == 1
    assert "no answer to ready" in wrong.err
    assert cli("answer", first.run, "ready", "done", "--as", "raj", "--note", "looked twice").code == 0
    ran = first.ended()
    assert ran.code == 0
    assert "raj noted: the lamp is green." in ran.out
    assert "raj answered done to 0.3 ready (recorded at the console of ana): looked twice." in ran.out


def test_rollback_is_taken_up_by_the_driver_and_followed_to_its_end(cli: Cli, first: First) -> None:
    first.open_gate()
    first.asks("ready")
    ran = cli("rollback", first.run, "--as", "raj", "--reason", "we changed our mind")
    assert ran.code == 8, ran.out + ran.err
    assert "undo: " in ran.out
    assert not (cli.folder / "made").exists()
    driver = first.ended()
    assert driver.code == 8
    assert "raj asked to go back" in driver.out


def test_a_running_step_is_stopped_by_the_way_back(cli: Cli, first: First) -> None:
    ran = cli("rollback", first.run, "--now")
    assert ran.code == 8, ran.out + ran.err
    assert ("wait", 1, "do", "cancelled") in cli.account(first.run)
    assert first.ended().code == 8


def test_a_step_is_skipped_with_a_reason_and_not_without(cli: Cli, first: First) -> None:
    first.open_gate()
    first.asks("ready")
    assert cli("step", first.run, "ready", "skip").code == 1
    assert cli("step", first.run, "ready", "skip", "--reason", "nobody is in").code == 0
    assert first.ended().code == 0


def test_the_driver_is_named_while_it_drives(cli: Cli, first: First) -> None:
    shown = cli("show", first.run, "--json").json()
    assert "ana" in shown["driven_by"]
    assert shown["now"] == {"step": "wait", "why": "running", "verbs": shown["now"]["verbs"]}
    (line,) = cli("runs", "--json").json()
    assert "ana" in line["driven_by"]


def test_a_log_that_is_followed_goes_on_and_ends_with_ctrl_c(cli: Cli, first: First) -> None:
    follower = cli.start("log", first.run, "--follow")
    assert "opened run" in first_line(follower)
    cli("note", first.run, "a new line")
    assert follower.stdout is not None
    for line in follower.stdout:
        if "a new line" in line:
            break
    follower.send_signal(signal.SIGINT)
    assert ended(follower).code == 130


def test_a_rollback_of_a_run_that_nobody_drives_is_driven_here_and_starts_nothing_forward(
    cli: Cli, first: First
) -> None:
    first.process.send_signal(signal.SIGTERM)
    assert first.ended().code == 130
    first.open_gate()
    ran = cli("rollback", first.run)
    assert ran.code == 8, ran.out + ran.err
    account = cli.account(first.run)
    assert ("make/undo/1", 1, "undo", "done") in account
    assert ("ready", 0, "do", "not-run") in account


def test_what_is_said_to_a_run_that_nobody_drives_is_judged_and_kept_for_the_next_console(cli: Cli) -> None:
    ran = cli("run", cli.book("- {id: p, steps: [{id: ask, check: {text: Well}}]}"))
    run = ran.out.splitlines()[0]
    assert ran.code == 10
    assert cli("answer", run, "ask", "maybe").code == 1
    assert cli("answer", run, "nothing", "done").code == 1
    kept = cli("answer", run, "ask", "done", "--json")
    assert kept.code == 0
    assert kept.json()["taken"] is False
    assert cli("resume", run).code == 0


def test_the_way_back_of_a_finished_run_and_its_refusals(cli: Cli) -> None:
    undo = "undo: [{local: {argv: [rm, FOLDER/made]}}]"
    make = f"{{id: make, changes: reversible, local: {{argv: [touch, FOLDER/made]}}, {undo}}}"
    run = cli("run", cli.book(f"- {{id: p, steps: [{make}]}}", MORE)).out.splitlines()[0]
    nowhere = cli("rollback", run, "--to", "nowhere")
    assert nowhere.code == 1
    assert "no phase" in nowhere.err
    assert cli("rollback", run, "--to", "p/start").code == 8
    assert not (cli.folder / "made").exists()
    assert cli("rollback", run).code == 1


def test_a_way_back_that_loses_something_must_be_accepted(cli: Cli) -> None:
    steps = """
- id: p
  steps:
    - {id: go, decide: {ask: Well, by: [ops]}}
    - id: open
      changes: reversible
      boundary: {kind: lossy, says: orders taken since}
      local: {argv: [touch, FOLDER/made]}
      undo: [{local: {argv: [rm, FOLDER/made]}}]
"""
    book = cli.book(steps, MORE)
    ran = cli("run", book, "--answer", "go=go")
    run = ran.out.splitlines()[0]
    assert ran.code == 0, ran.out + ran.err
    refused = cli("rollback", run)
    assert refused.code == 10
    assert "orders taken since" in refused.err
    assert "--accept-loss" in refused.err
    assert (cli.folder / "made").exists()
    assert cli("rollback", run, "--accept-loss").code == 8


def test_a_closed_pipe_ends_a_reader_quietly(cli: Cli) -> None:
    run = cli(
        "run", cli.book("- {id: p, steps: [{id: a, changes: nothing, local: {argv: [seq, '20000']}}]}")
    ).out.splitlines()[0]
    reader = subprocess.Popen(
        cli.command("log", run, "--output"),
        env=cli.env(),
        cwd=cli.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert reader.stdout is not None
    assert reader.stderr is not None
    reader.stdout.readline()
    reader.stdout.close()
    assert reader.wait(timeout=60) == 141
    assert reader.stderr.read() == b""
    reader.stderr.close()


def test_a_rollback_that_could_not_be_driven_here_is_not_done_by_the_next_console(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = """
- id: p
  steps:
    - id: make
      changes: reversible
      local: {argv: [touch, FOLDER/made], env: {PW: "${secrets.pw}"}}
      undo: [{local: {argv: [rm, FOLDER/made]}}]
    - {id: ask, check: {text: Well}}
"""
    monkeypatch.setenv("THE_PW", "s3cret-enough-to-see")
    book = cli.book(steps, f"{MORE}\nsecrets: {{pw: {{from: env, name: THE_PW}}}}")
    run = cli("run", book).out.splitlines()[0]
    monkeypatch.delenv("THE_PW")
    away = cli("rollback", run, "--now")
    assert away.code not in (0, 8) and "THE_PW" in away.err
    monkeypatch.setenv("THE_PW", "s3cret-enough-to-see")
    assert cli("resume", run).code == 10, "it waits for its answer again"
    assert (cli.folder / "made").exists()
    assert cli("rollback", run, "--now").code == 8
    assert not (cli.folder / "made").exists()
