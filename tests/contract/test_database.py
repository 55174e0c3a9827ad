"""What every database must keep: rolled back means rolled back, read-only means read-only, a ticket counts once."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.connectors.database import SqlDatabase
from app.connectors.dialect import Bounds
from app.errors import Refused, TargetUnreachable
from app.ports import MarkerAnswer, SecretText, SqlOutcome, SqlVerdict, SqlWork
from tests.contract.databases import Truth, adapter, new_ticket, sqlite_url
from tests.contract.said import Said

pytestmark = pytest.mark.anyio
WAIT = timedelta(seconds=5)

SLOW = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1e9) SELECT max(i) FROM n",
    "postgresql": "SELECT pg_sleep(60)",
    "mysql": "SELECT sleep(60)",
}


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return sqlite_url(tmp_path)
    fixture = {"postgresql": "postgres_url", "mysql": "mysql_url"}[request.param]
    return str(request.getfixturevalue(fixture))


@pytest.fixture
def truth(url: str) -> Truth:
    made = Truth(url)
    made.run("CREATE TABLE orders (id integer primary key, note varchar(100))")
    return made


@pytest.fixture
def db(url: str, truth: Truth) -> Iterator[SqlDatabase]:
    before = set(threading.enumerate())
    yield adapter(url, pg_pw="hunter2-hunter2")
    left = [thread for thread in threading.enumerate() if thread not in before and thread.name.startswith("tminus")]
    for thread in left:
        thread.join(10)
    assert not [thread for thread in left if thread.is_alive()], "a thread was left behind"


async def go(db: SqlDatabase, text: str, **more: object) -> SqlOutcome:
    return await db.run(SqlWork(ticket=new_ticket(), text=text, **more), Said())  # type: ignore[arg-type] # any field


async def test_all_statements_stand_together_and_the_ticket_is_marked(db: SqlDatabase, truth: Truth) -> None:
    ticket = new_ticket()
    text = "INSERT INTO orders VALUES (1, 'a;b'); -- one; two\nINSERT INTO orders VALUES (2, :note);"
    outcome = await db.run(SqlWork(ticket, text, binds=(("note", "it's 100% :x"),), head="abc"), Said())
    assert (outcome.verdict, outcome.error, outcome.marked) == (SqlVerdict.COMMITTED, "", True)
    assert len(outcome.result.statements) == 2
    assert truth.one("SELECT note FROM orders WHERE id = 2") == "it's 100% :x"
    assert await db.settle(ticket, WAIT) is MarkerAnswer.COMMITTED


async def test_an_error_leaves_nothing_behind(db: SqlDatabase, truth: Truth) -> None:
    ticket = new_ticket()
    text = "INSERT INTO orders VALUES (1, 'a'); INSERT INTO nowhere VALUES (1)"
    outcome = await db.run(SqlWork(ticket, text), Said())
    assert (outcome.verdict, outcome.partial) == (SqlVerdict.FAILED, 0)
    assert "nowhere" in outcome.error
    assert truth.one("SELECT count(*) FROM orders") == 0
    assert await db.settle(ticket, WAIT) is MarkerAnswer.NEVER


async def test_a_fenced_ticket_can_never_run(db: SqlDatabase, truth: Truth) -> None:
    ticket = new_ticket()
    await db.prepare()
    assert await db.settle(ticket, WAIT) is MarkerAnswer.NEVER
    outcome = await db.run(SqlWork(ticket, "INSERT INTO orders VALUES (1, 'a')"), Said())
    assert outcome.verdict is SqlVerdict.FAILED
    assert "fenced" in outcome.error
    assert truth.one("SELECT count(*) FROM orders") == 0
    assert await db.settle(ticket, WAIT) is MarkerAnswer.NEVER


async def test_a_ticket_counts_once(db: SqlDatabase, truth: Truth) -> None:
    work = SqlWork(new_ticket(), "INSERT INTO orders (id) SELECT coalesce(max(id), 0) + 1 FROM orders")
    first, second = await db.run(work, Said()), await db.run(work, Said())
    assert (first.verdict, second.verdict) == (SqlVerdict.COMMITTED, SqlVerdict.FAILED)
    assert truth.one("SELECT count(*) FROM orders") == 1


async def test_rows_come_back_as_few_plain_types_and_are_counted_beyond_the_cap(db: SqlDatabase, truth: Truth) -> None:
    for number in range(1, 21):
        truth.run(f"INSERT INTO orders VALUES ({number}, NULL)")
    outcome = await go(db, "SELECT id, note, 1.50 AS price FROM orders ORDER BY id", read_only=True, max_rows=3)
    result = outcome.result
    assert (outcome.verdict, result.columns, result.row_count) == (SqlVerdict.COMMITTED, ("id", "note", "price"), 20)
    assert [row[:2] for row in result.rows] == [(1, None), (2, None), (3, None)]
    assert str(result.rows[0][2]) in ("1.50", "1.5")


async def test_the_server_itself_refuses_to_write_in_a_reading_session(db: SqlDatabase, truth: Truth) -> None:
    for text in ("INSERT INTO orders VALUES (1, 'a')", "CREATE TABLE more (id integer)", "DELETE FROM orders"):
        outcome = await go(db, text, read_only=True)
        assert outcome.verdict is SqlVerdict.FAILED, text
    assert truth.one("SELECT count(*) FROM orders") == 0


@pytest.mark.parametrize("tx", ["one", "none"])
async def test_a_reading_session_cannot_talk_itself_into_writing(db: SqlDatabase, truth: Truth, tx: str) -> None:
    switches = {
        "sqlite": ["PRAGMA query_only = OFF", "PRAGMA main.query_only = 0", "ATTACH 'other.db' AS other"],
        "postgresql": [
            "SET TRANSACTION READ WRITE",
            "SELECT set_config('transaction_read_only', 'off', true)",
            "SELECT set_config('default_transaction_read_only', 'off', false)",
            "COMMIT",
        ],
        "mysql": [
            "SET SESSION TRANSACTION READ WRITE",
            "SET SESSION transaction_read_only = 0",
            "COMMIT",
            "UNLOCK TABLES",
        ],
    }[db.dialect]
    for switch in switches:
        outcome = await go(db, f"{switch}; INSERT INTO orders VALUES (1, 'a')", read_only=True, tx=tx)
        assert outcome.verdict is SqlVerdict.FAILED, switch
    assert truth.one("SELECT count(*) FROM orders") == 0


async def test_statement_by_statement_counts_what_stands(db: SqlDatabase, truth: Truth) -> None:
    ticket = new_ticket()
    text = "INSERT INTO orders VALUES (1, 'a'); INSERT INTO orders VALUES (2, 'b'); INSERT INTO nowhere VALUES (1)"
    outcome = await db.run(SqlWork(ticket, text, tx="none"), Said())
    assert (outcome.verdict, outcome.partial, outcome.marked) == (SqlVerdict.FAILED, 2, False)
    assert truth.one("SELECT count(*) FROM orders") == 2
    assert await db.settle(ticket, WAIT) is MarkerAnswer.CANNOT_TELL


async def test_statement_by_statement_that_ended_well_is_remembered_too(db: SqlDatabase, truth: Truth) -> None:
    ticket = new_ticket()
    outcome = await db.run(SqlWork(ticket, "INSERT INTO orders VALUES (1, 'a'); SELECT 1", tx="none"), Said())
    assert (outcome.verdict, outcome.marked) == (SqlVerdict.COMMITTED, False)
    assert await db.settle(ticket, WAIT) is MarkerAnswer.COMMITTED


@pytest.mark.parametrize("tx", ["one", "none"])
async def test_stop_ends_a_running_statement_and_rolls_back(db: SqlDatabase, truth: Truth, tx: str) -> None:
    ticket = new_ticket()
    text = f"INSERT INTO orders VALUES (1, 'a'); {SLOW[db.dialect]}; INSERT INTO orders VALUES (2, 'b')"
    running = asyncio.create_task(db.run(SqlWork(ticket, text, tx=tx), Said()))  # type: ignore[arg-type] # a Literal
    await truth.until_busy()
    await db.stop(ticket)
    outcome = await asyncio.wait_for(running, 10)
    stands = 0 if tx == "one" else 1
    assert outcome.verdict is SqlVerdict.CANCELLED
    assert truth.one("SELECT count(*) FROM orders") == stands
    if tx == "none":
        assert outcome.partial >= 1


async def test_a_cancelled_task_leaves_no_statement_and_no_thread(db: SqlDatabase, truth: Truth) -> None:
    ticket = new_ticket()
    running = asyncio.create_task(
        db.run(SqlWork(ticket, f"INSERT INTO orders VALUES (1, 'a'); {SLOW[db.dialect]}"), Said())
    )
    await truth.until_busy()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(running, 12)
    assert await db.settle(ticket, WAIT) is MarkerAnswer.NEVER
    assert truth.one("SELECT count(*) FROM orders") == 0


async def test_a_statement_past_its_limit_is_ended_by_the_server(db: SqlDatabase) -> None:
    outcome = await go(db, SLOW[db.dialect], read_only=True, statement_seconds=1)
    assert outcome.verdict is SqlVerdict.FAILED
    assert outcome.error


async def test_a_wait_for_a_lock_is_bounded(url: str, db: SqlDatabase, truth: Truth) -> None:
    truth.run("INSERT INTO orders VALUES (1, 'a')")
    holder = asyncio.create_task(go(db, f"UPDATE orders SET note = 'held'; {SLOW[db.dialect]}"))
    await truth.until_busy()
    other = adapter(url, Bounds(lock=timedelta(seconds=1)))
    outcome = await asyncio.wait_for(other.run(SqlWork(new_ticket(), "UPDATE orders SET note = 'b'"), Said()), 20)
    holder.cancel()
    await asyncio.wait([holder])
    assert outcome.verdict is SqlVerdict.FAILED
    assert "lock" in outcome.error.lower()


async def test_settle_says_running_while_the_transaction_is_open(db: SqlDatabase, truth: Truth) -> None:
    await db.prepare()
    ticket = new_ticket()
    running = asyncio.create_task(
        db.run(SqlWork(ticket, f"INSERT INTO orders VALUES (1, 'a'); {SLOW[db.dialect]}"), Said())
    )
    await truth.until_busy()
    assert await db.settle(ticket, timedelta(seconds=1)) is MarkerAnswer.RUNNING
    running.cancel()
    await asyncio.wait([running])
    assert await db.settle(ticket, WAIT) is MarkerAnswer.NEVER


@pytest.mark.parametrize("text", ["BEGIN; SELECT 1", "SELECT 1; COMMIT", "ROLLBACK", "", "SELECT 'a", "SELECT :nobody"])
async def test_what_cannot_be_run_is_refused_before_anything_runs(db: SqlDatabase, truth: Truth, text: str) -> None:
    outcome = await go(db, f"INSERT INTO orders VALUES (1, 'a'); {text}" if text else text)
    assert outcome.verdict is SqlVerdict.FAILED
    assert outcome.error.startswith("nothing was run")
    assert truth.one("SELECT count(*) FROM orders") == 0


async def test_names_are_quoted_and_values_are_bound(db: SqlDatabase, truth: Truth) -> None:
    truth.run("CREATE TABLE plain (n integer)")
    idents = (("table", "plain"), ("column", "n"))
    outcome = await go(db, "INSERT INTO {table} ({column}) VALUES (:n)", binds=(("n", 7),), idents=idents)
    assert outcome.verdict is SqlVerdict.COMMITTED
    assert truth.one("SELECT n FROM plain") == 7
    bad = await go(db, "SELECT * FROM {table}", idents=(("table", 'plain" ; drop table orders; --`'),), read_only=True)
    assert bad.verdict is SqlVerdict.FAILED


async def test_a_secret_never_stands_in_an_error(db: SqlDatabase) -> None:
    secret = SecretText(((True, "pg_pw"),))
    outcome = await go(db, "INSERT INTO orders VALUES (:p, 'x')", binds=(("p", secret),))
    if outcome.verdict is SqlVerdict.FAILED:  # SQLite may take text for a number
        assert "hunter2" not in outcome.error
    else:
        assert db.dialect == "sqlite"


async def test_identity_is_stable_and_names_the_database(db: SqlDatabase) -> None:
    first = await db.identity()
    assert first == await db.identity()
    assert first.product in (db.dialect, "mariadb")
    assert not first.unlike((await db.identity()).facts)


async def test_ready_markers_are_made_once(db: SqlDatabase) -> None:
    assert await db.prepare()
    assert await db.prepare()


async def test_a_place_where_nothing_listens_is_unreachable_and_the_password_is_not_told(tmp_path: Path) -> None:
    for url in ("postgresql://me:sesame-open@127.0.0.1:1/x", "mysql://me:sesame-open@127.0.0.1:1/x"):
        with pytest.raises(TargetUnreachable) as caught:
            await adapter(url).identity()
        assert "sesame" not in repr(caught.value) + str(caught.value)
    with pytest.raises(TargetUnreachable, match="does not exist"):
        await adapter(f"sqlite:///{tmp_path}/none.db").identity()


async def test_a_server_that_accepts_and_never_greets_is_unreachable_within_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        for product in ("mysql", "postgresql"):
            with pytest.raises(TargetUnreachable):
                await asyncio.wait_for(adapter(f"{product}://me:sesame-open@127.0.0.1:{port}/x").identity(), 15)


async def test_a_wrong_password_is_a_refusal(url: str) -> None:
    if url.startswith("sqlite"):
        return
    import sqlalchemy as sa

    wrong = sa.make_url(url).set(password="sesame-open").render_as_string(hide_password=False)
    with pytest.raises(Refused) as caught:
        await adapter(wrong).identity()
    assert "sesame" not in str(caught.value)


def test_a_url_with_a_password_is_refused() -> None:
    from app.connectors.dialect import dialect_for

    for url in ("postgresql://a:b@c/d", "sqlite://", "oracle://a/b", "no url"):
        with pytest.raises(Refused):
            dialect_for(url)
