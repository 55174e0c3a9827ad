"""The two-way preflight on real targets: what it says of each direction, and that it changes nothing anywhere."""

from __future__ import annotations

import hashlib
import shutil
import socket
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.session.look_ahead import look_ahead
from app.session.preflight import LIFE, Preflight, PreflightLine
from tests.contract.databases import Truth, new_ticket
from tests.contract.test_killed_servers import Mortal
from tests.servers import mariadb
from tests.servers.absent import not_run
from tests.servers.ports import free_port
from tests.session.conversation import order, write


def line(found: Preflight, subject: str) -> PreflightLine:
    (one,) = [one for one in found.lines if one.subject == subject]
    return one


def words(found: Preflight, subject: str) -> tuple[str, str]:
    one = line(found, subject)
    return one.word, one.rollback


def look(folder: Path, steps: str, more: str = "") -> Preflight:
    return look_ahead(order(write(folder, steps, more), folder / "home"))


def bytes_of(folder: Path) -> dict[str, str]:
    """Every file under a folder with its digest."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


SQLITE = """
- id: p
  steps:
    - {id: look, check: {text: Look}}
    - id: make
      sql: {db: db, run: "create table made (n int); insert into made select n from t"}
      changes: reversible
      undo: [{sql: {db: db, run: "drop table made"}}]
    - id: lost
      sql: {db: db, run: "update nowhere set n = 1"}
      changes: reversible
      undo: [{sql: {db: db, run: "delete from {table}", idents: {table: nowhere-too}}}]
    - {id: final, sql: {db: db, run: "delete from t"}, changes: reversible, undo: {none: it is empty}}
    - {id: count, sql: {db: db, run: "select count(*) from made"}, changes: nothing}
"""


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_nothing_changes_on_the_disk_and_both_directions_are_told(tmp_path: Path, journal: str) -> None:
    db = sqlite3.connect(tmp_path / "a.db")
    db.execute(f"pragma journal_mode = {journal}")
    db.execute("create table t (n int)")
    db.commit()
    db.close()
    path = write(tmp_path, SQLITE, f"databases: {{db: {{url: 'sqlite:///{tmp_path}/a.db'}}}}")
    before = bytes_of(tmp_path)
    found = look_ahead(order(path, tmp_path / "home"))
    assert bytes_of(tmp_path) == before
    assert not (tmp_path / "home").exists()
    assert words(found, "database db") == ("ok", "ok")
    assert words(found, "look") == ("ok", "-")
    assert words(found, "make") == ("ok", "ok")
    assert words(found, "lost") == ("refused", "refused")
    assert "nowhere is not there, and no step before makes it" in line(found, "lost").detail
    assert "back: cannot delete nowhere-too" in line(found, "lost").detail
    assert words(found, "final") == ("ok", "-")
    assert "nothing to undo: it is empty" in line(found, "final").detail
    assert words(found, "count") == ("ok", "-")
    assert words(found, "record") == ("ok", "ok")
    assert not found.ok


def test_a_look_has_an_age_and_expires(tmp_path: Path) -> None:
    found = look(tmp_path, "- {id: p, steps: [{id: look, check: {text: Look}}]}")
    assert found.ok
    assert not found.expired(found.began + LIFE - timedelta(seconds=1))
    assert found.expired(found.began + LIFE)


def test_commands_folders_and_ports_of_this_machine(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        steps = f"""
        - id: p
          steps:
            - {{id: there, http: {{url: "http://127.0.0.1:{server.getsockname()[1]}/health"}}}}
            - {{id: closed, http: {{url: "http://127.0.0.1:{free_port()}/health"}}}}
            - {{id: absent, local: {{argv: [no-such-program]}}, changes: nothing}}
            - {{id: nowhere, local: {{argv: [ls], cwd: "{tmp_path}/none"}}, changes: nothing}}
            - id: go
              local: {{argv: [sh, -c, "true"]}}
              changes: reversible
              undo: [{{local: {{argv: ["{tmp_path}/undo.sh"]}}}}]
            - {{id: later, http: {{url: "http://127.0.0.1:{free_port()}/health"}}}}
        """
        found = look(tmp_path, steps)
        server.setblocking(False)
        heard = server.accept()[0]
        heard.setblocking(True)
        assert heard.recv(100) == b"", "it connected and said nothing"
        heard.close()
    assert [words(found, name) for name in ("there", "closed", "absent", "nowhere", "go", "later")] == [
        ("ok", "-"),
        ("away", "-"),
        ("refused", "-"),
        ("refused", "-"),
        ("ok", "unknown"),
        ("unknown", "-"),
    ]
    assert "an earlier step may start it" in line(found, "later").detail
    assert not (tmp_path / "home").exists()


def test_a_secret_that_nobody_can_have_is_told_and_its_database_is_not_asked(tmp_path: Path) -> None:
    more = """
    secrets: {pw: {from: env, name: SURELY_NOT_SET}}
    databases: {db: {url: "postgresql://me@127.0.0.1:1/x", password: pw}}
    """
    found = look(tmp_path, "- {id: p, steps: [{id: a, sql: {db: db, run: select 1}, changes: nothing}]}", more)
    assert words(found, "secret pw") == ("refused", "refused")
    assert line(found, "database db").detail == "its password is missing"


# ---------------------------------------------------------------- servers


class Modest:
    """A login with few rights on a server, whose password is in the environment."""

    def __init__(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.truth = Truth(url)
        self.name = f"few_{new_ticket()[4:16]}"
        at = sa.make_url(url)
        monkeypatch.setenv("MODEST_PW", "sesame-open")
        address = sa.URL.create(at.get_backend_name(), self.name, None, at.host, at.port, at.database)
        self.more = (
            "secrets: {pw: {from: env, name: MODEST_PW}}\n"
            f"databases: {{db: {{url: '{address.render_as_string()}', password: pw}}}}"
        )

    def run(self, *statements: str) -> None:
        for statement in statements:
            self.truth.run(statement.replace("ME", self.name))


@contextmanager
def postgres(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Modest]:
    one = Modest(url, monkeypatch)
    one.run("CREATE ROLE ME LOGIN PASSWORD 'sesame-open'")
    try:
        yield one
    finally:
        one.run("DROP OWNED BY ME", "DROP ROLE ME")


STEPS = """
- id: p
  steps:
    - {id: read, sql: {db: db, run: "select count(*) from orders"}, changes: nothing}
    - id: one
      sql: {db: db, run: "insert into orders values (1)"}
      changes: reversible
      undo: [{sql: {db: db, run: "delete from orders where id = 1"}}]
    - id: alter
      sql: {db: db, run: "alter table orders add note text"}
      changes: reversible
      undo: [{sql: {db: db, run: "alter table orders drop note"}}]
    - id: part
      sql: {db: db, run: "update partly set a = 1"}
      changes: reversible
      undo: {none: harmless}
    - {id: odd, sql: {db: db, run: "ODD"}, changes: reversible, undo: {none: harmless}}
