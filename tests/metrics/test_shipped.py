"""The metric definitions that are shipped can be used as they stand: no problems, and a figure from the real thing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from app.connectors.clock import SystemClock
from app.connectors.http import HttpConnector
from app.connectors.secrets import Vault
from app.connectors.short_commands import LocalShortCommands
from app.metrics.kind import Dated, NoData, Reach
from app.metrics.sources import source_of
from app.ports import Database
from app.runbook.load import load_text
from app.runbook.model import Runbook
from app.shipped import resources_dir
from tests.contract.databases import adapter
from tests.steps.bench import KINDS

pytestmark = pytest.mark.anyio
FOLDER = resources_dir() / "metrics"
NAMES = ("application", "machine", "mariadb", "postgresql")
LIMIT = timedelta(seconds=20)
URLS = {"postgresql": "postgresql://db.example/shop", "mariadb": "mysql://db.example/shop"}
BOOK = """runbook: 1
name: shipped
databases: {{main: {{url: '{url}'}}}}
{metrics}
phases:
  - id: only
    steps:
      - {{id: look, title: Look, owner: ops, est: 1m, check: {{text: Look}}}}
roles: {{ops: {{people: [ana, raj]}}}}
"""


def book(name: str) -> Runbook:
    text = (FOLDER / f"{name}.yaml").read_text()
    whole = BOOK.format(url=URLS.get(name, "sqlite:////tmp/x.db"), metrics=text)
    loaded = load_text(whole.encode(), f"{name}.yaml", KINDS)
    errors = [str(problem) for problem in loaded.problems if problem.severity.value == "error"]
    assert errors == []
    assert loaded.runbook is not None
    return loaded.runbook


async def read(runbook: Runbook, name: str, databases: Mapping[str, Database] | None = None) -> float:
    commands = LocalShortCommands({"PATH": os.environ["PATH"]})
    reach = Reach(SystemClock(), databases or {}, HttpConnector(Vault({})), commands)
    source = source_of(runbook.metrics[name], reach)
    assert source is not None
    found = await source.read("metric/shipped/1", LIMIT)
    return found.value if isinstance(found, Dated) else found


def test_every_file_is_known_here() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.yaml")) == list(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_definition_has_no_problems_and_every_metric_a_title_and_a_period(name: str) -> None:
    for metric in book(name).metrics.values():
        assert metric.title
        assert metric.every is not None


@pytest.mark.parametrize("name", ["cpu", "memory", "disk", "network"])
async def test_this_machine_gives_a_figure(name: str) -> None:
    if not Path("/proc/net/dev").exists():
        pytest.skip("there is no /proc here")
    value = await read(book("machine"), name)
    assert value >= 0
    assert name == "network" or value <= 100


async def test_postgresql_gives_a_figure_for_each(postgres_url: str) -> None:
    runbook = book("postgresql")
    databases = {"main": adapter(postgres_url)}
    found = {name: await read(runbook, name, databases) for name in runbook.metrics}
    assert 0 < found["pg_pool_usage"] <= 100
    assert found["pg_active_connections"] >= 1
    assert found["pg_replication_lag"] == 0  # a primary that nobody follows
    assert all(value >= 0 for value in found.values())


async def test_mariadb_gives_a_figure_for_each_and_no_lag_without_a_replica(mysql_url: str) -> None:
    runbook = book("mariadb")
    databases = {"main": adapter(mysql_url)}
    others = [name for name in runbook.metrics if name != "my_replication_lag"]
    found = {name: await read(runbook, name, databases) for name in others}
    assert 0 < found["my_pool_usage"] <= 100
    assert found["my_active_connections"] >= 1
    assert all(value >= 0 for value in found.values())
    with pytest.raises(NoData, match="no row"):
        await read(runbook, "my_replication_lag", databases)
