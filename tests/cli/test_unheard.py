"""Output that nobody reads or that has no room: the run is let go of in good order, whatever was told of it."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.terminal import Cli

SLOW = """
- id: one
  steps:
    - {id: a, changes: nothing, local: {script: "sleep 1; echo $TMINUS_TICKET >>FOLDER/ledger"}}
    - {id: b, changes: nothing, local: {script: "sleep 1; echo $TMINUS_TICKET >>FOLDER/ledger"}}
"""
UNDONE = """
- id: p
  steps:
    - {id: make, changes: reversible, local: {argv: [touch, FOLDER/made]}, undo: [{check: {text: Look at it}}]}
"""


@pytest.fixture(params=["closed pipe", "full disk"])
def nowhere(request: pytest.FixtureRequest) -> Iterator[int]:
    if request.param == "full disk":
        if not Path("/dev/full").exists():
            pytest.skip("there is no /dev/full here")
        out = os.open("/dev/full", os.O_WRONLY)
    else:
        read, out = os.pipe()
        os.close(read)
    yield out
    os.close(out)


def told_to(out: int, cli: Cli, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        cli.command(*words),
        env=cli.env(),
        cwd=cli.folder,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.PIPE,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["lines", "json"])
def test_a_run_whose_id_cannot_be_told_is_let_go_of_and_can_be_resumed(cli: Cli, nowhere: int, form: list[str]) -> None:
    ran = told_to(nowhere, cli, "run", cli.book(SLOW), *form)
    assert ran.returncode == 130, ran.stderr
    assert "Traceback" not in ran.stderr and "itself broke" not in ran.stderr
    run = cli.only_run()
    log = cli("log", run).out
    assert "The console let go" in log
    assert "itself broke" not in log and "in doubt" not in log
    assert cli("verify", run).code == 0
    again = told_to(nowhere, cli, "resume", run, *form)
    assert again.returncode == 130, again.stderr
    assert cli("resume", run).code == 0
    assert (cli.folder / "ledger").read_text().split() == [f"{run}/a/1", f"{run}/b/1"]


def test_a_full_disk_is_one_plain_sentence_and_no_fault_of_tminus(cli: Cli) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        for words in (["check", cli.book(SLOW)], ["--version"]):
            ran = told_to(full, cli, *words)
            assert ran.returncode == 1
            said = "tminus: What is told cannot be written: No space left on device. Make room there"
            assert ran.stderr.startswith(said), ran.stderr
            assert len(ran.stderr.splitlines()) == 1
    finally:
        os.close(full)


def test_answers_that_can_be_read_only_once_are_enough_for_a_rollback(cli: Cli) -> None:
    run = cli("run", cli.book(UNDONE, "rollback: {to: start, est: 1m}")).out.splitlines()[0]
    pipe = cli.folder / "answers"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("make/undo/1=done\n",), daemon=True)
    writer.start()
    process = cli.start("rollback", run, "--now", "--answers", str(pipe))
    try:
        out, _ = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 8, out
