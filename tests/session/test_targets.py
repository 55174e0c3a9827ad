"""The right target or none: who answers is recorded, and a step is refused when somebody else answers."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.errors import Refused
from app.ports import Fingerprint
from app.run import events as e
from app.run.state import RunState, Status
from app.session import RunOrder, Session, new_run, resume
from app.session.known_targets import KnownTarget, known_targets, remember
from tests.servers.databases import MakeDatabase
from tests.session.conversation import order, r, stage_is, until, write

STEPS = """
- id: p
  steps:
    - {id: one, sql: {db: db, run: "insert into t values (1)"}, changes: reversible, undo: {none: harmless}}
    - {id: look, check: {text: "Look"}}
    - {id: two, sql: {db: db, run: "insert into t values (2)"}, changes: reversible, undo: {none: harmless}, CHANGES}
    - {id: three, sql: {db: db, run: "insert into t values (3)"}, changes: reversible, undo: {none: harmless}}
"""


def database(file: Path) -> None:
    with sqlite3.connect(file) as db:
        db.execute("create table t (n int)")
    db.close()


def numbers(file: Path) -> list[int]:
    db = sqlite3.connect(file)
    try:
        return [row[0] for row in db.execute("select n from t order by n")]
    finally:
        db.close()


def book(folder: Path, changes: str = "changes_identity: false") -> Path:
    return write(folder, STEPS.replace("CHANGES", changes), f"databases: {{db: {{url: 'sqlite:///{folder}/a.db'}}}}")


def seen_in(session: Session) -> list[e.TargetSeen]:
    with session.reader() as reader:
        return [one.event for one in reader.since(0) if isinstance(one.event, e.TargetSeen)]


def replace_the_file(folder: Path) -> None:
    """Another database under the same address."""
    database(folder / "b.db")
    (folder / "b.db").replace(folder / "a.db")


def at_the_question(session: Session) -> RunState:
    return until(session, lambda s: s.status("look") is Status.WAITING)


def test_who_answers_is_recorded_before_the_first_step(tmp_path: Path) -> None:
    database(tmp_path / "a.db")
    session = new_run(order(book(tmp_path), tmp_path / "home"))
    try:
        state = at_the_question(session)
        (found,) = seen_in(session)
        assert (found.name, found.kind) == ("db", "database")
        assert str(tmp_path / "a.db") in found.identity
        assert state.targets["database", "db"].facts == found.facts
    finally:
        session.detach()


def test_a_replaced_database_is_refused_in_plain_words_and_not_written_to(tmp_path: Path) -> None:
    database(tmp_path / "a.db")
    session = new_run(order(book(tmp_path), tmp_path / "home"))
    try:
        at_the_question(session)
        assert numbers(tmp_path / "a.db") == [1]
        replace_the_file(tmp_path)
        session.send(r.Answer("ana", "look", "done"))
        state = until(session, lambda s: s.status("two") is Status.FAILED)
        assert (
            "nothing was run: this is not the database that the run saw before: number is" in state.step("two").reason
        )
        assert numbers(tmp_path / "a.db") == []
        with sqlite3.connect(tmp_path / "a.db") as db:  # not even a marker
            assert db.execute("select name from sqlite_master").fetchall() == [("t",)]
        db.close()
    finally:
        session.detach()


def test_a_step_that_says_so_may_meet_another_database_and_that_one_is_recorded(tmp_path: Path) -> None:
    database(tmp_path / "a.db")
    session = new_run(order(book(tmp_path, "changes_identity: true"), tmp_path / "home"))
    try:
        at_the_question(session)
        replace_the_file(tmp_path)
        session.send(r.Answer("ana", "look", "done"))
        until(session, stage_is("finished"))
        assert numbers(tmp_path / "a.db") == [2, 3]
        first, second = seen_in(session)
        assert first.facts != second.facts
    finally:
        session.detach()


def test_after_a_step_that_replaces_the_server_the_next_one_meets_the_new_one_and_no_third(tmp_path: Path) -> None:
    database(tmp_path / "a.db")
    database(tmp_path / "new.db")
    steps = f"""
    - id: p
      steps:
        - id: swap
          local: {{argv: [mv, "{tmp_path}/new.db", "{tmp_path}/a.db"]}}
          changes: reversible
          changes_identity: true
          undo: {{none: harmless}}
        - {{id: one, sql: {{db: db, run: "insert into t values (1)"}}, changes: reversible, undo: {{none: harmless}}}}
        - {{id: look, check: {{text: "Look"}}}}
        - {{id: two, sql: {{db: db, run: "insert into t values (2)"}}, changes: reversible, undo: {{none: harmless}}}}
    """
    path = write(tmp_path, steps, f"databases: {{db: {{url: 'sqlite:///{tmp_path}/a.db'}}}}")
    session = new_run(order(path, tmp_path / "home"))
    try:
        at_the_question(session)
        assert numbers(tmp_path / "a.db") == [1]
        assert len(seen_in(session)) == 2
        replace_the_file(tmp_path)
        session.send(r.Answer("ana", "look", "done"))
        until(session, lambda s: s.status("two") is Status.FAILED)
        assert numbers(tmp_path / "a.db") == []
    finally:
        session.detach()


def test_the_next_console_still_knows_who_it_was(tmp_path: Path) -> None:
    database(tmp_path / "a.db")
    session = new_run(order(book(tmp_path), tmp_path / "home"))
    at_the_question(session)
    session.detach()
    replace_the_file(tmp_path)
    again = resume(tmp_path / "home", session.run, operator="bo")
    try:
        again.send(r.Answer("bo", "look", "done"))
        until(again, lambda s: s.status("two") is Status.FAILED)
        assert numbers(tmp_path / "a.db") == []
    finally:
        again.detach()


def test_a_database_that_comes_later_is_recorded_by_its_first_step(tmp_path: Path) -> None:
    make = f"""
    - id: p
      steps:
        - id: make
          local: {{argv: [cp, "{tmp_path}/a.db", "{tmp_path}/later.db"]}}
          changes: reversible
          undo: {{none: harmless}}
        - {{id: one, sql: {{db: db, run: "insert into t values (1)"}}, changes: reversible, undo: {{none: harmless}}}}
    """
    database(tmp_path / "a.db")
    path = write(tmp_path, make, f"databases: {{db: {{url: 'sqlite:///{tmp_path}/later.db'}}}}")
    session = new_run(order(path, tmp_path / "home"))
    try:
        until(session, stage_is("finished"))
        assert [one.name for one in seen_in(session)] == ["db"]
        with session.reader() as reader:
            notes = [x.event.text for x in reader.since(0) if isinstance(x.event, e.NoteAdded)]
        assert any("could not be asked before the run" in note for note in notes)
    finally:
        session.detach()


def test_what_was_under_way_is_not_settled_on_another_database(tmp_path: Path) -> None:
    """The marker of a stranger would say "never": it is in doubt instead, and the stranger is not written to."""
    database(tmp_path / "a.db")
    slow = "insert into t with recursive n(i) as (select 1 union all select i + 1 from n where i < 1e8) select i from n"
    steps = f"""
    - id: p
      steps:
        - {{id: slow, sql: {{db: db, run: "{slow}"}}, changes: reversible, undo: {{none: harmless}}}}
    """
    path = write(tmp_path, steps, f"databases: {{db: {{url: 'sqlite:///{tmp_path}/a.db'}}}}")
    session = new_run(order(path, tmp_path / "home"))
    until(session, lambda s: s.status("slow") is Status.RUNNING)
    session.detach()
    for side in tmp_path.glob("a.db-*"):
        side.unlink()
    replace_the_file(tmp_path)
    again = resume(tmp_path / "home", session.run, operator="bo")
    try:
        state = until(again, lambda s: s.status("slow") is Status.IN_DOUBT)
        assert "not the database that the run saw before" in state.step("slow").reason
    finally:
        again.detach()
    with sqlite3.connect(tmp_path / "a.db") as db:
        assert db.execute("select name from sqlite_master").fetchall() == [("t",)]
    db.close()


# ---------------------------------------------------------------- two names, one database

TWO = """
- id: p
  steps:
    - {id: read, sql: {db: left, run: "select 1"}, changes: nothing}
    - {id: one, sql: {db: right, run: "create table made (n int)"}, changes: CHANGES, undo: {none: harmless}}
