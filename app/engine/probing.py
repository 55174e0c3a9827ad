"""Looks at what the way back needs, again and again, and tells what it saw: at once when it changed, else now and then.

Knows no target: how something is looked at is handed in. Belongs to a loop of its own, so that a target that hangs
holds up nobody; each look is a task, given up on after LIMIT and left to end by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from app.ports import Clock
from app.rollback.needs import Need
from app.run import events as e

EVERY = timedelta(seconds=3)
"""Between two looks at a database, a host, a program, a port, a file."""

SELDOM = timedelta(seconds=20)
"""Between two looks that run something read-only of the runbook: the probe of an undo, the check of an artefact."""

LIMIT = timedelta(seconds=5)
"""A target that has not answered by then does not answer."""

LONG = timedelta(seconds=20)
"""The same for what runs something of the runbook."""

REPEAT = timedelta(seconds=15)
"""What has not changed is recorded again after this long, so that the record says how fresh it is."""

_TICK = timedelta(milliseconds=250)

Word = tuple[str, str]
"""("ok", "bad" or "unknown", and why in a few words that stay the same as long as it is so)."""

Looker = Callable[[Need], Awaitable[Word]]
"""Looks once, changing nothing. Raises nothing for what a target does."""


@dataclass(slots=True)
class _Subject:
    """What is known here of one need. Instants are monotonic nanoseconds; told: the word that was recorded last."""

    need: Need
    word: Word = ("unknown", "not looked at yet")
    seen_ns: int | None = None
    told: str = ""
    told_ns: int = 0
    due_ns: int = 0
    task: asyncio.Task[Word] | None = None


@dataclass(slots=True)
class WayBackWatch:
    """Looks at whatever `wanted` names now. tell: takes the event to record; called in this loop."""

    clock: Clock
    wanted: Callable[[], Sequence[Need]]
    look: Looker
    tell: Callable[[e.WayBackProbed], None]
    _subjects: dict[str, _Subject] = field(default_factory=dict)
    _left: set[asyncio.Task[Word]] = field(default_factory=set)

    async def watch(self) -> None:
        """For ever. When it is cancelled, looks under way are cancelled, too, and waited for."""
        try:
            while True:
                self._take_in()
                self._begin_looks()
                self._tell_news()
                await self._wait()
        finally:
            tasks = [*self._left, *(one.task for one in self._subjects.values() if one.task is not None)]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _take_in(self) -> None:
        """Needs come and go with the run; what was seen of one that comes back is looked at anew."""
        wanted = {need.subject: need for need in self.wanted()}
        for subject, need in wanted.items():
            known = self._subjects.get(subject)
            if known is None:
                self._subjects[subject] = _Subject(need)
            else:
                known.need = need
        for subject in [name for name in self._subjects if name not in wanted]:
            gone = self._subjects.pop(subject)
            if gone.task is not None:
                self._leave(gone.task)

    def _begin_looks(self) -> None:
        now = self.clock.mono_ns()
        for one in self._subjects.values():
            if one.task is None and now >= one.due_ns:
                one.due_ns = now + _ns(SELDOM if one.need.sort == "probe" else EVERY)
                one.task = asyncio.create_task(self._looked(one.need), name=f"look at {one.need.subject}")

    async def _looked(self, need: Need) -> Word:
        looking = asyncio.ensure_future(self.look(need))
        limit = (LONG if need.sort in {"probe", "artifact"} else LIMIT).total_seconds()
        try:
            done, _ = await asyncio.wait([looking], timeout=limit)
        except asyncio.CancelledError:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
            raise
        if done:
            return looking.result()
        self._leave(looking)
        return "bad", f"no answer within {limit:g} s"

    def _leave(self, task: asyncio.Future[Word]) -> None:
        """Cancelled, and let end in its own time."""
        task.cancel()
        kept = asyncio.ensure_future(_ended(task))
        self._left.add(kept)
        kept.add_done_callback(self._left.discard)

    def _tell_news(self) -> None:
        now = self.clock.mono_ns()
        for one in self._subjects.values():
            if one.task is not None and one.task.done():
                one.word = one.task.result()  # a fault of ours is raised here, and ends the watch with its name
                one.task, one.seen_ns = None, now
        fresh = [one for one in self._subjects.values() if one.seen_ns is not None and one.seen_ns > one.told_ns]
        changed = [one for one in fresh if one.word[0] != one.told]
        due = [one for one in fresh if now - one.told_ns >= _ns(REPEAT)]
        told = fresh if due else changed
        if told:
            self.tell(e.WayBackProbed(tuple(_row(one, now) for one in told), len(changed)))
            for one in told:
                one.told, one.told_ns = one.word[0], now

    async def _wait(self) -> None:
        """Until a look has ended, or for a moment."""
        tasks = [one.task for one in self._subjects.values() if one.task is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=_TICK.total_seconds(), return_when=asyncio.FIRST_COMPLETED)
        else:
            await self.clock.sleep(_TICK)


async def _ended(task: asyncio.Future[Word]) -> Word:
    await asyncio.gather(task, return_exceptions=True)
    return "unknown", "given up"


def _row(one: _Subject, now: int) -> tuple[str, str, str, int]:
    assert one.seen_ns is not None
    return one.need.subject, *one.word, (now - one.seen_ns) // 1_000_000


def _ns(length: timedelta) -> int:
    return int(length.total_seconds() * 1_000_000_000)
