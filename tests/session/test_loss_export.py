"""An export never stands in the way of going back: it is given up when the way back begins, and leaves nothing."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.errors import Refused
from app.session import Session
from app.session.loss_export import ExportOrder, export_written
from tests.contract.databases import Truth
from tests.session.conversation import new_run, order, r, stage_is, until, write

STEPS = """
- id: cut
  steps:
    - {id: go, decide: {ask: Open writes, by: [lead]}}
    - id: open
      changes: reversible
      boundary: {kind: lossy, says: Orders taken on the new side}
      local: {argv: ['true']}
      undo: [{sql: {db: new, run: drop table orders cascade}}]
    - {id: soak, wait: {for: 1h}}
"""
MORE = """
roles: {{lead: {{people: [ana, raj]}}}}
databases: {{new: {{url: '{url}', password: new_pw}}}}
secrets: {{new_pw: {{from: env, name: NEW_PW}}}}
rollback: {{to: start, est: 1m, loss: {{db: new, tables: {{slow: made}}}}}}
"""
ROWS, EACH = 120, 0.5


class Saving(threading.Thread):
    """Somebody who saves rows, and what came of it."""

    def __init__(self, session: Session, asked: ExportOrder) -> None:
        super().__init__()
        self.session, self.asked = session, asked
        self.trouble: Refused | None = None

    def run(self) -> None:
        try:
            export_written(self.session, self.asked)
        except Refused as trouble:
            self.trouble = trouble


@pytest.fixture
def truth(postgres_url: str) -> Truth:
    """The new side: orders, and a view of them that takes half a second a row."""
    truth = Truth(postgres_url)
    truth.run("CREATE TABLE orders (id integer primary key, made timestamptz)")
    truth.run(f"CREATE VIEW slow AS SELECT id, made, (SELECT id FROM pg_sleep({EACH})) AS late FROM orders")
    return truth


@pytest.fixture
def session(tmp_path: Path, truth: Truth, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A run past its lossy boundary; the rows written since are known."""
    parsed = sa.make_url(postgres_url)
    monkeypatch.setenv("NEW_PW", str(parsed.password))
    clean = sa.URL.create("postgresql", parsed.username, None, parsed.host, parsed.port, parsed.database)
    path = write(tmp_path, STEPS, MORE.format(url=clean.render_as_string()))
    session = new_run(order(path, tmp_path / "home"))
    try:
        until(session, lambda s: s.step("go").question is not None, 30)
        session.send(r.Answer("ana", "go", "go"))
        until(session, lambda s: s.step("soak").last is not None, 30)
        truth.run(f"INSERT INTO orders SELECT g, now() FROM generate_series(1, {ROWS}) g")
        until(session, lambda _: session.loss().rows == ROWS, 60)
        yield session
    finally:
        session.detach("the test is over")


def reading(session: Session, truth: Truth, asked: ExportOrder) -> Saving:
    """Somebody who saves rows, in the middle of it."""
    saving = Saving(session, asked)
    saving.start()
    asleep = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
    deadline = time.monotonic() + 30
    while truth.count(asleep) == 0:
        assert saving.is_alive(), saving.trouble
        assert time.monotonic() < deadline, "the export does not read"
        time.sleep(0.05)
    return saving


def test_an_export_lets_go_of_the_table_that_an_undo_wants_to_drop(
    tmp_path: Path, session: Session, truth: Truth
) -> None:
    home = tmp_path / "home"
    saving = reading(session, truth, ExportOrder(home, "ana"))
    began = time.monotonic()
    session.send(r.RollBack("ana", "start", "", 0, "all of it"))
    until(session, stage_is("rolled back"), ROWS * EACH - 10)
    assert time.monotonic() - began < ROWS * EACH - 10
    saving.join(30)
    assert isinstance(saving.trouble, Refused)
    assert "The way back began, so the export was given up" in str(saving.trouble)
    assert list((home / "exports").iterdir()) == []
    assert session.state.exports == ()


def test_an_export_that_nobody_waits_for_is_given_up_and_what_a_dead_one_left_is_swept(
    tmp_path: Path, session: Session, truth: Truth
) -> None:
    exports = tmp_path / "home" / "exports"
    dead, other = exports / ".a-written-since-1.77", exports / ".b-written-since-1.78"
    for left in (dead, other):
        left.mkdir(parents=True)
        (left / "orders.ndjson").write_text("{}")
    for one in (dead / "orders.ndjson", dead):
        os.utime(one, (0, 0))
    gone = threading.Event()
    saving = reading(session, truth, ExportOrder(tmp_path / "home", "ana", given_up=gone.is_set))
    gone.set()
    saving.join(ROWS * EACH / 2)
    assert not saving.is_alive(), "it reads on for nobody"
    assert isinstance(saving.trouble, Refused)
    assert "The export was given up" in str(saving.trouble)
    assert list(exports.iterdir()) == [other], "another's may be under way"
