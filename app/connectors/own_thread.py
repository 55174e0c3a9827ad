"""One blocking job on a thread of its own, awaited from the loop and never waited for longer than promised."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Generic, TypeVar

T = TypeVar("T")

GRACE = timedelta(seconds=5)
"""How long a cancelled job may take to end after it was told to, before it is severed and left behind."""


async def on_own_thread(
    work: Callable[[], T],
    *,
    name: str,
    stop: Callable[[], None] | None = None,
    sever: Callable[[], None] | None = None,
) -> T:
    """Run `work` on a new thread and return what it returns, or raise what it raises.

    When the awaiting task is cancelled, `stop` is called (on a thread too: it may ask a server), the job gets GRACE to
    end, then `sever` cuts what it waits for. CancelledError is raised in any case, within twice GRACE. The thread is a
    daemon, so a job that cannot be ended (a driver stuck in C) never keeps the process alive.
    """
    job = _Job(work, asyncio.get_running_loop())
    threading.Thread(target=job.run, name=name, daemon=True).start()
    try:
        return await asyncio.shield(job.answer)
    except asyncio.CancelledError:
        if not job.answer.cancelled():
            await _wind_up(job, stop, sever)
        raise


class _Job(Generic[T]):
    """Carries the answer of a thread into the loop. The loop may be gone by then; so the answer is dropped."""

    def __init__(self, work: Callable[[], T], loop: asyncio.AbstractEventLoop) -> None:
        self._work = work
        self._loop = loop
        self.answer: asyncio.Future[T] = loop.create_future()

    def run(self) -> None:
        try:
            value = self._work()
        except BaseException as error:  # noqa: BLE001 - it travels to whoever awaits the answer
            self._post(partial(self._fail, error))
        else:
            self._post(partial(self._succeed, value))

    def _post(self, deliver: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(deliver)
        except RuntimeError:
            # Only a closed loop raises this: the console has let go, nobody waits for the answer any more.
            if not self._loop.is_closed():
                raise

    def _succeed(self, value: T) -> None:
        if not self.answer.done():
            self.answer.set_result(value)

    def _fail(self, error: BaseException) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)
            self.answer.exception()  # marks it as seen: a detached job's error has no other reader


async def _wind_up(job: _Job[T], stop: Callable[[], None] | None, sever: Callable[[], None] | None) -> None:
    """Stop the job, then cut it off. A second cancellation cuts the waiting short; nothing here can hang."""
    for means in (stop, sever):
        if means is not None and not job.answer.done():
            threading.Thread(target=means, name="tminus-stop", daemon=True).start()
            await asyncio.wait([job.answer], timeout=GRACE.total_seconds())