"""


def two(folder: Path, urls: tuple[str, str], steps: str = TWO.replace("CHANGES", "reversible")) -> Path:
    databases = f"databases: {{left: {{url: '{urls[0]}'}}, right: {{url: '{urls[1]}'}}}}"
    return write(folder, steps, databases)


def test_one_database_under_two_names_is_refused_before_anything_starts(tmp_path: Path) -> None:
    database(tmp_path / "a.db")
    (tmp_path / "link.db").symlink_to(tmp_path / "a.db")
    path = two(tmp_path, (f"sqlite:///{tmp_path}/a.db", f"sqlite:///{tmp_path}/link.db"))
    with pytest.raises(Refused, match="one and the same database"):
        new_run(order(path, tmp_path / "home"))
    assert not list((tmp_path / "home").glob("runs/*"))


def test_two_names_for_one_address_are_meant_that_way(tmp_path: Path) -> None:
    database(tmp_path / "a.db")
    url = f"sqlite:///{tmp_path}/a.db"
    session = new_run(order(two(tmp_path, (url, url)), tmp_path / "home"))
    until(session, stage_is("finished"))
    session.detach()


def test_two_names_that_nobody_writes_to_may_be_one_database(tmp_path: Path) -> None:
    database(tmp_path / "a.db")
    (tmp_path / "link.db").symlink_to(tmp_path / "a.db")
    steps = """
    - id: p
      steps:
        - {id: one, sql: {db: left, run: "select 1"}, changes: nothing}
        - {id: two, sql: {db: right, run: "select 1"}, changes: nothing}
    """
    path = two(tmp_path, (f"sqlite:///{tmp_path}/a.db", f"sqlite:///{tmp_path}/link.db"), steps)
    session = new_run(order(path, tmp_path / "home"))
    until(session, stage_is("finished"))
    session.detach()


def clean(url: str, name: str, host: str = "127.0.0.1") -> str:
    at = sa.make_url(url)
    clean = sa.URL.create(at.get_backend_name(), at.username, None, host, at.port, name)
    return clean.render_as_string()


@pytest.fixture(params=["postgres", "mysql"])
def make(request: pytest.FixtureRequest) -> MakeDatabase:
    found: MakeDatabase = request.getfixturevalue(f"{request.param}_databases")
    return found


def server_book(folder: Path, urls: tuple[str, str], monkeypatch: pytest.MonkeyPatch, password: str) -> Path:
    monkeypatch.setenv("TARGET_PW", password)
    left, right = (f"{{url: '{url}', password: pw}}" for url in urls)
    more = f"secrets: {{pw: {{from: env, name: TARGET_PW}}}}\ndatabases: {{left: {left}, right: {right}}}"
    return write(folder, TWO.replace("CHANGES", "reversible"), more)


def test_on_servers_two_databases_are_two_targets_and_one_at_two_addresses_is_refused(
    make: MakeDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = make(), make()
    names = [str(sa.make_url(url).database) for url in (first, second)]
    password = str(sa.make_url(first).password)
    good = server_book(tmp_path, (clean(first, names[0]), clean(second, names[1])), monkeypatch, password)
    session = new_run(order(good, tmp_path / "home"))
    try:
        until(session, stage_is("finished"))
        assert {one.name for one in seen_in(session)} == {"left", "right"}
        for one in seen_in(session):
            assert password not in repr(one)
    finally:
        session.detach()
    same = server_book(
        tmp_path, (clean(first, names[0]), clean(first, names[0], "127.000.000.001")), monkeypatch, password
    )
    with pytest.raises(Refused, match="one and the same database"):
        new_run(order(same, tmp_path / "home"))


# ---------------------------------------------------------------- a rehearsal never meets production

ENVS = """
environments:
  prod: {production: true}
  dry: {rehearsal: true, set: {databases.db.url: "sqlite:///FOLDER/SPELT"}}
  drill: {rehearsal: true, live: true}
