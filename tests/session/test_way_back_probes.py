"""The way back is asked all the time whether it is open, of real targets that come and go, and nothing is changed."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
import sqlalchemy as sa

from app.connectors.short_commands import LocalShortCommands
from app.ports import World
from app.rollback.needs import Need
from app.rollback.readiness import Readiness, Word
from app.run import events as e
from app.run.state import RunState, Status
from app.session import Session, resume, watch
from app.session.way_back_looks import Looks
from tests.contract.test_killed_servers import Mortal
from tests.servers import postgres
from tests.servers.absent import not_run
from tests.session.conversation import new_run, order, r, until, write

LONG = 60.0
STEPS = """
- id: p
  steps:
    - {id: make, sql: {db: db, run: "create table t (n int)"}, changes: reversible, undo: UNDO}
    - {id: look, check: {text: "Is it good?"}}
"""
DROP = "[{sql: {db: db, run: 'drop table if exists t'}}]"


@pytest.fixture
def server() -> Iterator[Mortal]:
    found = postgres.binaries()
    made = postgres.recipe(found) if found else not_run(postgres.MISSING)
    folder = Path(tempfile.mkdtemp(prefix="tminus-back-"))  # short: a unix socket's path has at most 107 bytes
    mortal = Mortal(made, folder)
    yield mortal
    mortal.kill()
    shutil.rmtree(folder, ignore_errors=True)


def ready(session: Session, so: Callable[[Readiness], bool]) -> Readiness:
    until(session, lambda _state: so(session.readiness()), LONG)
    return session.readiness()


def looks_of(session: Session) -> list[e.WayBackProbed]:
    with session.reader() as reader:
        return [one.event for one in reader.since(0) if isinstance(one.event, e.WayBackProbed)]


def test_a_database_that_stops_unarms_the_way_back_and_arms_it_when_it_is_back(
    server: Mortal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = sa.make_url(server.url)
    monkeypatch.setenv("PG_PASSWORD", str(url.password))
    plain = f"postgresql+psycopg://{url.username}@{url.host}:{url.port}/{url.database}"
    book = f"""
    secrets: {{pg: {{from: env, name: PG_PASSWORD}}}}
    databases: {{db: {{url: '{plain}', password: pg}}}}
    """
    session = new_run(order(write(tmp_path, STEPS.replace("UNDO", DROP), book), tmp_path / "home"))
    try:
        until(session, lambda s: s.status("look") is Status.WAITING, LONG)
        armed = ready(session, lambda now: now.word is Word.ARMED)
        assert any("database db seen" in one for one in armed.seen), armed
        server.kill()
        unarmed = ready(session, lambda now: now.word is Word.UNARMED)
        assert unarmed.reasons[0].startswith("database db: "), unarmed
        seen = session.state.probes["database db"]
        assert seen.word == "bad"
        server.start()
        ready(session, lambda now: now.word is Word.ARMED)
        words = [look[1] for one in looks_of(session) for look in one.looks if look[0] == "database db"]
        assert [word for i, word in enumerate(words) if i == 0 or words[i - 1] != word] == ["ok", "bad", "ok"]
        assert str(url.password) not in str(looks_of(session))
    finally:
        session.detach()


def test_an_artifact_that_is_emptied_unarms_the_way_back(tmp_path: Path) -> None:
    dump = tmp_path / "dump"
    steps = f"""
    - id: p
      steps:
        - {{id: dump, local: {{argv: [sh, -c, "echo rows > {dump}"]}}, changes: nothing, makes: [before]}}
        - {{id: reads, local: {{argv: [grep, -q, rows, {dump}]}}, changes: nothing, uses: [before]}}
        - id: make
          local: {{argv: ["true"]}}
          changes: reversible
          undo: [{{local: {{argv: ["true"]}}, uses: [before]}}]
        - {{id: look, check: {{text: "Is it good?"}}}}
    """
    more = f"artifacts: {{before: {{where: '{dump}', keep: 90d, check: reads}}}}"
    session = new_run(order(write(tmp_path, steps, more), tmp_path / "home"))
    try:
        until(session, lambda s: s.status("look") is Status.WAITING, LONG)
        ready(session, lambda now: now.word is Word.ARMED)
        assert session.state.probes["artifact before"].detail == "reads holds"
        dump.write_text("")
        empty = ready(session, lambda now: now.word is Word.UNARMED)
        assert empty.reasons[0] == f"artifact before: {dump} is empty"
        assert not list((tmp_path / "home" / "commands").glob("*way-back*")), "a look leaves nothing behind"
    finally:
        session.detach()


CHECKED = """
- id: p
  steps:
    - {id: dump, local: {argv: ["true"]}, changes: nothing, makes: [before]}
    - {id: reads, sql: {db: db, run: "select n from t"}, changes: nothing, uses: [before], expect: {row.n: "== 1"}}
    - id: make
      local: {argv: ["true"]}
      changes: reversible
      undo: [{local: {argv: ["true"]}, uses: [before]}]
    - {id: look, check: {text: "Is it good?"}}
