"""The engine: one loop, one writer. An event is evolved into the state and written to disk before anything acts on it.

Whatever happens arrives in `_arrivals` and is recorded here, in one order. After each arrival `decide` is asked again
until it wants nothing more; then the loop sleeps until something arrives, a clock is due, or 100 ms have passed (other
processes leave requests in the record's inbox).
"""

from __future__ import annotations

import asyncio
import contextlib
import traceback
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.engine.attempts import Attempts
from app.engine.clean import cleaned
from app.engine.dead_man import DeadMen
from app.engine.feed import Feed
from app.engine.performer import Live
from app.engine.redact import Redactor
from app.engine.resolve import ASKED, COMPOSITE, Resolved, question_of, resolve
from app.engine.said import to_say
from app.engine.targets import Admit, admit_all
from app.engine.trouble import gist, refusal, traced
from app.errors import RecordDamaged, RecordUnwritable, Refused
from app.journal.now import Now
from app.journal.store import Journal
from app.ports import World
from app.rollback.ahead import Foresight
from app.rollback.loss import accepted, loss_of
from app.rollback.planner import BackPlan, plan_back, refused_now
from app.run import events as e
from app.run import requests as r
from app.run.consequences import consequences
from app.run.dead_man_events import DeadManNotArmed
from app.run.decide import decide
from app.run.evolve import evolve
from app.run.intentions import Arm, Begin, Next, PlanBack
from app.run.moment import Moment
from app.run.outcome import Intent
from app.run.rulings import rule
from app.run.state import RunState
from app.runbook.order import PlannedStep
from app.steps.live import StepKind

INBOX_SECONDS = 0.1
FLUSH_SECONDS = 0.05
_ROUNDS = 100_000
TOO_OLD = "It was asked before this console came, so it was not done."
CONSOLE = "the console"
"""Who holds when the engine itself cannot go on. Not "console": that is the hold that `until` asked for."""


@dataclass(frozen=True, slots=True)
class Rig:
    """What an engine is put together from."""

    journal: Journal
    world: World
    kinds: Mapping[str, StepKind]
    redactor: Redactor
    feed: Feed
    now: Now
    admit: Admit = admit_all

    def moment(self) -> Moment:
        """This instant."""
        return Moment.of(self.now.read())


