"""How a private MariaDB is made: from installed binaries, on a random loopback port, with a password of its own."""

import secrets
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

import pymysql
from sqlalchemy import URL, make_url

from tests.servers.ports import free_port
from tests.servers.share import Recipe, run_as

MISSING = "MariaDB is not installed (apt-get install mariadb-server, or give a server in TMINUS_TEST_MYSQL)"

# Nothing here must survive a power cut, so nothing waits for a disk.
_OPTIONS = (
    "--bind-address=127.0.0.1",
    "--character-set-server=utf8mb4",
    "--innodb-buffer-pool-size=64M",
    "--innodb-doublewrite=0",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--max-connections=200",
    "--skip-log-bin",
    "--skip-name-resolve",
)


@dataclass(frozen=True, slots=True)
class Binaries:
    """The two programs it takes: one makes the data, one serves it."""

    install: str
    server: str


def binaries() -> Binaries | None:
    """The installed MariaDB, or None."""
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/usr/libexec"
    install = shutil.which("mariadb-install-db") or shutil.which("mariadb-install-db", path=path)
    server = shutil.which("mariadbd") or shutil.which("mariadbd", path=path)
    return Binaries(install, server) if install and server else None


def recipe(programs: Binaries) -> Recipe:
    """How to run this MariaDB."""

    def command(folder: Path, user: str) -> tuple[list[str], str]:
        password = secrets.token_hex(12)
        _make_data(programs, folder, user, password)
        port = free_port()
        url = URL.create("mysql+pymysql", "tminus", password, "127.0.0.1", port, query={"charset": "utf8mb4"})
        own = [f"--port={port}", f"--socket={folder}/s", f"--pid-file={folder}/pid", f"--init-file={folder}/init.sql"]
        first = [programs.server, "--no-defaults", f"--datadir={folder}/data"]
        return [*first, *_OPTIONS, *own], url.render_as_string(hide_password=False)

    return Recipe("mariadb", ("mysql", "nobody"), signal.SIGKILL, command, _answers)


def _make_data(programs: Binaries, folder: Path, user: str, password: str) -> None:
    init = folder / "init.sql"
    init.write_text(
        f"CREATE OR REPLACE USER 'tminus'@'127.0.0.1' IDENTIFIED BY '{password}';\n"
        "GRANT ALL ON *.* TO 'tminus'@'127.0.0.1' WITH GRANT OPTION;\n"
        f"ALTER USER 'root'@'localhost' IDENTIFIED BY '{password}';\n"
    )
    init.chmod(0o600)
    if user != "-":
        shutil.chown(init, user)
    install = [programs.install, "--no-defaults", f"--datadir={folder}/data", "--skip-test-db", "--skip-name-resolve"]
    run_as(user, [*install, "--auth-root-authentication-method=normal", "--innodb-flush-method=nosync"], folder)


def _answers(url: str) -> bool:
    at = make_url(url)
    try:
        pymysql.connect(
            host=at.host, port=at.port or 0, user=at.username, password=str(at.password), connect_timeout=5
        ).close()
    except pymysql.err.OperationalError:
        return False
    return True