"""


def test_grants_on_the_very_objects_of_postgresql(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgres(postgres_url, monkeypatch) as me:
        me.run(
            "CREATE TABLE orders (id int)",
            "CREATE TABLE partly (a int, b int)",
            "CREATE TABLE numbered (id serial)",
            "CREATE TABLE guarded (id int)",
            "ALTER TABLE guarded ENABLE ROW LEVEL SECURITY",
            "INSERT INTO orders VALUES (7)",
            "GRANT SELECT, INSERT ON orders TO ME",
            "GRANT UPDATE (a) ON partly TO ME",
            "GRANT INSERT ON numbered TO ME",
            "GRANT SELECT ON guarded TO ME",
        )
        facts = (
            "SELECT string_agg(concat_ws(' ', oid, relname, relfilenode, relacl), ',' ORDER BY oid) FROM pg_class",
            "SELECT string_agg(concat_ws(' ', xmin, ctid, orders.*), ',') FROM orders",
            "SELECT string_agg(nspname, ',' ORDER BY nspname) FROM pg_namespace",
        )
        before = [me.truth.one(fact) for fact in facts]
        more_steps = (
            STEPS.replace("ODD", "vacuum orders")
            + """
    - {id: number, sql: {db: db, run: "insert into numbered default values"}, changes: reversible, undo: {none: x}}
    - {id: guard, sql: {db: db, run: "select * from guarded"}, changes: nothing}
    - id: make
      sql: {db: db, run: "create table public.n (a int)"}
      changes: reversible
      undo: [{sql: {db: db, run: "drop table public.n"}}]
