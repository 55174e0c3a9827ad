"""Each source gives a finite number, or one line that says why there is none."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from app.connectors.clock import SystemClock
from app.connectors.http import HttpConnector
from app.connectors.secrets import Vault
from app.connectors.short_commands import LocalShortCommands
from app.metrics.kind import Dated, NoData, Reach, figure
from app.metrics.sources import source_of
from app.metrics.sources.prometheus import samples, selector
from app.runbook.model_estate import Metric
from app.runbook.part import Reading
from tests.contract.databases import Truth, adapter, sqlite_url
from tests.steps.bench import KINDS
from tests.steps.web import Web, page, web

pytestmark = pytest.mark.anyio
LIMIT = timedelta(seconds=5)

PAGE = """# HELP up is it
# TYPE requests_total counter
requests_total{code="200",path="/a b\\"c"} 17 1700000000000
requests_total{code="500",path="/"} 3.5e0 # {trace="x"} 1
up 1
weird NaN
far +Inf
"""


@pytest.fixture
def reach(tmp_path: Path) -> Reach:
    url = sqlite_url(tmp_path)
    Truth(url).run("CREATE TABLE t (n)")
    commands = LocalShortCommands({"PATH": os.environ["PATH"]})
    return Reach(SystemClock(), {"shop": adapter(url)}, HttpConnector(Vault({})), commands)


async def read(reach: Reach, **fields: object) -> float:
    source = source_of(Metric.model_validate(fields, context=Reading(KINDS)), reach)
    assert source is not None
    found = await source.read("metric/m/1", LIMIT)
    return found.value if isinstance(found, Dated) else found


async def why(reach: Reach, **fields: object) -> str:
    with pytest.raises(NoData) as caught:
        await read(reach, **fields)
    return str(caught.value)


async def test_a_query_gives_its_column_or_its_first(reach: Reach) -> None:
    assert await read(reach, sql={"db": "shop", "run": "SELECT 1 AS a, 2.5 AS b"}, value="row.b") == 2.5
    assert await read(reach, sql={"db": "shop", "run": "SELECT 4"}) == 4
    assert await read(reach, sql={"db": "shop", "run": "SELECT :n", "bind": {"n": 9}}) == 9
    assert "no row" in await why(reach, sql={"db": "shop", "run": "SELECT n FROM t"})
    assert "null is no number" in await why(reach, sql={"db": "shop", "run": "SELECT NULL"})
    assert "`late` is no number" in await why(reach, sql={"db": "shop", "run": "SELECT 'late'"})
    assert "no column c" in await why(reach, sql={"db": "shop", "run": "SELECT 1 AS a"}, value="row.c")
    assert "no database" in await why(reach, sql={"db": "other", "run": "SELECT 1"})
    assert await why(reach, sql={"db": "shop", "run": "INSERT INTO t VALUES (1)"})


async def test_a_web_address_gives_json_or_a_bare_number(reach: Reach) -> None:
    async with web() as site:
        site.answers["/j"] = page('{"a": [{"v": "12.5"}], "t": true, "n": null}')
        site.answers["/n"] = page(" 42\n", kind="text/plain")
        site.answers["/e"] = page("{}", "500 Oops")
        assert await read(reach, http={"url": site.url("/j")}, value="json.a.0.v") == 12.5
        assert await read(reach, http={"url": site.url("/n")}) == 42
        assert "true is no number" in await why(reach, http={"url": site.url("/j")}, value="json.t")
        assert "there is no a.1" in await why(reach, http={"url": site.url("/j")}, value="json.a.1")
        assert "no JSON" in await why(reach, http={"url": site.url("/n/")}, value="json.a")
        assert "status 500" in await why(reach, http={"url": site.url("/e")}, value="json.a")
        site.answers["/gone"] = "drop"
        assert "no answer" in await why(reach, http={"url": site.url("/gone")})


async def test_a_command_prints_its_figure(reach: Reach) -> None:
    assert await read(reach, local={"argv": ["echo", "17"]}) == 17
    assert await read(reach, local={"script": """echo '{"lag": 3}'"""}, value="json.lag") == 3
    assert "exit 2: no luck" in await why(reach, local={"script": "echo no luck >&2; exit 2"})
    assert "empty" in await why(reach, local={"argv": ["true"]})


async def test_a_metrics_page_gives_one_sample(reach: Reach) -> None:
    async with web() as site:
        site.answers["/metrics"] = page(PAGE, kind="text/plain")

        def asked(query: str) -> dict[str, object]:
            return {"prometheus": {"url": site.url("/metrics"), "query": query}}

        assert await read(reach, **asked("up")) == 1
        assert await read(reach, **asked('requests_total{code="500"}')) == 3.5
        assert await read(reach, **asked('requests_total{path="/a b\\"c"}')) == 17
        assert "2 values" in await why(reach, **asked("requests_total"))
        assert "no value now" in await why(reach, **asked("down"))
        assert "no number" in await why(reach, **asked("weird"))
        assert "no number" in await why(reach, **asked("far"))
        assert "names no sample" in await why(reach, **asked("rate(up[5m])"))


async def test_an_instant_query_gives_one_value(reach: Reach) -> None:
    async with web() as site:
        answers = {
            '{"resultType":"vector","result":[{"metric":{},"value":[1,"2.5"]}]}': "2.5",
            '{"resultType":"scalar","result":[1,"7"]}': "7",
            '{"resultType":"vector","result":[]}': "no value now",
            '{"resultType":"vector","result":[{"value":[1,"1"]},{"value":[1,"2"]}]}': "2 values",
            '{"resultType":"matrix","result":[]}': "must give one value",
            '{"resultType":"vector","result":[{"metric":{},"value":[1,"NaN"]}]}': "no number",
        }
        for data, wanted in answers.items():
            assert wanted in await told(reach, site, data)
    assert "query=sum%28x%29" in site.requests[0]


async def told(reach: Reach, site: Web, data: str) -> str:
    site.answers["/prom/api/v1/query"] = page(f'{{"status":"success","data":{data}}}')
    try:
        return str(await read(reach, prometheus={"url": site.url("/prom"), "query": "sum(x)"}))
    except NoData as problem:
        return str(problem)


@pytest.mark.parametrize(
    "value",
    ["nan", "inf", "-Infinity", "1_0", "0x1", "", " ", "5ms", True, None, [], 10**400, "0" * 1001, float("nan")],
)
def test_what_is_no_figure_is_never_taken_for_one(value: object) -> None:
    with pytest.raises(NoData):
        figure(value)


def test_labels_are_read_whatever_they_hold() -> None:
    found = {series.name: value for series, value, _ in samples(PAGE) if series.name != "requests_total"}
    assert found == {"up": "1", "weird": "NaN", "far": "+Inf"}
    assert selector('a{b="x,y}",c="1"}').labels == {"b": "x,y}", "c": "1"}
