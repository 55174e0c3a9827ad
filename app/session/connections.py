"""The connections of this machine for both doors: what a runbook reaches, tried out without changing anything."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from app.connectors.clock import SystemClock
from app.connectors.secrets import SHORTEST, Vault
from app.errors import AnswerMissing, Refused, RunbookInvalid, TargetUnreachable, TminusError
from app.ports import Clock, Database, Fingerprint
from app.run.moment import Moment
from app.run.state import SeenTarget
from app.runbook.body import Target
from app.runbook.inputs import Inputs
from app.runbook.load import Loaded
from app.session.connection_book import Remembered, last_used, remember, remembered
from app.session.connection_lines import Connection, Kind, Tested, Word, kept_lines, lines_of, partly_bound
from app.session.hosts import Hosts, hosts_of
from app.session.opening import plan_of
from app.session.secret_room import AskSecret, SecretRoom, each_unlocked
from app.session.targets import Admission
from app.session.trust import ShownKey

if TYPE_CHECKING:
    from app.connectors.sql_look import Looked

LIMIT = 20.0
"""Seconds for one look at one database."""

SKEW = timedelta(seconds=2)
_NEVER = "connections"
_KEYS = {"changed": "changed", "revoked": "changed", "unknown": "stranger", "authority": "stranger"}


@dataclass(frozen=True, slots=True)
class OpenBook:
    """The runbook that is open: as it was read, its environment, and the parameters given so far."""

    loaded: Loaded
    environment: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Roster:
    """Everything there is to show: of the open runbook, else what was tested on this machine for any.

    missing: what the runbook still wants to be told; "" for nothing.
    """

    lines: tuple[Connection, ...] = ()
    missing: str = ""

    def line(self, key: str) -> Connection | None:
        """The line of that key."""
        return next((one for one in self.lines if one.key == key), None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One tested connection.

    shown: a key that a person may be asked about (verdict unknown or authority), or must be told about (changed,
    revoked).
    """

    key: str
    tested: Tested
    shown: ShownKey | None = None


Seen = tuple[Outcome, Fingerprint | None]
"""A tested target, and who answered; None when nobody did."""


