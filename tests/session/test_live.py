"""Real runs through the session: effects, records, questions, rollback, crash and resume."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.errors import AnotherConsole, Refused
from app.journal.names import SUFFIX
from app.run import events as e
from app.run.state import Status
from app.session import live, resume, verify_run, watch
from tests.session.conversation import new_run, order, r, stage_is, until, write


def test_local_steps_run_and_the_record_is_whole(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
        - id: p
          steps:
            - id: a
              local: {argv: [sh, -c, "echo hello; echo $TMINUS_TICKET"]}
              changes: nothing
              save: {said: stdout}
            - {id: b, local: {argv: [echo, "${steps.a.said}"]}, changes: nothing, expect: {stdout: {contains: hello}}}
        """,
    )
    session = new_run(order(path, tmp_path / "home"))
    state = until(session, stage_is("finished"))
    assert f"{state.run}/a/1" in dict(state.step("a").saved)["said"]
    session.detach()
    assert session.ended
    found = verify_run(tmp_path / "home", state.run)
    assert found.ok, found.problems
    look = watch(tmp_path / "home", state.run)
    assert look.state.stage.value == "finished"
    assert [(x.step, x.state) for x in look.account()] == [("a", "done"), ("b", "done")]
    look.close()


SQL = """
databases: {db: {url: "sqlite:///FOLDER/data.db"}}
rollback: {to: start, est: 1m}
"""
STEPS = """
- id: p
  steps:
    - id: make
      sql: {db: db, run: "create table t (n int); insert into t values (1)"}
      changes: reversible
      undo: [{sql: {db: db, run: "drop table t"}}]
    - {id: count, sql: {db: db, run: "select count(*) as n from t"}, changes: nothing, expect: {row.n: "== 1"}}
    - {id: look, check: {text: "Is it good?"}}
    - id: more
      sql: {db: db, run: "insert into t values (2)"}
      changes: reversible
      undo: [{sql: {db: db, run: "delete from t where n = 2"}}]
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    sqlite3.connect(tmp_path / "data.db").close()
    return write(tmp_path, STEPS, SQL.replace("FOLDER", str(tmp_path)))


def tables(folder: Path) -> set[str]:
    with sqlite3.connect(folder / "data.db") as db:
        return {row[0] for row in db.execute("select name from sqlite_master where type = 'table'")}


def test_sql_steps_a_question_and_a_rollback(path: Path, tmp_path: Path) -> None:
    session = new_run(order(path, tmp_path / "home"))
    try:
        until(session, lambda s: s.status("look") is Status.WAITING)
        session.send(r.Answer("ana", "look", "done"))
        until(session, stage_is("finished"))
        assert "t" in tables(tmp_path)
        session.send(r.RollBack("ana", "", "changed my mind", 0))
        until(session, stage_is("rolled back"))
        assert "t" not in tables(tmp_path)
    finally:
        session.detach()


def test_a_second_console_is_refused_and_may_still_speak_through_the_record(path: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    session = new_run(order(path, home))
    try:
        state = until(session, lambda s: s.status("look") is Status.WAITING)
        with pytest.raises(AnotherConsole):
            resume(home, state.run, operator="bo")
        look = watch(home, state.run)
        look.send(r.Note("bo", "I am watching"))
        look.send(r.Hold("bo", "wait for me"))
        until(session, lambda s: s.held)
        assert session.state.held_by == "bo"
        look.close()
    finally:
        session.detach()


def test_a_detached_run_goes_on_where_it_was(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
        - id: p
          steps:
            - id: slow
              local: {argv: [sh, -c, "echo begin; sleep 1.5; echo end; echo x >> LEDGER"]}
              changes: reversible
              undo: {none: harmless}
            - {id: b, local: {argv: [echo, b]}, changes: nothing}
        """.replace("LEDGER", str(tmp_path / "ledger")),
    )
    home = tmp_path / "home"
    session = new_run(order(path, home))
    state = until(session, lambda s: ("slow", 1, "out") in s.seen)
    session.detach()
    again = resume(home, state.run, operator="ana")
    try:
        until(again, stage_is("finished"))
        assert again.state.step("slow").attempts[0].number == 1
        assert len(again.state.step("slow").attempts) == 1
        assert (tmp_path / "ledger").read_text() == "x\n"
    finally:
        again.detach()


