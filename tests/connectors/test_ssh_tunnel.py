"""A real PostgreSQL and a real MariaDB are reached over a real sshd, and a broken way is told as a lost server."""

from __future__ import annotations

import gc
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url

from app.connectors.database import Address, SqlDatabase
from app.connectors.secrets import Vault
from app.connectors.ssh_route import Route
from app.connectors.ssh_tunnel import Tunnels
from app.errors import Refused, TargetUnreachable
from app.ports import SqlVerdict, SqlWork
from tests.contract.said import Said
from tests.lab.hosts import QUICK, pool_for
from tests.lab.line import Line
from tests.lab.sshd import Lab, atlas

pytestmark = pytest.mark.anyio


@pytest.fixture
def tunnels(lab: Lab, line: Line, tmp_path: Path) -> Iterator[Tunnels]:
    made = Tunnels(pool_for(lab, tmp_path, port=line.port, waits=QUICK))
    yield made
    made.close()


def hop(lab: Lab, line: Line) -> Route:
    return atlas(hop=lab.declared(port=line.port)).route("hop")


def behind(url: str, tunnels: Tunnels, route: Route) -> SqlDatabase:
    """The database at this URL, as it is seen from the host."""
    whole = make_url(url)
    led = tunnels.lead(route, whole._replace(password=None).render_as_string(), "behind")
    password = whole.password or "no password at all"
    return SqlDatabase(Address("behind", led, "pw" if whole.password else "", tunnels), Vault({"pw": password}))


@pytest.mark.parametrize("server", ["postgres_url", "mysql_url"])
async def test_sql_runs_over_a_host(
    server: str, request: pytest.FixtureRequest, tunnels: Tunnels, lab: Lab, line: Line
) -> None:
    database = behind(request.getfixturevalue(server), tunnels, hop(lab, line))
    made = await database.run(SqlWork("t/1", "create table t (n int, word text)"), Said())
    assert made.verdict is SqlVerdict.COMMITTED, made.error
    big = "x" * 60_000
    await database.run(SqlWork("t/2", "insert into t values (1, :word)", (("word", big),)), Said())
    found = await database.run(SqlWork("t/3", "select word from t", read_only=True, marker=False), Said())
    assert found.result.rows == ((big,),)
    assert line.carried > 120_000, "it did not go over the host"


async def test_a_host_that_is_away_is_a_server_that_cannot_be_reached(
    postgres_url: str, tunnels: Tunnels, lab: Lab, line: Line
) -> None:
    database = behind(postgres_url, tunnels, hop(lab, line))
    line.refuse()
    with pytest.raises(TargetUnreachable):
        await database.identity()
    line.open()
    assert await database.identity() == await database.identity()


@pytest.mark.parametrize("url", ["sqlite:///x.db", "postgresql:///x?host=/run"])
def test_no_tunnel_leads_to_a_file(url: str, tunnels: Tunnels, lab: Lab, line: Line) -> None:
    with pytest.raises(Refused, match="no tunnel"):
        tunnels.lead(hop(lab, line), url, "d")


def test_tunnels_end_with_the_last_who_holds_them(lab: Lab, tmp_path: Path) -> None:
    made = Tunnels(pool_for(lab, tmp_path))
    led = made.lead(atlas(hop=lab.declared()).route("hop"), "mysql://u@127.0.0.1/x", "d")
    port = make_url(led).port or 0
    with closing(socket.create_connection(("127.0.0.1", port), 5)):
        pass
    del made
    gc.collect()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 5)
    assert "tminus-tunnels" not in {thread.name for thread in threading.enumerate()}
