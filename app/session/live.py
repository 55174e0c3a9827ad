"""A run that this process drives: the engine on a thread and loop of its own, and the door's handle on it."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

from app import __version__
from app.connectors.clock import SystemClock
from app.engine.feed import Feed
from app.engine.loop import Engine, Rig
from app.engine.redact import Redactor
from app.engine.vitals import let_go, report_faults
from app.errors import Refused, RunbookInvalid, TminusError
from app.journal.lock import Holder, driver_of
from app.journal.names import find, new_id, path_of
from app.journal.now import Now
from app.journal.reader import Reader
from app.journal.store import Journal, create, open_for_driving
from app.ports import Database
from app.run import events as e
from app.run.evolve import fold, opened
from app.run.moment import Moment
from app.run.requests import Request
from app.run.state import RunState, Stage
from app.runbook.load import Loaded
from app.session.awake import keep_awake
from app.session.earlier_runs import undo_times
from app.session.gate import pass_gate, refuse_by_file
from app.session.look_ahead import Sight, key_for
from app.session.marker_tables import MarkerTables
from app.session.opening import first_state, inputs_of, live_kinds, open_runbook, plan_of
from app.session.secret_room import AskSecret, secrets_of
from app.session.sql_files import sql_files
from app.session.targets import Admission, first_look
from app.session.view import View
from app.session.vitals import begin_vitals
from app.session.world import Estate, build

Door = Literal["window", "terminal"]
_DETACH_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class RunOrder:
    """What a new run is given. `record`: where its record goes, else under `home`; `until`: hold after this step.

    looked: the key of the look ahead that a person agreed to; a run of anything else is refused. "": nobody looked.
    """

    path: Path
    home: Path
    operator: str
    door: Door = "terminal"
    environment: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    until: str = ""
    record: Path | None = None
    ask: AskSecret | None = None
    hold_first: bool = False
    looked: str = ""


def new_run(order: RunOrder) -> Session:
    """Open a record and start driving. Blocks until the first events are on disk; call it off the UI's thread.

    Raises RunbookInvalid, Refused (parameters, preflight, environment), AnswerMissing (a secret), RecordUnwritable.
    """
    loaded = open_runbook(order.path, order.environment)
    if loaded.errors or loaded.runbook is None:
        raise RunbookInvalid(loaded.problems)
    clock = SystemClock()
    inputs = inputs_of(loaded, order.environment, dict(order.params), clock.now())
    plan = plan_of(inputs)
    refuse_by_file(plan, order.until, clock.now())
    files = sql_files(plan, order.path.absolute().parent)
    if order.looked not in ("", key_for(plan, loaded.digest, files)):
        hint = "Look ahead again; nothing was started."
        raise Refused("What would run was changed after it was looked at.", where=str(order.path), hint=hint)
    vault = secrets_of(inputs, order.ask, order.home)
    unlocked = dict.fromkeys(vault.plain_values(), (True, "unlocked"))
    passed = pass_gate(Sight(plan, order, vault, unlocked, loaded.digest, clock.now(), files))
    run = new_id(clock)
    first = e.RunOpened(
        run=run,
        name=inputs.runbook.name,
        text=loaded.text.decode(),
        file=str(order.path),
        digest=loaded.digest,
        environment=order.environment,
        params=tuple((name, value.text) for name, value in inputs.params.items()),
        t0=inputs.t0.isoformat(),
        operator=order.operator,
        version=__version__,
        title=inputs.runbook.title,
        until=order.until,
        files=files,
    )
    path = order.record or path_of(order.home, run)
    hold = (e.HoldPlaced(order.operator, "Held before the first step."),) if order.hold_first else ()
    known = (*hold, *undo_times(order.home, plan, loaded.digest))

    estate = build(inputs, order.home, vault)
    admission = Admission(plan, order.home, clock)
    try:
        targets = first_look(estate.world.databases, passed.hosts, plan, admission)
    except BaseException:
        estate.close()
        raise

    def begin() -> tuple[Journal, RunState, Sequence[e.Recorded]]:
        journal = create(path, run, clock, order.operator)
        try:
            recorded = journal.append([first, _attached(order.operator, order.door), *passed.notes, *known, *targets])
            return journal, fold(opened(recorded[0], plan), recorded[1:]), recorded
        except BaseException:
            journal.close()
            raise

    return Session(path, loaded, estate, begin, admission)


def resume(  # noqa: PLR0913 - who, at which door, and how secrets are asked for: all of it matters
    home: Path,
    run: str,
    *,
    operator: str,
    door: Door = "terminal",
    ask: AskSecret | None = None,
    asks: Request | None = None,
) -> Session:
    """Go on with a run from its record: every attempt that was under way is asked for at its target first.

    asks: what the operator wants of it, heard before anything new starts.

    Raises Refused (no such run, closed), AnotherConsole (names the holder), RecordDamaged, RecordUnwritable.
    """
    path = find(home, run)
    with Reader(path) as reader:
        first = reader.since(0, 1)
    if not first:
        raise Refused("The record is empty.", where=str(path), hint="Start a new run.")
    loaded, state = first_state(first[0])
    vault = secrets_of(state.plan.inputs, ask, home)
    clock = SystemClock()

    def begin() -> tuple[Journal, RunState, Sequence[e.Recorded]]:
        journal = open_for_driving(path, clock, operator)
        try:
            now = fold(state, (one for one in journal.replay() if one.seq > 1))
            _not_closed(now)
            new = journal.append([*_lost(now, Now(clock)), _attached(operator, door)])
            return journal, fold(now, new), new
        except BaseException:
            journal.close()
            raise

    admission = Admission(state.plan, home, clock)
    return Session(path, loaded, build(state.plan.inputs, home, vault), begin, admission, asks)


class Session(View):
    """The door's handle. `send`, `take`, `state` and `detach` may be used from any one thread."""

    def __init__(  # noqa: PLR0913, PLR0917 - a record, a runbook, a world, how to begin and what may be touched
        self,
        path: Path,
        loaded: Loaded,
        estate: Estate,
        begin: Callable[[], tuple[Journal, RunState, Sequence[e.Recorded]]],
        admission: Admission,
        asks: Request | None = None,
    ) -> None:
        super().__init__(path, loaded)
        self._admission, self._asks = admission, asks
        self.trouble: BaseException | None = None
        self._estate, self._begin = estate, begin
        self._feed = Feed()
        self._engine: Engine | None = None
        self._now = Now(estate.world.clock)
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._drive, name="tminus-engine")
        self._thread.start()
        self._started.wait()
        self._raise_trouble()

    def _raise_trouble(self) -> None:
        """A run that could not begin is no session."""
        if self._engine is None:
            self._thread.join()
            assert self.trouble is not None
            raise self.trouble

    @property
    def state(self) -> RunState:
        """The newest state; never changes in place."""
        assert self._engine is not None
        return self._engine.state

    @property
    def ended(self) -> bool:
        """Whether the engine has let go, by `detach` or by a fault (then `trouble` says which)."""
        return not self._thread.is_alive()

    def driver(self) -> Holder | None:
        """Who drives the run once this console has let go of it; None for nobody, and while it drives itself."""
        return driver_of(self.path) if self.ended else None

    @property
    def at_rest(self) -> bool:
        """Whether every request so far is judged and recorded, and the engine waits for the world or for people."""
        return self._engine is not None and self._engine.at_rest

    def moment(self) -> Moment:
        """This instant."""
        return Moment.of(self._now.read())

    @property
    def databases(self) -> Mapping[str, Database]:
        """The databases of the run, with the secrets it holds; each call to one has a connection of its own."""
        return self._estate.world.databases

    def take(self) -> tuple[e.Recorded, ...]:
        """What this console recorded since the last call; what came before is in the state and in `reader()`."""
        return self._feed.take()

    def on_news(self, callback: Callable[[], None]) -> None:
        """Call this from the engine's thread whenever there is something to take. It must return at once."""
        self._feed.on_news(callback)

    def send(self, request: Request) -> None:
        """Ask for something. Never blocks; a refusal comes back as RequestRefused."""
        assert self._engine is not None
        self._engine.submit(request)

    def fault(self, where: str, text: str) -> None:
        """The door itself broke: put it into the record. `text` is a traceback; it is redacted like any other text."""
        if self._engine is not None:
            self._engine.report(where, text)

    def detach(self, reason: str = "asked to") -> None:
        """Let go of the run: commands go on at their targets, the record says so. Returns when that is on disk."""
        if self._engine is not None:
            self._engine.detach(reason)
        self._thread.join(_DETACH_SECONDS)

    def wait_ended(self, timeout: timedelta | None = None) -> bool:
        """Wait until the engine has let go."""
        self._thread.join(timeout.total_seconds() if timeout is not None else None)
        return self.ended

    def _drive(self) -> None:
        try:
            asyncio.run(self._run())
        except TminusError as trouble:
            self.trouble = trouble
        except BaseException as fault:  # noqa: BLE001 - the door must learn of it, whatever it is
            self.trouble = fault
        finally:
            self._estate.close()
            self._started.set()
            self._feed.nudge()

    async def _run(self) -> None:
        journal, state, recorded = self._begin()
        vitals: list[asyncio.Task[None]] = []
        try:
            engine = self._engine_on(journal, state)
            if self._asks is not None:
                engine.submit(self._asks)
            vitals += begin_vitals(engine, self._estate, self.path)
            vitals.append(asyncio.create_task(keep_awake(engine, self._estate.world.clock), name="awake"))
            report_faults(vitals, engine.report)
            self._feed.publish(recorded)
            self._engine = engine
            self._started.set()
            await MarkerTables(engine, self._estate.world.databases, self._admission).lay()
        except BaseException:
            journal.close()  # nobody drives it, so nobody else would; another console may
            await self._stop_watching(vitals)
            raise
        try:
            await engine.drive()
        finally:
            await self._stop_watching(vitals)

    def _engine_on(self, journal: Journal, state: RunState) -> Engine:
        redactor = Redactor(self._estate.vault.plain_values().values())
        rig = Rig(journal, self._estate.world, live_kinds(), redactor, self._feed, self._now, self._admission)
        return Engine(rig, state)

    async def _stop_watching(self, vitals: list[asyncio.Task[None]]) -> None:
        await self._estate.sampler.stop()
        await let_go(vitals)


def _not_closed(state: RunState) -> None:
    if state.stage is Stage.CLOSED:
        raise Refused("The run is closed.", where=state.run, hint="`tminus show` tells how it ended.")


def _attached(operator: str, door: Door) -> e.ConsoleAttached:
    return e.ConsoleAttached(operator, socket.gethostname(), os.getpid(), door, __version__)


def _lost(state: RunState, now: Now) -> tuple[e.Event, ...]:
    """What the console before did not get to say."""
    if not state.console.attached:
        return ()
    gap = Moment.of(now.read()).since(state.now)
    return (e.ConsoleLost(state.console.pid, int(gap.total_seconds() * 1000)),)
