"""Keeps the console's machine awake for as long as its run is live, and says in the record whether that worked."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from datetime import timedelta

from app.connectors.awake import Awake, stay_awake
from app.engine.loop import Engine
from app.errors import Refused
from app.ports import Clock
from app.run.awake_events import KeptAwake, NotKeptAwake, SleepAllowed
from app.run.dead_man import unconfirmed
from app.run.state import RunState, Stage

_LOOK = timedelta(seconds=1)
_SETTLED = frozenset({Stage.FINISHED, Stage.ROLLED_BACK, Stage.INCOMPLETE, Stage.CLOSED})


def is_live(state: RunState) -> bool:
    """Whether the console is needed: until its last phase, or the way back, has ended and everything is confirmed."""
    return state.stage not in _SETTLED or bool(unconfirmed(state))


async def keep_awake(engine: Engine, clock: Clock) -> None:
    """For ever; cancelled, it lets the machine sleep again. What could not be is said once and not tried again."""
    held: Awake | None = None
    refused = False
    try:
        while True:
            live = is_live(engine.state)
            if held is not None and (not live or not held.holds):
                early, over, held = int(live), held, None
                await _ended(over)
                engine.tell(SleepAllowed(early))
            elif held is None and live and not refused:
                try:
                    held = await _begun()
                    engine.tell(KeptAwake(held.how))
                except Refused as no:
                    refused = True
                    engine.tell(NotKeptAwake(no.what))
            await clock.sleep(_LOOK)
    finally:
        if held is not None:
            await _ended(held)


async def _ended(held: Awake) -> None:
    """A program that does not take the hint is waited for elsewhere: here the engine listens to people."""
    if sys.platform == "win32":
        held.end()
        return
    await asyncio.shield(asyncio.get_running_loop().run_in_executor(None, held.end))


async def _begun() -> Awake:
    """On Windows the state belongs to the thread that asks for it, which must live as long: the loop's own."""
    if sys.platform == "win32":
        return stay_awake()
    begun = asyncio.get_running_loop().run_in_executor(None, stay_awake)
    try:
        return await asyncio.shield(begun)
    except asyncio.CancelledError:  # whoever lets go meanwhile leaves nothing behind
        with contextlib.suppress(Refused):
            (await begun).end()
        raise
