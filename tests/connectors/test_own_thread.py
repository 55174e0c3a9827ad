"""A blocking job never holds up the loop, nor outlives a cancellation by more than is promised."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta

import pytest

from app.connectors import own_thread
from app.connectors.own_thread import on_own_thread

pytestmark = pytest.mark.anyio


async def test_what_the_job_returns_or_raises_comes_back() -> None:
    assert await on_own_thread(lambda: 7, name="tminus-test") == 7
    with pytest.raises(ZeroDivisionError):
        await on_own_thread(lambda: 1 // 0, name="tminus-test")


async def test_a_cancelled_job_is_told_to_stop_and_waited_for() -> None:
    told, ended = threading.Event(), threading.Event()

    def work() -> None:
        told.wait(10)
        ended.set()

    task = asyncio.create_task(on_own_thread(work, name="tminus-test", stop=told.set))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_a_job_that_does_not_listen_is_cut_off_and_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_thread, "GRACE", timedelta(seconds=0.1))
    severed, gate = threading.Event(), threading.Event()
    job = on_own_thread(lambda: gate.wait(20), name="tminus-test", stop=lambda: None, sever=severed.set)
    task = asyncio.create_task(job)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 3)
    assert severed.is_set()
    gate.set()


def test_an_answer_that_comes_after_the_loop_is_gone_disturbs_nobody() -> None:
    gate = threading.Event()
    seen: list[threading.Thread] = []

    def work() -> None:
        seen.append(threading.current_thread())
        gate.wait(10)

    async def let_go() -> None:
        task = asyncio.create_task(on_own_thread(work, name="tminus-test"))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])

    asyncio.run(let_go())
    gate.set()
    seen[0].join(5)
    assert not seen[0].is_alive()
