"""Markers are believed only where they prove something: rights that are missing, DDL that commits by itself."""

from __future__ import annotations

import secrets
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.connectors.database import SqlDatabase
from app.ports import MarkerAnswer, SqlOutcome, SqlVerdict, SqlWork
from tests.contract.databases import Truth, adapter, new_ticket
from tests.contract.said import Said

pytestmark = pytest.mark.anyio
WAIT = timedelta(seconds=3)


async def go(database: SqlDatabase, ticket: str, text: str) -> SqlOutcome:
    return await database.run(SqlWork(ticket, text), Said())


def with_login(url: str, name: str, password: str) -> str:
    return sa.make_url(url).set(username=name, password=password).render_as_string(hide_password=False)


async def test_without_the_right_to_make_the_table_work_runs_unmarked_and_nothing_is_claimed(
    postgres_url: str,
) -> None:
    truth, name, password = Truth(postgres_url), f"u_{secrets.token_hex(5)}", secrets.token_hex(8)
    truth.run(f"CREATE ROLE {name} LOGIN PASSWORD '{password}'")
    truth.run("CREATE TABLE orders (id integer primary key)")
    truth.run(f"GRANT ALL ON orders TO {name}")
    poor, ticket = adapter(with_login(postgres_url, name, password)), new_ticket()
    try:
        assert not await poor.prepare()
        outcome = await go(poor, ticket, "INSERT INTO orders VALUES (1)")
        assert (outcome.verdict, outcome.marked) == (SqlVerdict.COMMITTED, False)
        assert await poor.settle(ticket, WAIT) is MarkerAnswer.CANNOT_TELL
        assert await poor.settle(new_ticket(), WAIT) is MarkerAnswer.CANNOT_TELL
        await adapter(postgres_url).prepare()
        refused = await go(poor, new_ticket(), "INSERT INTO orders VALUES (2)")
        assert refused.verdict is SqlVerdict.FAILED, "a table that stands must be written, or nothing is run"
        assert "Grant" in refused.error
        assert truth.one("SELECT count(*) FROM orders") == 1
    finally:
        truth.run(f"DROP OWNED BY {name}")
        truth.run(f"DROP ROLE {name}")


async def test_a_login_that_may_not_make_a_database_marks_beside_the_tables(mysql_url: str) -> None:
    truth, name, password = Truth(mysql_url), f"u_{secrets.token_hex(5)}", secrets.token_hex(8)
    shop = sa.make_url(mysql_url).database
    truth.run("CREATE TABLE orders (id integer primary key)")
    truth.run(f"CREATE USER '{name}'@'%' IDENTIFIED BY '{password}'")
    truth.run(f"GRANT ALL ON {shop}.* TO '{name}'@'%'")
    poor, ticket = adapter(with_login(mysql_url, name, password)), new_ticket()
    try:
        outcome = await go(poor, ticket, "INSERT INTO orders VALUES (1)")
        assert (outcome.verdict, outcome.marked) == (SqlVerdict.COMMITTED, True)
        assert truth.one("SELECT verdict FROM tminus_marker") == "done"
        assert await poor.settle(ticket, WAIT) is MarkerAnswer.COMMITTED
        assert await poor.settle(new_ticket(), WAIT) is MarkerAnswer.NEVER
    finally:
        truth.run(f"DROP USER '{name}'@'%'")


async def test_ddl_that_commits_by_itself_counts_what_stands(mysql_url: str) -> None:
    truth, database, ticket = Truth(mysql_url), adapter(mysql_url), new_ticket()
    truth.run("CREATE TABLE orders (id integer primary key)")
    text = (
        "INSERT INTO orders VALUES (1); CREATE TABLE more (n int); INSERT INTO more VALUES (1); SELECT * FROM nowhere"
    )
    outcome = await go(database, ticket, text)
    assert (outcome.verdict, outcome.partial, outcome.marked) == (SqlVerdict.FAILED, 2, False)
    assert truth.one("SELECT count(*) FROM orders") == 1
    assert truth.one("SELECT count(*) FROM more") == 0
    assert await database.settle(ticket, WAIT) is MarkerAnswer.CANNOT_TELL


async def test_ddl_that_ended_well_is_remembered(mysql_url: str) -> None:
    database, ticket = adapter(mysql_url), new_ticket()
    outcome = await go(database, ticket, "CREATE TABLE more (n int); ALTER TABLE more ADD m int")
    assert (outcome.verdict, outcome.marked) == (SqlVerdict.COMMITTED, False)
    assert await database.settle(ticket, WAIT) is MarkerAnswer.COMMITTED
    assert await database.settle(new_ticket(), WAIT) is MarkerAnswer.NEVER


async def test_a_table_without_transactions_is_not_called_rolled_back(mysql_url: str) -> None:
    truth, database = Truth(mysql_url), adapter(mysql_url)
    truth.run("CREATE TABLE old (n int) ENGINE=MyISAM")
    outcome = await go(database, new_ticket(), "INSERT INTO old VALUES (1); INSERT INTO nowhere VALUES (1)")
    assert outcome.verdict is SqlVerdict.FAILED
    assert outcome.partial >= 1
    assert truth.one("SELECT count(*) FROM old") == 1


async def test_ddl_and_secrets_in_one_postgresql_transaction_are_marked(postgres_url: str) -> None:
    truth, database, ticket = Truth(postgres_url), adapter(postgres_url), new_ticket()
    outcome = await go(database, ticket, "CREATE TABLE a (n int); INSERT INTO a SELECT 1; ALTER TABLE a ADD m int")
    assert (outcome.verdict, outcome.marked) == (SqlVerdict.COMMITTED, True)
    assert truth.one("SELECT head || verdict FROM tminus.marker") == "done"


async def test_writing_says_read_write_itself(postgres_url: str) -> None:
    truth = Truth(postgres_url)
    truth.run("CREATE TABLE orders (id integer primary key)")
    name = sa.make_url(postgres_url).database
    truth.run(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    outcome = await go(adapter(postgres_url), new_ticket(), "INSERT INTO orders VALUES (1)")
    assert (outcome.verdict, outcome.marked) == (SqlVerdict.COMMITTED, True)
