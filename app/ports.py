"""The outside world on one page: what the engine may ask of clocks, commands, databases, the web, secrets and metrics.

Adapters live in `app.connectors` (and fakes in `tests/contract`); every suite in `tests/contract` runs on each of them.
Nothing here does I/O. Instants are aware UTC datetimes, lengths of time are timedeltas, but for names in `_ns`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, Protocol

from app.switch import Switch, SwitchState

Stream = Literal["out", "err", "note"]


class Clock(Protocol):
    """Wall time, monotonic time and waiting. The only source of any of the three."""

    def now(self) -> datetime:
        """The wall clock, aware, in UTC."""

    def mono_ns(self) -> int:
        """Monotonic nanoseconds of this boot, without the time that it slept: for what somebody must be awake for."""

    def asleep_ns(self) -> int:
        """Nanoseconds that the machine slept in this boot: added to `mono_ns`, how old something is at a target."""

    async def sleep(self, length: timedelta) -> None:
        """Wait; returns at once for zero or less."""


@dataclass(frozen=True, slots=True)
class SecretText:
    """Text with secrets in it, never shown: `parts` alternate plain text and names of secrets.

    `parts` holds `(False, "plain text")` and `(True, "secret-name")`. `str()` and `repr()` show `***` for the secrets.
    """

    parts: tuple[tuple[bool, str], ...]

    def __str__(self) -> str:
        return "".join("***" if secret else text for secret, text in self.parts)

    def __repr__(self) -> str:
        return f"SecretText({str(self)!r})"

    def names(self) -> tuple[str, ...]:
        """The names of the secrets inside, in order."""
        return tuple(text for secret, text in self.parts if secret)


class Secrets(Protocol):
    """Values by name, kept in memory only. Every value handed out is known to the redactor."""

    def reveal(self, text: str | SecretText) -> str:
        """The plain value. Call only at the last moment, inside a connector. Raises Refused for an unknown name."""


class Say(Protocol):
    """What a running step tells while it runs. May be called from the engine's loop only."""

    def output(self, stream: Stream, offset: int, data: bytes) -> None:
        """Bytes of a stream, `offset` counted from the attempt's first byte; offsets never overlap or go back."""

    def alive(self, where: str) -> None:
        """Heard from the target just now; `where` names it ("this laptop", "host web1")."""


# ---------------------------------------------------------------- commands


@dataclass(frozen=True, slots=True)
class Payload:
    """One command: exactly one of `argv` and `script`. Secrets travel only in `secret_env`, or in a marked `stdin`."""

    argv: tuple[str, ...] = ()
    script: str = ""
    env: tuple[tuple[str, str], ...] = ()
    secret_env: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    stdin: bytes | None = field(default=None, repr=False)
    stdin_is_secret: bool = False
    cwd: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """Kept by the target itself, so that they hold when the console is dead. `seconds` 0 means no time limit."""

    seconds: int = 0
    output_bytes: int = 64 << 20


class CommandPhase(StrEnum):
    """What the target says of a ticket."""

    ABSENT = "absent"
    CLAIMED = "claimed"
    STARTING = "starting"
    RUNNING = "running"
    DONE = "done"
    FENCED = "fenced"
    LOST_REBOOT = "lost-reboot"
    LOST_SUPERVISOR = "lost-supervisor"


@dataclass(frozen=True, slots=True)
class CommandState:
    """The target's own facts about a ticket, read at `now` by the target's clock (ISO text, seconds).

    rc: exit status, None while unknown; killed: "", "timeout", "operator-TERM"...; out/err: bytes kept so far;
    dropped: bytes that the cap threw away, both streams; eof: both streams are complete; group: "alive", "gone", "".
    """

    phase: CommandPhase
    rc: int | None = None
    group: str = ""
    killed: str = ""
    out: int = 0
    err: int = 0
    dropped: int = 0
    eof: bool = False
    began: str = ""
    ended: str = ""
    host: str = ""
    boot: str = ""
    now: str = ""


