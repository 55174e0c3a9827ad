"""What a runbook reaches, and with which secrets: one value for each host, database and secret, asking nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from app.errors import Refused, TminusError
from app.runbook.environment import apply
from app.runbook.inputs import Inputs, read_param, zone_of
from app.runbook.load import Loaded
from app.runbook.order import Plan, PlannedStep
from app.runbook.scope import Scope
from app.runbook.substitute import fill
from app.session.hosts import atlas_of, trust_at
from app.session.opening import inputs_of, kinds, plan_of
from app.session.preflight import LIFE

if TYPE_CHECKING:
    from app.connectors.keeper import Kept

Kind = Literal["database", "host", "secret"]

Word = Literal["ok", "warning", "refused", "away", "stranger", "changed", "asked"]
"""How a test ended. away: no answer now; stranger: a host whose key nobody vouched for; changed: a host with another
key than the one it is known by, or a revoked one; asked: a secret that is typed in before each run."""


@dataclass(frozen=True, slots=True)
class Tested:
    """How the last test of a connection ended, at `at` (aware UTC).

    identity: who answered, in its own words; product: what it is; took: until the answer; shown: the fingerprint of the
    key that a host showed and that was not accepted; disowned: that of one that a person compared and refused, until
    another one is shown.
    """

    word: Word
    detail: str
    at: datetime
    identity: str = ""
    product: str = ""
    took: timedelta = timedelta(0)
    shown: str = ""
    disowned: str = ""

    @property
    def expires(self) -> datetime:
        """From when on it says nothing about now."""
        return self.at + LIFE

    def expired(self, now: datetime) -> bool:
        """Whether it is too old to rely on."""
        return now >= self.expires


@dataclass(frozen=True, slots=True)
class Connection:
    """One host, database or secret.

    key: "database src", as a preflight calls it. address and user: where and as whom, never with a password; kept: the
    place of a secret in words; entry: its name there; source: keyring, prompt or env; known: fingerprint and place of
    the key that a host is known by. used_by: steps and metrics in words; trouble: why it leads nowhere;
    scope: another runbook that it belongs to, "" for the open one.
    """

    kind: Kind
    name: str
    address: str = ""
    user: str = ""
    via: str = ""
    product: str = ""
    known: tuple[str, str] = ("", "")
    source: str = ""
    entry: str = ""
    kept: str = ""
    secrets: tuple[str, ...] = ()
    used_by: tuple[str, ...] = ()
    set: datetime | None = None
    used: datetime | None = None
    tested: Tested | None = None
    trouble: str = ""
    scope: str = ""

    @property
    def key(self) -> str:
        """What it is called everywhere."""
        return f"{self.kind} {self.name}{f' of {self.scope}' if self.scope else ''}"


def partly_bound(loaded: Loaded, environment: str, params: Mapping[str, str], now: datetime) -> tuple[Inputs, str]:
    """The runbook bound as far as it can be before anybody gave its parameters, and what is missing.

    Raises RunbookInvalid for one with errors, Refused for an environment that is not there.
    """
    try:
        return inputs_of(loaded, environment, dict(params), now), ""
    except Refused as missing:
        bound = apply(loaded.sound(), environment or None)
        values = {}
        for name, param in bound.params.items():
            raw = params.get(name, param.default)
            if raw is not None:
                try:
                    values[name] = read_param(param, raw)
                except ValueError:
                    continue  # `missing` says so already
        return Inputs(bound, environment, values, now, zone_of(bound.schedule.timezone)), missing.what


def lines_of(inputs: Inputs, home: Path, kept: tuple[Kept, ...]) -> tuple[Connection, ...]:
    """All of them: databases, hosts, secrets, each in the order of the file; then secrets that are kept beside it."""
    uses = _Uses(inputs)
    databases = tuple(_database(name, inputs, uses) for name in inputs.runbook.databases)
    hosts = tuple(_host(name, inputs, home, uses) for name in inputs.runbook.hosts)
    by_entry = {one.name: one for one in kept}
    secrets = tuple(_secret(name, inputs, by_entry, uses) for name in inputs.runbook.secrets)
    theirs = {one.entry for one in secrets if one.source == "keyring"}
    return (*databases, *hosts, *secrets, *kept_lines(one for one in kept if one.name not in theirs))


def kept_lines(kept: Iterable[Kept]) -> tuple[Connection, ...]:
    """Secrets that are kept on this machine, whatever runbook they belong to."""
    return tuple(
        Connection(
            "secret",
            one.name,
            source="keyring",
            entry=one.name,
            kept=_place(one.where),
            set=_moment(one.set),
            used=_moment(one.used),
        )
        for one in kept
    )


# ---------------------------------------------------------------- one line


def _database(name: str, inputs: Inputs, uses: _Uses) -> Connection:
    declared = inputs.runbook.databases[name]
    secrets = (declared.password,) if declared.password else ()
    line = Connection("database", name, via=declared.via, secrets=secrets, used_by=uses.of(f"database {name}"))
    try:
        url = urlsplit(fill(declared.url, Scope(inputs)))
    except Refused as missing:
        return replace(line, trouble=missing.what)
    product = url.scheme.partition("+")[0]
    address = f"{url.netloc.rpartition('@')[2]}{url.path}" if url.netloc else url.path.removeprefix("/")
    return replace(line, address=address, user=url.username or "", product=product)


def _host(name: str, inputs: Inputs, home: Path, uses: _Uses) -> Connection:
    declared = inputs.runbook.hosts[name]
    secrets = tuple(word for word in (declared.password, declared.passphrase) if word)
    line = Connection("host", name, via=declared.via, secrets=secrets, used_by=uses.of(f"host {name}"))
    try:
        route = atlas_of(inputs).route(name)
        lines = trust_at(home).now().of(route.known_as, route.port)
    except TminusError as trouble:
        return replace(line, address=declared.address, trouble=trouble.what)
    known = (lines[0].key.fingerprint, lines[0].place) if lines else ("", "")
    via = route.via.name if route.via is not None else ""
    return replace(line, address=route.spot, user=route.login.user, via=via, known=known)


def _secret(name: str, inputs: Inputs, kept: Mapping[str, Kept], uses: _Uses) -> Connection:
    declared = inputs.runbook.secrets[name]
    entry = declared.name or name
    found = kept.get(entry) if declared.from_ == "keyring" else None
    where = {"env": f"environment, {entry}", "prompt": "asked before each run"}.get(
        declared.from_, _place(found.where) if found else ""
    )
    return Connection(
        "secret",
        name,
        source=declared.from_,
        entry=entry,
        kept=where,
        used_by=uses.of(f"secret {name}"),
        set=_moment(found.set) if found else None,
        used=_moment(found.used) if found else None,
    )


def _place(where: str) -> str:
    return {"keyring": "keyring", "vault": "vault file"}.get(where, where)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None


# ---------------------------------------------------------------- who uses it


class _Uses:
    """Who uses what, as far as the file tells before a run."""

    def __init__(self, inputs: Inputs) -> None:
        self._found: dict[str, dict[str, None]] = {}
        self._inputs = inputs
        try:
            plan = plan_of(inputs)
        except TminusError:  # the parameters that are missing decide which steps there are
            plan = None
        if plan is not None:
            self._steps(plan)
        self._metrics()
        self._ways()

    def of(self, key: str) -> tuple[str, ...]:
        """In the order of the file."""
        return tuple(self._found.get(key, ()))

    def _note(self, key: str, who: str) -> None:
        self._found.setdefault(key, {})[who] = None

    def _steps(self, plan: Plan) -> None:
        for planned in plan.by_address.values():
            if planned.left_out:
                continue
            who = _called(plan, planned)
            for key in self._reached(planned):
                self._note(key, who)
            self._secrets(repr(planned.step), who)

    def _reached(self, planned: PlannedStep) -> Iterator[str]:
        step = planned.step
        parts = [(step.kind, step.body)]
        until = getattr(step.body, "until", None)
        if until is not None:
            parts.append((until.kind, until.body))
        if step.probe is not None:
            parts.append((step.probe.kind, step.probe.body))
        for kind, body in parts:
            for target in kinds()[kind].targets(body) if kind in kinds() else ():
                try:
                    yield f"{target.kind} {fill(target.name, Scope(self._inputs, dict(planned.bindings)))}"
                except Refused:
                    continue  # known only while it runs

    def _metrics(self) -> None:
        for name, metric in self._inputs.runbook.metrics.items():
            who = f"metric {metric.title or name}"
            if metric.body is not None and metric.kind in kinds():
                for target in kinds()[metric.kind].targets(metric.body):
                    self._note(f"{target.kind} {target.name}", who)
            self._secrets(repr(metric), who)

    def _ways(self) -> None:
        book = self._inputs.runbook
        for name, database in book.databases.items():
            self._note(f"host {database.via}", f"database {name}")
            self._note(f"secret {database.password}", f"database {name}")
        for name, host in book.hosts.items():
            self._note(f"host {host.via}", f"host {name}")
            self._note(f"secret {host.password}", f"host {name}")
            self._note(f"secret {host.passphrase}", f"host {name}")

    def _secrets(self, text: str, who: str) -> None:
        for name in self._inputs.runbook.secrets:
            if f"${{secrets.{name}}}" in text:
                self._note(f"secret {name}", who)


def _called(plan: Plan, planned: PlannedStep) -> str:
    owner, undo, _ = planned.address.partition("/undo/")
    of = plan.by_address.get(owner, planned)
    name = of.step.title or owner.rsplit("/", 1)[-1]
    return f"{f'{of.number} ' if of.number[:1].isdigit() else ''}{name}{', its undo' if undo else ''}"
