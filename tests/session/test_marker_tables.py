"""The table of markers is laid in databases that were asked who they are and admitted, and it keeps nobody waiting."""

from __future__ import annotations

import socket
import sqlite3
from pathlib import Path

from app.run import events as e
from app.session import Session, new_run, resume
from app.session.known_targets import known_targets
from tests.session.conversation import order, r, until, write

ENOUGH = 60.0
STEPS = """
- id: p
  steps:
    - {id: one, sql: {db: db, run: "insert into t values (1)"}, changes: reversible, undo: {none: harmless}}
"""


def database(file: Path) -> None:
    with sqlite3.connect(file) as db:
        db.execute("create table t (n int)")
    db.close()


def tables(file: Path) -> list[str]:
    db = sqlite3.connect(file)
    try:
        return [row[0] for row in db.execute("select name from sqlite_master where type = 'table' order by name")]
    finally:
        db.close()


def notes(session: Session) -> list[str]:
    with session.reader() as reader:
        return [one.event.text for one in reader.since(0) if isinstance(one.event, e.NoteAdded)]


def told(session: Session, words: str) -> None:
    until(session, lambda _: any(words in one for one in notes(session)), ENOUGH)


def held_and_left(session: Session) -> None:
    """Its markers are laid by then."""
    until(session, lambda s: s.held and session.at_rest, ENOUGH)
    session.detach()


def test_a_resumed_run_lays_nothing_in_a_database_that_took_the_place_of_the_known_one(tmp_path: Path) -> None:
    database(tmp_path / "a.db")
    path = write(tmp_path, STEPS, f"databases: {{db: {{url: 'sqlite:///{tmp_path}/a.db'}}}}")
    session = new_run(order(path, tmp_path / "home", hold_first=True))
    held_and_left(session)
    assert len(tables(tmp_path / "a.db")) == 2, "the known one got its table"
    database(tmp_path / "b.db")
    (tmp_path / "b.db").replace(tmp_path / "a.db")
    again = resume(tmp_path / "home", session.run, operator="bo")
    try:
        told(again, "not the database that the run saw before")
    finally:
        again.detach()
    assert tables(tmp_path / "a.db") == ["t"]


BOTH = """
environments:
  production: {production: true}
  copy: {rehearsal: true, set: {databases.db.url: "sqlite:///FOLDER/link.db"}}
databases: {db: {url: "sqlite:///FOLDER/a.db"}}
"""


def test_a_rehearsal_lays_nothing_in_production_that_answers_only_after_the_first_look(tmp_path: Path) -> None:
    path = write(tmp_path, STEPS, BOTH.replace("FOLDER", str(tmp_path)))
    home = tmp_path / "home"
    database(tmp_path / "a.db")
    held_and_left(new_run(order(path, home, environment="production", hold_first=True)))
    assert known_targets(home)
    (marker,) = set(tables(tmp_path / "a.db")) - {"t"}
    with sqlite3.connect(tmp_path / "a.db") as db:
        db.execute(f'drop table "{marker}"')
    db.close()
    session = new_run(order(path, home, environment="copy", hold_first=True))
    held_and_left(session)
    (tmp_path / "link.db").symlink_to(tmp_path / "a.db")
    again = resume(home, session.run, operator="bo")
    try:
        told(again, "db is production")
    finally:
        again.detach()
    assert tables(tmp_path / "a.db") == ["t"]


def test_a_database_that_hangs_does_not_keep_the_engine_from_hearing_people(tmp_path: Path) -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    port = silent.getsockname()[1]
    silent.close()  # refuses now, so the look before the run is short; later it accepts and never answers
    path = write(tmp_path, STEPS, f"databases: {{db: {{url: 'postgresql://ana@127.0.0.1:{port}/x'}}}}")
    home = tmp_path / "home"
    session = new_run(order(path, home, hold_first=True))
    held_and_left(session)
    with socket.create_server(("127.0.0.1", port)):
        again = resume(home, session.run, operator="bo")
        try:
            again.send(r.RollBack("bo", "", "asked at once", 0))
            told(again, "had not answered when the run went on")
        finally:
            again.detach()
        assert again.wait_ended()
        assert again.trouble is None


def test_a_database_of_this_run_gets_its_table_without_a_word(tmp_path: Path) -> None:
    database(tmp_path / "a.db")
    path = write(tmp_path, STEPS, f"databases: {{db: {{url: 'sqlite:///{tmp_path}/a.db'}}}}")
    session = new_run(order(path, tmp_path / "home", hold_first=True))
    held_and_left(session)
    assert len(tables(tmp_path / "a.db")) == 2
    assert not any("marker" in one for one in notes(session))
