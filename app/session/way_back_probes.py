"""Whether the way back is open, asked of its targets all the time a run is live: on a thread and a loop of its own.

It has a world of its own, too, so that neither a busy connection of the run nor a target that hangs can hold anything
up; what it sees goes to the engine as events, and nothing here writes.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from app.connectors.short_commands import LocalShortCommands
from app.engine.loop import Engine
from app.engine.probing import WayBackWatch
from app.rollback.needs import Need, needed_ever
from app.run import events as e
from app.run.state import RunState, Stage
from app.session.hosts import hosts_of
from app.session.opening import kinds, live_kinds
from app.session.way_back_looks import Looks
from app.session.world import Estate, build, inherited

_OVER = frozenset({Stage.ROLLED_BACK, Stage.INCOMPLETE, Stage.CLOSED})
_PATIENCE = 1.0
"""Seconds granted to looks under way when the console lets go; then their thread ends by itself, in its own time."""


async def keep_probing(engine: Engine, estate: Estate) -> None:
    """For ever, in the engine's loop: it only waits, while another thread looks. Where nothing is needed, none does."""
    if not needed_ever(engine.state, kinds()) and not engine.state.plan.runbook.rollback.uses:
        return
    prober = _Prober(engine, estate, asyncio.get_running_loop())
    prober.start()
    try:
        await asyncio.Event().wait()
    finally:
        prober.stop()


@dataclass(slots=True)
class _Prober:
    engine: Engine
    estate: Estate
    engine_loop: asyncio.AbstractEventLoop
    _thread: threading.Thread | None = None
    _loop: asyncio.AbstractEventLoop | None = None
    _task: asyncio.Task[None] | None = None
    _ready: threading.Event = field(default_factory=threading.Event)
    _known: tuple[object, tuple[Need, ...]] | None = None

    def start(self) -> None:
        """A daemon: a look that cannot be ended never keeps the console from leaving."""
        self._thread = threading.Thread(target=self._run, name="tminus-way-back", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more. Waits for a moment at most."""
        self._ready.wait(_PATIENCE)
        loop, task, thread = self._loop, self._task, self._thread
        if loop is not None and task is not None:
            with contextlib.suppress(RuntimeError):  # it has ended by itself
                loop.call_soon_threadsafe(task.cancel)
        if thread is not None:
            thread.join(_PATIENCE)

    def _run(self) -> None:
        try:
            asyncio.run(self._watch())
        except asyncio.CancelledError:
            return
        except Exception as fault:  # noqa: BLE001 - the run goes on; that nobody looks any more is said, and seen
            self.engine.report("way back", "".join(traceback.format_exception(fault)))
        finally:
            self._ready.set()

    async def _watch(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        self._ready.set()
        inputs, vault, home = self.engine.state.plan.inputs, self.estate.vault, self.estate.home
        own = build(inputs, home, vault)
        hosts = hosts_of(inputs, home, vault, patient=False)
        try:
            world = replace(own.world, hosts=hosts.by_name)
            looks = Looks(world, live_kinds(), LocalShortCommands(inherited(inputs)), lambda: self.engine.state)
            await WayBackWatch(world.clock, self._wanted, looks, self._tell).watch()
        finally:
            hosts.close()
            own.close()

    def _wanted(self) -> Sequence[Need]:
        """Nothing once the run is over; else what any way back of it may need, worked out when a step has moved."""
        state: RunState = self.engine.state
        if state.stage in _OVER:
            return ()
        if self._known is None or self._known[0] is not state.steps:
            self._known = (state.steps, needed_ever(state, kinds()))
        return self._known[1]

    def _tell(self, event: e.WayBackProbed) -> None:
        with contextlib.suppress(RuntimeError):  # the engine's loop is gone: the run was let go of
            self.engine_loop.call_soon_threadsafe(self.engine.tell, event)
