"""What tests ask for: fresh databases on a real PostgreSQL and a real MariaDB.

    postgres_url, mysql_url                 one empty database for this test (SQLAlchemy URL with password)
    postgres_databases, mysql_databases     call it for as many as the test needs
    module_postgres_url, module_mysql_url   one database for all tests of a file

The server is the one of TMINUS_TEST_POSTGRES / TMINUS_TEST_MYSQL (a SQLAlchemy URL whose user may create databases),
else a private one started from installed binaries; never one that merely happens to listen. Where there is neither,
the test says NOT RUN and is counted.
"""

import os
from collections.abc import Iterator

import pytest

from tests.servers import mariadb, postgres
from tests.servers.absent import not_run
from tests.servers.databases import MakeDatabase, fresh_databases
from tests.servers.share import SHARE


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> str:
    """The URL of a PostgreSQL server whose user may create databases, roles and everything else."""
    given = os.environ.get("TMINUS_TEST_POSTGRES")
    if given:
        return given
    found = postgres.binaries()
    if found is None:
        not_run(postgres.MISSING)
    return request.config.stash[SHARE].server(postgres.recipe(found))


@pytest.fixture(scope="session")
def mysql_server(request: pytest.FixtureRequest) -> str:
    """The URL of a MariaDB or MySQL server whose user may create databases, users and everything else."""
    given = os.environ.get("TMINUS_TEST_MYSQL")
    if given:
        return given
    found = mariadb.binaries()
    if found is None:
        not_run(mariadb.MISSING)
    return request.config.stash[SHARE].server(mariadb.recipe(found))


@pytest.fixture
def postgres_databases(postgres_server: str) -> Iterator[MakeDatabase]:
    """Makes empty PostgreSQL databases for this test."""
    with fresh_databases(postgres_server) as make:
        yield make


@pytest.fixture
def mysql_databases(mysql_server: str) -> Iterator[MakeDatabase]:
    """Makes empty MariaDB databases for this test."""
    with fresh_databases(mysql_server) as make:
        yield make


@pytest.fixture
def postgres_url(postgres_databases: MakeDatabase) -> str:
    """An empty PostgreSQL database of this test's own."""
    return postgres_databases()


@pytest.fixture
def mysql_url(mysql_databases: MakeDatabase) -> str:
    """An empty MariaDB database of this test's own."""
    return mysql_databases()


@pytest.fixture(scope="module")
def module_postgres_url(postgres_server: str) -> Iterator[str]:
    """A PostgreSQL database that the tests of one file share."""
    with fresh_databases(postgres_server) as make:
        yield make()


@pytest.fixture(scope="module")
def module_mysql_url(mysql_server: str) -> Iterator[str]:
    """A MariaDB database that the tests of one file share."""
    with fresh_databases(mysql_server) as make:
        yield make()
