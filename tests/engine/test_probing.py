"""The watch of the way back: changes are told at once, the same now and then, and who hangs holds up nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from app.engine.probing import EVERY, LIMIT, REPEAT, WayBackWatch, Word
from app.rollback.needs import Need
from app.run import events as e

pytestmark = pytest.mark.anyio
OLD, NEW = Need("database", "old"), Need("database", "new")


class Fast:
    """A clock on which a wait takes no time at all, but passes."""

    def __init__(self) -> None:
        self.passed = timedelta()

    def now(self) -> datetime:
        return datetime(2026, 3, 14, tzinfo=UTC) + self.passed

    def mono_ns(self) -> int:
        return int(self.passed.total_seconds() * 1e9)

    def asleep_ns(self) -> int:
        return 0

    async def sleep(self, length: timedelta) -> None:
        self.passed += length
        await asyncio.sleep(0)


class Estate:
    """What a looker finds; `asked` counts looks by subject."""

    def __init__(self, clock: Fast) -> None:
        self.clock = clock
        self.words: dict[str, Word] = {}
        self.asked: dict[str, int] = {}
        self.hangs: set[str] = set()
        self.told: list[tuple[timedelta, e.WayBackProbed]] = []

    async def look(self, need: Need) -> Word:
        self.asked[need.subject] = self.asked.get(need.subject, 0) + 1
        if need.subject in self.hangs:
            await asyncio.Event().wait()
        return self.words.get(need.subject, ("ok", "logged in"))

    def tell(self, event: e.WayBackProbed) -> None:
        self.told.append((self.clock.passed, event))

    def rows(self, subject: str) -> list[tuple[timedelta, str]]:
        return [(at, look[1]) for at, event in self.told for look in event.looks if look[0] == subject]


async def until(holds: Callable[[], bool]) -> None:
    """Let the other tasks go on until it holds."""
    async with asyncio.timeout(40):
        while not holds():  # noqa: ASYNC110  # what is waited for are looks, which set no event
            await asyncio.sleep(0)


@asynccontextmanager
async def watching(estate: Estate, wanted: list[Need]) -> AsyncIterator[None]:
    watch = WayBackWatch(estate.clock, lambda: tuple(wanted), estate.look, estate.tell)
    task = asyncio.create_task(watch.watch())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_change_is_told_at_once_and_the_same_again_only_now_and_then() -> None:
    estate = Estate(Fast())
    async with watching(estate, [OLD]):
        await until(lambda: estate.clock.passed >= REPEAT * 4)
    told = estate.rows("database old")
    assert 4 <= len(told) <= 6, told
    assert estate.asked["database old"] >= REPEAT * 4 // EVERY - 1
    gaps = [after[0] - before[0] for before, after in pairwise(told)]
    assert all(gap >= REPEAT for gap in gaps)
    assert [event.changed for _, event in estate.told] == [1, *[0] * (len(told) - 1)]


async def test_what_breaks_is_told_with_the_next_look_and_so_is_its_return() -> None:
    estate = Estate(Fast())

    def now() -> str:
        return estate.rows("database old")[-1][1] if estate.rows("database old") else ""

    async with watching(estate, [OLD, NEW]):
        await until(lambda: now() == "ok")
        estate.words["database old"] = ("bad", "no answer")
        broke = estate.clock.passed
        await until(lambda: now() == "bad")
        assert estate.clock.passed - broke <= EVERY + timedelta(seconds=1)
        del estate.words["database old"]
        await until(lambda: now() == "ok")


async def test_a_target_that_hangs_is_bad_after_its_limit_and_holds_up_no_other() -> None:
    estate = Estate(Fast())
    estate.hangs.add("database old")
    async with watching(estate, [OLD, NEW]):
        await until(lambda: bool(estate.rows("database old")))
    assert estate.rows("database old")[0][1] == "bad"
    assert estate.rows("database new")[0][1] == "ok"
    row = next(look for _, event in estate.told for look in event.looks if look[0] == "database old")
    assert row[2] == f"no answer within {LIMIT.total_seconds():g} s"


async def test_a_fault_of_ours_ends_the_watch_with_its_name() -> None:
    estate = Estate(Fast())

    async def broken(_need: Need) -> Word:
        raise ZeroDivisionError

    watch = WayBackWatch(estate.clock, lambda: (OLD,), broken, estate.tell)
    with pytest.raises(ZeroDivisionError):
        async with asyncio.timeout(40):
            await watch.watch()


async def test_what_is_wanted_no_more_is_not_looked_at() -> None:
    estate, wanted = Estate(Fast()), [OLD, NEW]
    async with watching(estate, wanted):
        await until(lambda: "database new" in estate.asked)
        wanted.remove(NEW)
        turn = estate.asked["database old"]
        await until(lambda: estate.asked["database old"] > turn)
        before, turn = estate.asked["database new"], estate.asked["database old"]
        await until(lambda: estate.asked["database old"] > turn + 2)
        assert estate.asked["database new"] == before
