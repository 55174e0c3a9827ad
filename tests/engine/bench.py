"""An engine on a real record, whose step kinds do what a test says."""

from __future__ import annotations

import asyncio
import contextlib
import textwrap
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from app.connectors.clock import SystemClock
from app.connectors.http import HttpConnector
from app.connectors.local import LocalCommands
from app.connectors.secrets import Vault
from app.engine.feed import Feed
from app.engine.loop import Engine, Rig
from app.engine.redact import Redactor
from app.journal.now import Now
from app.journal.store import Journal, create
from app.metrics.sampler import Sampler
from app.ports import Say, World
from app.run import events as e
from app.run.evolve import fold, opened
from app.run.outcome import Intent, Outcome, Verdict
from app.run.state import RunState
from app.runbook.model_step import Step
from app.session.opening import inputs_of, live_kinds, open_runbook, plan_of
from app.steps.live import StepKind, Toolbox
from app.steps.local import LocalKind

DONE = Outcome(Verdict.DONE, "done")


@dataclass(frozen=True, slots=True)
class Puppet(LocalKind):
    """A `local` that runs nothing: `outcome` is what it comes to, `stops` answers each wish to stop it."""

    outcome: Callable[[], Awaitable[Outcome]] | None = None
    stops: Callable[[str], bool] | None = None
    heard: list[str] = field(default_factory=list)

    async def perform(self, intent: Intent, step: Step, world: World, say: Say, toolbox: Toolbox) -> Outcome:
        """What the test says; by default it is done at once."""
        self.heard.append(f"perform {intent.ticket.partition('/')[2]}")
        return DONE if self.outcome is None else await self.outcome()

    async def settle(self, intent: Intent, step: Step, world: World, say: Say, toolbox: Toolbox) -> Outcome:
        """The same."""
        self.heard.append(f"settle {intent.ticket.partition('/')[2]}")
        return DONE if self.outcome is None else await self.outcome()

    async def stop(self, intent: Intent, step: Step, world: World, force: Literal["gentle", "kill"]) -> bool:
        """What the test says; by default it arrives."""
        self.heard.append(f"stop {force}")
        return True if self.stops is None else self.stops(force)

    async def forget(self, intent: Intent, step: Step, world: World) -> None:
        """Remembered."""
        self.heard.append(f"forget {intent.ticket.partition('/')[2]}")


@dataclass
class Bench:
    """One run. `before` are events that an earlier console left."""

    engine: Engine
    rig: Rig
    journal: Journal

    @property
    def state(self) -> RunState:
        return self.engine.state

    def events(self) -> list[e.Event]:
        """All that this engine recorded so far."""
        return [one.event for one in self.recorded()]

    def recorded(self) -> list[e.Recorded]:
        self._taken += self.rig.feed.take()
        return self._taken

    def __post_init__(self) -> None:
        self._taken: list[e.Recorded] = []

    async def until(self, so: Callable[[RunState], bool], seconds: float = 10.0) -> RunState:
        """Wait until the state is so."""
        deadline = time.monotonic() + seconds
        while not so(self.state):
            assert time.monotonic() < deadline, (self.state.stage, self.events())
            await asyncio.sleep(0.005)
        return self.state


@contextlib.asynccontextmanager
async def bench(
    folder: Path, phases: str, *, kind: StepKind | None = None, before: tuple[e.Event, ...] = (), more: str = ""
) -> AsyncIterator[Bench]:
    """The run, not driven yet; whatever drives it at the end is let go."""
    made = prepare(folder, phases, kind, before, more)
    task: list[asyncio.Task[None]] = []
    try:
        task.append(asyncio.create_task(made.engine.drive()))
        yield made
    finally:
        made.engine.detach("over")
        await asyncio.wait(task)
        local = made.rig.world.local
        assert isinstance(local, LocalCommands)
        local.close()


def prepare(folder: Path, phases: str, kind: StepKind | None, before: tuple[e.Event, ...], more: str) -> Bench:
    """A record with its first events and an engine on it. `kind` takes the place of `local`."""
    path = folder / "book.yaml"
    body = textwrap.indent(textwrap.dedent(phases), "  ")
    path.write_text(f"runbook: 1\nname: engine\n{textwrap.dedent(more)}\nphases:\n{body}", encoding="utf-8")
    clock = SystemClock()
    loaded = open_runbook(path)
    assert not loaded.errors, [str(p) for p in loaded.errors]
    inputs = inputs_of(loaded, "", {}, clock.now())
    journal = create(folder / "run.tminus", "r1", clock, "ana")
    first = e.RunOpened("r1", "engine", "", "book.yaml", "d", "", (), inputs.t0.isoformat(), "ana", "0")
    attached = e.ConsoleAttached("ana", "laptop", 1, "terminal", "0")
    recorded = journal.append([first, attached, *before])
    state = fold(opened(recorded[0], plan_of(inputs)), recorded[1:])
    kinds = live_kinds() | ({"local": kind} if kind is not None else {})
    vault = Vault({})
    local = LocalCommands(folder / "commands", {})
    world = World(clock, local, {}, {}, HttpConnector(vault), vault, Sampler({}, clock))
    rig = Rig(journal, world, kinds, Redactor(), Feed(), Now(clock))
    return Bench(Engine(rig, state), rig, journal)
