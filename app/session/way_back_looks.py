"""How each thing that the way back needs is looked at, changing nothing: logged in to, found, touched, or asked."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast

from app.connectors.own_thread import on_own_thread
from app.connectors.short_commands import LocalShortCommands
from app.connectors.touch import touch
from app.engine.probing import LIMIT, LONG, Word
from app.engine.resolve import with_files
from app.engine.targets import DATABASE, HOST, Facts, expected, moved_since
from app.errors import Refused, TminusError
from app.ports import Commands, SecretText, Stream, World
from app.rollback.needs import Need
from app.run.expect import unmet
from app.run.outcome import Intent, Observed, Outcome, Verdict
from app.run.scope import scope_of
from app.run.state import RunState
from app.runbook.body import Changes, Target
from app.runbook.conditions import Expect
from app.runbook.model_step import Step
from app.runbook.order import PlannedStep
from app.runbook.scope import Scope
from app.runbook.substitute import fill, substitute
from app.steps.detached_command import payload_of
from app.steps.live import LeavesTraces, StepKind, Toolbox

if TYPE_CHECKING:
    from app.steps.local import LocalBody

NEVER = "way-back"
"""A ticket that nobody ever launches; asking a host for its state changes nothing there."""

CHECKED_EVERY = timedelta(seconds=30)
"""The `check` of an artefact runs no more often than this; in between its last word counts."""

_RUNS = frozenset({"local", "host", "sql", "http"})


@dataclass(slots=True)
class Looks:
    """`app.engine.probing.Looker` over a world of its own. state: the newest state of the run, from any thread."""

    world: World
    kinds: Mapping[str, StepKind]
    commands: LocalShortCommands
    state: Callable[[], RunState]
    _number: int = 0
    _checked: dict[str, tuple[int, Word]] = field(default_factory=dict)

    async def __call__(self, need: Need) -> Word:
        """Look once."""
        ways = {"database": self._database, "host": self._host, "artifact": self._artifact, "probe": self._probe}
        try:
            look = ways.get(need.sort)
            if look is not None:
                return await look(need)
            if need.sort == "web":
                return await _web(need)
            return await on_own_thread(lambda: _program(need), name="tminus-look")
        except TminusError as trouble:
            return "bad", _plain(trouble)
        except OSError as trouble:  # a disk that went away is something to see, never the end of looking
            return "bad", (trouble.strerror or "it cannot be looked at").lower()

    async def _database(self, need: Need) -> Word:
        """Logged in to, in a read-only session: the one that the run knows, and one that takes writes if need be."""
        database = self.world.databases.get(need.name)
        if database is None:
            return "bad", "the runbook declares no such database"
        from app.connectors.database import SqlDatabase  # 190 ms, and a database is there, so it is loaded

        assert isinstance(database, SqlDatabase)
        seen = await database.look(frozenset())
        state = self.state()
        known = state.targets.get(("database", need.name))
        other = seen.who.unlike(known.facts) if known is not None else ""
        if known is not None and other and not moved_since(state, known):
            return "bad", f"it is not the database that the run saw before: {other}"
        if need.writes and seen.closed:
            return "bad", f"it takes no writes: {seen.closed}"
        if need.writes and seen.marker.word == "refused":
            return "bad", f"its marker table stands, and {seen.marker.detail}"
        return "ok", "logged in"

    async def _host(self, need: Need) -> Word:
        host = self.world.hosts.get(need.name)
        if host is None:
            return "bad", "the runbook declares no such host"
        facts = expected(self.state(), (Target(HOST, need.name),)).get(need.name)
        host = host.only(facts) if facts is not None else host
        place: Commands = host.become(need.user) if need.user else host
        await place.state(NEVER)
        return "ok", "logged in"

    # ------------------------------------------------------------ artefacts

    async def _artifact(self, need: Need) -> Word:
        """There, not empty, not older than it is kept, and as its `check` wants it, if that only reads."""
        state = self.state()
        declared = state.plan.runbook.artifacts.get(need.name)
        if declared is None:
            return "bad", "the runbook declares no such artifact"
        if need.name not in state.artifacts:
            return "bad", "it was never made"
        where = fill(declared.where, Scope(state.plan.inputs)) if declared.where else ""
        found: Word | None = None
        if where.startswith("/"):
            keep, now = declared.keep, self.world.clock.now()
            found = await on_own_thread(lambda: _file(where, keep, now), name="tminus-look")
        if found is not None and found[0] != "ok":
            return found
        check = state.plan.by_address.get(declared.check)
        if check is None or check.step.kind not in _RUNS or check.step.changes not in (None, Changes.NOTHING):
            return found or ("unknown", "nobody can tell from here whether it is there")
        return await self._check(need.name, check)

    async def _check(self, name: str, planned: PlannedStep) -> Word:
        known, now = self._checked.get(name), self._now_ns()
        if known is not None and now - known[0] < int(CHECKED_EVERY.total_seconds() * 1e9):
            return known[1]
        step = self._resolved(planned)
        outcome = await self._run(planned.address, step)
        broken = _broken(outcome, step.expect)
        word: Word = ("bad", f"{planned.address} says: {broken}") if broken else ("ok", f"{planned.address} holds")
        self._checked[name] = (self._now_ns(), word)
        return word

    def _now_ns(self) -> int:
        """What was seen before the machine slept is as old as the sleep."""
        return self.world.clock.mono_ns() + self.world.clock.asleep_ns()

    # ------------------------------------------------------------ probes

    async def _probe(self, need: Need) -> Word:
        """The reverse channel: its probe must answer; what it says of an undo that has not run is no matter here."""
        planned = self.state().plan.by_address[need.name]
        try:
            step = self._resolved(planned)
        except Refused as missing:
            return "unknown", f"it cannot be asked yet: {missing.what}"
        assert step.probe is not None
        outcome = await self._run(need.name, step.probe)
        if outcome.verdict is not Verdict.DONE:
            return "bad", f"its probe did not end well: {outcome.summary}"
        return "ok", "its probe answers"

    def _resolved(self, planned: PlannedStep) -> Step:
        state = self.state()
        return with_files(substitute(planned.step, scope_of(state, planned)), dict(state.files))

    async def _run(self, address: str, step: Step) -> Outcome:
        """Something read-only of the runbook, under a ticket of its own that is forgotten afterwards."""
        self._number += 1
        ticket = f"{self.state().run}/{NEVER}-{self.world.clock.now():%Y%m%dT%H%M%S%f}-{self._number}/{address}"
        intent = Intent(self.state().run, address, 0, ticket, "", "")
        if step.kind == "local" and not _has_secrets(step):
            return await self._command(intent, step)
        kind = self.kinds[step.kind]
        looking = step.model_copy(update={"changes": Changes.NOTHING, "probe": None, "save": {}})
        expects = await self._expects(kind, step)
        limit = int(LONG.total_seconds())
        box = Toolbox(_never_inner, self.world.clock.now(), limit_seconds=limit, expects=expects)
        try:
            return await kind.perform(intent, looking, self.world, _Unheard(), box)
        finally:
            if isinstance(kind, LeavesTraces):
                await _forget(kind, intent, looking, self.world)

    async def _expects(self, kind: StepKind, step: Step) -> Mapping[str, Facts]:
        """What its targets must still show. A reading session does not insist by itself, so a database is asked."""
        targets = tuple(kind.targets(step.body))
        expects = expected(self.state(), targets)
        for target in targets:
            if target.kind == DATABASE and target.name in expects and target.name in self.world.databases:
                who = await self.world.databases[target.name].identity()
                if other := who.unlike(expects[target.name]):
                    why = f"{target.name} is not the database that the run saw before: {other}"
                    raise Refused(why, where=f"database {target.name}", hint="Nothing was asked there.")
        return expects

    async def _command(self, intent: Intent, step: Step) -> Outcome:
        """On this machine attached, so that nothing is left of it, and under no ticket: it is no attempt of a step.

        A secret would travel by the detached way only.
        """
        body = cast("LocalBody", step.body)
        payload = payload_of(body, intent, self.world, body.cwd)
        env = tuple(pair for pair in payload.env if not pair[0].startswith("TMINUS_"))
        ended = await self.commands.run(replace(payload, env=env, cwd=body.cwd or str(Path.cwd())), LONG)
        out, err = (text.decode("utf-8", "replace") for text in (ended.out, ended.err))
        return Outcome(Verdict.DONE, f"exit {ended.exit}", Observed({"exit": ended.exit, "stdout": out, "stderr": err}))


def _has_secrets(step: Step) -> bool:
    body = cast("LocalBody", step.body)
    return any(not isinstance(value, str) for value in body.env.values()) or isinstance(body.stdin, SecretText)


class _Unheard:
    """What a look writes is no output of the run."""

    def output(self, stream: Stream, offset: int, data: bytes) -> None:
        """Dropped."""

    def alive(self, where: str) -> None:
        """The look itself says it."""


async def _forget(kind: LeavesTraces, intent: Intent, step: Step, world: World) -> None:
    try:
        await kind.forget(intent, step, world)
    except TminusError:
        return  # it is away: what the look left there holds nothing that anybody waits for


async def _never_inner(kind: str, _body: object, ticket: str) -> Outcome:
    raise Refused(f"A look has no {kind} inside of it.", where=ticket)


async def _web(need: Need) -> Word:
    host, _, port = need.name.rpartition(":")
    why = await touch(host, int(port), LIMIT)
    return ("bad", why) if why else ("ok", "listens")


def _program(need: Need) -> Word:
    folder = Path(need.folder) if need.folder else Path.cwd()
    if not folder.is_dir():
        return "bad", f"the folder {folder} is not there"
    if "/" in need.name:
        found = folder / need.name
        return ("ok", "can be run") if os.access(found, os.X_OK) else ("bad", "it is not there, or cannot be run")
    path = need.path or os.environ.get("PATH", "")
    return ("ok", "can be run") if shutil.which(need.name, path=path) else ("bad", "it is not on the PATH")


def _file(where: str, keep: timedelta | None, now: datetime) -> Word:
    try:
        seen = Path(where).stat()
        empty = not any(Path(where).iterdir()) if stat.S_ISDIR(seen.st_mode) else seen.st_size == 0
    except OSError as trouble:
        return "bad", f"{where}: {(trouble.strerror or 'cannot be looked at').lower()}"
    if empty:
        return "bad", f"{where} is empty"
    age = now - datetime.fromtimestamp(seen.st_mtime, UTC)
    if keep is not None and age > keep:
        return "unknown", f"it is older than the {keep.days} d that it is kept"
    return "ok", "is there"


def _broken(outcome: Outcome, expect: Expect | None) -> str:
    """Why a check does not hold, "" when it does."""
    if outcome.verdict is not Verdict.DONE:
        return outcome.summary
    facts = outcome.observed.facts
    if expect is not None:
        return "; ".join(unmet(expect, outcome.observed))
    if facts.get("exit", 0) != 0:
        return f"exit {facts['exit']}"
    return f"status {facts['status']}" if facts.get("status", 0) >= 400 else ""  # noqa: PLR2004 - an error of HTTP


def _plain(trouble: TminusError) -> str:
    return trouble.what.removesuffix(".")
