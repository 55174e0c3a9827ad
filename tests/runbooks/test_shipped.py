"""Every small shipped runbook, run for real: forward with its effects looked at, and back with nothing left."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, make_url, text

from app.errors import Severity
from app.run.state import Stage
from app.session import open_runbook
from app.shipped import runbooks_dir
from tests.runbooks.driving import Driven, driven
from tests.runbooks.gateway import ROUTES, Gateway, open_gateway, write_tool

SHIPPED = sorted(runbooks_dir().glob("*.yaml"))
FIRST, SCHEMA, FRAMEWORK = (next(p for p in SHIPPED if p.name.startswith(n)) for n in ("10-", "20-", "30-"))


def test_they_are_numbered_from_smallest_to_fullest() -> None:
    sizes = [path.stat().st_size for path in SHIPPED]
    assert len(sizes) >= 4
    assert (sizes[0], sizes[-1]) == (min(sizes), max(sizes))
    assert all(path.name[:2].isdigit() for path in SHIPPED)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_each_is_without_errors_and_warnings(path: Path) -> None:
    problems = open_runbook(path).problems
    assert [str(p) for p in problems if p.severity is Severity.ERROR] == []
    assert [str(p) for p in problems] == []


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_each_begins_by_saying_what_it_is_and_how_it_is_run(path: Path) -> None:
    lines = path.read_text().splitlines()
    head = "\n".join(itertools.takewhile(lambda line: line.startswith("#"), lines))
    assert len(head) > 300
    assert "tminus " in head


# ---------------------------------------------------------------- 10: the first runbook


@pytest.fixture
def notice(tmp_path: Path) -> Path:
    return tmp_path / "a folder/notice.txt"


def test_the_first_runbook_puts_a_notice_up_and_takes_it_down(tmp_path: Path, notice: Path) -> None:
    with driven(FIRST, tmp_path / "home", {"folder": str(notice.parent)}, {"ready": "done"}) as run:
        assert run.to_the_end() is Stage.FINISHED
        assert notice.read_text() == "Back in a few minutes\n"
        assert run.back() is Stage.ROLLED_BACK
        assert not notice.exists()


def test_before_the_first_runbook_did_anything_there_is_nothing_to_go_back_from(tmp_path: Path, notice: Path) -> None:
    with driven(FIRST, tmp_path / "home", {"folder": str(notice.parent)}, {}) as run:
        run.until_asked("ready")
        assert run.back() is Stage.FORWARD
        assert "nothing to undo" in run.refused()
        assert not notice.parent.exists()


# ---------------------------------------------------------------- 20: a column replaced by another


@pytest.fixture(params=["sqlite", "postgresql"])
def customers(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a database with three customers in the old shape."""
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path}/customers.db" if sqlite else str(request.getfixturevalue("postgres_url"))
    ask(url, "create table customers (id integer primary key, first_name text, last_name text)")
    ask(url, "insert into customers values (1, 'Ana', 'O''Neill'), (2, 'Łucja', 'Çelik'), (3, '', 'Brandt')")
    return url


def ask(url: str, statement: str) -> list[tuple[object, ...]]:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as link:
        done = link.execute(text(statement))
        return [tuple(row) for row in done] if done.returns_rows else []


def columns(url: str) -> int:
    return len(ask(url, "select * from customers where id = 1")[0])


SCHEMA_ANSWERS = {"readers": "done", "readers/undo/1": "done", "go-contract": "go"}


@contextmanager
def changing(url: str, home: Path, answers: dict[str, str]) -> Iterator[Driven]:
    """The schema change, under way on this database, in the environment that belongs to it."""
    address = make_url(url)
    bare = address._replace(drivername=address.get_backend_name(), password=None).render_as_string()
    environment = "" if url.startswith("sqlite") else "postgres"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("APP_PASSWORD", str(address.password or ""))
        with driven(SCHEMA, home, {"url": bare}, answers, environment) as run:
            yield run


def test_the_schema_change_goes_back_without_a_trace_while_the_old_columns_are_there(
    tmp_path: Path, customers: str
) -> None:
    before = ask(customers, "select * from customers order by id")
    with changing(customers, tmp_path / "home", SCHEMA_ANSWERS) as run:
        run.until_asked("go-contract")
        assert ask(customers, "select full_name from customers order by id") == [
            ("Ana O'Neill",),
            ("Łucja Çelik",),
            (" Brandt",),
        ]
        assert run.back() is Stage.ROLLED_BACK, run.accounts()
    assert ask(customers, "select * from customers order by id") == before


def test_after_the_old_columns_are_dropped_the_way_back_is_closed_and_says_why(tmp_path: Path, customers: str) -> None:
    with changing(customers, tmp_path / "home", SCHEMA_ANSWERS) as run:
        assert run.to_the_end() is Stage.FINISHED
        assert columns(customers) == 2
        assert run.back() is Stage.FINISHED
        assert "gone" in run.refused()
    assert columns(customers) == 2


def test_a_customer_without_a_name_stops_the_schema_change_before_it_changes_anything(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/customers.db"
    ask(url, "create table customers (id integer primary key, first_name text, last_name text)")
    ask(url, "insert into customers values (1, null, 'Brandt')")
    with changing(url, tmp_path / "home", {}) as run:
        run.until_failed("names-are-complete")
        assert columns(url) == 3


# ---------------------------------------------------------------- 30: routes from one framework to another


@pytest.fixture
def gateway(request: pytest.FixtureRequest) -> Iterator[Gateway]:
    with open_gateway(getattr(request, "param", ())) as opened:
        yield opened


FRAMEWORK_ANSWERS = {
    "freeze-on": "done",
    "go": "go",
    "move": "continue",
    "freeze-off": "done",
    "freeze-off/undo/1": "done",
    "freeze-on/undo/1": "done",
}


def params(gateway: Gateway, tmp_path: Path) -> dict[str, str]:
    return {"gateway": gateway.address, "routectl": str(write_tool(tmp_path)), "settled": "2"}


def test_the_routes_move_one_at_a_time_the_first_alone(tmp_path: Path, gateway: Gateway) -> None:
    with driven(FRAMEWORK, tmp_path / "home", params(gateway, tmp_path), FRAMEWORK_ANSWERS) as run:
        run.until_asked("move")
        assert gateway.history == [("catalogue", "fastify")]
        assert run.to_the_end() is Stage.FINISHED
        assert gateway.history == [(route, "fastify") for route in ROUTES]
        assert run.back() is Stage.ROLLED_BACK
    assert set(gateway.routes.values()) == {"express"}


@pytest.mark.parametrize("gateway", [("checkout",)], indirect=True)
def test_a_route_that_the_new_application_cannot_answer_takes_all_of_them_back(
    tmp_path: Path, gateway: Gateway
) -> None:
    with driven(FRAMEWORK, tmp_path / "home", params(gateway, tmp_path), FRAMEWORK_ANSWERS) as run:
        assert run.to_the_end() is Stage.ROLLED_BACK
        assert run.accounts()["move[checkout]/answered"] == "failed"
    assert gateway.history[-2:] == [("checkout", "fastify"), ("all", "express")]
    assert set(gateway.routes.values()) == {"express"}