databases: {db: {url: "sqlite:///FOLDER/a.db"}}
"""


def in_environment(folder: Path, env: str, spelt: str = "link.db") -> RunOrder:
    more = ENVS.replace("FOLDER", str(folder)).replace("SPELT", spelt)
    return order(
        write(folder, STEPS.replace("CHANGES", "changes_identity: false"), more), folder / "home", environment=env
    )


def after_production(folder: Path) -> None:
    database(folder / "a.db")
    session = new_run(in_environment(folder, "prod"))
    at_the_question(session)
    session.detach()


def test_a_rehearsal_that_leads_to_a_database_known_as_production_is_refused(tmp_path: Path) -> None:
    after_production(tmp_path)
    (tmp_path / "link.db").symlink_to(tmp_path / "a.db")
    with pytest.raises(Refused, match="db is production: real used it in prod as db"):
        new_run(in_environment(tmp_path, "dry"))
    assert numbers(tmp_path / "a.db") == [1]


def test_production_that_turns_up_in_the_middle_of_a_rehearsal_is_refused_by_the_step(tmp_path: Path) -> None:
    after_production(tmp_path)
    steps = f"""
    - id: p
      steps:
        - id: bring
          local: {{argv: [ln, -s, "{tmp_path}/a.db", "{tmp_path}/link.db"]}}
          changes: reversible
          undo: {{none: harmless}}
        - {{id: two, sql: {{db: db, run: "insert into t values (2)"}}, changes: reversible, undo: {{none: harmless}}}}
    """
    more = ENVS.replace("FOLDER", str(tmp_path)).replace("SPELT", "link.db")
    session = new_run(order(write(tmp_path, steps, more), tmp_path / "home", environment="dry"))
    try:
        state = until(session, lambda s: s.status("two") is Status.FAILED)
        assert "nothing was run: db is production" in state.step("two").reason
        assert numbers(tmp_path / "a.db") == [1]
    finally:
        session.detach()


def test_a_rehearsal_that_is_live_may_and_one_on_a_copy_may_too(tmp_path: Path) -> None:
    after_production(tmp_path)
    shutil.copy(tmp_path / "a.db", tmp_path / "copy.db")
    for env, spelt in (("drill", "copy.db"), ("dry", "copy.db")):
        session = new_run(in_environment(tmp_path, env, spelt))
        at_the_question(session)
        session.detach()


def test_what_is_known_of_production_and_cannot_be_read_refuses_a_rehearsal(tmp_path: Path) -> None:
    after_production(tmp_path)
    shutil.copy(tmp_path / "a.db", tmp_path / "copy.db")
    (tmp_path / "home" / "known-targets.json").write_text("{")
    with pytest.raises(Refused, match="known of production cannot be read"):
        new_run(in_environment(tmp_path, "dry", "copy.db"))


def test_a_target_is_kept_once_per_name_for_this_user_only(tmp_path: Path) -> None:
    for seen in ("2026-01-01", "2026-01-02"):
        remember(tmp_path, KnownTarget("pg 1", "pg cluster 1", "book", "prod", "db", seen))
    (one,) = known_targets(tmp_path)
    assert one.seen == "2026-01-02"
    assert (tmp_path / "known-targets.json").stat().st_mode & 0o777 == 0o600
    (tmp_path / "known-targets.json").write_text(json.dumps({"targets": [{"instance": 1}]}))
    with pytest.raises(Refused):
        known_targets(tmp_path)


def test_production_is_known_again_at_another_address_and_after_a_restart(
    make: MakeDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = make()
    at = sa.make_url(url)
    monkeypatch.setenv("TARGET_PW", str(at.password))
    other = clean(url, str(at.database), "127.000.000.001")
    more = f"""
    secrets: {{pw: {{from: env, name: TARGET_PW}}}}
    databases: {{db: {{url: '{clean(url, str(at.database))}', password: pw}}}}
    environments:
      prod: {{production: true}}
      dry: {{rehearsal: true, set: {{databases.db.url: '{other}'}}}}
    """
    steps = "- {id: p, steps: [{id: one, sql: {db: db, run: 'select 1'}, changes: nothing}]}"
    path = write(tmp_path, steps, more)
    session = new_run(order(path, tmp_path / "home", environment="prod"))
    until(session, stage_is("finished"))
    session.detach()
    if at.get_backend_name().startswith("postgres"):  # its start is part of the instance, its address of the identity
        file = tmp_path / "home" / "known-targets.json"
        tree = json.loads(file.read_text())
        tree["targets"][0] |= {"instance": "as it ran before", "identity": "as it was before"}
        file.write_text(json.dumps(tree))
    with pytest.raises(Refused, match="db is production: real used it in prod as db"):
        new_run(order(path, tmp_path / "home", environment="dry"))


@pytest.mark.parametrize(
    ("kind", "facts", "is_it"),
    [
        ("database", (("cluster", "7"), ("database", "orders"), ("at", "b:1"), ("data", "/b")), True),
        ("database", (("cluster", "7"), ("database", "other"), ("at", "a:1"), ("data", "/a")), False),
        ("database", (("cluster", "8"), ("database", "orders"), ("at", "a:1"), ("data", "/a")), False),
        ("database", (("cluster", ""), ("database", "orders"), ("at", "b:1")), False),
        ("host", (("cluster", "7"), ("database", "orders")), False),
    ],
)
def test_a_cluster_is_known_by_its_identifier_and_database_alone(
    kind: str, facts: tuple[tuple[str, str], ...], is_it: bool
) -> None:
    known = (("cluster", "7"), ("database", "orders"), ("at", "a:1"), ("data", "/a"))
    one = KnownTarget("i", "postgresql a", "book", "prod", "db", "2026-01-01", "database", known)
    assert one.is_it(kind, Fingerprint("postgresql", facts, "j")) is is_it


@pytest.mark.parametrize(
    ("facts", "is_it"),
    [
        ((("ssh-ed25519", "A"), ("machine", "2")), True),  # set up anew with its keys kept
        ((("ssh-rsa", "R"), ("machine", "1")), True),  # known by another kind of key there
        ((("ssh-ed25519", "B"), ("machine", "1")), False),  # another sshd of one machine
        ((("ssh-rsa", "R"), ("hostname", "a")), False),
    ],
)
def test_a_host_is_known_by_its_key_and_by_its_machine_where_keys_say_nothing(
    facts: tuple[tuple[str, str], ...], is_it: bool
) -> None:
    known = (("ssh-ed25519", "A"), ("machine", "1"))
    one = KnownTarget("i", "linux a", "book", "prod", "web", "2026-01-01", "host", known)
    assert one.is_it("host", Fingerprint("linux", facts, "j")) is is_it