class Commands(Protocol):
    """A place where commands run detached from the console: this machine, or a host.

    Every method may raise TargetUnreachable, which says nothing about the command. Cancelling the awaiting task
    detaches and leaves the command running.
    """

    name: str

    async def launch(self, ticket: str, payload: Payload, limits: Limits) -> CommandState:
        """Start it at most once per ticket, ever; launching again is safe and answers the state."""

    async def attach(self, ticket: str, out_from: int, err_from: int, say: Say) -> CommandState:
        """Stream output from these byte offsets until the command has ended (or is fenced or lost); its last state."""

    async def state(self, ticket: str) -> CommandState:
        """Ask once."""

    async def fence(self, ticket: str) -> CommandState:
        """Make sure that it never starts; answers FENCED, or the truth when it already did."""

    async def cancel(self, ticket: str, signal: Literal["TERM", "KILL"]) -> CommandState:
        """Signal the whole process group; the state afterwards (the command may still be ending)."""

    async def forget(self, ticket: str) -> None:
        """Remove the ticket's folder when it is done or fenced; otherwise leave it."""

    async def arm(self, ticket: str, payload: Payload, limits: Limits, switch: Switch) -> SwitchState:
        """Lay it there to fire by itself; arming again renews it. `fence` takes it off, and then says so for good."""

    async def beat(self, ticket: str) -> SwitchState:
        """Be heard: the deadline counts from now on. Answers what became of the switch."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Who a database or a host is: its own words (of a host, the key that it proved to have), never its address.

    facts: name and value of what stays the same as long as it is the same database on the same server, or the same
    machine ("" where this login may not know); instance: equal for two addresses exactly when both lead to the same
    database of the same running server or to the same running machine, "" when that cannot be told.
    """

    product: str
    facts: tuple[tuple[str, str], ...]
    instance: str = ""

    def __str__(self) -> str:
        return " ".join((self.product, *(f"{name} {value}" for name, value in self.facts if value)))

    def unlike(self, facts: tuple[tuple[str, str], ...]) -> str:
        """How it differs from what was seen before, in words; "" when it is the same as far as both know.

        The id of a machine, once known, must be shown: any user of it may read that.
        """
        before, shown = dict(facts), dict(self.facts)
        if before.get("machine") and not shown.get("machine"):
            return f"machine is unknown, was {before['machine']}"
        changed = [
            f"{name} is {value}, was {before[name]}"
            for name, value in self.facts
            if value and before.get(name) and before[name] != value
        ]
        return ", ".join(changed)


class Host(Commands, Protocol):
    """A machine that is reached over a network. Asking for the state of an unused ticket changes nothing there."""

    def become(self, user: str) -> Commands:
        """The same machine with commands and tickets under another user, without a prompt. Raises Refused."""

    def only(self, facts: tuple[tuple[str, str], ...]) -> Host:
        """The same machine while it shows these facts; on any other, every verb raises Refused and does nothing."""

    async def identity(self) -> Fingerprint:
        """Who this is: its key and the id of its machine. May raise TargetUnreachable, Refused."""

    def queued(self, ticket: str) -> bool:
        """Whether what this ticket wants waits for its turn at this console: that the machine is silent means nothing.

        False while the network or the machine is waited for, and once anything was sent for it.
        """


# ---------------------------------------------------------------- databases


@dataclass(frozen=True, slots=True)
class SqlWork:
    """One step's SQL, unsplit. `tx` "one": all in one transaction with the marker; "none": statement by statement.

    binds: parameters by name (`:name` in the text), secrets as SecretText; idents: names put in as quoted identifiers
    (`{name}` in the text). `read_only`: the server itself must refuse writes. `marker`: write the ticket first, in the
    same transaction, where the dialect can. `expects`: facts of the Fingerprint that this connection must still show
    before anything is written. Times of 0 mean the connector's default.
    """

    ticket: str
    text: str
    binds: tuple[tuple[str, str | int | SecretText], ...] = ()
    idents: tuple[tuple[str, str], ...] = ()
    tx: Literal["one", "none"] = "one"
    read_only: bool = False
    marker: bool = True
    head: str = ""
    statement_seconds: int = 0
    lock_seconds: int = 0
    max_rows: int = 1000
    expects: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SqlResult:
    """Rows of the last statement that returned any (at most `max_rows`, `row_count` is true count read or affected).

    Values are str, int, bool, None or text of anything else (Decimal, datetime ISO, bytes hex).
    statements: one line per statement that ran: its first words and rows affected.
    """

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str | int | bool | None, ...], ...] = ()
    row_count: int = 0
    statements: tuple[str, ...] = ()


