"""`wait` counts from when the step first started, and looks at distinct, fresh samples until it is so."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.metrics.kind import Dated
from app.run.outcome import Verdict
from app.runbook.model_step import Step
from tests.contract.databases import Truth, adapter, sqlite_url
from tests.steps.bench import Bench, step

pytestmark = pytest.mark.anyio


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    url = sqlite_url(tmp_path)
    Truth(url).run("CREATE TABLE queue (n integer)")
    made = Bench(tmp_path, databases={"shop": adapter(url)}, metrics=("lag",))
    yield made
    made.close()


def watching(is_: str, **more: object) -> Step:
    return step(wait={"until": {"metric": "lag", "is": is_}, "every": "1s", "timeout": "20s", **more})


async def feed(bench: Bench, values: Sequence[float | Dated | None], waiting: asyncio.Task[object]) -> None:
    for value in values:
        bench.sampler.publish("lag", value)
        for _ in range(5):
            await asyncio.sleep(0)
        if waiting.done():
            return


async def test_for_counts_from_the_first_start_also_after_a_gap(bench: Bench) -> None:
    bench.began = datetime.now(UTC) - timedelta(seconds=59.8)
    outcome = await asyncio.wait_for(bench.settle(step(wait={"for": "1m"})), 5)
    assert (outcome.verdict, outcome.summary) == (Verdict.DONE, "waited 1m")


async def test_a_point_in_time_that_has_passed_is_not_waited_for(bench: Bench) -> None:
    past = datetime.now(UTC) - timedelta(minutes=5)
    outcome = await asyncio.wait_for(bench.perform(step(wait={"time": "T-1h"}), moment=past), 5)
    assert outcome.verdict is Verdict.DONE


async def test_a_query_is_asked_until_it_holds(bench: Bench, tmp_path: Path) -> None:
    truth = Truth(f"sqlite:///{tmp_path / 'shop.db'}")
    truth.run("INSERT INTO queue VALUES (1)")
    until = {"sql": {"db": "shop", "run": "SELECT count(*) AS n FROM queue"}, "row.n": "== 0"}
    one = step(wait={"until": until, "every": "1s", "timeout": "20s"})
    waiting = asyncio.create_task(bench.perform(one))
    await asyncio.wait([waiting], timeout=0.5)
    assert not waiting.done()
    truth.run("DELETE FROM queue")
    outcome = await asyncio.wait_for(waiting, 10)
    assert outcome.verdict is Verdict.DONE
    assert bench.said.alive_from


async def test_giving_up_tells_the_last_thing_seen(bench: Bench) -> None:
    until = {"sql": {"db": "shop", "run": "SELECT 5 AS n"}, "row.n": "<= 3"}
    outcome = await asyncio.wait_for(bench.perform(step(wait={"until": until, "every": "1s", "timeout": "1s"})), 8)
    assert outcome.verdict is Verdict.TIMED_OUT
    assert "row.n is 5, wanted <= 3" in outcome.summary


async def test_a_look_that_hangs_is_ended_at_the_time_limit_and_leaves_nothing_running(
    bench: Bench, tmp_path: Path
) -> None:
    until = {"local": {"script": f"echo $$ > {tmp_path}/pid; exec sleep 60"}}
    outcome = await asyncio.wait_for(bench.perform(step(wait={"until": until, "every": "1s", "timeout": "1s"})), 20)
    assert outcome.verdict is Verdict.TIMED_OUT
    process = Path("/proc") / (tmp_path / "pid").read_text().strip()
    for _ in range(100):
        if not process.exists() or "zombie" in (process / "status").read_text():
            break
        await asyncio.sleep(0.02)
    else:
        pytest.fail("the look goes on")


async def test_inside_until_an_exit_status_counts_only_when_it_is_asked(bench: Bench) -> None:
    plain = step(
        wait={"until": {"local": {"script": "echo ready; exit 4"}, "stdout": {"contains": "ready"}}, "timeout": "9s"}
    )
    assert (await bench.perform(plain)).verdict is Verdict.DONE
    asked = {"local": {"script": "exit 4"}, "exit": 0}
    outcome = await bench.perform(step(wait={"until": asked, "every": "1s", "timeout": "1s"}))
    assert outcome.verdict is Verdict.TIMED_OUT
    assert "exit is 4" in outcome.summary


async def test_a_metric_holds_for_distinct_samples_running(bench: Bench) -> None:
    bench.sampler.publish("lag", 0)  # before the wait: says nothing about now
    waiting = asyncio.create_task(bench.perform(watching("<= 2s", stable=3)))
    await asyncio.wait([waiting], timeout=0.05)
    await feed(bench, [0, 1999, 2001, 5, None, 1, 2], waiting)
    await asyncio.wait([waiting], timeout=0.2)
    assert not waiting.done(), "a value that breaks it, or none at all, starts the count anew"
    await feed(bench, [3], waiting)
    outcome = await asyncio.wait_for(waiting, 5)
    assert outcome.verdict is Verdict.DONE
    assert "3 times running" in outcome.summary


async def test_a_reading_that_is_too_old_is_no_value(bench: Bench) -> None:
    waiting = asyncio.create_task(bench.perform(watching("<= 2s", stable=2)))
    await asyncio.wait([waiting], timeout=0.05)
    old, young = timedelta(hours=6), timedelta(seconds=30)
    await feed(bench, [Dated(0, old, "1"), Dated(0, old, "2"), Dated(0, young, "3"), Dated(0, old, "4")], waiting)
    await feed(bench, [Dated(0, young, "5")], waiting)
    assert not waiting.done()
    await feed(bench, [Dated(0, young, "6")], waiting)
    outcome = await asyncio.wait_for(waiting, 5)
    assert (outcome.verdict, outcome.summary) == (Verdict.DONE, "metric lag is 0 ms, 2 times running")


async def test_giving_up_on_an_exporter_that_stands_still_says_how_old_it_is(bench: Bench) -> None:
    one = step(wait={"until": {"metric": "lag", "is": "<= 2s"}, "every": "1s", "timeout": "1s"})
    waiting = asyncio.create_task(bench.perform(one))
    await asyncio.wait([waiting], timeout=0.05)
    await feed(bench, [Dated(0, timedelta(hours=6), "1")], waiting)
    outcome = await asyncio.wait_for(waiting, 8)
    assert outcome.verdict is Verdict.TIMED_OUT
    assert "no value: the reading is 21600 s old" in outcome.summary


async def test_the_same_reading_once_more_is_not_counted_again(bench: Bench) -> None:
    bench.sampler.publish("lag", Dated(0, timedelta(), "1"))  # read before the wait, and once more after it began
    waiting = asyncio.create_task(bench.perform(watching("<= 2s", stable=3)))
    await asyncio.wait([waiting], timeout=0.05)
    await feed(bench, [Dated(0, timedelta(), mark) for mark in "1112222333"], waiting)
    assert not waiting.done()
    await feed(bench, [Dated(0, timedelta(), "4")], waiting)
    assert (await asyncio.wait_for(waiting, 5)).verdict is Verdict.DONE


async def test_a_value_that_settles(bench: Bench) -> None:
    stable = {"runs": 2, "within": "5%", "after": 2}
    one = step(wait={"until": {"metric": "lag"}, "every": "1s", "timeout": "20s", "stable": stable})
    waiting = asyncio.create_task(bench.perform(one))
    await asyncio.wait([waiting], timeout=0.05)
    await feed(bench, [100, 100, 100, 120], waiting)
    assert not waiting.done()
    await feed(bench, [118], waiting)
    outcome = await asyncio.wait_for(waiting, 5)
    assert outcome.verdict is Verdict.DONE