class Desk:
    """One open runbook (or none) and this machine's secrets. Every method blocks: call it off the UI's thread.

    Raises Refused and RecordUnwritable for what is kept here. A runbook with errors has nothing to show but these.
    """

    def __init__(self, home: Path, book: OpenBook | None = None, clock: Clock | None = None) -> None:
        self._home, self._book, self._clock = home, book, clock or SystemClock()

    def roster(self) -> Roster:
        """What there is, with the last tests and uses. Connects to nothing, unlocks nothing."""
        kept = SecretRoom(self._home, None).kept()
        known = remembered(self._home)
        if self._book is None or self._book.loaded.errors or self._book.loaded.runbook is None:
            broken = str(RunbookInvalid(self._book.loaded.problems)) if self._book is not None else ""
            secrets = tuple(_tested_line(one, "", known) for one in kept_lines(kept))
            return Roster((*(_elsewhere(one) for one in known if one.runbook), *secrets), broken)
        inputs, missing = self._bound(self._book)
        name, env = inputs.runbook.name, inputs.env
        used = last_used(self._home, name, env)
        mine = tuple(one for one in known if (one.runbook, one.environment) == (name, env))
        lines = tuple(_tested_line(one, one.address, mine) for one in lines_of(inputs, self._home, kept))
        lines = tuple(replace(one, used=used.get(one.key, one.used)) for one in lines)
        return Roster(lines, missing)

    def test(self, keys: Iterable[str], ask: AskSecret) -> tuple[Outcome, ...]:
        """Try these, all at once, each once: log in, read who answers, change nothing. What came of it is remembered.

        Asks for a secret that is typed in, and for the passphrase of the vault, when one of them needs it.
        """
        wanted = tuple(dict.fromkeys(keys))
        roster = self.roster()
        lines = [line for key in wanted if (line := roster.line(key)) is not None]
        sound = [one for one in lines if not one.trouble]  # the others lead nowhere yet, and say so
        found: list[Outcome] = []
        room = SecretRoom(self._home, ask)  # one for all: a vault is opened once, a keyring that hangs is left alone
        found += [self._secret(one, room) for one in sound if one.kind == "secret"]
        targets = [one for one in sound if one.kind != "secret"]
        if targets and self._book is not None:
            found += self._targets(self._bound(self._book)[0], targets, ask)
        addresses = {one.key: one.address for one in lines}
        name, env = self._scope()
        found = [self._not_disowned(one, roster.line(one.key)) for one in found]
        remember(self._home, tuple(Remembered(name, env, one.key, addresses[one.key], one.tested) for one in found))
        order = {key: number for number, key in enumerate(wanted)}
        return tuple(sorted(found, key=lambda one: order[one.key]))

    def disown(self, line: Connection, shown: ShownKey) -> Outcome:
        """A person compared the key of a host and it is not its own: that is kept, and nothing is trusted."""
        outcome = self._disowned(line.key, shown)
        name, env = self._scope()
        remember(self._home, (Remembered(name, env, line.key, line.address, outcome.tested),))
        return outcome

    def _disowned(self, key: str, shown: ShownKey) -> Outcome:
        """Its verdict offers nobody to trust it."""
        said = f"Somebody compared its key {shown.fingerprint}: it is not the one that its owner gave. Do not go on."
        tested = replace(self._told("changed", said), shown=shown.fingerprint, disowned=shown.fingerprint)
        return Outcome(key, tested, replace(shown, verdict="revoked"))

    def _not_disowned(self, found: Outcome, line: Connection | None) -> Outcome:
        """What came of a test, unless it met the key that a person refused; one that met no key has forgotten none."""
        refused = line.tested.disowned if line is not None and line.tested is not None else ""
        if not refused:
            return found
        if found.shown is not None and found.shown.fingerprint == refused:
            return self._disowned(found.key, found.shown)
        met = found.shown is not None or found.tested.identity
        return found if met else replace(found, tested=replace(found.tested, disowned=refused))

    # ------------------------------------------------------------ secrets

    def _secret(self, line: Connection, room: SecretRoom) -> Outcome:
        if line.source == "prompt":
            return Outcome(
                line.key, self._told("asked", "It is typed in before each run; nothing is kept to be tested.")
            )
        if line.source == "env":
            return Outcome(line.key, self._environ(line))
        try:
            said = room.test(line.entry)
        except AnswerMissing as nobody:
            return Outcome(line.key, self._told("away", _sentence(nobody)))
        except TargetUnreachable as silent:
            return Outcome(line.key, self._told("away", _sentence(silent)))
        except Refused as no:
            return Outcome(line.key, self._told("refused", _sentence(no)))
        return Outcome(line.key, self._told("ok", said))

    def _environ(self, line: Connection) -> Tested:
        value = os.environ.get(line.entry, "")
        if not value:
            return self._told("refused", f"The variable {line.entry} is not set for this console.")
        if len(value) < SHORTEST:
            return self._told("refused", f"{line.entry} has under {SHORTEST} characters, so it could not be masked.")
        return self._told("ok", f"{line.entry} is set for this console.")

    # ------------------------------------------------------------ databases and hosts

    def _targets(self, inputs: Inputs, lines: Sequence[Connection], ask: AskSecret) -> list[Outcome]:
        vault, told = each_unlocked(inputs, ask, self._home, _secrets_for(inputs, lines))
        locked = {name: why for name, (found, why) in told.items() if not found}
        found: list[Outcome] = []
        able: list[Connection] = []
        seen: list[Seen] = []
        for line in lines:
            why = next((locked[name] for name in line.secrets if name in locked), "")
            if why:
                found.append(Outcome(line.key, self._told("refused", why)))
            else:
                able.append(line)
        names = [one.name for one in able if one.kind == "database"]
        if names:
            from app.session.world import databases_of

            databases = {name: one for name, one in databases_of(inputs, vault, self._home).items() if name in names}
            looks = asyncio.run(_look_all(databases))
            seen += [self._database(name, look, took) for name, (look, took) in looks.items()]
        hosts = [one for one in able if one.kind == "host"]
        if hosts:
            seen += asyncio.run(self._hosts(inputs, hosts, vault))
        return [*found, *self._judged(inputs, seen)]

    def _judged(self, inputs: Inputs, seen: Sequence[Seen]) -> list[Outcome]:
        """The same rules as before a run: never one target under two names, never production in a rehearsal."""
        try:
            admission = Admission(plan_of(inputs), self._home, self._clock, remembers=False)
        except TminusError:  # a parameter decides which steps there are; the preflight asks for it
            return [outcome for outcome, _ in seen]
        known: dict[tuple[str, str], SeenTarget] = {}
        found = []
        for outcome, who in seen:
            kind, _, name = outcome.key.partition(" ")
            if who is None or kind not in {"database", "host"}:
                found.append(outcome)
                continue
            target = Target("host" if kind == "host" else "database", name)
            why = admission(target, who, known)
            at = Moment(self._clock.now(), 0, "")
            known[target.kind, name] = SeenTarget(name, target.kind, str(who), who.facts, who.instance, at)
            told = replace(outcome.tested, word="refused", detail=f"{why}.")
            found.append(replace(outcome, tested=told) if why else outcome)
        return found

    def _database(self, name: str, look: Looked | TminusError, took: timedelta) -> Seen:
        key = f"database {name}"
        if isinstance(look, TminusError):
            word: Word = "away" if isinstance(look, TargetUnreachable) else "refused"
            return Outcome(key, replace(self._told(word, _sentence(look)), took=took)), None
        word, detail = _of_a_look(look)
        who = look.who
        return Outcome(key, replace(self._told(word, detail), identity=str(who), product=who.product, took=took)), who

    async def _hosts(self, inputs: Inputs, lines: Sequence[Connection], vault: Vault) -> list[Seen]:
        hosts = hosts_of(inputs, self._home, vault, patient=False)
        try:
            return list(await asyncio.gather(*(self._host(hosts, line) for line in lines)))
        finally:
            hosts.close()

    async def _host(self, hosts: Hosts, line: Connection) -> Seen:
        from app.connectors.ssh_words import Distrusted

        began = time.monotonic()
        try:
            state = await hosts.by_name[line.name].state(_NEVER)
            who = await hosts.by_name[line.name].identity()
        except Distrusted as key:
            shown = ShownKey(
                key.route.spot,
                key.key.kind,
                key.key.fingerprint,
                key.found.verdict.value,
                key.found.line.place if key.found.line else "",
                key.key,
                key.route,
            )
            word: Word = "changed" if _KEYS[shown.verdict] == "changed" else "stranger"
            hint = f" {key.hint}" if word == "changed" else ""
            told = self._told(word, f"{_plain_key(line, shown, key.what)}{hint}")
            tested = replace(told, shown=shown.fingerprint)
            return Outcome(line.key, replace(tested, took=_since(began)), shown), None
        except TargetUnreachable as silent:
            return Outcome(line.key, replace(self._told("away", _sentence(silent)), took=_since(began))), None
        except TminusError as no:
            return Outcome(line.key, replace(self._told("refused", _sentence(no)), took=_since(began))), None
        detail = f"Logged in as {line.user}. It calls itself {state.host}."
        tested = replace(self._told("ok", detail), identity=str(who), product=who.product, took=_since(began))
        return Outcome(line.key, tested), who

    # ------------------------------------------------------------ small things

    def _bound(self, book: OpenBook) -> tuple[Inputs, str]:
        return partly_bound(book.loaded, book.environment, book.params, self._clock.now())

    def _scope(self) -> tuple[str, str]:
        """Whose tests these are."""
        book = self._book.loaded.runbook if self._book is not None else None
        return (book.name, self._book.environment) if book is not None and self._book is not None else ("", "")

    def _told(self, word: Word, detail: str) -> Tested:
        return Tested(word, detail, self._clock.now())


