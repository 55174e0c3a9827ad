"""Databases for the suites of the port: an adapter per URL, its password held as a secret."""

from __future__ import annotations

import asyncio
import sqlite3
import time
import uuid
from pathlib import Path

import sqlalchemy as sa

from app.connectors.database import Address, SqlDatabase
from app.connectors.dialect import Bounds
from app.connectors.secrets import Vault


def adapter(url: str, bounds: Bounds | None = None, **secrets: str) -> SqlDatabase:
    """The adapter for a URL that may hold a password; more secrets by name."""
    parsed = sa.make_url(url)
    name = ""
    if parsed.password is not None:
        secrets["db-pw"], name = str(parsed.password), "db-pw"
    clean = parsed.set(drivername=parsed.get_backend_name(), query={})
    clean = sa.URL.create(clean.drivername, clean.username, None, clean.host, clean.port, clean.database)
    return SqlDatabase(Address("shop", clean.render_as_string(), name), Vault(secrets), bounds)


def sqlite_url(folder: Path) -> str:
    """An empty SQLite database in this folder."""
    file = folder / "shop.db"
    sqlite3.connect(file).close()
    return f"sqlite:///{file}"


def new_ticket() -> str:
    """A ticket nobody had before."""
    return f"run-{uuid.uuid4().hex[:12]}/load/1"


class Truth:
    """What really stands in the database, asked with a plain connection."""

    def __init__(self, url: str) -> None:
        self._engine = sa.create_engine(url, poolclass=sa.NullPool)

    def run(self, sql: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.text(sql))

    async def until_busy(self, statements: int = 1) -> None:
        """Wait until so many slow statements of the test's steps run.

        A SQLite file tells only that somebody holds its lock, and the marker of a step holds it for a moment too:
        it has to be held for half a second on end.
        """
        ends = time.monotonic() + 20
        seen = 0
        while seen < (25 if self._engine.dialect.name == "sqlite" else 1):
            assert time.monotonic() < ends, "the statement never started"
            seen = seen + 1 if self.busy() >= statements else 0
            await asyncio.sleep(0.02)

    def busy(self) -> int:
        """How many slow statements of the test's steps run."""
        match self._engine.dialect.name:
            case "postgresql":
                return self.count(
                    "SELECT count(*) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND wait_event = 'PgSleep'"
                )
            case "mysql" | "mariadb":
                return self.count(
                    "SELECT count(*) FROM information_schema.processlist WHERE state = 'User sleep' AND db = database()"
                )
            case _:
                file = sqlite3.connect(self._engine.url.database or "", timeout=0, isolation_level=None)
                try:
                    file.execute("BEGIN IMMEDIATE")
                    return bool(file.execute("SELECT count(*) FROM orders").fetchone()[0])
                except sqlite3.OperationalError:
                    return True
                finally:
                    file.close()

    def count(self, sql: str) -> int:
        return int(str(self.one(sql)))

    def one(self, sql: str) -> object:
        with self._engine.connect() as connection:
            return connection.execute(sa.text(sql)).scalar()
