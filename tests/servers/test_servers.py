"""The servers of the tests are real, private, and leave nothing behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, make_url, text

from tests.servers.databases import MakeDatabase
from tests.servers.guard import alive

ROOT = Path(__file__).resolve().parents[2]
INNER = """
from pathlib import Path
import os, time
import pytest

pytest_plugins = ["tests.servers.fixtures"]

def test_inner(postgres_url):
    folder = Path(os.environ["TMINUS_TEST_RUN_FOLDER"])
    Path("found").write_text(f"{folder}\\n{(folder / 'postgresql' / 'guard.pid').read_text()}")
    while MODE == "hang":
        time.sleep(0.1)
"""


def ask(url: str, statement: str) -> object:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        answer: object = connection.execute(text(statement)).scalar()
    engine.dispose()
    return answer


def test_postgres_is_real_and_empty(postgres_url: str) -> None:
    assert "PostgreSQL" in str(ask(postgres_url, "SELECT version()"))
    assert ask(postgres_url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0


def test_mysql_is_real_and_empty(mysql_url: str) -> None:
    assert ask(mysql_url, "SELECT version()")
    assert ask(mysql_url, "SELECT count(*) FROM information_schema.tables WHERE table_schema = database()") == 0


def test_two_databases_of_one_test_are_two(postgres_databases: MakeDatabase, mysql_databases: MakeDatabase) -> None:
    assert postgres_databases() != postgres_databases()
    assert mysql_databases() != mysql_databases()


def test_a_private_server_listens_on_the_loopback_only_and_asks_for_a_password(postgres_url: str) -> None:
    if "TMINUS_TEST_POSTGRES" in os.environ:
        pytest.skip("the server was given, so it is not ours to judge")
    assert ask(postgres_url, "SHOW listen_addresses") == "127.0.0.1"
    with pytest.raises(Exception, match="password"):
        ask(make_url(postgres_url).set(password="wrong").render_as_string(hide_password=False), "SELECT 1")


@pytest.fixture
def inner(tmp_path: Path, postgres_server: str) -> Path:
    """A folder for a test run of its own, of this checkout. The server is only asked for to know that there is one."""
    assert postgres_server
    (tmp_path / "conftest.py").write_text((ROOT / "tests/conftest.py").read_text())
    return tmp_path


def start(folder: Path, mode: str) -> subprocess.Popen[bytes]:
    (folder / "test_inner.py").write_text(INNER.replace("MODE", repr(mode)))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("TMINUS_TEST_POSTGRES", None)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", ".", "test_inner.py"]
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)


def found(folder: Path) -> tuple[Path, int]:
    run_folder, guard = (folder / "found").read_text().splitlines()
    return Path(run_folder), int(guard)


def wait_until_gone(run_folder: Path, guard: int) -> None:
    deadline = time.monotonic() + 30
    while alive(guard) or run_folder.exists():
        assert time.monotonic() < deadline, f"process {guard} or {run_folder} is still there"
        time.sleep(0.05)


def test_the_end_of_a_test_run_ends_its_servers(inner: Path) -> None:
    with start(inner, "pass") as run:
        assert run.wait(60) == 0
    wait_until_gone(*found(inner))


def test_a_killed_test_run_leaves_no_server_behind(inner: Path) -> None:
    with start(inner, "hang") as run:
        deadline = time.monotonic() + 60
        while not (inner / "found").exists() or not (inner / "found").read_text():
            assert time.monotonic() < deadline, "the inner run did not come to its test"
            time.sleep(0.05)
        run.send_signal(signal.SIGKILL)
        run.wait(30)
    wait_until_gone(*found(inner))
