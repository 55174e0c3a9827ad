"""How a private PostgreSQL is made: from installed binaries, on a random loopback port, with a password of its own."""

import secrets
import shutil
import signal
from pathlib import Path

import psycopg
from sqlalchemy import URL, make_url

from tests.servers.ports import free_port
from tests.servers.share import Recipe, run_as

MISSING = "PostgreSQL is not installed (apt-get install postgresql, or give a server in TMINUS_TEST_POSTGRES)"

# Nothing here must survive a power cut, so nothing waits for a disk.
_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "max_prepared_transactions": "10",
    "shared_buffers": "64MB",
    "timezone": "UTC",
}


def binaries() -> Path | None:
    """The folder of the newest installed `initdb`, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    return Path(on_path).resolve().parent if on_path else None


def recipe(folder_of_binaries: Path) -> Recipe:
    """How to run the PostgreSQL of this folder."""

    def command(folder: Path, user: str) -> tuple[list[str], str]:
        password = secrets.token_hex(12)
        _make_data(folder_of_binaries, folder, user, password)
        port = free_port()
        settings = {**_SETTINGS, "port": str(port), "unix_socket_directories": str(folder)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        url = URL.create("postgresql+psycopg", "tminus", password, "127.0.0.1", port, "postgres")
        return [str(folder_of_binaries / "postgres"), "-D", str(folder / "data"), *options], _text(url)

    # SIGQUIT is PostgreSQL's immediate shutdown.
    return Recipe("postgresql", ("postgres", "nobody"), signal.SIGQUIT, command, _answers)


def _make_data(folder_of_binaries: Path, folder: Path, user: str, password: str) -> None:
    secret = folder / "password"
    secret.write_text(password)
    secret.chmod(0o600)
    if user != "-":
        shutil.chown(secret, user)
    initdb = [str(folder_of_binaries / "initdb"), "-D", str(folder / "data"), "-U", "tminus", f"--pwfile={secret}"]
    run_as(user, [*initdb, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync"], folder)
    secret.unlink()


def _answers(url: str) -> bool:
    at = make_url(url)
    try:
        psycopg.connect(
            host=at.host,
            port=at.port or 0,
            user=at.username,
            password=at.password,
            dbname=at.database,
            connect_timeout=5,
        ).close()
    except psycopg.OperationalError:
        return False
    return True


def _version(initdb: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in initdb.parent.parent.name.split(".") if part.isdigit())


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)
