"""Steps behind a dead-man switch, through the session, on this machine: confirmed, left alone, rolled back, resumed."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.reports.sentences import sentence
from app.run.dead_man_state import Armament
from app.run.state import RunState, Status
from app.session import Session, new_run, resume
from tests.session.conversation import order, r, stage_is, until, write

PATIENCE = 60.0
BOOK = """
- id: p
  steps:
    - id: close
      local: {script: "echo did >>FOLDER/ledger"}
      changes: reversible
      revert_unless_confirmed: LIMIT
      undo:
        - local: {script: "echo undone >>FOLDER/ledger; echo open again"}
          expect: {stdout: {contains: again}}
    - {id: look, local: {script: "echo looked >>FOLDER/ledger"}, changes: nothing}
    - id: next
      local: {script: "echo next >>FOLDER/ledger"}
      changes: reversible
      undo: [{local: {argv: ["true"]}, changes: reversible}]
"""


def begun(folder: Path, limit: str) -> Session:
    phases = textwrap.dedent(BOOK).replace("FOLDER", str(folder)).replace("LIMIT", limit)
    return new_run(order(write(folder, phases, "rollback: {est: 1m}"), folder / "home"))


def ledger(folder: Path) -> list[str]:
    path = folder / "ledger"
    return path.read_text().split() if path.exists() else []


def switch_is(word: Armament) -> Callable[[RunState], bool]:
    def so(state: RunState) -> bool:
        return "close" in state.dead_men and state.dead_men["close"].status is word

    return so


def asks(state: RunState) -> bool:
    question = state.step("close").question
    return question is not None and question.wants == "keep"


def story(session: Session) -> list[str]:
    with session.reader() as reader:
        return [sentence(one, session.state.plan) for one in reader.since(0)]


@pytest.fixture
def sessions() -> Iterator[list[Session]]:
    opened: list[Session] = []
    yield opened
    for session in opened:
        session.detach()


def test_nothing_changes_before_it_is_confirmed_and_then_the_run_goes_on(
    tmp_path: Path, sessions: list[Session]
) -> None:
    session = begun(tmp_path, "20s")
    sessions.append(session)
    state = until(session, lambda s: asks(s) and s.status("look") is Status.DONE, PATIENCE)
    assert state.status("next") is Status.PENDING
    assert ledger(tmp_path) == ["did", "looked"]
    session.send(r.Close("ana"))
    session.send(r.Answer("ana", "close", "confirm"))
    until(session, stage_is("finished"), PATIENCE)
    assert switch_is(Armament.DISARMED)(session.state)
    assert ledger(tmp_path) == ["did", "looked", "next"]
    assert any("close is not confirmed" in line for line in story(session))


def test_a_console_that_lives_keeps_it_from_firing_over_several_deadlines(
    tmp_path: Path, sessions: list[Session]
) -> None:
    session = begun(tmp_path, "4s")
    sessions.append(session)
    until(session, asks, PATIENCE)
    ends = time.monotonic() + 14
    while time.monotonic() < ends:
        assert session.state.dead_men["close"].status is not Armament.FIRED
        time.sleep(0.1)
    assert "undone" not in ledger(tmp_path)
    session.send(r.Answer("ana", "close", "confirm"))
    until(session, stage_is("finished"), PATIENCE)
    assert ledger(tmp_path).count("undone") == 0


def test_a_console_that_is_gone_lets_it_fire_and_the_next_one_tells_it(tmp_path: Path, sessions: list[Session]) -> None:
    session = begun(tmp_path, "3s")
    until(session, asks, PATIENCE)
    run = session.state.run
    session.detach()
    deadline = time.monotonic() + PATIENCE
    while "undone" not in ledger(tmp_path):
        assert time.monotonic() < deadline, "it did not fire"
        time.sleep(0.05)
    again = resume(tmp_path / "home", run, operator="ana")
    sessions.append(again)
    state = until(again, lambda s: switch_is(Armament.REVERTED)(s) and s.stage.value == "stopped", PATIENCE)
    assert state.undone == {"close"}
    assert state.status("close/undo/1") is Status.DONE
    again.send(r.Release("ana"))
    again.send(r.Retry("ana", "next", "why not"))
    until(again, lambda _: sum("refused" in line for line in story(again)) >= 2, PATIENCE)
    assert ledger(tmp_path).count("did") == 1
    assert ledger(tmp_path).count("undone") == 1
    assert "next" not in ledger(tmp_path)
    told = next(line for line in story(again) if "reverted" in line)
    assert "by itself at" in told
    assert "because nobody had confirmed it" in told
    again.send(r.Close("ana"))
    until(again, stage_is("closed"), PATIENCE)


def test_the_way_back_takes_the_switch_off_and_runs_the_undo_once(tmp_path: Path, sessions: list[Session]) -> None:
    session = begun(tmp_path, "20s")
    sessions.append(session)
    until(session, asks, PATIENCE)
    session.send(r.RollBack("ana", countdown_ms=0))
    state = until(session, stage_is("rolled back"), PATIENCE)
    assert state.dead_men["close"].status is Armament.DISARMED
    assert ledger(tmp_path).count("undone") == 1
    assert asks(state) is False


def test_an_undo_that_failed_by_itself_is_told_and_can_be_run_by_the_way_back(
    tmp_path: Path, sessions: list[Session]
) -> None:
    phases = (
        textwrap.dedent(BOOK)
        .replace("LIMIT", "3s")
        .replace("echo undone >>FOLDER/ledger;", "echo undone >>FOLDER/ledger; [ -e FOLDER/good ] || exit 7;")
    )
    path = write(tmp_path, phases.replace("FOLDER", str(tmp_path)), "rollback: {est: 1m}")
    session = new_run(order(path, tmp_path / "home"))
    until(session, asks, PATIENCE)
    run = session.state.run
    session.detach()
    deadline = time.monotonic() + PATIENCE
    while "undone" not in ledger(tmp_path):
        assert time.monotonic() < deadline, "it did not fire"
        time.sleep(0.05)
    again = resume(tmp_path / "home", run, operator="ana")
    sessions.append(again)
    state = until(again, lambda s: s.status("close/undo/1") is Status.FAILED and s.stage.value == "stopped", PATIENCE)
    assert state.undone == frozenset()
    (tmp_path / "good").write_text("")
    again.send(r.RollBack("ana", countdown_ms=0))
    state = until(again, stage_is("rolled back"), PATIENCE)
    assert "close" in state.undone
    assert ledger(tmp_path).count("undone") == 2
