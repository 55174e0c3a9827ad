"""At a real terminal: questions are asked, answers typed, the rest of the run goes on meanwhile."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.terminal import DEADLINE, Cli, until

STEPS = """
- id: one
  steps:
    - {id: make, changes: reversible, local: {argv: [touch, FOLDER/made]}, undo: [{local: {argv: [rm, FOLDER/made]}}]}
    - {id: ready, owner: ops, check: {text: Is it ready, items: [lamp is green]}}
    - {id: picky, changes: nothing, local: {argv: [test, -e, FOLDER/there]}}
    - {id: go, decide: {ask: Shall we, by: [ops]}}
"""
MORE = "rollback: {to: start, est: 1m}\nroles: {ops: {people: [ana, raj]}}"


class Terminal:
    """A command at a terminal of its own."""

    def __init__(self, cli: Cli, *words: str) -> None:
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            cli.command(*words),
            env=cli.env() | {"TERM": "xterm"},
            cwd=cli.folder,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self.seen = ""

    def expect(self, text: str) -> str:
        """Read until `text` is there; answers what came with it, and forgets it."""
        deadline = time.monotonic() + DEADLINE
        while text not in self.seen:
            assert time.monotonic() < deadline, f"{text!r} never came: {self.seen!r}"
            self._read()
        before, _, self.seen = self.seen.partition(text)
        return before + text

    def type(self, line: str) -> None:
        os.write(self.master, line.encode() + b"\n")

    def ended(self) -> int:
        deadline = time.monotonic() + DEADLINE
        while self.process.poll() is None:
            assert time.monotonic() < deadline, self.seen
            self._read()
        self._read()
        return self.process.returncode

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)

    def _read(self) -> None:
        ready, _, _ = select.select([self.master], [], [], 0.05)
        if ready:
            try:
                self.seen += re.sub(r"\x1b\[\d*m", "", os.read(self.master, 65536).decode("utf-8", "replace"))
            except OSError:  # the other end has gone; what is left of it is its exit status
                self.process.wait(timeout=DEADLINE)


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    opened: list[Terminal] = []
    yield opened
    for terminal in opened:
        terminal.close()


@pytest.fixture
def terminal(cli: Cli, terminals: list[Terminal]) -> Terminal:
    opened = Terminal(cli, "run", cli.book(STEPS, MORE))
    terminals.append(opened)
    opened.expect("? 0.2 ready, for ops")
    return opened


def test_a_person_is_led_through_questions_and_failures(cli: Cli, terminal: Terminal) -> None:
    assert "lamp is green" in terminal.expect("Type done, failed")
    terminal.type("")
    terminal.type("perhaps")
    terminal.expect("`perhaps` is no answer here.")
    terminal.type("help")
    terminal.expect("put words into the record")
    terminal.type("note all quiet")
    terminal.expect("ana noted: all quiet.")
    terminal.type("done @raj looked twice")
    terminal.expect("raj answered done to 0.2 ready")
    terminal.expect("? 0.3 picky")
    terminal.expect("Type retry")
    (cli.folder / "there").touch()
    terminal.type("retry")
    terminal.expect("0.3 picky is done")
    terminal.expect("? 0.4 go")
    terminal.type("go")
    terminal.expect("Done.")
    assert terminal.ended() == 0


def test_a_question_is_answered_elsewhere_while_it_stands_at_the_prompt(cli: Cli, terminal: Terminal) -> None:
    run = cli.only_run()
    assert cli("answer", run, "ready", "done", "--as", "raj").code == 0
    terminal.expect("raj answered done")
    terminal.expect("? 0.3 picky")


def test_rollback_is_typed_counted_down_and_can_be_called_off(cli: Cli, terminal: Terminal) -> None:
    terminal.type("rollback start")
    terminal.expect("in 5 s, unless it is called off")
    terminal.type("call-off")
    terminal.expect("called the rollback off")
    assert (cli.folder / "made").exists()
    terminal.type("rollback start")
    terminal.expect("in 5 s")
    terminal.type("now")
    terminal.expect("Rolled back.")
    assert terminal.ended() == 8
    assert not (cli.folder / "made").exists()


def test_leave_and_ctrl_c_let_go(cli: Cli, terminal: Terminal, terminals: list[Terminal]) -> None:
    terminal.type("leave")
    terminal.expect("Let go.")
    assert terminal.ended() == 130
    again = Terminal(cli, "resume", cli.only_run())
    terminals.append(again)
    again.expect("? 0.2 ready")
    again.process.send_signal(signal.SIGINT)
    again.expect("nothing was stopped")
    assert again.ended() == 130


def test_a_terminal_that_is_closed_lets_go(cli: Cli) -> None:
    opened = Terminal(cli, "run", cli.book(STEPS, MORE))
    opened.expect("? 0.2 ready")
    os.close(opened.master)
    opened.process.wait(timeout=DEADLINE)
    run = cli.only_run()
    until(lambda: "terminal" in cli("log", run).out.splitlines()[-1], "the record's last word")
    assert cli("show", run, "--json").json()["driven_by"] == ""


def test_a_rollback_from_here_is_called_off_by_ctrl_c_and_nothing_forward_starts(
    cli: Cli, terminals: list[Terminal]
) -> None:
    run = cli("run", cli.book(STEPS, MORE)).out.splitlines()[0]
    back = Terminal(cli, "rollback", run)
    terminals.append(back)
    back.expect("in 5 s, unless it is called off")
    back.process.send_signal(signal.SIGINT)
    back.expect("Called off before its first effect.")
    assert back.ended() == 130
    assert (cli.folder / "made").exists()
    assert ("make/undo/1", 0, "undo", "not-run") not in cli.account(run)
    assert ("picky", 0, "do", "not-run") in cli.account(run)


def test_a_rollback_whose_driver_dies_in_the_countdown_is_told_as_not_begun(
    cli: Cli, terminals: list[Terminal]
) -> None:
    driver = Terminal(cli, "run", cli.book(STEPS, MORE))
    terminals.append(driver)
    driver.expect("? 0.2 ready")
    run = cli.only_run()
    back = Terminal(cli, "rollback", run)
    terminals.append(back)
    back.expect("in 5 s, unless it is called off")
    driver.process.kill()
    driver.process.wait()
    back.process.send_signal(signal.SIGINT)
    back.expect("the console that drove it has gone; nobody drives it.")
    back.expect(f"tminus resume {run}")
    assert back.ended() == 9
    assert (cli.folder / "made").exists()
    assert cli("resume", run).code == 8
    assert not (cli.folder / "made").exists()


def test_a_run_is_confirmed_by_typing_the_word_of_its_environment(cli: Cli, terminals: list[Terminal]) -> None:
    more = MORE + "\nenvironments: {live: {production: true, confirm: really}}"
    for word, code in (("yes", 1), ("really", 0)):
        opened = Terminal(
            cli,
            "run",
            cli.book("- {id: p, steps: [{id: a, changes: nothing, local: {argv: ['true']}}]}", more),
            "--env",
            "live",
        )
        terminals.append(opened)
        opened.expect("PRODUCTION")
        opened.type(word)
        assert opened.ended() == code
    assert len(list(Path(cli.home / "runs").glob("*.tminus"))) == 1
