"""The attempts under way: begun, settled and stopped for the loop; output, heartbeats and silences become events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.engine.output import OutputGroup
from app.engine.performer import Live, Performer
from app.engine.resolve import Resolved, resolve
from app.engine.targets import HOST, Cleared, Guard
from app.errors import Refused
from app.run import events as e
from app.run.outcome import Intent, Outcome
from app.run.state import RunState, Status
from app.runbook.model_step import Step
from app.steps.live import LeavesTraces, Observe, StepKind, Toolbox

if TYPE_CHECKING:
    from app.engine.loop import Rig

FAR = frozenset({"local", "host", "sql"})
"""Kinds whose targets give signs of life: one that is never heard is as lost as one that falls silent."""

SILENCE_NS = 8_000_000_000
"""No heartbeat for so long is a lost contact. Waiting for a turn here does not count: no host was asked yet."""

FLUSH_NS = 50_000_000
TIDY_HORIZON = timedelta(seconds=30)
"""An outcome this much older than the console's death was surely tidied up by that console."""

FOUND_NS = 150_000_000


class Attempts:
    """What runs now. `arrive` takes what happened: an event, or an attempt with the event it ended with."""

    def __init__(
        self, rig: Rig, arrive: Callable[[e.Event | tuple[Live, e.Event]], None], state: Callable[[], RunState]
    ) -> None:
        self._rig, self._arrive = rig, arrive
        self._guard = Guard(rig.world, state, arrive, rig.admit)
        self._performer = Performer(rig.world, rig.kinds, rig.redactor, self._deliver, self._guard)
        self._flushed_ns = 0

    @property
    def gathering(self) -> bool:
        """Whether output waits to be recorded."""
        return any(live.output.waiting for live in self._performer.live.values())

    def perform(self, intent: Intent, resolved: Resolved, state: RunState) -> None:
        """Start it; its intent is on disk."""
        live = self._live(intent, resolved, state)
        self._performer.perform(live, self._toolbox(live, state))

    def settle(self, address: str, state: RunState) -> None:
        """Ask the target what became of its newest attempt."""
        planned, last = state.plan.by_address[address], state.step(address).last
        assert last is not None
        kind = self._rig.kinds[last.kind]
        intent = Intent(state.run, address, last.number, last.ticket, last.digest, last.head)
        try:
            resolved = resolve(state, planned, kind)
        except Refused as no:
            row = ("Can it be asked?", f"no: {no}", "unknown")
            self._arrive(e.StepInDoubt(address, last.number, f"It cannot be asked: {no}", (row,)))
            return
        live = self._live(intent, resolved, state)
        live.settling = True
        self._performer.settle(live, self._toolbox(live, state))
        if last.stop_asked is not None:  # the console before may have died between the record and the target
            self._performer.stop(address, last.stop_by)

    def stop(self, address: str, by: str) -> None:
        """Ask its target to end it."""
        self._performer.stop(address, by)

    async def clear(self, step: Step, kind: StepKind) -> Cleared:
        """Whether the target of a step that is no attempt yet is the one that the run knows."""
        return await self._guard.clear(step, kind, settling=False)

    def target_recorded(self) -> None:
        """A TargetSeen is on disk: what waited for it may go on."""
        self._guard.recorded()

    def tick(self, state: RunState) -> list[e.Event]:
        """Output that has gathered for 50 ms, attempts found running, contacts lost and regained."""
        now = self._rig.world.clock.mono_ns()
        events: list[e.Event] = []
        for live in self._performer.live.values():
            events += self._heartbeat(live, state, now)
        if now - self._flushed_ns >= FLUSH_NS:
            self._flushed_ns = now
            for live in self._performer.live.values():
                events += live.output.flush()
        return events

    async def detach(self) -> list[e.Event]:
        """Let go of all; what they had written by then."""
        lives = list(self._performer.live.values())
        await self._performer.detach()
        return [event for live in lives for event in live.output.flush()]

    def _live(self, intent: Intent, resolved: Resolved, state: RunState) -> Live:
        key = (intent.address, intent.attempt)
        seen = {stream: state.seen.get((*key, stream), 0) for stream in ("out", "err", "note")}
        kind = self._rig.kinds[resolved.step.kind]
        live: Live
        output = OutputGroup(key, self._rig.redactor, seen, lambda where: self._heard(live, where))
        began = self._rig.world.clock.mono_ns() if kind.name in FAR else None
        live = Live(intent, resolved, kind, output, heard_ns=began)
        return live

    def _heard(self, live: Live, where: str) -> None:
        live.heard_ns, live.seen_from = self._rig.world.clock.mono_ns(), where

    def _heartbeat(self, live: Live, state: RunState, now: int) -> list[e.Event]:
        address, attempt = live.intent.address, live.intent.attempt
        if live.heard_ns is None:
            return []
        events: list[e.Event] = []
        found = bool(live.seen_from) and now - live.began_ns > FOUND_NS
        if live.settling and state.status(address) is Status.ASKING and found:
            live.settling = False
            events.append(e.StepFoundRunning(address, attempt, live.seen_from))
        if self._queued(live):
            live.heard_ns = now
        silent = now - live.heard_ns > SILENCE_NS
        if silent != live.silent:
            live.silent = silent
            event = e.ContactLost if silent else e.ContactRegained
            events.append(event(address, attempt, live.seen_from or live.resolved.target))
        return events

    def _queued(self, live: Live) -> bool:
        """Whether it waits for its turn here: nobody has been asked for anything yet, so nobody is silent."""
        if live.seen_from or live.silent:
            return False
        names = [target.name for target in live.kind.targets(live.resolved.step.body) if target.kind == HOST]
        hosts = self._rig.world.hosts
        return any(hosts[name].queued(live.intent.ticket) for name in names if name in hosts)

    def _toolbox(self, live: Live, state: RunState) -> Toolbox:
        step = live.resolved.step
        key = (live.intent.address, live.intent.attempt)
        seen = (state.seen.get((*key, "out"), 0), state.seen.get((*key, "err"), 0))
        limit = int(step.max.total_seconds()) if step.max is not None else 0
        time = getattr(step.body, "time", None)
        moment = state.plan.inputs.at(time) if time is not None else None
        began = _first_began(state, live.intent.address)
        box = Toolbox(_nothing, began, seen, limit, moment, redact=self._rig.redactor.text)
        return replace(box, observe=self._observe(live, box))

    def _observe(self, live: Live, box: Toolbox) -> Observe:
        async def observe(kind: str, body: Any, ticket: str) -> Outcome:  # noqa: ANN401 - any kind's fields
            return await self._performer.observe(live, box, (kind, body, ticket))

        return observe

    def tidy(self, state: RunState) -> None:
        """What ended just before the console before died may still lie at its target, with what it printed."""
        horizon = timedelta(milliseconds=state.console.gap_ms) + TIDY_HORIZON
        for address, step in state.steps.items():
            last = step.last
            over = last is not None and last.ended is not None and last.status is not Status.IN_DOUBT
            if last is None or not over or last.ended is None or state.now.since(last.ended) > horizon:
                continue
            kind = self._rig.kinds[last.kind]
            if isinstance(kind, LeavesTraces):
                self._forget(address, state)

    def ruled(self, address: str, state: RunState) -> None:
        """A person spoke on a step: what an attempt in doubt left at its target is not asked for any more."""
        step = state.step(address)
        last = step.last
        was_open = last is not None and last.ended is not None and last.ended == step.over
        if last is not None and was_open and isinstance(self._rig.kinds[last.kind], LeavesTraces):
            self._forget(address, state)

    def _forget(self, address: str, state: RunState) -> None:
        last = state.step(address).last
        assert last is not None
        try:
            resolved = resolve(state, state.plan.by_address[address], self._rig.kinds[last.kind])
        except Refused as no:
            self._arrive(e.NoteAdded("console", f"What {last.ticket} wrote may still be at its target: {no}"))
            return
        intent = Intent(state.run, address, last.number, last.ticket, last.digest, last.head)
        self._performer.forget(self._live(intent, resolved, state))

    def forget(self, live: Live) -> None:
        """Its outcome is on disk: what it left at its target may go."""
        self._performer.forget(live)

    def _deliver(self, live: Live | None, event: e.Event) -> None:
        ended = live is not None and not isinstance(event, (e.FaultSeen, e.NoteAdded))
        self._arrive((live, event) if ended and live is not None else event)


async def _nothing(kind: str, _body: object, _ticket: str) -> Outcome:
    raise AssertionError(f"{kind} was observed without a toolbox")


def _first_began(state: RunState, address: str) -> datetime:
    """When the step first started, going back over attempts that never ran."""
    began = state.now.at
    for attempt in reversed(state.step(address).attempts):
        if attempt.status is not Status.FENCED and attempt is not state.step(address).last:
            break
        began = attempt.began.at
    return began
