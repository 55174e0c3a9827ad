"""COMMIT was sent and no answer came: the marker tells the truth every time, compared with what the table holds."""

from __future__ import annotations

import asyncio
import collections
import itertools
import random
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.errors import TargetUnreachable
from app.ports import MarkerAnswer, SqlOutcome, SqlVerdict, SqlWork
from tests.contract.databases import Truth, adapter, new_ticket
from tests.contract.relay import Break, Relay
from tests.contract.said import Said

pytestmark = pytest.mark.anyio

BREAKS: tuple[Break, ...] = ("before", "answer", "both", "late")


@pytest.fixture(params=["postgresql", "mysql"])
def url(request: pytest.FixtureRequest) -> str:
    made = str(request.getfixturevalue({"postgresql": "postgres_url", "mysql": "mysql_url"}[request.param]))
    Truth(made).run("CREATE TABLE effect (ticket varchar(100) primary key)")
    return made


@pytest.fixture
def relay(url: str) -> Iterator[Relay]:
    server = sa.make_url(url)
    made = Relay((str(server.host), int(server.port or 0)))
    yield made
    made.close()


def through(relay: Relay, url: str) -> str:
    return sa.make_url(url).set(host="127.0.0.1", port=relay.port).render_as_string(hide_password=False)


def work(ticket: str) -> SqlWork:
    return SqlWork(ticket, "INSERT INTO effect VALUES (:tminus_ticket)", head="h")


def judge(outcome: SqlOutcome, ticket: str, truth: Truth) -> None:
    stands = truth.one(f"SELECT count(*) FROM effect WHERE ticket = '{ticket}'")
    assert outcome.verdict is not SqlVerdict.UNKNOWN, outcome.error
    assert (outcome.verdict is SqlVerdict.COMMITTED) == bool(stands), (outcome, stands)


@pytest.mark.parametrize("how", BREAKS)
async def test_a_connection_that_breaks_at_commit_is_resolved_to_the_truth(url: str, relay: Relay, how: Break) -> None:
    truth = Truth(url)
    database = adapter(through(relay, url))
    await database.prepare()
    for _ in range(4):
        ticket = new_ticket()
        relay.arm(how)
        outcome = await database.run(work(ticket), Said())
        assert relay.broke
        judge(outcome, ticket, truth)
        if how in ("before", "answer", "late"):
            expected = SqlVerdict.FAILED if how == "before" else SqlVerdict.COMMITTED
            assert outcome.verdict is expected, (how, outcome)
        again = await database.run(work(ticket), Said())
        assert again.verdict is SqlVerdict.FAILED, "a ticket counts once, also after a doubt"
        judge(outcome, ticket, truth)


async def test_a_session_that_is_ended_at_a_random_moment_around_commit_is_resolved_to_the_truth(url: str) -> None:
    truth = Truth(url)
    database = adapter(url)
    await database.prepare()
    chance = random.Random(7)
    seen: collections.Counter[SqlVerdict] = collections.Counter()
    for _ in range(12):
        ticket = new_ticket()
        killer = threading.Thread(target=end_sessions, args=(url, chance.uniform(0.0, 0.08)))
        killer.start()
        try:
            outcome = await database.run(work(ticket), Said())
        except TargetUnreachable:  # ended before it could begin: nothing was run
            outcome = SqlOutcome(SqlVerdict.FAILED)
        killer.join()
        judge(outcome, ticket, truth)
        seen[outcome.verdict] += 1
    assert seen.total() == 12


def end_sessions(url: str, after: float) -> None:
    """End every session of the database but our own, repeatedly for a few milliseconds."""
    engine = sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        threading.Event().wait(after)
        for _ in itertools.repeat(None, 3):
            if engine.dialect.name == "postgresql":
                mine = "datname = current_database() AND pid <> pg_backend_pid()"
                connection.execute(sa.text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {mine}"))
                continue
            mine = "db = database() AND id <> connection_id() AND user = substring_index(user(), '@', 1)"
            for (session,) in connection.execute(
                sa.text(f"SELECT id FROM information_schema.processlist WHERE {mine}")
            ).all():
                try:
                    connection.execute(sa.text(f"KILL {session}"))
                except sa.exc.OperationalError:  # it has ended by itself
                    continue


async def test_a_console_that_dies_in_the_middle_of_a_transaction_finds_out_that_it_never_ran(url: str) -> None:
    truth, database, ticket = Truth(url), adapter(url), new_ticket()
    await database.prepare()
    slow = "SELECT pg_sleep(30)" if database.dialect == "postgresql" else "SELECT sleep(30)"
    running = asyncio.create_task(database.run(SqlWork(ticket, f"{work(ticket).text}; {slow}"), Said()))
    await truth.until_busy()
    database._live[ticket].sever()
    outcome = await running
    assert outcome.verdict is SqlVerdict.FAILED
    while (answer := await database.settle(ticket, timedelta(seconds=2))) is MarkerAnswer.RUNNING:
        # MariaDB does not look whether its client still lives; its own statement limit, or this, ends it.
        end_sessions(url, 0)
    assert answer is MarkerAnswer.NEVER
    assert truth.one("SELECT count(*) FROM effect") == 0


async def test_another_console_ends_what_was_left_running_by_its_ticket_and_nothing_else(url: str) -> None:
    truth, database, tickets = Truth(url), adapter(url), (new_ticket(), new_ticket())
    await database.prepare()
    slow = "SELECT pg_sleep(60)" if database.dialect == "postgresql" else "SELECT sleep(60)"
    left, beside = (
        asyncio.create_task(database.run(SqlWork(ticket, f"{work(ticket).text}; {slow}"), Said())) for ticket in tickets
    )
    await truth.until_busy(2)
    moment, next_console = timedelta(seconds=1), adapter(url)
    assert await next_console.settle(tickets[0], moment) is MarkerAnswer.RUNNING
    await next_console.stop(tickets[0])
    assert (await asyncio.wait_for(left, 20)).verdict is SqlVerdict.FAILED
    assert await next_console.settle(tickets[0], timedelta(seconds=20)) is MarkerAnswer.NEVER
    assert await next_console.settle(tickets[1], moment) is MarkerAnswer.RUNNING, "a stranger was ended"
    await next_console.stop(tickets[0])  # too late is no trouble
    await database.stop(tickets[1])
    assert (await asyncio.wait_for(beside, 20)).verdict is SqlVerdict.CANCELLED
    assert truth.one("SELECT count(*) FROM effect") == 0
