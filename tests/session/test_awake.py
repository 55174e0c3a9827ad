"""What keeps the machine awake never keeps the engine from listening."""

from __future__ import annotations

import asyncio
import threading

import pytest

from app.connectors.awake import Awake
from app.session.awake import _ended


@pytest.mark.anyio
async def test_a_lock_that_is_slow_to_end_is_waited_for_beside_the_loop() -> None:
    goes, heard = threading.Event(), []
    task = asyncio.create_task(_ended(Awake("a program", lambda: heard.append(goes.wait(30)))))
    asyncio.get_running_loop().call_later(0.05, goes.set)  # never called while the loop is held up
    await task
    assert heard == [True]
