"""A real Prometheus server: instant queries, no data in all its forms, and a baseline filled from its history."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.connectors.clock import SystemClock
from app.connectors.http import HttpConnector
from app.connectors.secrets import Vault
from app.connectors.short_commands import LocalShortCommands
from app.metrics.kind import NoData, Reach, Span
from app.metrics.sources import source_of
from app.metrics.sources.prometheus import QuerySource
from app.runbook.model_estate import Metric
from app.runbook.part import Reading
from tests.servers.absent import not_run
from tests.servers.prometheus import MISSING, prometheus
from tests.session.conversation import new_run, order, until, write
from tests.steps.bench import KINDS

pytestmark = pytest.mark.anyio
LIMIT = timedelta(seconds=10)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its base address."""
    binary = shutil.which("prometheus")
    if binary is None:
        not_run(MISSING)
    with prometheus(binary, tmp_path_factory.mktemp("prometheus")) as url:
        yield url


def source(url: str, query: str) -> QuerySource:
    metric = Metric.model_validate({"prometheus": {"url": url, "query": query}}, context=Reading(KINDS))
    found = source_of(metric, Reach(SystemClock(), {}, HttpConnector(Vault({})), LocalShortCommands({})))
    assert isinstance(found, QuerySource)
    return found


async def scraped(url: str) -> None:
    """Wait until it has scraped itself."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            assert await source(url, 'up{job="itself"}').read("t", LIMIT) == 1
        except NoData:
            continue
        return
    raise AssertionError("it never scraped itself")


async def test_an_instant_query_gives_its_one_figure(server: str) -> None:
    await scraped(server)
    assert await source(server, "scalar(vector(2.5))").read("t", LIMIT) == 2.5
    assert await source(server, "prometheus_tsdb_head_series").read("t", LIMIT) >= 0


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("no_such_series", "no value now"),
        ("vector(0) / 0", "`NaN` is no number"),
        ("prometheus_http_requests_total[1m]", "it must give one value"),
        ("rate(", "status 400"),
        ('label_replace(vector(1), "a", "1", "", "") or label_replace(vector(1), "a", "2", "", "")', "2 values"),
    ],
)
async def test_what_is_not_one_finite_figure_is_no_data(server: str, query: str, why: str) -> None:
    with pytest.raises(NoData, match=why):
        await source(server, query).read("t", LIMIT)


async def test_its_history_comes_back_in_order_and_without_gaps_filled_in(server: str) -> None:
    await scraped(server)
    now = datetime.now(UTC)
    flat = await source(server, "vector(7)").history(Span(now - timedelta(hours=1), now, timedelta(minutes=1)), LIMIT)
    assert len(flat) == 61
    assert {value for _, value in flat} == {7.0}
    assert [at for at, _ in flat] == sorted(at for at, _ in flat)
    young = await source(server, 'up{job="itself"}').history(
        Span(now - timedelta(hours=1), now + timedelta(seconds=1), timedelta(seconds=1)), LIMIT
    )
    assert 0 < len(young) < 1800  # it has only lived for a moment


def test_a_run_fills_its_baseline_from_the_history(server: str, tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
        - id: p
          steps:
            - {id: look, check: {text: look}}
        """,
        f"""
        metrics:
          p95:
            prometheus: {{url: '{server}', query: 'vector(40) + (time() % 2)'}}
            unit: ms
            every: 1s
            baseline: {{from: T-30m, to: T-1m, stat: p95}}
        triggers:
          - {{id: slow, metric: p95, when: '> 2x baseline', for: 5s, do: investigate}}
        """,
    )
    session = new_run(order(path, tmp_path / "home"))
    try:
        state = until(session, lambda s: "p95" in s.baselines and not s.baselines["p95"].why, 30)
        usual = state.baselines["p95"]
        assert usual.source == "prometheus"
        assert usual.n == 29 * 60 + 1
        assert 40 <= usual.median <= usual.value <= 42
    finally:
        session.detach("the test is over")
