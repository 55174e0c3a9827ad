"""Keeps dead-man switches: arms them at their targets, is heard there as long as this console lives, takes them off.

One task per switch does what its status in the record asks for, again and again until it is settled; so a console that
resumes a run does the same as one that never left. Only what the target says becomes an event.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from app.engine.resolve import Resolved, resolve
from app.engine.targets import Cleared
from app.errors import Refused, TminusError
from app.ports import CommandPhase, Commands, Limits
from app.run import dead_man_events as d
from app.run import events as e
from app.run.dead_man import next_ticket
from app.run.dead_man_state import UNSETTLED, Armament, DeadMan
from app.run.outcome import Intent
from app.run.state import RunState
from app.runbook.model_step import Step
from app.steps.live import Expects, FiresAlone, StepKind
from app.switch import Switch, SwitchState, SwitchWord

if TYPE_CHECKING:
    from app.engine.loop import Rig

Clear = Callable[[Step, StepKind], Awaitable[Cleared]]
"""Whether the target of a step is the one that the run knows."""

_BEATS_PER_DEADLINE = 6
_LONGEST_BEAT = timedelta(seconds=15)
_SHORTEST_BEAT = timedelta(milliseconds=300)
_SILENCE = timedelta(seconds=8)
_AGAIN = timedelta(seconds=1)
_AFTER_FAULT = timedelta(seconds=5)
_UNBEGUN = "the step never began; nothing was undone"
_BEGUN = "its watcher was ended as it went about the undo; it will not be armed again"
_FINAL = frozenset({SwitchWord.FIRED, SwitchWord.FENCED, SwitchWord.UNBEGUN})
_LOST = {
    SwitchWord.ABSENT: "the target knows nothing of it any more",
    SwitchWord.LOST: "its watcher was ended there",
    SwitchWord.LOST_REBOOT: "the target was started anew, and nothing there starts it again",
}


def interval(limit: timedelta) -> timedelta:
    """How often a target is told that somebody is there."""
    return max(_SHORTEST_BEAT, min(_LONGEST_BEAT, limit / _BEATS_PER_DEADLINE))


def silence(limit: timedelta) -> timedelta:
    """After how long without an answer it is said that the target is out of reach."""
    return max(interval(limit) * 2, min(_SILENCE, limit / 2))


class DeadMen:
    """The switches of a run. `arrive` takes what happened; `state` gives the newest state. Belongs to the loop."""

    def __init__(
        self, rig: Rig, arrive: Callable[[e.Event], None], state: Callable[[], RunState], clear: Clear
    ) -> None:
        self._rig, self._arrive, self._state, self._clear = rig, arrive, state, clear
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._asking: dict[str, asyncio.Task[SwitchState]] = {}
        self._untouched: set[str] = set()
        self._heard_ns: dict[str, int] = {}

    def arming(self, address: str) -> d.DeadManArming | d.DeadManNotArmed:
        """The intent to arm the undo of this step, or why that cannot be."""
        state = self._state()
        try:
            undo = self._undo(state, address)
        except Refused as no:
            return d.DeadManNotArmed(address, str(no))
        ticket, old = next_ticket(state, address, undo.planned.address), state.dead_men.get(address)
        if old is None or old.ticket != ticket:
            self._untouched.add(ticket)
        limit = state.plan.by_address[address].step.revert_unless_confirmed or timedelta()
        return d.DeadManArming(
            address,
            len(state.step(address).attempts) + 1,
            undo.planned.address,
            ticket,
            int(limit / timedelta(milliseconds=1)),
            undo.step.kind,
            self._rig.redactor.text(undo.text),
            undo.digest,
            undo.target,
        )

    def tick(self, state: RunState) -> list[e.Event]:
        """See to it that every switch is looked after; what was not reached for too long."""
        events: list[e.Event] = []
        for address, one in state.dead_men.items():
            task = self._tasks.get(address)
            if one.status in UNSETTLED and (task is None or task.done()):
                self._tasks[address] = asyncio.create_task(self._keep(address), name=f"switch {address}")
            if one.status is Armament.ARMED:
                events += self._silences(one)
            if one.status is Armament.DISARMING and address in self._asking:
                self._asking[address].cancel()  # whoever takes it off waits for no beat that is in flight
        return events

    async def detach(self) -> None:
        """Let go: the targets hear nobody from here on."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _silences(self, one: DeadMan) -> list[e.Event]:
        limit = timedelta(milliseconds=one.limit_ms)
        now = self._now_ns()
        unheard = timedelta(microseconds=(now - self._heard_ns.setdefault(one.address, now)) // 1000)
        if unheard <= silence(limit):
            return []
        left = max(limit - unheard, timedelta())
        return [d.DeadManSilent(one.address, one.seen_from, int(left / timedelta(milliseconds=1)))]

    def _now_ns(self) -> int:
        """As the targets count it: they do not sleep when this machine does."""
        clock = self._rig.world.clock
        return clock.mono_ns() + clock.asleep_ns()

    # ------------------------------------------------------------ one switch

    async def _keep(self, address: str) -> None:
        while (one := self._state().dead_men[address]).status in UNSETTLED:
            try:
                pause = await self._once(one)
            except TminusError as trouble:
                pause = self._trouble(one, trouble)
            except Exception as fault:  # noqa: BLE001 - nobody else looks after it: said, and tried again, not too often
                text = self._rig.redactor.text("".join(traceback.format_exception(fault)))
                self._arrive(e.FaultSeen(f"dead-man switch of {address}", text))
                pause = _AFTER_FAULT
            await self._pause(one, pause)

    async def _once(self, one: DeadMan) -> timedelta:
        """What its status asks for; how long to wait for a change before the next time."""
        began = self._now_ns()
        if one.status is Armament.DISARMING:
            await self._take_off(one)
            return _AGAIN
        told = await self._told(one)
        if told is None or (self._moved_on(one) and told.word not in _FINAL):
            return timedelta()
        self._untouched.discard(one.ticket)
        if told.word is SwitchWord.ARMED:
            self._heard_ns[one.address] = began
        event = self._heard(one, told)
        if event is not None:
            self._arrive(event)
        return interval(timedelta(milliseconds=one.limit_ms))

    def _moved_on(self, one: DeadMan) -> bool:
        """Whether it was asked of something that is over: what may change again is asked anew, and is no news."""
        now = self._state().dead_men[one.address]
        return (now.status, now.attempt) != (one.status, one.attempt)

    async def _told(self, one: DeadMan) -> SwitchState | None:
        """What the target answers; None when that is not wanted any more, because the switch is taken off."""
        asks = self._arm(one) if one.status in {Armament.ARMING, Armament.LOST} else self._beat(one)
        task = self._asking[one.address] = asyncio.create_task(asks, name=f"ask about {one.address}")
        try:
            return await task
        except asyncio.CancelledError:
            ours = asyncio.current_task()
            if ours is not None and ours.cancelling():
                raise
            return None
        finally:
            del self._asking[one.address]

    async def _beat(self, one: DeadMan) -> SwitchState:
        return await (await self._place(one)).beat(one.ticket)

    def _heard(self, one: DeadMan, told: SwitchState) -> e.Event | None:
        """The event that the target's word makes, if it is news."""
        where = self._where(one)
        match told.word:
            case SwitchWord.ARMED:
                known = {Armament.SILENT: d.DeadManHeard(one.address, where), Armament.ARMED: None}
                return known.get(one.status, d.DeadManArmed(one.address, one.ticket, where))
            case SwitchWord.FIRING:
                return None
            case SwitchWord.FIRED:
                return self._fired(one, told)
            case SwitchWord.FENCED:
                return d.DeadManDisarmed(one.address, where)
            case SwitchWord.UNBEGUN:
                return d.DeadManDisarmed(one.address, where, _UNBEGUN)
            case _:
                return self._gone(one, _BEGUN if told.fired else _LOST[told.word])

    def _gone(self, one: DeadMan, why: str) -> e.Event | None:
        """Nothing there would fire; a step that waits for its switch is not begun then."""
        if one.status is Armament.ARMING:
            return d.DeadManNotArmed(one.address, why, 0)
        return None if one.status is Armament.LOST else d.DeadManLost(one.address, self._where(one), why)

    def _fired(self, one: DeadMan, told: SwitchState) -> d.DeadManFired:
        return d.DeadManFired(one.address, one.undo, one.ticket, told.fired, told.silent, self._where(one))

    async def _arm(self, one: DeadMan) -> SwitchState:
        state = self._state()
        undo = self._undo(state, one.address)
        kind = undo.kind_that_fires
        place = kind.place_of(undo.step, self._rig.world, await self._expects(one, undo))
        number = len(state.step(one.undo).attempts) + 1
        intent = Intent(state.run, one.undo, number, one.ticket, one.digest, state.head)
        limits = Limits(seconds=int(undo.step.max.total_seconds()) if undo.step.max is not None else 0)
        seconds = max(1, one.limit_ms // 1000)
        switch = Switch(seconds, self._ticket_there(state, one, place), again=one.attempt > 1)
        return await place.arm(one.ticket, kind.payload_of(intent, undo.step, self._rig.world), limits, switch)

    async def _take_off(self, one: DeadMan) -> None:
        place = await self._place(one)
        state = await place.fence(one.ticket)
        if state.phase is CommandPhase.FENCED:
            self._arrive(d.DeadManDisarmed(one.address, self._where(one)))
            await place.forget(one.ticket)
        else:
            self._arrive(self._fired(one, await place.beat(one.ticket)))

    def _trouble(self, one: DeadMan, trouble: TminusError) -> timedelta:
        """A target that is away is asked again; only what is being armed waits for nobody: its step is not begun."""
        if one.status is Armament.ARMING and not self._moved_on(one):
            sure = isinstance(trouble, Refused) and one.ticket in self._untouched
            self._untouched.discard(one.ticket)
            self._arrive(d.DeadManNotArmed(one.address, str(trouble), int(sure)))
        return _AGAIN

    async def _pause(self, one: DeadMan, length: timedelta) -> None:
        """Until its status has changed, at most so long."""
        ends = self._rig.world.clock.mono_ns() + int(length.total_seconds() * 1e9)
        while self._state().dead_men[one.address].status is one.status and self._rig.world.clock.mono_ns() < ends:
            await self._rig.world.clock.sleep(timedelta(milliseconds=50))

    # ------------------------------------------------------------ its undo and where that is

    def _undo(self, state: RunState, address: str) -> _Undo:
        undos = state.plan.back.undo_of(address)
        if len(undos) != 1 or undos[0].left_out:
            raise Refused(
                f"The undo of {address} is not one step here.", hint="Give it exactly one `host` or `local` undo."
            )
        kind = self._rig.kinds[undos[0].step.kind]
        if not isinstance(kind, FiresAlone):
            raise Refused(f"A {kind.name} step cannot run by itself.", hint="Undo it with a `host` or `local` step.")
        return _Undo(resolve(state, undos[0], kind), kind, kind)

    async def _place(self, one: DeadMan) -> Commands:
        undo = self._undo(self._state(), one.address)
        return undo.kind_that_fires.place_of(undo.step, self._rig.world, await self._expects(one, undo))

    async def _expects(self, one: DeadMan, undo: _Undo) -> Expects:
        """What the machine must show that is asked: where it was armed, that very one. Raises Refused for another."""
        if one.facts:
            return {target.name: one.facts for target in undo.kind.targets(undo.step.body)}
        cleared = await self._clear(undo.step, undo.kind)
        if cleared.refusal:
            raise Refused(cleared.refusal)
        return cleared.expects

    def _where(self, one: DeadMan) -> str:
        undo = self._undo(self._state(), one.address)
        return undo.kind_that_fires.place_of(undo.step, self._rig.world, {}).name

    def _ticket_there(self, state: RunState, one: DeadMan, place: Commands) -> str:
        """The ticket of the step's own command, when it runs at the same place; else ""."""
        planned = state.plan.by_address[one.address]
        kind = self._rig.kinds[planned.step.kind]
        if not isinstance(kind, FiresAlone):
            return ""
        try:
            there = kind.place_of(resolve(state, planned, kind).step, self._rig.world, {})
        except Refused:
            return ""
        return f"{state.run}/{one.address}/{one.attempt}" if there.name == place.name else ""


class _Undo:
    """A resolved undo with its kind, which is both a step kind and one that fires alone."""

    def __init__(self, resolved: Resolved, kind: StepKind, fires: FiresAlone) -> None:
        self.planned, self.step, self.text = resolved.planned, resolved.step, resolved.text
        self.digest, self.target = resolved.digest, resolved.target
        self.kind, self.kind_that_fires = kind, fires
