"""One attempt at a time: perform, settle or stop it, and say how it ended. Never decides what comes next."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from app.engine.output import OutputGroup
from app.engine.redact import Redactor
from app.engine.resolve import Resolved
from app.engine.targets import Guard
from app.engine.verdicts import Ended, event_of
from app.errors import TminusError
from app.ports import World
from app.run import events as e
from app.run.outcome import Evidence, Intent, Outcome, PointsTo, Verdict
from app.runbook.body import Changes
from app.runbook.model_step import Step
from app.steps.live import LeavesTraces, StepKind, Toolbox

STOP_GRACE_SECONDS = 5.0
"""Between asking a command to end and killing it."""

STOP_PATIENCE_SECONDS = 30.0
"""Granted to a target that is away to come back and be told to kill; then the attempt is in doubt."""

TIDY_SECONDS = 2.0
"""Granted to what is being removed from targets when the console lets go."""


@dataclass(slots=True)
class Live:
    """An attempt that this console is attached to.

    heard_ns: when its target was last heard, or when the wait for a first word began; None while nobody waits for one.
    given_up: why the console let go of an attempt that it could not have stopped.
    """

    intent: Intent
    resolved: Resolved
    kind: StepKind
    output: OutputGroup
    task: asyncio.Task[None] | None = None
    stop_by: str = ""
    stopper: asyncio.Task[None] | None = None
    heard_ns: int | None = None
    seen_from: str = ""
    silent: bool = False
    settling: bool = False
    doomed: bool = False
    given_up: str = ""
    began_ns: int = 0


class Performer:
    """Runs attempts as tasks of the engine's loop.

    deliver: called in the loop with the attempt and the event it ended with; found: called when a re-attached attempt
    turns out to be running.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what acts, on what, behind which guard, and whom it tells
        self,
        world: World,
        kinds: Mapping[str, StepKind],
        redactor: Redactor,
        deliver: Callable[[Live | None, e.Event], None],
        guard: Guard,
    ) -> None:
        self._world, self._kinds, self._redactor, self._deliver = world, kinds, redactor, deliver
        self._guard = guard
        self._tidying: set[asyncio.Task[None]] = set()
        self.live: dict[str, Live] = {}
        self._detaching = False

    def perform(self, live: Live, toolbox: Toolbox) -> None:
        """Start it. Its intent is durable: it carries the hash of the record that holds it."""
        self._run(live, self._perform(live, toolbox))

    def settle(self, live: Live, toolbox: Toolbox) -> None:
        """Ask the target what became of it."""
        self._run(live, self._settle(live, toolbox))

    def stop(self, address: str, by: str) -> None:
        """Ask its target to end it: gently, and 5 s later for good. Asked again after that, it tries again."""
        live = self.live.get(address)
        if live is None or (live.stopper is not None and not live.stopper.done()):
            return
        live.stop_by = live.stop_by or by
        live.stopper = asyncio.create_task(self._stop(live), name=f"stop {address}")

    async def observe(self, live: Live, toolbox: Toolbox, inner_step: tuple[str, Any, str]) -> Outcome:
        """An inner read-only step (kind, resolved body, ticket), under a ticket of its own."""
        kind, body, ticket = inner_step
        inner = self._kinds[kind]
        toolbox = replace(toolbox, expects=self._guard.expected(inner.targets(body)))
        looking = {"kind": kind, "body": body, "changes": Changes.NOTHING, "expect": None, "probe": None, "save": {}}
        step = live.resolved.step.model_copy(update=looking)
        intent = Intent(live.intent.run, live.intent.address, live.intent.attempt, ticket, "", live.intent.head)
        return await inner.perform(intent, step, self._world, _Quiet(live.output), toolbox)

    def forget(self, live: Live) -> None:
        """The outcome is on disk: what the attempt left at its target may go."""
        task = asyncio.create_task(self._forget(live.kind, live.intent, live.resolved.step))
        self._tidying.add(task)
        task.add_done_callback(self._tidying.discard)

    async def _forget(self, kind: StepKind, intent: Intent, step: Step) -> None:
        if not isinstance(kind, LeavesTraces):
            return
        try:
            await kind.forget(intent, step, self._world)
        except TminusError as trouble:
            self._deliver(None, e.NoteAdded("console", f"What {intent.ticket} wrote is still at its target: {trouble}"))

    async def detach(self) -> None:
        """Let go of everything; commands go on at their targets. Returns when every task has ended."""
        self._detaching = True
        tasks = [t for live in self.live.values() for t in (live.task, live.stopper) if t is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._tidying:
            await asyncio.wait(self._tidying, timeout=TIDY_SECONDS)

    async def _perform(self, live: Live, toolbox: Toolbox) -> Outcome:
        step = live.resolved.step
        cleared = await self._guard.clear(step, live.kind, settling=False)
        if cleared.refusal:
            return Outcome(Verdict.FAILED, cleared.refusal)
        if live.stop_by:
            return Outcome(Verdict.CANCELLED, "stopped before anything was run")
        box = replace(toolbox, expects=cleared.expects)
        return await live.kind.perform(live.intent, step, self._world, live.output, box)

    async def _settle(self, live: Live, toolbox: Toolbox) -> Outcome:
        step = live.resolved.step
        cleared = await self._guard.clear(step, live.kind, settling=True)
        if cleared.refusal:
            return _doubt(f"in doubt: it was not asked, {cleared.refusal}", "The target that it ran on does not answer")
        box = replace(toolbox, expects=cleared.expects)
        return await live.kind.settle(live.intent, step, self._world, live.output, box)

    def _run(self, live: Live, work: Coroutine[Any, Any, Outcome]) -> None:
        self.live[live.intent.address] = live
        live.began_ns = self._world.clock.mono_ns()
        live.task = asyncio.create_task(self._to_the_end(live, work), name=live.intent.ticket)

    async def _to_the_end(self, live: Live, work: Coroutine[Any, Any, Outcome]) -> None:
        try:
            outcome = await work
        except asyncio.CancelledError:
            if self._detaching or not (live.doomed or live.given_up):
                raise
            outcome = _ended_here(live)
        except TminusError as trouble:
            outcome = _doubt(f"{trouble}", "The console cannot say whether it took effect")
        except Exception as fault:  # noqa: BLE001 - a broken kind must end in a doubt, never in silence
            text = self._redactor.text("".join(traceback.format_exception(fault)))
            self._deliver(live, e.FaultSeen(f"{live.kind.name} {live.intent.ticket}", text))
            outcome = _doubt(f"Tminus broke while it ran: {type(fault).__name__}", "Its outcome was lost")
        if live.stopper is not None:
            live.stopper.cancel()
        intent = live.intent
        ended = Ended(intent.address, intent.attempt, live.resolved.step, live.stop_by)
        self.live.pop(intent.address, None)
        self._deliver(live, event_of(outcome, ended, self._redactor))

    async def _stop(self, live: Live) -> None:
        if await self._ask_to_stop(live, "gentle") is None and live.doomed:
            return
        await asyncio.sleep(STOP_GRACE_SECONDS)
        trouble = await self._ask_to_stop(live, "kill")
        ends = self._world.clock.mono_ns() + int(STOP_PATIENCE_SECONDS * 1e9)
        while trouble is not None and self._world.clock.mono_ns() < ends:
            await asyncio.sleep(STOP_GRACE_SECONDS)
            trouble = await self._ask_to_stop(live, "kill", told=str(trouble))
        if trouble is not None and live.task is not None:
            live.given_up = str(trouble)
            live.task.cancel()

    async def _ask_to_stop(self, live: Live, force: Literal["gentle", "kill"], told: str = "") -> TminusError | None:
        """Why it could not be delivered; None once it was. `told`: what was already noted. Dooms what runs nowhere."""
        try:
            reached = await live.kind.stop(live.intent, live.resolved.step, self._world, force)
        except TminusError as trouble:
            if str(trouble) != told:
                note = f"{live.intent.address} could not be asked to stop: {trouble}"
                self._deliver(live, e.NoteAdded("console", note))
            return trouble
        if not reached and live.task is not None:
            live.doomed = True
            live.task.cancel()
        return None


class _Quiet:
    """An inner step's output is not the step's own; its target still counts as heard."""

    def __init__(self, output: OutputGroup) -> None:
        self._output = output

    def output(self, stream: str, offset: int, data: bytes) -> None:
        """Dropped: the facts are what matters."""

    def alive(self, where: str) -> None:
        """Heard."""
        self._output.alive(where)


def _ended_here(live: Live) -> Outcome:
    """The word on an attempt that the console ended itself."""
    if not live.given_up:
        return Outcome(Verdict.CANCELLED, "ended by the console; nothing ran at any target")
    evidence = (
        Evidence("Was it told to stop?", f"no, it could not be reached: {live.given_up}", PointsTo.UNKNOWN),
        Evidence("Does it run now?", "its target is away, so nobody can say; its own limits hold", PointsTo.UNKNOWN),
    )
    return Outcome(Verdict.IN_DOUBT, "in doubt: it was to be stopped, and its target is away", evidence=evidence)


def _doubt(what: str, why: str) -> Outcome:
    return Outcome(Verdict.IN_DOUBT, what, evidence=(Evidence("What happened?", why, PointsTo.UNKNOWN),))
