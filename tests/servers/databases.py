"""Fresh databases on a server, dropped after."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import NullPool, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

MakeDatabase = Callable[[], str]
"""Gives the SQLAlchemy URL (with its password) of one more empty database each time it is called."""


@contextmanager
def fresh_databases(server_url: str) -> Iterator[MakeDatabase]:
    """Makes databases on the server of this URL while it is open; drops all of them when it closes."""
    made: list[str] = []

    def make() -> str:
        name = f"tminus_{secrets.token_hex(6)}"
        _run(server_url, f"CREATE DATABASE {name}")
        made.append(name)
        return make_url(server_url).set(database=name).render_as_string(hide_password=False)

    try:
        yield make
    finally:
        # A test may have left a connection open on purpose (a lost console). PostgreSQL minds unless told; MariaDB
        # waits for its transaction, for a day if need be.
        force = " WITH (FORCE)" if server_url.startswith("postgresql") else ""
        for name in made:
            if not force:
                _end_connections(server_url, name)
            _run(server_url, f"DROP DATABASE IF EXISTS {name}{force}")


def _end_connections(url: str, database: str) -> None:
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        asked = text("SELECT id FROM information_schema.processlist WHERE db = :db")
        for number in connection.execute(asked, {"db": database}).scalars().all():
            with suppress(OperationalError):  # it ended by itself meanwhile
                connection.execute(text(f"KILL {int(number)}"))
    engine.dispose()


def _run(url: str, statement: str) -> None:
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