def _tested_line(line: Connection, address: str, known: Sequence[Remembered]) -> Connection:
    """With its last test; that of another address says nothing about this one."""
    of_it = (one for one in known if one.key == line.key and one.address == address)
    return replace(line, tested=next((one.tested for one in of_it), None))


def _elsewhere(one: Remembered) -> Connection:
    kind, _, name = one.key.partition(" ")
    scope = f"{one.runbook}, {one.environment}" if one.environment else one.runbook
    known: Kind = "host" if kind == "host" else "database" if kind == "database" else "secret"
    return Connection(
        known, name, one.address, product=one.tested.product, used_by=(scope,), tested=one.tested, scope=scope
    )


def _secrets_for(inputs: Inputs, lines: Sequence[Connection]) -> frozenset[str]:
    """Those of the connections and of the hosts on the way to them."""
    names = {name for line in lines for name in line.secrets}
    for line in lines:
        via, steps = line.via, 0
        while via in inputs.runbook.hosts and steps < len(inputs.runbook.hosts):
            host = inputs.runbook.hosts[via]
            names |= {word for word in (host.password, host.passphrase) if word}
            via, steps = host.via, steps + 1
    return frozenset(names)


async def _look_all(databases: Mapping[str, Database]) -> Mapping[str, tuple[Looked | TminusError, timedelta]]:
    looks = await asyncio.gather(*(_look(database) for database in databases.values()))
    return dict(zip(databases, looks, strict=True))


async def _look(database: Database) -> tuple[Looked | TminusError, timedelta]:
    from app.connectors.database import SqlDatabase

    assert isinstance(database, SqlDatabase)
    began = time.monotonic()
    try:
        async with asyncio.timeout(LIMIT):
            return await database.look(frozenset()), _since(began)
    except TimeoutError:
        silent = TargetUnreachable(f"No answer within {LIMIT:g} s.", hint="Check the address and that it runs.")
        return silent, _since(began)
    except (TargetUnreachable, Refused) as trouble:
        return trouble, _since(began)


def _of_a_look(look: Looked) -> tuple[Word, str]:
    if look.offset is not None and abs(look.offset) > SKEW:
        return "warning", f"Logged in. Its clock is {look.offset.total_seconds():+.1f} s from ours."
    if look.closed:
        return "warning", f"Logged in. It takes no writes: {look.closed}."
    return "ok", "Logged in."


def _plain_key(line: Connection, shown: ShownKey, what: str) -> str:
    if shown.route.name != line.name:
        return f"{what} It stands on the way to {line.name}."
    return what


def _sentence(trouble: TminusError) -> str:
    return f"{trouble.what} {trouble.hint}".strip()


def _since(began: float) -> timedelta:
    return timedelta(seconds=time.monotonic() - began)
