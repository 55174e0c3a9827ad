"""`host` steps in real runs over a real sshd: one host, a group in batches, stops, time limits, and the way back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.run.state import Status
from app.session import Session
from tests.lab.books import NAMES, home_for, hosts
from tests.lab.line import Line
from tests.lab.sshd import Lab
from tests.session.conversation import new_run, order, r, stage_is, until, write

SLOW = 40.0


class Runs:
    """Starts runs and ends every one of them."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab, self.folder = lab, folder
        self._sessions: list[Session] = []

    def __call__(self, phases: str, port: int = 0, more: str = "") -> Session:
        text = phases.replace("LEDGER", str(self.folder / "ledger")).replace("FOLDER", str(self.folder))
        path = write(self.folder, text, hosts(self.lab, port) + more)
        home = home_for(self.lab, self.folder, *([port] if port else []))
        self._sessions.append(new_run(order(path, home)))
        return self._sessions[-1]

    @property
    def ledger(self) -> list[str]:
        file = self.folder / "ledger"
        return file.read_text().split() if file.exists() else []

    def close(self) -> None:
        for session in self._sessions:
            session.detach()


@pytest.fixture
def run(lab: Lab, tmp_path: Path) -> Iterator[Runs]:
    runs = Runs(lab, tmp_path)
    yield runs
    runs.close()


def test_a_command_on_a_host_runs_under_its_ticket_and_its_output_is_saved(run: Runs) -> None:
    session = run(
        """
        - id: p
          steps:
            - id: a
              host: {name: web1, script: "echo $TMINUS_TICKET; echo $WORD", env: {WORD: "it's $HOME `id`"}}
              changes: nothing
              save: {said: stdout}
            - id: b
              host: {name: web2, argv: [printf, "%s", "${steps.a.said}"]}
              changes: nothing
              expect: {stdout: {contains: "it's $HOME `id`"}}
        """
    )
    state = until(session, stage_is("finished"), SLOW)
    assert f"{state.run}/a/1" in dict(state.step("a").saved)["said"]


def test_a_group_is_taken_batch_by_batch_and_each_host_has_a_ticket_of_its_own(run: Runs) -> None:
    session = run(
        """
        - id: p
          steps:
            - id: all
              host: {name: web, script: "echo $TMINUS_TICKET >>LEDGER", batch: 50%}
              changes: reversible
              undo: [{host: {name: web, script: "echo back-$TMINUS_STEP >>LEDGER", batch: 100%}}]
        """
    )
    state = until(session, stage_is("finished"), SLOW)
    assert sorted(run.ledger) == [f"{state.run}/all[{name}]/1/1" for name in NAMES]
    assert state.plan.items("all") == (("web1", "web2"), ("web3", "web4"))
    assert {ticket.split("[")[1][:4] for ticket in run.ledger[:2]} == {"web1", "web2"}
    session.send(r.RollBack("ana", "", "again", 0))
    until(session, stage_is("rolled back"), SLOW)
    assert sorted(line for line in run.ledger if "back-" in line) == [f"back-all/undo/1[{name}]/1" for name in NAMES]


def test_a_host_that_fails_holds_the_batches_after_it(run: Runs) -> None:
    session = run(
        """
        - id: p
          steps:
            - id: all
              host: {name: web, script: 'echo x >>LEDGER; case $TMINUS_STEP in *web2*) exit 4;; esac', batch: 1}
              changes: nothing
        """
    )
    state = until(session, lambda s: s.status("all[web2]/1") is Status.FAILED, SLOW)
    assert state.step("all[web2]/1").reason == "exit 4" and state.status("all[web3]/1") is Status.PENDING
    assert run.ledger == ["x", "x"]
    session.send(r.Rule("ana", "all[web2]/1", "skipped", "known"))
    until(session, stage_is("finished"), SLOW)
    assert run.ledger == ["x"] * 4


def test_a_command_that_ignores_term_is_killed_at_its_host(run: Runs) -> None:
    session = run(
        """
        - {id: p, steps: [{id: deaf, host: {name: web1, script: "trap '' TERM; echo on; sleep 100 & wait; sleep 100"},
            changes: nothing}]}
        """
    )
    until(session, lambda s: ("deaf", 1, "out") in s.seen, SLOW)
    session.send(r.StopStep("ana", "deaf", "enough"))
    state = until(session, lambda s: s.status("deaf") is Status.CANCELLED, SLOW)
    assert "SIGKILL" in state.step("deaf").reason


def test_the_host_keeps_the_time_limit_itself(run: Runs) -> None:
    session = run("- {id: p, steps: [{id: long, max: 1s, host: {name: web1, argv: [sleep, '60']}, changes: nothing}]}")
    state = until(session, lambda s: s.status("long") is Status.FAILED, SLOW)
    assert "time limit" in state.step("long").reason


def test_lost_contact_is_told_within_ten_seconds_and_the_step_goes_on(run: Runs, line: Line) -> None:
    session = run(
        """
        - {id: p, steps: [{id: slow, host: {name: web1, script: "echo on; sleep 14; echo off"}, changes: nothing}]}
        """,
        line.port,
    )
    until(session, lambda s: ("slow", 1, "out") in s.seen, SLOW)
    line.swallow()
    began = time.monotonic()
    told: list[str] = []

    def lost(word: str) -> bool:
        told.extend(type(recorded.event).__name__ for recorded in session.take())
        return word in told

    until(session, lambda _: lost("ContactLost"), 12)
    assert 7 < time.monotonic() - began < 10
    assert session.state.status("slow") is Status.RUNNING
    line.cut("reset")
    line.open()
    until(session, lambda _: lost("ContactRegained"), SLOW)
    state = until(session, stage_is("finished"), SLOW)
    assert len(state.step("slow").attempts) == 1


def test_a_host_that_refuses_the_connection_fails_the_step_as_never_started(run: Runs, line: Line) -> None:
    session = run(
        """
        - id: p
          steps:
            - {id: look, check: {text: ready?}}
            - {id: far, host: {name: web1, script: "echo x >>LEDGER"}, changes: nothing}
        """,
        line.port,
    )
    until(session, lambda s: s.status("look") is Status.WAITING, SLOW)
    line.refuse()
    session.send(r.Answer("ana", "look", "done"))
    state = until(session, lambda s: s.status("far") is Status.FAILED, SLOW)
    assert "never started" in state.step("far").reason and "refuses connections" in state.step("far").reason
    line.open()
    session.send(r.Retry("ana", "far", "it is back"))
    until(session, stage_is("finished"), SLOW)
    assert run.ledger == ["x"]


def test_a_wait_may_look_at_a_host(run: Runs) -> None:
    session = run(
        """
        - id: p
          steps:
            - id: go
              wait:
                until: {host: {name: web1, script: "cat FOLDER/flag"}, stdout: {contains: up}}
                every: 200ms
                timeout: 30s
        """
    )
    until(session, lambda s: s.status("go") is Status.RUNNING, SLOW)
    (run.folder / "flag").write_text("up\n")
    until(session, stage_is("finished"), SLOW)
