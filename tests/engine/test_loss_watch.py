"""The instant of the switch is the server's clock less what passed since, asleep or awake."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from app.engine.loss_watch import Facts, LossWatch, Watched
from app.run import events as e
from app.run.loss_state import ServerTime, TableRows
from tests.engine.test_vitals import HandClock
from tests.run.stage import T0, Stage, book

pytestmark = pytest.mark.anyio
BOOK = """
databases: {new: {url: "postgresql+psycopg://u@db2/x"}}
rollback: {est: 1m, loss: {db: new, tables: {orders: made}}}
"""
STEPS = """
- id: p
  steps:
    - id: switch
      local: {argv: [s]}
      changes: reversible
      boundary: {kind: lossy, says: new}
      undo: [{local: {argv: [u]}}]
    - {id: look, check: {text: Well}}
"""


class Server:
    """Its clock says what the wall here says; nothing was written."""

    name = "new"

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def clock(self, expects: Facts = ()) -> ServerTime:
        return ServerTime(self._stage.now.at, timedelta())

    async def count(self, since: datetime, expects: Facts = ()) -> tuple[TableRows, ...]:
        return ()


async def test_the_switch_is_not_dated_later_because_the_machine_slept() -> None:
    stage = Stage(book(STEPS, BOOK))
    stage.settle_down()
    stage.done("switch")
    stage.sleep(minutes=47)
    dated: asyncio.Future[e.SwitchDated] = asyncio.get_running_loop().create_future()

    def tell(event: e.Event) -> None:
        if isinstance(event, e.SwitchDated):
            dated.set_result(event)

    watch = LossWatch(Server(stage), Watched(lambda: stage.state, tell, lambda: stage.now, HandClock()))
    task = asyncio.create_task(watch.watch())
    try:
        told = await asyncio.wait_for(dated, 10)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert datetime.fromisoformat(told.since) == T0