class SqlVerdict(StrEnum):
    """How a piece of SQL ended, as far as anybody can know."""

    COMMITTED = "committed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SqlOutcome:
    """FAILED and CANCELLED mean rolled back for certain, unless `partial` counts statements that already stand."""

    verdict: SqlVerdict
    result: SqlResult = SqlResult()
    error: str = ""
    partial: int = 0
    marked: bool = False


class MarkerAnswer(StrEnum):
    """What the target database says about a ticket's marker row."""

    COMMITTED = "committed"
    NEVER = "never"
    RUNNING = "running"
    CANNOT_TELL = "cannot-tell"


class Database(Protocol):
    """One database. Each call uses a connection of its own and leaves none behind. May raise TargetUnreachable."""

    name: str
    dialect: str

    async def run(self, work: SqlWork, say: Say) -> SqlOutcome:
        """Run it. Cancelling the awaiting task cancels the statement at the server, best effort, and detaches."""

    async def prepare(self, expects: tuple[tuple[str, str], ...] = ()) -> bool:
        """Make what markers need, ahead of a run. False: this login may not, so steps here run unmarked.

        Raises Refused, and writes nothing, when it does not show the facts that are expected.
        """

    async def stop(self, ticket: str) -> None:
        """Cancel the ticket's running statement at the server (KILL QUERY, cancel request, interrupt).

        One that this console did not start is found at the server by its ticket, and its whole session is ended.
        """

    async def settle(self, ticket: str, wait: timedelta) -> MarkerAnswer:
        """Fence the ticket in the marker table and tell the truth; waits for a doubtful transaction up to `wait`."""

    async def identity(self) -> Fingerprint:
        """Who this is: cluster or server id, node and database (or the file)."""


# ---------------------------------------------------------------- the web


@dataclass(frozen=True, slots=True)
class HttpWork:
    """One request. Headers may hold secrets. `body` is already encoded."""

    ticket: str
    method: str
    url: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str | SecretText], ...] = ()
    body: bytes = b""
    timeout: timedelta = timedelta(seconds=30)
    max_bytes: int = 16 << 20


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """`status` 0: no answer; then `error` says why and `sent` whether a byte of the request may have left."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    truncated: bool = False
    elapsed: timedelta = timedelta()
    error: str = ""
    sent: bool = False


class Http(Protocol):
    """Requests over HTTP; no redirects followed to another host, no retries."""

    async def send(self, work: HttpWork) -> HttpAnswer:
        """One request, one answer. Never raises for what the network does: that is an answer with status 0."""


# ---------------------------------------------------------------- metrics and the bundle


@dataclass(frozen=True, slots=True)
class Sample:
    """One reading. `value` None means no data, and `problem` says why. `number` counts readings from 1.

    at, mono_ns: when it was received; unit: the metric's own ("ms", "%", "" for a bare number); age: how old it was at
    its source by then; max_age: when that is too old; source: what tells it from the one before there, "" for nothing.
    """

    metric: str
    number: int
    at: datetime
    value: float | None
    problem: str = ""
    unit: str = ""
    mono_ns: int = 0
    age: timedelta = timedelta()
    source: str = ""
    max_age: timedelta = timedelta.max


class Gauges(Protocol):
    """The latest reading of each metric."""

    def latest(self, metric: str) -> Sample | None:
        """The newest sample, or None when there was none yet."""

    async def next(self, metric: str, after: int) -> Sample:
        """The first sample whose number is greater than `after`; waits for it."""


@dataclass(frozen=True, slots=True)
class World:
    """Everything a step may touch, in one bundle. Rehearsal hands in another one."""

    clock: Clock
    local: Commands
    hosts: Mapping[str, Host]
    databases: Mapping[str, Database]
    http: Http
    secrets: Secrets
    gauges: Gauges


Ask = Callable[[str], Awaitable[str]]
"""Asks a person for a secret by name, before a run; never from the engine."""