"""
        )
        found = look(tmp_path, more_steps, me.more)
        assert [me.truth.one(fact) for fact in facts] == before
    assert words(found, "database db") == ("ok", "ok")
    assert "cluster" in line(found, "database db").detail and "clock" in line(found, "database db").detail
    assert words(found, "read") == ("ok", "-")
    assert words(found, "one") == ("warning", "refused")  # no marker can be made, and there is no probe
    assert "a doubtful commit would stay in doubt" in line(found, "one").detail
    assert "back: it may not delete orders" in line(found, "one").detail
    assert words(found, "alter") == ("refused", "refused")
    assert "does not own it" in line(found, "alter").detail
    assert words(found, "part") == ("warning", "-")
    assert "on some columns only; could not tell" in line(found, "part").detail
    assert "could not tell from its text" in line(found, "odd").detail
    assert words(found, "number") == ("refused", "-")
    assert "may not use the sequence numbered_id_seq" in line(found, "number").detail
    assert words(found, "guard") == ("unknown", "-")
    assert words(found, "make")[0] == "refused"
    assert "sesame-open" not in repr(found)


def test_all_is_well_where_the_login_may_do_everything(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgres(postgres_url, monkeypatch) as me:
        me.run(
            "CREATE TABLE orders (id int)",
            "CREATE TABLE partly (a int, b int)",
            "ALTER TABLE orders OWNER TO ME",
            "ALTER TABLE partly OWNER TO ME",
            "DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO ME', current_database()); END $$",
        )
        found = look(tmp_path, STEPS.replace("ODD", "select 1"), me.more)
    assert found.ok
    assert {words(found, name) for name in ("one", "alter")} == {("ok", "ok")}


def test_grants_on_the_very_objects_of_mariadb(tmp_path: Path, mysql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    me = Modest(mysql_url, monkeypatch)
    here = str(sa.make_url(mysql_url).database)
    me.run("CREATE USER 'ME'@'127.0.0.1' IDENTIFIED BY 'sesame-open'")
    try:
        me.run(
            "CREATE TABLE orders (id int)",
            "CREATE TABLE partly (a int, b int)",
            "INSERT INTO orders VALUES (7)",
            f"GRANT SELECT, INSERT ON {here}.orders TO 'ME'@'127.0.0.1'",
            f"GRANT SELECT (a), UPDATE (a) ON {here}.partly TO 'ME'@'127.0.0.1'",
        )
        facts = (
            (
                "SELECT group_concat(table_name, create_time ORDER BY 1) FROM information_schema.tables"
                " WHERE table_schema IN (database(), 'tminus')"
            ),
            "SELECT group_concat(id) FROM orders",
        )
        before = [me.truth.one(fact) for fact in facts]
        found = look(tmp_path, STEPS.replace("ODD", "flush tables"), me.more)
        assert [me.truth.one(fact) for fact in facts] == before
    finally:
        me.run("DROP USER 'ME'@'127.0.0.1'")
    assert words(found, "read") == ("ok", "-")
    assert words(found, "one")[1] == "refused"
    assert "back: it may not delete orders" in line(found, "one").detail
    assert words(found, "alter")[0] == "refused"
    assert "on some columns only" in line(found, "part").detail
    assert "could not tell from its text" in line(found, "odd").detail


def test_a_wrong_password_and_a_closed_port_are_two_words(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgres(postgres_url, monkeypatch) as me:
        monkeypatch.setenv("MODEST_PW", "not-the-password")
        reading = "- {id: p, steps: [{id: a, sql: {db: db, run: select 1}, changes: nothing}]}"
        found = look(tmp_path, reading, me.more)
    assert words(found, "database db") == ("refused", "-")
    assert "login was refused" in line(found, "database db").detail
    assert words(found, "a") == ("unknown", "-")
    away = look(tmp_path, reading, "databases: {db: {url: 'postgresql://me@127.0.0.1:1/x'}}")
    assert words(away, "database db") == ("away", "-")


def test_a_server_that_takes_no_writes_refuses_writing_steps_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = mariadb.binaries()
    if programs is None:
        not_run(mariadb.MISSING)
    folder = Path(tempfile.mkdtemp(prefix="tminus-look-"))  # open to pass: a server does not run as root
    server = Mortal(mariadb.recipe(programs), folder)
    try:
        at = sa.make_url(server.url)
        truth = Truth(server.url)
        truth.run("CREATE DATABASE shop")
        truth.run("CREATE TABLE shop.orders (id int)")
        truth.run("SET GLOBAL read_only = 1")
        monkeypatch.setenv("MODEST_PW", str(at.password))
        url = sa.URL.create("mysql", at.username, None, at.host, at.port, "shop").render_as_string()
        more = f"secrets: {{pw: {{from: env, name: MODEST_PW}}}}\ndatabases: {{db: {{url: '{url}', password: pw}}}}"
        steps = """
        - id: p
          steps:
            - {id: read, sql: {db: db, run: "select * from orders"}, changes: nothing}
            - {id: one, sql: {db: db, run: "delete from orders"}, changes: reversible, undo: {none: x}}
            - {id: open, local: {argv: [sh, -c, "true"]}, changes: reversible, undo: {none: x}}
            - {id: two, sql: {db: db, run: "delete from orders"}, changes: reversible, undo: {none: x}}
        """
        found = look(tmp_path, steps, more)
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)
    assert [words(found, name)[0] for name in ("read", "one", "two")] == ["ok", "refused", "unknown"]
    assert "it takes no writes: its read_only is on; an earlier step may change that" in line(found, "two").detail


def test_a_step_at_a_host_shows_the_word_of_its_host(tmp_path: Path) -> None:
    steps = """
    - id: p
      steps:
        - id: far
          host: {name: h, argv: [systemctl, stop, shop]}
          changes: reversible
          undo: [{host: {name: h, argv: [systemctl, start, shop]}}]
    """
    found = look(tmp_path, steps, f"hosts: {{h: {{address: 127.0.0.1, port: {free_port()}}}}}")
    assert words(found, "host h")[0] in ("away", "refused")
    assert words(found, "far") == words(found, "host h")
    assert "see host h" in line(found, "far").detail
