"""`tminus confirm`: the target is told and its word is waited for; nobody is told a step is kept when it is not."""

from __future__ import annotations

import resource
import signal
import time

import pytest

from tests.cli.terminal import Cli, ended, first_line, kill_if_alive, until

BOOK = """
- id: one
  steps:
    - id: close
      changes: reversible
      revert_unless_confirmed: 5m
      local: {argv: [touch, FOLDER/closed]}
      undo: [{local: {argv: [rm, -f, FOLDER/closed]}}]
    - {id: last, changes: reversible, local: {argv: [touch, FOLDER/last]}, undo: [{local: {argv: ["true"]}}]}
"""
MORE = "rollback: {to: start, est: 1m}"


def test_the_driver_tells_the_target_and_the_run_goes_on(cli: Cli, request: pytest.FixtureRequest) -> None:
    process = cli.start("run", cli.book(BOOK, MORE), "--wait")
    guard = kill_if_alive([process])
    next(guard)
    request.addfinalizer(lambda: next(guard, None))
    run = first_line(process)
    until(lambda: "Keep close?" in cli("show", run).out, "it asks to be confirmed", 60)
    assert not (cli.folder / "last").exists()
    began = time.monotonic()
    wrong = cli("confirm", run, "last", "--as", "raj", "--json")
    assert (wrong.code, wrong.json()["refused"]) == (1, True), wrong.out + wrong.err
    assert time.monotonic() - began < 25, "a refusal is told at once"
    ran = cli("confirm", run, "close", "--as", "raj", "--json")
    assert ran.code == 0, ran.out + ran.err
    assert ran.json()["confirmed"] is True, "one object and no other"
    assert "has not fired and never will" in ran.out
    assert ended(process).code == 0
    assert (cli.folder / "last").exists()


def test_a_run_that_nobody_drives_refuses_and_names_the_way(cli: Cli) -> None:
    ran = cli("run", cli.book(BOOK, MORE))
    assert ran.code != 0
    assert "Keep close?" in ran.err
    run = cli.only_run()
    assert "tminus answer" not in ran.err  # the clock runs from here on: only what tells the target helps
    assert f"tminus resume {run} --answer close=confirm" in ran.err
    left = cli("answer", run, "close", "confirm")
    assert left.code == 1
    assert "Nobody drives this run now, so its target would not be told" in left.err
    refused = cli("confirm", run, "close")
    assert refused.code == 1
    assert "--answer close=confirm" in refused.err
    done = cli("resume", run, "--answer", "close=confirm")
    assert done.code == 0, done.out + done.err
    assert (cli.folder / "last").exists()


def test_ctrl_c_says_which_step_is_taken_back_where_and_after_how_long(
    cli: Cli, request: pytest.FixtureRequest
) -> None:
    process = cli.start("run", cli.book(BOOK, MORE), "--wait")
    guard = kill_if_alive([process])
    next(guard)
    request.addfinalizer(lambda: next(guard, None))
    run = first_line(process)
    until(lambda: "Keep close?" in cli("show", run).out, "it asks to be confirmed", 60)
    process.send_signal(signal.SIGINT)
    told = ended(process)
    assert "close is not confirmed: this machine takes it back by itself 5 min after" in told.out + told.err
    done = cli("resume", run, "--answer", "close=confirm")
    assert done.code == 0, done.out + done.err


def test_a_record_that_cannot_be_written_any_more_says_which_step_is_taken_back(
    cli: Cli, request: pytest.FixtureRequest
) -> None:
    process = cli.start("run", cli.book(BOOK, MORE), "--wait")
    guard = kill_if_alive([process])
    next(guard)
    request.addfinalizer(lambda: next(guard, None))
    run = first_line(process)
    until(lambda: "Keep close?" in cli("show", run).out, "it asks to be confirmed", 60)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1, 1))
    cli("note", run, "the disk is full")
    told = ended(process)
    assert told.code == 5
    assert "close is not confirmed: this machine takes it back by itself 5 min after" in told.out + told.err
    done = cli("resume", run, "--answer", "close=confirm")
    assert done.code == 0, done.out + done.err
