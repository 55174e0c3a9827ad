"""A canary through every path of a run: it reaches the command and the database, and no file, record or message."""

from __future__ import annotations

import base64
import sqlite3
import urllib.parse
from pathlib import Path

import pytest

from app.run.state import Status
from app.session import Session, watch
from tests.session.conversation import new_run, order, stage_is, until, write

CANARY = "c4nary/v4lue+with=odd&chars 42"
SPELLINGS = (
    CANARY,
    urllib.parse.quote(CANARY, safe=""),
    urllib.parse.quote_plus(CANARY),
    base64.b64encode(CANARY.encode()).decode(),
    CANARY.encode().hex(),
)

BOOK = """
- id: p
  steps:
    - id: env
      local:
        script: |
          echo "$PW"
          printf %s "$PW" | base64
          printf %s "$PW" | od -An -tx1 | tr -d ' \\n'
        env: {PW: "${secrets.pw}"}
      changes: nothing
      save: {leaked: stdout}
    - id: stdin
      local: {argv: [cat], stdin: "${secrets.pw}"}
      changes: nothing
    - id: bind
      sql: {db: db, run: "insert into t values (:v)", bind: {v: "${secrets.pw}"}}
      changes: reversible
      undo: {none: harmless}
    - id: wrong
      sql: {db: db, run: "select abs(-9223372036854775807 - 1) from t where v = :v", bind: {v: "${secrets.pw}"}}
      changes: nothing
      on_fail: continue
    - id: fails
      local: {argv: [sh, -c, 'echo "no entry for $PW" >&2; exit 1'], env: {PW: "${secrets.pw}"}}
      changes: nothing
      on_fail: continue
"""


def run_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setenv("CANARY_PW", CANARY)
    with sqlite3.connect(tmp_path / "d.db") as db:
        db.execute("create table t (v text)")
    db.close()
    more = f"secrets: {{pw: {{from: env, name: CANARY_PW}}}}\ndatabases: {{db: {{url: 'sqlite:///{tmp_path}/d.db'}}}}"
    session = new_run(order(write(tmp_path, BOOK, more), tmp_path / "home"))
    until(session, stage_is("finished"))
    session.detach()
    return session


def test_the_canary_is_used_and_no_byte_that_is_written_holds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = run_all(tmp_path, monkeypatch)
    state = session.state
    assert [state.status(a) for a in ("env", "stdin", "bind")] == [Status.DONE] * 3
    with sqlite3.connect(tmp_path / "d.db") as db:
        assert db.execute("select v from t").fetchall() == [(CANARY,)]
    db.close()
    found = []
    for path in (p for p in (tmp_path / "home").rglob("*") if p.is_file()):
        data = path.read_bytes()
        found += [(path.name, spelling) for spelling in SPELLINGS if spelling.encode() in data]
    assert not found


def test_what_a_step_printed_and_what_it_saved_is_masked_in_the_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = run_all(tmp_path, monkeypatch)
    text = repr(session.state)
    assert not [spelling for spelling in SPELLINGS if spelling in text]
    assert "***" in dict(session.state.step("env").saved)["leaked"]
    look = watch(tmp_path / "home", session.run)
    assert not [spelling for spelling in SPELLINGS if spelling in repr(look.state)]
    look.close()
