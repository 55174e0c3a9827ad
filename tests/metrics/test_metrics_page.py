"""A metrics page of any size and shape is read without holding up the console, and what cannot be read is no figure."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from app.connectors.clock import SystemClock
from app.metrics.kind import Dated, NoData, Span
from app.metrics.sources.http import Address
from app.metrics.sources.prometheus import PageSource, QuerySource, samples, selector, slices
from app.ports import HttpAnswer, HttpWork

pytestmark = pytest.mark.anyio
LIMIT = timedelta(seconds=5)
MANY = "".join(f'requests{{path="/{n}",code="200"}} {n}.5\n' for n in range(90_000))


@dataclass
class Site:
    """Answers at once, with this body."""

    body: str

    async def send(self, work: HttpWork) -> HttpAnswer:
        del work
        return HttpAnswer(200, (), self.body.encode())


async def read(body: str, wanted: str) -> float | Dated:
    return await PageSource(Site(body), Address("http://x/metrics"), wanted, SystemClock()).read("t", LIMIT)


async def test_a_large_page_leaves_the_console_its_turns() -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    assert len(MANY) > 3_000_000
    assert await read(MANY, 'requests{path="/89999"}') == 89999.5
    counting.cancel()
    with suppress(asyncio.CancelledError):
        await counting
    assert turns >= len(MANY) // (1 << 15)


async def test_lines_of_other_names_are_not_looked_into() -> None:
    assert list(samples(MANY, "up")) == []
    assert [value for _, value, _ in samples('upper 2\n  up 1 \nup{a="b"} 3\n', "up")] == ["2", "1", "3"]
    assert await read("upper 2\n  up 1 \n", "up") == 1


@pytest.mark.parametrize("labels", ["a" * 1_000_000, 'a="b",' * 150_000, '"' + "a" * 1_000_000 + '"', "\\" * 999_999])
def test_labels_take_no_longer_than_they_are_long(labels: str) -> None:
    """Minutes to hours when every place of a run of letters is tried as a beginning; well under a second so."""
    began = SystemClock().mono_ns()
    list(samples(f"x{{{labels}}} 1"))
    list(samples(f"x{{{labels}"))
    assert SystemClock().mono_ns() - began < 5_000_000_000


def test_labels_that_cannot_be_read_make_no_sample() -> None:
    page = 'x{a="b" c="d"} 1\nx{ok="1"} 2\nx{=} 3\nx{} 4\nx{ a = "b", } 5\nx{"dotted.name"="c"} 6\n'
    assert [value for _, value, _ in samples(page)] == ["2", "4", "5", "6"]
    for text in ("x{a}", "x{a=b}", 'x{a="b" c="d"}'):
        with pytest.raises(NoData, match="cannot be read"):
            selector(text)


def test_a_page_is_cut_between_lines_only() -> None:
    assert "".join(slices(MANY, "requests")) == MANY
    assert all(part.endswith("\n") for part in slices(MANY, "requests"))
    long = "junk " * 10_000
    assert list(slices(f"up 1\n{long}\nup 2", "up")) == ["up 1\n", "up 2"]
    assert list(slices(f"{long}", "up")) == []
    with pytest.raises(NoData, match="longer than 32 KiB"):
        list(slices(f'a 1\nup{{a="{long}"}} 1\n', "up"))


async def test_whole_seconds_are_no_milliseconds_and_no_time_is_no_figure() -> None:
    now = SystemClock().now().timestamp()
    for stamp in (f"{now:.0f}", f"{now:.3f}", f"{now * 1000:.0f}"):
        found = await read(f"x 1 {stamp}\n", "x")
        assert isinstance(found, Dated)
        assert found.age < timedelta(seconds=30)
    for stamp in ("9" * 300, "9" * 400):
        with pytest.raises(NoData):
            await read(f"x 1 {stamp}\n", "x")


async def test_figures_of_a_history_that_are_no_numbers_are_left_out() -> None:
    values = '[1,"2.5"],[2,"abc"],[3,null],[4,"NaN"],[1e300,"1"],["x","1"],[5],7,[6,"3"],[-1e15,"1"]'
    body = f'{{"data":{{"resultType":"matrix","result":[{{"values":[{values}]}}]}}}}'
    source = QuerySource(Site(body), Address("http://x/api/v1/query"))
    at = datetime(2026, 3, 14, tzinfo=UTC)
    found = await source.history(Span(at, at + timedelta(hours=1), timedelta(minutes=1)), LIMIT)
    assert [(when.timestamp(), value) for when, value in found] == [(1, 2.5), (6, 3.0)]