"""


def test_a_check_that_another_database_would_pass_does_not_arm_the_way_back(tmp_path: Path) -> None:
    def database(file: Path) -> None:
        with sqlite3.connect(file) as db:
            db.execute("create table t as select 1 as n")
        db.close()

    database(tmp_path / "a.db")
    more = f"""
    databases: {{db: {{url: 'sqlite:///{tmp_path}/a.db'}}}}
    artifacts: {{before: {{where: the vault, keep: 90d, check: reads}}}}
    """
    home = tmp_path / "home"
    session = new_run(order(write(tmp_path, CHECKED, more), home))
    until(session, lambda s: s.status("look") is Status.WAITING, LONG)
    ready(session, lambda now: now.word is Word.ARMED)
    session.detach()
    database(tmp_path / "b.db")
    (tmp_path / "b.db").replace(tmp_path / "a.db")
    again = resume(home, session.run, operator="bo")
    try:
        shut = ready(again, lambda now: now.word is Word.UNARMED)
        assert shut.reasons[0].startswith("artifact before: db is not the database that the run saw before"), shut
    finally:
        again.detach()


UNREADABLE = """
import resource, sys
from datetime import UTC, datetime
from app.session.way_back_looks import _file
_file(sys.argv[1], None, datetime.now(UTC))
resource.setrlimit(resource.RLIMIT_NOFILE, (0, 100))
print(_file(sys.argv[1], None, datetime.now(UTC)))
"""


def test_a_folder_that_stands_and_cannot_be_listed_is_bad_and_no_fault(tmp_path: Path) -> None:
    """Root may list every folder, so what fails here is opening it: this process may open nothing more."""
    said = subprocess.run([sys.executable, "-c", UNREADABLE, str(tmp_path)], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == str(("bad", f"{tmp_path}: too many open files"))


@pytest.mark.anyio
async def test_what_the_system_refuses_while_it_is_looked_at_is_bad_and_no_fault(tmp_path: Path) -> None:
    """A name longer than any file system takes makes the system itself refuse, whoever asks."""
    looks = Looks(cast("World", None), {}, cast("LocalShortCommands", None), lambda: cast("RunState", None))
    need = Need("program", "sh", folder=str(tmp_path / ("x" * 5000)))
    assert await looks(need) == ("bad", "file name too long")


def test_the_probe_of_an_undo_is_asked_ahead_and_one_that_cannot_be_asked_unarms(tmp_path: Path) -> None:
    channel = tmp_path / "channel"
    channel.write_text("open")
    steps = f"""
    - id: p
      steps:
        - id: make
          local: {{argv: ["true"]}}
          changes: reversible
          undo:
            - local: {{argv: ["true"]}}
              probe: {{local: {{argv: [cat, {channel}]}}, expect: {{stdout: {{is: closed}}}}}}
        - {{id: look, check: {{text: "Is it good?"}}}}
    """
    session = new_run(order(write(tmp_path, steps), tmp_path / "home"))
    try:
        until(session, lambda s: s.status("look") is Status.WAITING, LONG)
        armed = ready(session, lambda now: now.word is Word.ARMED)
        assert any("reverse check of make/undo/1 seen" in one for one in armed.seen), armed
    finally:
        session.detach()


def test_nobody_looks_where_nothing_is_needed_and_when_nobody_drives_it_is_said(tmp_path: Path) -> None:
    steps = """
    - id: p
      steps:
        - {id: make, local: {argv: ["true"]}, changes: reversible, undo: [{local: {argv: [no-such-program-here]}}]}
        - {id: look, check: {text: "Is it good?"}}
    """
    session = new_run(order(write(tmp_path, steps), tmp_path / "home"))
    try:
        until(session, lambda s: s.status("look") is Status.WAITING, LONG)
        unarmed = ready(session, lambda now: now.word is Word.UNARMED)
        assert unarmed.reasons[0] == "program no-such-program-here: it is not on the PATH"
        session.send(r.Rule("ana", "look", "done", "seen"))
        until(session, lambda s: s.stage.value == "finished", LONG)
    finally:
        session.detach()
    look = watch(tmp_path / "home", session.run)
    try:
        assert look.readiness().word is Word.UNARMED
    finally:
        look.close()


def test_letting_go_leaves_no_thread_that_looks(tmp_path: Path) -> None:
    session = new_run(order(write(tmp_path, STEPS.replace("UNDO", DROP), _sqlite(tmp_path)), tmp_path / "home"))
    until(session, lambda s: "database db" in s.probes, LONG)
    session.detach()
    assert session.ended
    assert not [name for name in _threads() if name.startswith("tminus-way")]


def _sqlite(folder: Path) -> str:
    (folder / "data.db").touch()
    return f"databases: {{db: {{url: 'sqlite:///{folder}/data.db'}}}}"


def _threads() -> list[str]:
    tasks = Path(f"/proc/{os.getpid()}/task")
    return [(one / "comm").read_text().strip() for one in tasks.iterdir()]
