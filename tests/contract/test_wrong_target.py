"""On the very connection that writes: another database than expected is told by name, and nothing is written there."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.connectors.database import SqlDatabase
from app.ports import SqlVerdict, SqlWork
from tests.contract.databases import Truth, adapter, new_ticket, sqlite_url
from tests.contract.said import Said

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["sqlite", "postgres", "mysql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return sqlite_url(tmp_path)
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture
def db(url: str) -> SqlDatabase:
    Truth(url).run("CREATE TABLE orders (n int)")
    return adapter(url)


def work(facts: tuple[tuple[str, str], ...], tx: str = "one") -> SqlWork:
    return SqlWork(new_ticket(), "INSERT INTO orders VALUES (1)", tx=tx, expects=facts)  # type: ignore[arg-type]  # one of two words


@pytest.mark.parametrize("tx", ["one", "none"])
async def test_the_database_that_was_seen_is_written_to(db: SqlDatabase, url: str, tx: str) -> None:
    who = await db.identity()
    assert (await db.run(work(who.facts, tx), Said())).verdict is SqlVerdict.COMMITTED
    assert Truth(url).one("SELECT count(*) FROM orders") == 1


@pytest.mark.parametrize("tx", ["one", "none"])
async def test_any_changed_fact_stops_it_before_even_a_marker(db: SqlDatabase, url: str, tx: str) -> None:
    who = await db.identity()
    for name, value in who.facts:
        facts = tuple((one, f"{text}-other" if one == name else text) for one, text in who.facts)
        outcome = await db.run(work(facts, tx), Said())
        assert outcome.verdict is SqlVerdict.FAILED
        assert f"{name} is {value}, was {value}-other" in outcome.error
        assert outcome.error.startswith("nothing was run")
    assert Truth(url).one("SELECT count(*) FROM orders") == 0
    tables = "sqlite_master" if url.startswith("sqlite") else "information_schema.tables"
    column = "name" if url.startswith("sqlite") else "table_name"
    assert Truth(url).one(f"SELECT count(*) FROM {tables} WHERE {column} = 'tminus_marker'") == 0


async def test_a_fact_that_either_side_may_not_know_is_no_difference(db: SqlDatabase) -> None:
    who = await db.identity()
    for name, _ in who.facts:
        facts = tuple((one, "" if one == name else text) for one, text in who.facts)
        assert not who.unlike(facts)


async def test_a_login_with_few_rights_can_still_say_which_postgresql_it_is(postgres_url: str) -> None:
    truth = Truth(postgres_url)
    import sqlalchemy as sa

    role = f"few_{new_ticket()[4:16]}"
    truth.run(f"CREATE ROLE {role} LOGIN PASSWORD 'sesame-open'")
    try:
        few = sa.make_url(postgres_url).set(username=role, password="sesame-open").render_as_string(hide_password=False)
        modest, full = await adapter(few).identity(), await adapter(postgres_url).identity()
        assert modest.instance == full.instance
        assert not modest.unlike(full.facts)
        assert dict(full.facts)["data"] and not dict(modest.facts)["data"]
    finally:
        truth.run(f"DROP ROLE {role}")
