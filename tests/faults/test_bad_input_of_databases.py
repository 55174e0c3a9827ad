"""Bad input and faults at PostgreSQL and MariaDB, each in a whole run on a private server that may be killed.

The table of all faults stands in test_bad_input_of_hosts. What the database holds is asked with a plain connection.
"""

from __future__ import annotations

import functools
import os
import random
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.errors import Refused
from app.run import events as e
from app.run.state import Status
from app.session import Session
from tests.contract.databases import Truth
from tests.contract.relay import Relay
from tests.contract.test_killed_servers import Mortal
from tests.lab.trial import PATIENCE, Trial
from tests.servers import mariadb, postgres
from tests.servers.absent import not_run
from tests.servers.ports import free_port
from tests.servers.share import Recipe
from tests.session.conversation import until

INSERT = "insert into effect values (:tminus_ticket)"


class Shop:
    """A database with a table `effect` that counts tickets, and runs that write there, at this address or another."""

    def __init__(self, url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = sa.make_url(url)
        self.truth = Truth(url)
        self.truth.run("DROP TABLE IF EXISTS effect")
        self.truth.run("CREATE TABLE effect (ticket varchar(100))")
        self.sleep = "pg_sleep(60)" if self.at.get_backend_name() == "postgresql" else "sleep(60)"
        self._folder, self._env = folder, monkeypatch

    def trial(self, *, host: str = "127.0.0.1", port: int = 0, password: str = "") -> Trial:
        """Runs on it; close it like any other."""
        self._env.setenv("SHOP_PW", password or str(self.at.password))
        kind, user, name = self.at.get_backend_name(), self.at.username, self.at.database
        url = f"{kind}://{user}@{host}:{port or self.at.port}/{name}"
        more = f"secrets: {{pw: {{from: env, name: SHOP_PW}}}}\ndatabases: {{db: {{url: '{url}', password: pw}}}}"
        return Trial(self._folder, self._folder / "home", more)

    def alone(self, statement: str) -> None:
        """A statement that no transaction may hold."""
        engine = sa.create_engine(self.at, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text(statement))

    @property
    def tickets(self) -> int:
        """Rows that stand."""
        return self.truth.count("SELECT count(*) FROM effect")


def writes(trial: Trial, text: str = INSERT) -> Session:
    return trial.step(f'sql: {{db: db, run: "{text}"}}', changes="reversible", undo="{none: harmless}")


@pytest.fixture(params=["postgres", "mysql"])
def shop(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    return Shop(str(request.getfixturevalue(f"{request.param}_url")), tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def servers() -> Iterator[Callable[[str], Mortal]]:
    """Private servers that may be killed and started again, one of each product, made when the first test asks."""
    made: dict[str, tuple[Mortal, Path]] = {}

    def server(product: str) -> Mortal:
        if product not in made:
            folder = Path(tempfile.mkdtemp(prefix="tminus-kill-"))  # short: a unix socket's path has at most 107 bytes
            made[product] = (Mortal(_recipe(product), folder), folder)
        return made[product][0]

    yield server
    for mortal, folder in made.values():
        mortal.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _recipe(product: str) -> Recipe:
    if product == "postgresql":
        found = postgres.binaries()
        return postgres.recipe(found) if found else not_run(postgres.MISSING)
    programs = mariadb.binaries()
    return mariadb.recipe(programs) if programs else not_run(mariadb.MISSING)


@pytest.fixture(params=["postgresql", "mariadb"])
def mortal(request: pytest.FixtureRequest, servers: Callable[[str], Mortal]) -> Mortal:
    return servers(request.param)


def shop_at(server: Mortal, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    url = sa.make_url(server.url)
    if url.get_backend_name() == "mysql":
        Truth(server.url).run("CREATE DATABASE IF NOT EXISTS shop")
        url = url.set(database="shop")
    return Shop(url.render_as_string(hide_password=False), folder, monkeypatch)


# ---------------------------------------------------------------- not let in, not found


def test_a_wrong_password_stops_before_anything_is_recorded_and_is_not_repeated(shop: Shop) -> None:
    with shop.trial(password="not-the-password") as trial:
        with pytest.raises(Refused) as told:
            writes(trial)
        said = str(told.value)
        assert "The login was refused" in said and "Nothing was started" in said and "not-the-password" not in said
        assert not trial.records
    assert shop.tickets == 0


def test_a_closed_port_is_told_as_one_and_nothing_was_run(shop: Shop) -> None:
    with shop.trial(port=free_port()) as trial:
        session = writes(trial)
        trial.go(session)
        trial.see(session, Status.FAILED)
        said = trial.says(session, e.StepFailed)
        assert "nothing was run" in said and "refuses connections: nothing listens there" in said, said
    assert shop.tickets == 0


def test_a_name_without_an_address_is_told(shop: Shop) -> None:
    with shop.trial(host="no-such-host.invalid") as trial:
        session = writes(trial)
        trial.go(session)
        trial.see(session, Status.FAILED)
        said = trial.says(session, e.StepFailed)
        assert "nothing was run" in said and "no-such-host.invalid has no address" in said, said
    assert shop.tickets == 0


@pytest.mark.faults
def test_a_server_that_takes_connections_and_never_answers_is_given_up(shop: Shop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute, shop.trial(port=mute.getsockname()[1]) as trial:
        session = writes(trial)
        trial.go(session)
        trial.see(session, Status.FAILED)
        said = trial.says(session, e.StepFailed)
        assert "nothing was run" in said and "did not answer within 5 s" in said, said
    assert shop.tickets == 0


# ---------------------------------------------------------------- killed


def test_a_server_that_is_killed_in_the_middle_of_a_step_rolls_back_and_the_step_may_run_again(
    mortal: Mortal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = shop_at(mortal, tmp_path, monkeypatch)
    with shop.trial() as trial:
        session = writes(
            trial, f"{INSERT}; select {shop.sleep} where 0 = (select count(*) from effect where ticket = 'go')"
        )
        trial.go(session)
        wait_until(lambda: shop.truth.busy() == 1)
        mortal.kill()
        mortal.start()
        trial.see(session, Status.FAILED)
        said = trial.says(session, e.StepFailed)
        assert "the connection was lost before COMMIT, so the server rolls back" in said, said
        assert shop.tickets == 0
        shop.truth.run("INSERT INTO effect VALUES ('go')")
        state = trial.again(session)
        assert shop.truth.one(f"SELECT count(*) FROM effect WHERE ticket = '{state.run}/s/2'") == 1
        assert shop.tickets == 2


def test_a_server_that_is_killed_at_commit_is_believed_once_it_is_back(
    mortal: Mortal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_at_commit(mortal, shop_at(mortal, tmp_path, monkeypatch), 0.001)


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_a_server_is_killed_at_commit_over_and_over(
    mortal: Mortal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(20):
        folder = tmp_path / str(seed)
        folder.mkdir()
        killed_at_commit(mortal, shop_at(mortal, folder, monkeypatch), random.Random(seed).uniform(0, 0.005))


def killed_at_commit(mortal: Mortal, shop: Shop, after: float) -> None:
    """The server dies so many seconds after COMMIT went by. What the run says is what stands."""
    relay = Relay(("127.0.0.1", int(shop.at.port or 0)))
    back = threading.Event()

    def die() -> None:
        time.sleep(after)
        mortal.kill()
        mortal.start()
        back.set()

    try:
        with shop.trial(port=relay.port) as trial:
            session = writes(trial)
            trial.go_when(session, functools.partial(relay.arm, "call", die))
            state = until(session, lambda s: s.status("s") in {Status.DONE, Status.FAILED, Status.IN_DOUBT}, PATIENCE)
            assert back.wait(60)
            done = state.status("s") is Status.DONE
            assert state.status("s") is not Status.IN_DOUBT, trial.says(session, e.StepInDoubt)
            assert shop.tickets == (1 if done else 0)
            trial.says(session, e.StepSucceeded if done else e.StepFailed)
            if not done:
                trial.again(session)
                assert shop.tickets == 1
    finally:
        relay.close()


# ---------------------------------------------------------------- full


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MB on a file, which a database server may use; only root can mount one."""
    disk, image = Path(tempfile.mkdtemp(prefix="tminus-disk-")), tmp_path / "image"
    with image.open("wb") as file:
        file.truncate(8 << 20)
    steps = (["mkfs.ext4", "-q", "-m", "0", str(image)], ["mount", "-o", "loop", str(image), str(disk)])
    if os.geteuid() != 0 or not all(shutil.which(step[0]) and not run(*step) for step in steps):
        not_run("full-disk tests need root, mkfs.ext4 and a loop device, to mount a disk of 8 MB")
    disk.chmod(0o777)
    yield disk
    wait_until(lambda: run("umount", str(disk)) == 0)
    disk.rmdir()


def run(*words: str) -> int:
    return subprocess.run(words, check=False, capture_output=True).returncode


def test_a_disk_that_is_full_under_postgresql_rolls_the_step_back(
    small_disk: Path, servers: Callable[[str], Mortal], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = shop_at(servers("postgresql"), tmp_path, monkeypatch)
    place = small_disk / "space"
    place.mkdir(mode=0o700)
    shutil.chown(place, "postgres")
    shop.alone(f"CREATE TABLESPACE small LOCATION '{place}'")
    shop.truth.run("CREATE TABLE bulk (what text) TABLESPACE small")
    bulk = "insert into bulk select repeat(md5(i::text), 30) from generate_series(1, 40000) as n(i)"
    full_and_then_not(shop, f"{INSERT}; {bulk}", "CREATE TABLE bulk (what text)")
    shop.alone("DROP TABLESPACE small")


def test_a_disk_that_is_full_under_mariadb_rolls_the_step_back(
    small_disk: Path, servers: Callable[[str], Mortal], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = shop_at(servers("mariadb"), tmp_path, monkeypatch)
    shop.truth.run(f"CREATE TABLE bulk (what longtext) DATA DIRECTORY='{small_disk}'")
    bulk = "insert into bulk select repeat('x', 8000) from seq_1_to_2000"
    full_and_then_not(shop, f"{INSERT}; {bulk}", "CREATE TABLE bulk (what longtext)")


def full_and_then_not(shop: Shop, text: str, mend: str) -> None:
    with shop.trial() as trial:
        session = writes(trial, text)
        trial.go(session)
        trial.see(session, Status.FAILED)
        said = trial.says(session, e.StepFailed)
        assert "s failed" in said and ("No space left on device" in said or "is full" in said), said
        assert shop.tickets == 0, "the step was rolled back whole"
        shop.truth.run("DROP TABLE bulk")
        shop.truth.run(mend)
        trial.again(session)
        assert shop.tickets == 1
    shop.truth.run("DROP TABLE bulk")


def wait_until(so: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)
