"""What going back would lose, counted in real runs: by the server's clock, never shown as 0 when nobody knows."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.rollback.loss import Loss, accepted, in_short, in_words, loss_of
from app.run import events as e
from app.session import Session, resume, watch
from tests.contract.databases import Truth
from tests.session.conversation import new_run, order, r, stage_is, until, write

LOSSY = """
- id: prepare
  steps:
    - {id: ready, check: {text: Ready}}
- id: cut
  steps:
    - {id: go, decide: {ask: Open writes, by: [lead]}}
    - id: open
      changes: reversible
      boundary: {kind: lossy, says: Orders taken on the new side}
      local: {argv: ['true']}
      undo: [{local: {argv: ['true']}}]
    - {id: soak, wait: {for: 1h}}
"""
MORE = """
roles: {{lead: {{people: [ana]}}}}
databases: {{new: {{url: '{url}'{password}}}}}
{secrets}
rollback: {{to: start, est: 1m, loss: {{db: new, tables: {{{tables}}}}}}}
"""
LOOKED = 40.0
KINDS = {"sqlite": "text", "postgresql": "timestamptz", "mysql": "datetime(6)"}
NOW = {"sqlite": "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')", "postgresql": "now()", "mysql": "now(6)"}


class Scene:
    """A run, and the new side that it opens."""

    def __init__(self, folder: Path, url: str, monkeypatch: pytest.MonkeyPatch, tables: str = "orders: made") -> None:
        self.home = folder / "home"
        parsed = sa.make_url(url)
        self.product = parsed.get_backend_name().replace("mariadb", "mysql")
        self.truth = Truth(url)
        password = secrets = ""
        if parsed.password is not None:
            monkeypatch.setenv("NEW_PW", str(parsed.password))
            password, secrets = ", password: new_pw", "secrets: {new_pw: {from: env, name: NEW_PW}}"
        clean = sa.URL.create(
            parsed.get_backend_name(), parsed.username, None, parsed.host, parsed.port, parsed.database
        ).render_as_string()
        self.truth.run(f"CREATE TABLE orders (id integer primary key, made {KINDS[self.product]})")
        more = MORE.format(url=clean, password=password, secrets=secrets, tables=tables)
        self.path = write(folder, LOSSY, more)
        self.session: Session = new_run(order(self.path, self.home))

    def place(self, first: int, last: int) -> None:
        for number in range(first, last + 1):
            self.truth.run(f"INSERT INTO orders VALUES ({number}, {NOW[self.product]})")

    def loss(self) -> Loss:
        return loss_of(self.session.state, self.session.way_back(), self.session.moment())

    def open(self) -> None:
        until(self.session, lambda s: s.step("ready").question is not None)
        self.session.send(r.Answer("ana", "ready", "done"))
        until(self.session, lambda s: s.step("go").question is not None)
        self.session.send(r.Answer("ana", "go", "go"))
        until(self.session, lambda s: s.step("soak").last is not None)

    def counted(self, rows: int) -> None:
        until(self.session, lambda _: self.loss().rows == rows and not self.loss().stale, LOOKED)


def another_second() -> None:
    """The switch is rounded down to the second, so what was copied in that very second would count as new."""
    second = datetime.now(UTC).replace(microsecond=0)
    while datetime.now(UTC) < second + timedelta(seconds=1):
        time.sleep(0.01)


@contextmanager
def scene(folder: Path, url: str, monkeypatch: pytest.MonkeyPatch, tables: str = "orders: made") -> Iterator[Scene]:
    one = Scene(folder, url, monkeypatch, tables)
    try:
        yield one
    finally:
        one.session.detach("the test is over")


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        sqlite3.connect(tmp_path / "new.db").close()
        return f"sqlite:///{tmp_path / 'new.db'}"
    fixture = {"postgresql": "postgres_url", "mysql": "mysql_url"}[request.param]
    return str(request.getfixturevalue(fixture))


@pytest.fixture
def lite(tmp_path: Path) -> str:
    sqlite3.connect(tmp_path / "new.db").close()
    return f"sqlite:///{tmp_path / 'new.db'}"


def test_only_rows_since_the_switch_are_counted_and_the_record_says_when_it_was(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scene(tmp_path, url, monkeypatch) as run:
        run.place(1, 3)
        another_second()
        assert in_words(run.loss()).startswith("loses 0 rows, none written on the new side yet")
        before = datetime.now(UTC)
        run.open()
        run.counted(0)
        assert in_words(run.loss()) == "loses 0 rows, none written since the switch"
        run.place(4, 8)
        run.counted(5)
        state = run.session.state
        assert state.written is not None
        assert state.written.instant is not None
        assert abs(state.written.instant - before) < timedelta(seconds=20)
        assert state.written.address == "open"
        assert in_short(run.loss()) == "loses 5 orders"
        assert in_words(run.loss()).startswith("loses 5 orders, the last ")
        assert accepted(run.loss(), run.session.moment()).startswith(
            "Orders taken on the new side: 5 orders, the last "
        )


def test_a_count_goes_on_in_the_next_console_from_the_same_instant(
    tmp_path: Path, lite: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scene(tmp_path, lite, monkeypatch) as run:
        run.open()
        run.place(1, 2)
        run.counted(2)
        assert run.session.state.written is not None
        since = run.session.state.written.since
        name = run.session.run
        run.session.detach("another console")
        look = watch(run.home, name)
        assert look.state.written is not None
        assert [(one.table, one.rows) for one in look.state.written.tables] == [("orders", 2)]
        look.close()
        run.session = resume(run.home, name, operator="mei")
        run.place(3, 3)
        run.counted(3)
        assert run.session.state.written is not None
        assert run.session.state.written.since == since
        with run.session.reader() as reader:
            dated = [one for one in reader.since(0) if isinstance(one.event, e.SwitchDated)]
        assert len(dated) == 1


def test_what_nobody_can_count_is_told_before_the_switch_and_never_as_zero(
    tmp_path: Path, lite: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scene(tmp_path, lite, monkeypatch, "orders: written") as run:
        until(run.session, lambda s: s.step("ready").question is not None)
        run.session.send(r.Answer("ana", "ready", "done"))
        until(run.session, lambda s: s.step("go").question is not None)
        state = until(run.session, lambda s: s.written is not None and bool(s.written.problem), LOOKED)
        assert state.written is not None
        assert "no column written in a table orders" in state.written.problem
        run.session.send(r.Answer("ana", "go", "go"))
        until(run.session, lambda s: s.step("soak").last is not None)
        assert run.loss().rows is None
        assert in_short(run.loss()) == "loses rows: not counted"
        assert "; not counted: There is no column written in a table orders" in in_words(run.loss())
        assert "0" not in in_words(run.loss())


def test_a_database_that_goes_away_leaves_the_last_count_with_its_age(
    tmp_path: Path, lite: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scene(tmp_path, lite, monkeypatch) as run:
        run.open()
        run.place(1, 2)
        run.counted(2)
        (tmp_path / "new.db").rename(tmp_path / "gone.db")
        until(run.session, lambda s: s.written is not None and bool(s.written.problem), LOOKED)
        words = in_words(run.loss())
        assert words.startswith("loses at least 2 orders; not counted for ")
        assert in_short(run.loss()) == "loses 2+ orders"
        (tmp_path / "gone.db").rename(tmp_path / "new.db")
        run.counted(2)


def test_a_lossy_way_back_must_be_accepted_and_the_record_says_what_was(
    tmp_path: Path, lite: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scene(tmp_path, lite, monkeypatch) as run:
        run.open()
        run.place(1, 4)
        run.counted(4)
        run.session.send(r.RollBack("ana", "start", "", 0))
        until(run.session, lambda _: any(isinstance(x.event, e.RequestRefused) for x in run.session.take()))
        assert run.session.state.back is None
        run.session.send(r.RollBack("ana", "start", "", 0, accepted(run.loss(), run.session.moment())))
        state = until(run.session, stage_is("rolled back"), 30)
        assert state.back is not None
        assert state.back.loses.startswith("Orders taken on the new side: 4 orders, the last at ")
        with run.session.reader() as reader:
            asked = [one.event for one in reader.since(0) if isinstance(one.event, e.RollbackRequested)]
        assert [one.accepts.startswith("Orders taken on the new side: 4 orders") for one in asked] == [True]