class Engine:
    """Drives one run. `state`, `submit` and `detach` may be used from any thread; the rest is the loop's own."""

    def __init__(self, rig: Rig, state: RunState) -> None:
        self.state = state
        self._rig = rig
        self._attempts = Attempts(rig, self._arrive, lambda: self.state)
        self._dead_men = DeadMen(rig, self._arrive, lambda: self.state, self._attempts.clear)
        self._arrivals: deque[e.Event | r.Request | tuple[Live, e.Event]] = deque()
        self._woken = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leaving = ""
        self._broken = False
        self._resting = False
        self._known_faults: set[str] = set()
        self._foresee = Foresight()
        self._refused: set[tuple[type, str]] = set()

    @property
    def at_rest(self) -> bool:
        """Whether everything that arrived is recorded and nothing more is wanted by now; from any thread."""
        return self._resting and not self._arrivals

    @property
    def wanted(self) -> bool:
        """Whether somebody asked for something that is not judged yet, leaving included; from the loop's thread."""
        return bool(self._leaving) or any(isinstance(one, r.Request) for one in tuple(self._arrivals))

    def submit(self, request: r.Request) -> None:
        """Somebody asks for something. Judged in the loop; a refusal becomes an event."""
        self._arrivals.append(request)
        self._wake_from_anywhere()

    def detach(self, reason: str) -> None:
        """Let go of the run. Commands go on at their targets."""
        self._leaving = reason or "asked to"
        self._wake_from_anywhere()

    def report(self, where: str, text: str) -> None:
        """From any thread: something of ours broke."""
        self._arrivals.append(e.FaultSeen(where, self._rig.redactor.text(text)))
        self._wake_from_anywhere()

    def tell(self, event: e.Event) -> None:
        """From the loop's thread: something happened outside (a sample, a clock step)."""
        self._arrive(event)

    async def drive(self) -> None:
        """Run until detached. Raises RecordUnwritable when the record cannot be written: nothing acts after that."""
        self._loop = asyncio.get_running_loop()
        self._attempts.tidy(self.state)
        try:
            while not self._leaving:
                self._resting = False
                self._take_inbox()
                self._take_arrivals()
                wake = self._go_on()
                self._record([*self._attempts.tick(self.state), *self._dead_men.tick(self.state)])
                self._resting = not self._arrivals
                await self._sleep(wake)
        except RecordUnwritable:
            self._broken = True
            raise
        except Exception as fault:
            self._rig.journal.append([cleaned(e.FaultSeen("engine", traced(fault)), self._rig.redactor)])
            raise
        finally:
            await self._let_go()

    # ------------------------------------------------------------ arrivals

    def _arrive(self, arrival: e.Event | tuple[Live, e.Event]) -> None:
        self._arrivals.append(arrival)
        self._woken.set()

    def _wake_from_anywhere(self) -> None:
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is gone: whoever waits for the engine learns it there
                loop.call_soon_threadsafe(self._woken.set)

    async def _sleep(self, wake: timedelta | None) -> None:
        longest = FLUSH_SECONDS if self._attempts.gathering else INBOX_SECONDS
        if wake is not None:
            longest = min(longest, max(wake.total_seconds(), 0.001))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), longest)
        self._woken.clear()

    def _take_inbox(self) -> None:
        for asked in self._rig.journal.take_requests():
            if asked.request is None:
                self._record([e.RequestRefused("somebody", "something", asked.problem)], (asked.id,))
            elif isinstance(asked.request, r.RollBack | r.RollBackNow) and self._before_this_console(asked.at):
                by, what = asked.request.by, type(asked.request).__name__
                self._record([e.RequestRefused(by, what, f"{TOO_OLD} Ask again if it is still wanted.")], (asked.id,))
            else:
                self._record(self._judge(asked.request), (asked.id,))

    def _before_this_console(self, at: datetime) -> bool:
        """Whether it lay in the inbox before somebody drove: the run is another one now than when it was asked."""
        since = self.state.console.since
        return since is not None and at < since.at

    def _take_arrivals(self) -> None:
        while self._arrivals:
            match self._arrivals.popleft():
                case r.Request() as request:
                    self._record(self._judge(request))
                case e.Event() as event:
                    self._record([event])
                case (live, event):
                    self._record([*live.output.flush(last=True), event])
                    if not isinstance(event, e.StepInDoubt):
                        self._attempts.forget(live)

    def _judge(self, request: r.Request) -> tuple[e.Event, ...]:
        try:
            if isinstance(request, r.RollBack):
                self._may_go_back(request)
            events = rule(self.state, request, self._rig.moment())
            self._refused.clear()
            return events
        except Refused as no:
            return (refusal(request, str(no)),)
        except Exception as fault:  # noqa: BLE001 - what somebody asks for never ends the run
            why = f"Tminus broke while it looked at this ({type(fault).__name__}); nothing came of it."
            return (e.FaultSeen("engine", traced(fault)), refusal(request, why))

    def _may_go_back(self, request: r.RollBack) -> None:
        plan = plan_back(self.state, request.scope)
        if plan.refusal:
            raise Refused(plan.refusal)
        if plan.zone == "lossy" and not request.accepts:
            loses = self._loses(plan)
            raise Refused(f"Going back now loses: {loses}", hint="Accept the loss to go back all the same.")

    # ------------------------------------------------------------ going on

    def _go_on(self) -> timedelta | None:
        """Does what `decide` wants, one thing at a time, until it wants nothing; when to look again."""
        for _ in range(_ROUNDS):
            try:
                decision = decide(self.state, self._rig.moment(), self._foresee)
            except Exception as fault:  # noqa: BLE001 - nothing new is begun; what runs is still listened to
                self._cannot_decide(fault)
                return None
            wanted = next((one for one in decision.next if gist(one) not in self._refused), None)
            if wanted is None:
                return decision.wake
            if not self._do(wanted):
                return None
        raise RecordDamaged("The run does not come to rest: what it wants next repeats itself.", where=self.state.run)

    def _cannot_decide(self, fault: Exception) -> None:
        where = "".join(traceback.format_tb(fault.__traceback__))
        if where not in self._known_faults:
            self._known_faults.add(where)
            self._record([e.FaultSeen("engine", traced(fault))])
            self._hold(f"What comes next cannot be told: {type(fault).__name__}. What runs is listened to.")

    def _hold(self, reason: str) -> None:
        """Nothing new starts until a person has seen it."""
        if not self.state.held:
            self._record([e.HoldPlaced(CONSOLE, reason)])

    def _do(self, wanted: Next) -> bool:
        """Whether it could be done, and something may have come of it."""
        match wanted:
            case Begin():
                return self._begin(wanted)
            case Arm(address):
                self._want(wanted, self._arming(address))
            case PlanBack():
                self._plan_back(wanted)
            case _:
                self._want(wanted, wanted)
        return True

    def _want(self, wanted: Next, event: e.Event) -> None:
        """Record what came of it. Refused, it would be wanted for ever: only once more after a person has spoken."""
        recorded = self._record([event])
        if not isinstance(recorded[0].event, type(event)):
            self._refused.add(gist(wanted))
            self._hold(f"{type(event).__name__} was wanted and is not lawful: Tminus broke. What runs is listened to.")

    def _arming(self, address: str) -> e.Event:
        try:
            return self._dead_men.arming(address)
        except Exception as fault:  # noqa: BLE001 - its step is not begun, and the run goes on
            self._record([e.FaultSeen(f"arm {address}", traced(fault))])
            return DeadManNotArmed(address, f"Tminus broke while it prepared the undo ({type(fault).__name__})")

    def _begin(self, begin: Begin) -> bool:
        """False when the record cannot take it: the run is then held."""
        planned = self.state.plan.by_address[begin.address]
        attempt = len(self.state.step(begin.address).attempts) + 1
        try:
            self._rig.journal.room()
        except RecordUnwritable as full:  # a last word still fits; if not, writing the hold says so
            self._hold(str(full))
            return False
        resolved = self._resolved(planned, attempt)
        return resolved is None or self._start(begin, attempt, resolved)

    def _resolved(self, planned: PlannedStep, attempt: int) -> Resolved | None:
        """None when it cannot be begun, and that is recorded."""
        try:
            return resolve(self.state, planned, self._rig.kinds[planned.step.kind])
        except Refused as no:
            self._record([e.StepFailed(planned.address, attempt, f"Not started: {no}")])
        except Exception as fault:  # noqa: BLE001 - a broken kind fails its step, never the run
            why = f"Not started: Tminus broke while it prepared the step ({type(fault).__name__})"
            seen = e.FaultSeen(f"begin {planned.address}", traced(fault))
            self._record([seen, e.StepFailed(planned.address, attempt, why)])
        return None

    def _start(self, begin: Begin, attempt: int, resolved: Resolved) -> bool:
        kind = resolved.planned.step.kind
        ticket = f"{self.state.run}/{begin.address}/{attempt}"
        text, undo = self._rig.redactor.text(resolved.text), int(begin.undo)
        started = e.StepStarted(begin.address, attempt, ticket, kind, text, resolved.digest, resolved.target, undo=undo)
        asked = (question_of(resolved, attempt),) if kind in ASKED else ()
        recorded = self._record([started, *asked])
        if not isinstance(recorded[0].event, e.StepStarted):  # the state did not allow it: no intent, no step
            self._hold(f"{begin.address} could not be started: Tminus broke.")
            return False
        if kind not in ASKED and kind != COMPOSITE:
            intent = Intent(self.state.run, begin.address, attempt, ticket, resolved.digest, recorded[0].head)
            self._attempts.perform(intent, resolved, self.state)
        return True

    def _plan_back(self, wanted: PlanBack) -> None:
        try:
            plan = plan_back(self.state, wanted.scope)
        except Exception as fault:  # noqa: BLE001 - said and held, so that a person can choose another way back
            why = f"The way back could not be computed: Tminus broke ({type(fault).__name__})."
            self._record([e.FaultSeen("way back", traced(fault)), e.RollbackCalledOff("console", why)])
            self._hold(why)
            return
        down = self.state.countdown
        refused = refused_now(plan, down)
        if refused:
            by = down.by if down is not None else "console"
            self._record([e.RollbackCalledOff("console", refused), e.RequestRefused(by, "roll back", refused)])
            return
        rows = tuple((row.address, row.undoes, row.part, row.reason) for row in plan.rows)
        loses = self._loses(plan)
        self._want(wanted, e.RollbackPlanned(plan.scope, rows, loses))

    def _loses(self, plan: BackPlan) -> str:
        """What this way back loses, as it was counted last. A count that breaks does not stand in its way."""
        now = self._rig.moment()
        try:
            return accepted(loss_of(self.state, plan, now), now)
        except Exception as fault:  # noqa: BLE001 - as said
            self._record([e.FaultSeen("loss", traced(fault))])
            return f"{plan.loses.rstrip('. ')}: not counted" if plan.loses else "not counted"

    # ------------------------------------------------------------ the record

    def _record(self, events: Sequence[e.Event], taken: Sequence[int] = ()) -> tuple[e.Recorded, ...]:
        """Evolve, write, publish, act: in this order. Returns the events as they stand in the record."""
        if not events and not taken:
            return ()
        words = [cleaned(event, self._rig.redactor) for event in events]
        lawful = self._lawful([x for event in words for x in (event, *consequences(self.state, event))])
        recorded = self._rig.journal.append(lawful, taken)
        state = self.state
        for one in recorded:
            state = evolve(state, one)
        self.state = state
        self._rig.feed.publish(recorded)
        for one in recorded:
            self._act_on(one.event)
        return recorded

    def _lawful(self, events: list[e.Event]) -> list[e.Event]:
        """The events, tried on the state first: one that the state does not allow becomes a fault, never a record."""
        state, moment, kept = self.state, self._rig.now.read(), []
        for event in events:
            stamp = (state.seq + 1, moment.at, moment.mono_ns, moment.boot, moment.offset_min, event)
            trial = e.Recorded(*stamp, "", moment.asleep_ns)
            try:
                state = evolve(state, trial)
                kept += [event, *(cleaned(one, self._rig.redactor) for one in to_say(state, event))]
            except RecordDamaged as unlawful:
                kept.append(e.FaultSeen("engine", f"{type(event).__name__} was not recorded: {unlawful}"))
        return kept

    def _act_on(self, event: e.Event) -> None:
        match event:
            case e.DoubtAsked():
                self._attempts.settle(event.address, self.state)
            case e.StopRequested():
                self._attempts.stop(event.address, event.by)
            case e.StepRuled():
                self._attempts.ruled(event.address, self.state)
            case e.TargetSeen():
                self._attempts.target_recorded()
            case _:
                return

    async def _let_go(self) -> None:
        await self._dead_men.detach()
        self._record_last(await self._attempts.detach())
        self._rig.feed.nudge()

    def _record_last(self, output: list[e.Event]) -> None:
        if self._broken:
            self._rig.journal.close()
            return
        try:
            self._take_arrivals()
            self._record([*output, e.ConsoleDetached(self._leaving or "a fault")])
        finally:
            self._rig.journal.close()
