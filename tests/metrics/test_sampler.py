"""Every metric is read on its own schedule; what cannot be read is a sample that says why."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from app.connectors.clock import SystemClock
from app.errors import Refused, TargetUnreachable
from app.metrics.kind import NoData
from app.metrics.sampler import Sampler, Scheduled
from app.ports import Sample

pytestmark = pytest.mark.anyio
OFTEN = timedelta(milliseconds=20)


@dataclass
class Scripted:
    """A source that does what the test says."""

    answer: Callable[[], Awaitable[float]]

    async def read(self, ticket: str, limit: timedelta) -> float:
        return await self.answer()


async def constant() -> float:
    return 7.0


async def hang() -> float:
    await asyncio.Event().wait()
    return 0.0


async def away() -> float:
    raise TargetUnreachable("No answer.")


async def nothing() -> float:
    raise NoData("the query gave no row")


async def broken() -> float:
    raise ZeroDivisionError


async def test_a_hanging_source_holds_up_nobody_and_is_told_of_at_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.metrics.sampler._SHORTEST_LIMIT", timedelta(milliseconds=100))
    heard: list[Sample] = []
    sampler = Sampler(
        {"good": Scheduled(Scripted(constant), OFTEN, "ms"), "bad": Scheduled(Scripted(hang), OFTEN)},
        SystemClock(),
        heard.append,
    )
    sampler.start()
    bad = await asyncio.wait_for(sampler.next("bad", 0), 5)
    good = await asyncio.wait_for(sampler.next("good", 2), 5)
    await sampler.stop()
    assert bad.value is None
    assert "no answer within" in bad.problem
    assert (good.value, good.unit) == (7.0, "ms")
    numbers = [sample.number for sample in heard if sample.metric == "good"]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize(
    ("answer", "problem"), [(away, "No answer."), (nothing, "the query gave no row"), (broken, "ZeroDivisionError")]
)
async def test_a_source_that_fails_gives_a_sample_without_value_and_is_read_again(
    answer: Callable[[], Awaitable[float]], problem: str
) -> None:
    sampler = Sampler({"m": Scheduled(Scripted(answer), OFTEN)}, SystemClock())
    sampler.start()
    sample = await asyncio.wait_for(sampler.next("m", 2), 5)
    await sampler.stop()
    assert sample.value is None
    assert problem in sample.problem


async def test_next_waits_for_a_newer_sample_and_latest_does_not() -> None:
    sampler = Sampler({"m": Scheduled(None)}, SystemClock())
    assert sampler.latest("m") is None
    waiting = asyncio.create_task(sampler.next("m", 1))
    await asyncio.sleep(0)
    sampler.publish("m", 1.0)
    await asyncio.sleep(0)
    assert not waiting.done()
    sampler.publish("m", None, "gone")
    assert (await waiting).problem == "gone"
    latest = sampler.latest("m")
    assert latest is not None
    assert latest.number == 2
    with pytest.raises(Refused):
        await sampler.next("other", 0)


async def test_stopping_leaves_no_task() -> None:
    sampler = Sampler({"m": Scheduled(Scripted(hang), OFTEN)}, SystemClock())
    before = asyncio.all_tasks()
    sampler.start()
    await asyncio.sleep(0)
    await sampler.stop()
    assert asyncio.all_tasks() == before
