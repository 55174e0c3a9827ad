"""Counts the rows that the new side took since the switch, as long as going back could lose them, and tells the run.

It asks on a schedule of its own, at most a tenth of the time, beside the engine's loop. It says what it found when
that changed, and every `AGAIN` otherwise, so that whoever looks knows how old the figure is. As soon as the way back
begins it lets go of what it asks: an undo never waits for a count.

The instant of the switch is the server's own. Its clock is read after the switch was recorded, and what passed between
(on this machine's clock, awake or asleep) is taken off again; the way there and back makes the instant earlier, never
later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from app.engine.targets import moved_since
from app.errors import TminusError
from app.ports import Clock
from app.rollback.loss import switch_step, switched
from app.run import events as e
from app.run.loss_state import ServerTime, TableRows
from app.run.moment import Moment
from app.run.phases import current_phase
from app.run.state import RunState, Stage

T = TypeVar("T")
Facts = tuple[tuple[str, str], ...]

EVERY = timedelta(seconds=2)
AGAIN = timedelta(seconds=10)
LIMIT = timedelta(seconds=10)
"""For one answer; the server itself ends a count earlier."""

_TICK = timedelta(milliseconds=200)
_AFTER_TROUBLE = timedelta(seconds=5)
_LONGEST_PAUSE = timedelta(minutes=1)
_SHARE = 10
_COUNTED = frozenset({Stage.FORWARD, Stage.STOPPED, Stage.FINISHED})


class CountsRows(Protocol):
    """One database and its tables. Every call may raise TminusError."""

    name: str

    async def clock(self, expects: Facts = ()) -> ServerTime:
        """The server's clock; fails when a table cannot be counted."""

    async def count(self, since: datetime, expects: Facts = ()) -> tuple[TableRows, ...]:
        """The rows of each table from `since` on."""


@dataclass(frozen=True, slots=True)
class Watched:
    """The run that is watched: its newest state, where events go, and what time it is there."""

    state: Callable[[], RunState]
    tell: Callable[[e.Event], None]
    moment: Callable[[], Moment]
    clock: Clock


class LossWatch:
    """`watch` runs for as long as a console drives."""

    def __init__(self, rows: CountsRows, run: Watched) -> None:
        self._rows, self._run = rows, run
        self._since: datetime | None = None
        self._told: tuple[tuple[TableRows, ...] | None, str] = (None, "")
        self._told_at: Moment | None = None
        self._answers = False

    async def watch(self) -> None:
        """For ever."""
        while True:
            await self._run.clock.sleep(await self._look())

    async def _look(self) -> timedelta:
        """What is to be done now; how long until the next time."""
        state = self._run.state()
        if state.stage not in _COUNTED:
            return _TICK
        began = switched(state)
        if began is not None:
            return await self._guarded(self._count(state, began))
        if not self._answers and current_phase(state) == state.plan.by_address[switch_step(state.plan)].phase:
            return await self._guarded(self._ahead(state))
        return _TICK

    async def _guarded(self, asking: Coroutine[Any, Any, timedelta]) -> timedelta:
        """Ask, but no longer than `LIMIT`, and not into the way back. Whatever goes wrong is told as no data."""
        task = asyncio.create_task(asking)
        until = self._run.clock.mono_ns() + int(LIMIT.total_seconds() * 1e9)
        try:
            while not task.done() and self._run.state().stage in _COUNTED and self._run.clock.mono_ns() < until:
                await asyncio.wait([task], timeout=_TICK.total_seconds() / 2)
            if task.done():
                return task.result()
            if self._run.state().stage in _COUNTED:
                self._say(None, f"no answer within {LIMIT.total_seconds():g} s")
        except TminusError as trouble:
            self._say(None, trouble.what)
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait([task])
        return _AFTER_TROUBLE

    async def _ahead(self, state: RunState) -> timedelta:
        """Before the switch: what could not be counted after it is told while it can still be mended."""
        await self._rows.clock(self._expects(state))
        self._answers = True
        if self._told[1]:
            self._say((), "")
        return _TICK

    async def _count(self, state: RunState, began: Moment) -> timedelta:
        since = self._since or (state.written.instant if state.written is not None else None)
        if since is None:
            since = await self._date(state, began)
        self._since = since
        asked = self._run.moment()
        found = await self._rows.count(since, self._expects(state))
        self._say(found, "")
        return min(max(EVERY, self._run.moment().since(asked) * _SHARE), _LONGEST_PAUSE)

    async def _date(self, state: RunState, began: Moment) -> datetime:
        told = await self._rows.clock(self._expects(state))
        since = told.at - self._run.moment().since(began)
        early = round(told.early / timedelta(milliseconds=1))
        address = switch_step(state.plan)
        self._run.tell(e.SwitchDated(self._rows.name, address, since.isoformat(timespec="microseconds"), early))
        return since

    def _expects(self, state: RunState) -> Facts:
        """What the database said of itself when it was recorded, unless a step that puts another there ran since."""
        known = state.targets.get(("database", self._rows.name))
        return known.facts if known is not None and not moved_since(state, known) else ()

    def _say(self, found: tuple[TableRows, ...] | None, problem: str) -> None:
        now = self._run.moment()
        rows = None if found is None else tuple((one.table, one.rows, one.undated) for one in found)
        fresh = self._told_at is not None and now.since(self._told_at) < AGAIN
        if self._same(rows, problem) and (fresh or problem):
            return
        self._told, self._told_at = (found, problem), now
        tables = tuple(
            (one.table, str(one.rows), str(one.undated), "" if one.newest_ms is None else str(one.newest_ms))
            for one in found or ()
        )
        self._run.tell(e.RowsCounted(self._rows.name, tables, problem))

    def _same(self, rows: tuple[tuple[str, int, int], ...] | None, problem: str) -> bool:
        before, trouble = self._told
        known = None if before is None else tuple((one.table, one.rows, one.undated) for one in before)
        return self._told_at is not None and (known, trouble) == (rows, problem)
