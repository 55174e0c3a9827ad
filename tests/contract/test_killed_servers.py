"""The whole server is killed around COMMIT: once it is back, the marker says what the table says."""

from __future__ import annotations

import functools
import os
import pwd
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.errors import TargetUnreachable
from app.ports import SqlOutcome, SqlVerdict, SqlWork
from tests.contract.databases import Truth, adapter, new_ticket
from tests.contract.relay import Relay
from tests.contract.said import Said
from tests.servers import mariadb, postgres
from tests.servers.absent import not_run
from tests.servers.guard import account
from tests.servers.share import Recipe

pytestmark = pytest.mark.anyio

# An answer to COMMIT must mean something after a kill: the shared servers of the tests are faster and forget.
_DURABLE = {"mariadb": "--innodb-flush-log-at-trx-commit=1"}


class Mortal:
    """A private server that is killed and started again on the same data."""

    def __init__(self, recipe: Recipe, folder: Path) -> None:
        self._recipe = recipe
        names = {entry.pw_name for entry in pwd.getpwall()}
        self._user = next(name for name in recipe.users if name in names) if os.geteuid() == 0 else "-"
        folder.chmod(0o711)
        self._folder = folder / "server"
        self._folder.mkdir(mode=0o700)
        if self._user != "-":
            shutil.chown(self._folder, self._user)
        command, self.url = recipe.command(self._folder, self._user)
        self._command = [*command, *filter(None, [_DURABLE.get(recipe.name)])]
        self.start()

    def start(self) -> None:
        name, group, others = account(self._user)
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdout=log, stderr=log, user=name, group=group, extra_groups=others, umask=0o077
            )
        ends = time.monotonic() + 60
        while not self._recipe.answers(self.url):
            assert self._process.poll() is None and time.monotonic() < ends, (self._folder / "server.log").read_text()[
                -900:
            ]
            time.sleep(0.02)

    def kill(self) -> None:
        mine = [self._process.pid, *_children(self._process.pid)]
        for pid in mine:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._process.wait(20)


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> Iterator[Mortal]:
    if request.param == "postgresql":
        found = postgres.binaries()
        made = postgres.recipe(found) if found else not_run(postgres.MISSING)
    else:
        programs = mariadb.binaries()
        made = mariadb.recipe(programs) if programs else not_run(mariadb.MISSING)
    folder = Path(tempfile.mkdtemp(prefix="tminus-kill-"))  # short: a unix socket's path has at most 107 bytes
    mortal = Mortal(made, folder)
    yield mortal
    mortal.kill()
    shutil.rmtree(folder, ignore_errors=True)


async def test_a_server_killed_at_commit_is_believed_only_after_it_is_back(server: Mortal) -> None:
    await kill_at_commit(server, rounds=5)


@pytest.mark.faults
@pytest.mark.timeout(600)
async def test_a_server_killed_at_commit_many_times(server: Mortal) -> None:
    await kill_at_commit(server, rounds=30)


async def kill_at_commit(server: Mortal, rounds: int) -> None:
    parsed = sa.make_url(server.url)
    if parsed.get_backend_name() == "mysql":
        with sa.create_engine(server.url, poolclass=sa.NullPool).connect() as connection:
            connection.execute(sa.text("CREATE DATABASE shop"))
        parsed = parsed.set(database="shop")
    url = parsed.render_as_string(hide_password=False)
    truth = Truth(url)
    truth.run("CREATE TABLE effect (ticket varchar(100) primary key)")
    relay = Relay((str(parsed.host), int(parsed.port or 0)))
    database = adapter(parsed.set(host="127.0.0.1", port=relay.port).render_as_string(hide_password=False))
    chance = random.Random(11)
    try:
        await database.prepare()
        for _ in range(rounds):
            ticket, outcome = new_ticket(), SqlOutcome(SqlVerdict.FAILED)
            back = threading.Event()
            relay.arm("call", functools.partial(_die_and_come_back, server, chance.uniform(0, 0.003), back))
            try:
                outcome = await database.run(SqlWork(ticket, "INSERT INTO effect VALUES (:tminus_ticket)"), Said())
            except TargetUnreachable as trouble:
                pytest.fail(f"it broke before COMMIT: {trouble}")
            assert back.wait(60)
            stands = bool(truth.one(f"SELECT count(*) FROM effect WHERE ticket = '{ticket}'"))
            assert outcome.verdict is not SqlVerdict.UNKNOWN, outcome.error
            assert (outcome.verdict is SqlVerdict.COMMITTED) == stands, outcome
    finally:
        relay.close()


def _die_and_come_back(server: Mortal, after: float, back: threading.Event) -> None:
    threading.Event().wait(after)
    server.kill()
    server.start()
    back.set()
