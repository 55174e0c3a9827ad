"""The shipped lag of PostgreSQL on a real primary with a real standby: nothing behind, then behind by a known time."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from tests.contract.databases import Truth, adapter
from tests.metrics.test_shipped import book, read
from tests.servers import postgres
from tests.servers.absent import not_run
from tests.servers.guard import account
from tests.servers.ports import free_port
from tests.servers.share import run_as

pytestmark = pytest.mark.anyio


@pytest.fixture
def standby(postgres_server: str) -> Iterator[str]:
    """The URL of a standby of the test server; ended by its process id."""
    binaries = postgres.binaries()
    if binaries is None:
        not_run(postgres.MISSING)
    if os.environ.get("TMINUS_TEST_POSTGRES"):
        not_run("a standby is made of a private PostgreSQL only, and TMINUS_TEST_POSTGRES names another one")
    primary = sa.make_url(postgres_server)
    folder = Path(tempfile.mkdtemp(prefix="tminus-standby-"))
    user = _user(folder)
    link = f"host={primary.host} port={primary.port} user={primary.username} password={primary.password}"
    backup = [
        str(binaries / "pg_basebackup"),
        "-d",
        link,
        "-D",
        str(folder / "data"),
        "-R",
        "-X",
        "stream",
        "-c",
        "fast",
    ]
    run_as(user, backup, folder)
    port = free_port()
    options = {"port": port, "unix_socket_directories": folder, "listen_addresses": "127.0.0.1", "fsync": "off"}
    options |= {"max_connections": 200, "max_prepared_transactions": 10}  # a standby may not allow less
    words = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    name, group, others = account(user)
    process = subprocess.Popen(
        [str(binaries / "postgres"), "-D", str(folder / "data"), *words],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user=name,
        group=group,
        extra_groups=others,
    )
    try:
        url = primary.set(port=port).render_as_string(hide_password=False)
        _until(lambda: process.poll() is None and _answers(url))
        yield url
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _user(folder: Path) -> str:
    """As whom it runs: PostgreSQL refuses to run as root."""
    if os.geteuid():
        return "-"
    shutil.chown(folder, "postgres")
    return "postgres"


def _answers(url: str) -> bool:
    try:
        return bool(Truth(url).one("SELECT pg_is_in_recovery()"))
    except (sa.exc.OperationalError, psycopg.OperationalError):
        return False


def _until(so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


async def test_the_lag_is_read_on_both_sides(postgres_server: str, standby: str) -> None:
    runbook, name = book("postgresql"), "pg_replication_lag"
    primary, follower = {"main": adapter(postgres_server)}, {"main": adapter(standby)}
    table = f"t_{secrets.token_hex(4)}"
    Truth(postgres_server).run(f"CREATE TABLE {table} (n int)")
    _until(lambda: bool(Truth(standby).one(f"SELECT to_regclass('{table}') IS NOT NULL")))
    assert await read(runbook, name, follower) < 5
    assert await read(runbook, name, primary) >= 0
    Truth(standby).one("SELECT pg_wal_replay_pause()::text")
    began = time.monotonic()
    Truth(postgres_server).run(f"INSERT INTO {table} VALUES (1)")
    _until(lambda: bool(Truth(standby).one("SELECT pg_last_wal_receive_lsn() <> pg_last_wal_replay_lsn()")))
    _until(lambda: time.monotonic() - began > 1)
    assert await read(runbook, name, follower) >= 1
    Truth(standby).one("SELECT pg_wal_replay_resume()::text")
    _until(lambda: bool(Truth(standby).one(f"SELECT count(*) = 1 FROM {table}")))
    Truth(postgres_server).run(f"DROP TABLE {table}")