def test_a_run_that_needs_a_kind_that_cannot_run_is_refused_by_name(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
        - id: p
          steps:
            - {id: moves, copy: {from: a, to: b, tables: all, how: full}, changes: reversible, undo: {none: "a copy"}}
            - {id: looks, compare: {left: a, right: b, tables: all, by: [count]}, changes: nothing}
        """,
        f"databases: {{a: {{url: 'sqlite:///{tmp_path}/a.db'}}, b: {{url: 'sqlite:///{tmp_path}/b.db'}}}}",
    )
    with pytest.raises(Refused, match="moves"):
        new_run(order(path, tmp_path / "home"))
    assert not list((tmp_path / "home").glob("runs/*"))


def test_the_text_of_a_sql_file_is_the_one_that_stood_there_when_the_run_was_opened(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "data.db").close()
    (tmp_path / "make.sql").write_text("create table made (n int)", encoding="utf-8")
    path = write(
        tmp_path,
        """
        - id: p
          steps:
            - {id: look, check: {text: "Shall we?"}}
            - {id: make, sql: {db: db, file: make.sql}, changes: reversible, undo: {none: harmless}}
        """,
        f"databases: {{db: {{url: 'sqlite:///{tmp_path}/data.db'}}}}",
    )
    session = new_run(order(path, tmp_path / "home"))
    try:
        until(session, lambda s: s.status("look") is Status.WAITING)
        (tmp_path / "make.sql").write_text("create table another (n int)", encoding="utf-8")
        session.send(r.Answer("ana", "look", "done"))
        state = until(session, stage_is("finished"))
        assert "create table made" in state.step("make").attempts[0].text
        assert "made" in tables(tmp_path)
    finally:
        session.detach()


def test_a_failing_step_waits_and_can_be_stopped_skipped_or_tried_again(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
        - id: p
          steps:
            - {id: bad, local: {argv: [sh, -c, "exit 3"]}, changes: nothing}
            - {id: long, local: {argv: [sleep, "60"]}, changes: nothing}
        """,
    )
    session = new_run(order(path, tmp_path / "home"))
    try:
        until(session, lambda s: s.status("bad") is Status.FAILED)
        assert session.current().why == "failed"
        assert session.state.step("bad").reason == "exit 3"
        session.send(r.Rule("ana", "bad", "skipped", "known"))
        until(session, lambda s: s.status("long") is Status.RUNNING)
        session.send(r.StopStep("ana", "long", "enough"))
        until(session, lambda s: s.status("long") is Status.CANCELLED)
    finally:
        session.detach()


def test_a_run_that_breaks_before_it_is_driven_leaves_its_record_to_another_console(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("of course")

    home = tmp_path / "home"
    with monkeypatch.context() as broke:
        broke.setattr(live, "begin_vitals", broken)
        with pytest.raises(ZeroDivisionError):
            new_run(order(path, home))
    (record,) = (home / "runs").glob(f"*{SUFFIX}")
    session = resume(home, str(record), operator="bo")
    try:
        until(session, lambda s: s.status("look") is Status.WAITING)
    finally:
        session.detach()


def test_a_rollback_that_was_asked_for_before_this_console_came_is_refused_and_may_be_asked_again(
    path: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    session = new_run(order(path, home))
    until(session, lambda s: s.status("look") is Status.WAITING)
    session.detach()
    with closing(watch(home, session.run)) as look:
        look.send(r.RollBack("raj", "start", "last night", 0))
        look.send(r.RollBackNow("raj"))
        look.send(r.Note("raj", "a note may be old"))
    again = resume(home, session.run, operator="bo")
    try:
        until(again, lambda _: again.at_rest, 30)
        assert again.state.status("look") is Status.WAITING
        with again.reader() as reader:
            events = [one.event for one in reader.since(0)]
        refused = [x for x in events if isinstance(x, e.RequestRefused)]
        assert [(x.by, x.what) for x in refused] == [("raj", "RollBack"), ("raj", "RollBackNow")]
        assert all("before this console came" in x.why and "Ask again" in x.why for x in refused)
        assert any(isinstance(x, e.NoteAdded) and x.text == "a note may be old" for x in events)
        with closing(watch(home, session.run)) as look:
            look.send(r.RollBack("raj", "start", "now", 0))
        until(again, stage_is("rolled back"), 30)
    finally:
        again.detach()


def test_what_is_asked_along_with_driving_is_heard_before_anything_new_starts(tmp_path: Path) -> None:
    steps = """
    - id: p
      steps:
        - {id: a, local: {argv: ["true"]}, changes: reversible, undo: [{local: {argv: ["true"]}}]}
        - {id: b, local: {argv: ["true"]}, changes: reversible, undo: [{local: {argv: ["true"]}}]}
    """
    home = tmp_path / "home"
    session = new_run(order(write(tmp_path, steps, "rollback: {to: start, est: 1m}"), home, until="a"))
    until(session, lambda s: s.held and session.at_rest, 30)
    session.detach()
    with closing(watch(home, session.run)) as look:
        look.send(r.Release("ana"))  # nothing holds the run any more, so b would be next
    again = resume(home, session.run, operator="ana", asks=r.RollBack("ana", "start", "", 0))
    try:
        state = until(again, stage_is("rolled back"), 30)
        assert state.status("a/undo/1") is Status.DONE
        assert not state.step("b").attempts
    finally:
        again.detach()
