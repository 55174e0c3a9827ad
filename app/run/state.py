"""A run as it stands: what every step, mode and metric came to, folded from the record and from nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from app.run.back_state import Override, Seen, UndoTime
from app.run.dead_man_state import DeadMan
from app.run.loss_state import Export, Written
from app.run.moment import Moment
from app.runbook.order import Plan


class Status(StrEnum):
    """Of a step, and of each of its attempts. The words are shown to people as they stand."""

    PENDING = "pending"
    WAITING = "waiting for a person"
    RUNNING = "running"
    STOPPING = "stopping"
    UNKNOWN = "unknown"
    ASKING = "asking the target"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    FENCED = "never ran"
    IN_DOUBT = "in doubt"
    SKIPPED = "skipped"
    LEFT_OUT = "left out"


UNDER_WAY = frozenset({Status.RUNNING, Status.STOPPING, Status.UNKNOWN, Status.ASKING})
"""May have an effect right now, or nobody has asked yet."""

MET = frozenset({Status.DONE, Status.SKIPPED, Status.LEFT_OUT})
"""Over, and those who need it may go on."""


class Stage(StrEnum):
    """Where the run as a whole stands."""

    FORWARD = "forward"
    STOPPED = "stopped"
    FINISHED = "finished"
    ROLLING_BACK = "rolling back"
    ROLLED_BACK = "rolled back"
    INCOMPLETE = "rollback incomplete"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a step. `ticket` is what the target knows it by; `spec` the resolved step as canonical JSON."""

    number: int
    ticket: str
    status: Status
    began: Moment
    kind: str
    text: str
    digest: str
    head: str
    target: str = ""
    spec: str = ""
    is_undo: bool = False
    ended: Moment | None = None
    summary: str = ""
    seen_from: str = ""
    elapsed_ms: int = 0
    evidence: tuple[tuple[str, str, str], ...] = ()
    stop_asked: Moment | None = None
    stop_by: str = ""
    contact_lost: Moment | None = None
    timed_out: bool = False
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A person is needed. `answers` are (name, value, note) so far; `options` the lawful values."""

    wants: str
    text: str
    items: tuple[str, ...]
    by: tuple[str, ...]
    need: int
    options: tuple[str, ...]
    asked: Moment
    deadline_ms: int = 0
    answers: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class StepState:
    """What is known of one step. `attempts` in order; `saved` the values it gave to later steps.

    held_for: the deadline of the way back that holds it back (ISO UTC), "" when none does.
    """

    address: str
    status: Status = Status.PENDING
    attempts: tuple[Attempt, ...] = ()
    question: Question | None = None
    saved: tuple[tuple[str, str], ...] = ()
    reason: str = ""
    ruled_by: str = ""
    approved: bool = False
    gates_passed: int = 0
    retries_used: int = 0
    retry_from: Moment | None = None
    retry_after_ms: int = 0
    over: Moment | None = None
    held_for: str = ""

    @property
    def last(self) -> Attempt | None:
        """The newest attempt."""
        return self.attempts[-1] if self.attempts else None

    @property
    def started(self) -> bool:
        """Whether any attempt may have had an effect: started, and not fenced off."""
        return any(a.status is not Status.FENCED for a in self.attempts)


@dataclass(frozen=True, slots=True)
class ModeState:
    """A mode's clock: `since` when on; `spent_ms` of earlier spells; `overran`: its `max`.

    entered: the steps that entered it in this spell, oldest first, and when.
    """

    mode: str
    since: Moment | None
    spent_ms: int = 0
    entered: tuple[tuple[str, Moment], ...] = ()
    overran: Moment | None = None


@dataclass(frozen=True, slots=True)
class MetricState:
    """A metric's newest reading as recorded, and its latched first red. `value` None means no data.

    at: when it was heard; age_ms: how old it already was at its source then; here: the console of now heard it.
    """

    metric: str
    number: int = 0
    at: Moment | None = None
    value: float | None = None
    problem: str = ""
    red_at: Moment | None = None
    red_value: str = ""
    red_limit: str = ""
    age_ms: int = 0
    here: bool = False


@dataclass(frozen=True, slots=True)
class BaselineState:
    """What is usual for a metric: `value` its `stat` over n readings; or `why` nobody knows, and then the rest is 0."""

    metric: str
    value: float = 0.0
    stat: str = ""
    n: int = 0
    median: float = 0.0
    p95: float = 0.0
    began: str = ""
    ended: str = ""
    source: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class TriggerState:
    """A trigger that has fired in this run.

    fired: its first firing that nobody has acknowledged, None once somebody has; newest: the last one, except that no
    data during a red does not count as one. value, threshold, span, n and outcome are those of the last firing by data;
    problem and dark_ms those of no data since then ("" for none). active: its condition still holds; blind: there is
    still no data; cleared: when data last said that it is over; due: what the run owes it ("pause", "rollback" or "");
    dark_due: the same for no data ("pause" or ""); refused: when a person held it off.
    """

    trigger: str
    metric: str
    newest: Moment
    fired: Moment | None = None
    value: str = ""
    threshold: str = ""
    span_ms: int = 0
    n: int = 0
    outcome: str = ""
    problem: str = ""
    dark_ms: int = 0
    shadow: bool = False
    active: bool = False
    blind: bool = False
    cleared: Moment | None = None
    due: str = ""
    dark_due: str = ""
    refused: Moment | None = None
    again_ms: int = 0
    firings: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """A trigger wants to go back; a person may hold it off. `asked` of `asks` were called, the last of them at `began`.

    auto: at zero it starts by itself while its condition holds by fresh data; else it stays until somebody decides.
    """

    trigger: str
    scope: str
    reason: str
    began: Moment
    length_ms: int
    auto: bool
    asks: tuple[str, ...] = ()
    asked: int = 1


@dataclass(frozen=True, slots=True)
class Countdown:
    """The strip before a rollback's first effect. proposal: what stood when it began, and stands again after it."""

    scope: str
    by: str
    reason: str
    began: Moment
    length_ms: int
    accepts: str = ""
    proposal: Proposal | None = None

    @property
    def by_trigger(self) -> bool:
        """Whether a trigger started it at zero of its own countdown; then it has no length of its own."""
        return self.by.startswith("trigger ")


@dataclass(frozen=True, slots=True)
class BackRow:
    """One line of the way back: the step that runs, what it undoes, its part, and why when there is nothing to do."""

    address: str
    undoes: str
    part: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class WayBack:
    """The rollback under way or ended."""

    scope: str
    by: str
    reason: str
    rows: tuple[BackRow, ...]
    began: Moment
    loses: str = ""
    ended: Moment | None = None
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Crossing:
    """A boundary that was crossed: `kind` lossy or final."""

    address: str
    kind: str
    says: str
    at: Moment


@dataclass(frozen=True, slots=True)
class SeenTarget:
    """Who answered under a name of the runbook, and when that was recorded (see TargetSeen)."""

    name: str
    kind: str
    identity: str
    facts: tuple[tuple[str, str], ...]
    instance: str
    at: Moment


@dataclass(frozen=True, slots=True)
class Console:
    """Who drives. `attached` False when the last console let go.

    awake: what keeps its machine awake, "" for nothing; may_sleep: why nothing could.
    """

    operator: str = ""
    host: str = ""
    pid: int = 0
    door: str = ""
    attached: bool = False
    since: Moment | None = None
    gap_ms: int = 0
    awake: str = ""
    may_sleep: str = ""


_CONSOLES = frozenset({"console", "the console"})
"""Who holds when a run was asked to stop after a step, and when the engine itself cannot go on."""


@dataclass(frozen=True, slots=True)
class RunState:
    """The fold of a record. Never changed in place: `evolve` makes the next one.

    steps: only those something happened to (`step()` answers for the rest); started: addresses of forward steps in
    the order they first started; undone: forward addresses whose undo is over; seen: raw bytes of output stored, by
    (address, attempt, stream); targets: by kind and name; probes: what the way back needs, as it was last seen, by
    subject; undo_times: of earlier runs (`undo_runs`), by address; dead_men: switches by the
    address of the step that they stand behind.
    """

    run: str
    plan: Plan
    t0: datetime
    operator: str
    environment: str
    now: Moment
    seq: int
    head: str
    until: str = ""
    params: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    stage: Stage = Stage.FORWARD
    stop_reason: str = ""
    held_by: str = ""
    held_reason: str = ""
    console: Console = Console()
    steps: Mapping[str, StepState] = field(default_factory=dict)
    started: tuple[str, ...] = ()
    undone: frozenset[str] = frozenset()
    modes: Mapping[str, ModeState] = field(default_factory=dict)
    artifacts: tuple[str, ...] = ()
    crossings: tuple[Crossing, ...] = ()
    metrics: Mapping[str, MetricState] = field(default_factory=dict)
    baselines: Mapping[str, BaselineState] = field(default_factory=dict)
    triggers: Mapping[str, TriggerState] = field(default_factory=dict)
    proposal: Proposal | None = None
    countdown: Countdown | None = None
    called_off: Moment | None = None
    until_reached: bool = False
    back: WayBack | None = None
    seen: Mapping[tuple[str, int, str], int] = field(default_factory=dict)
    targets: Mapping[tuple[str, str], SeenTarget] = field(default_factory=dict)
    dead_men: Mapping[str, DeadMan] = field(default_factory=dict)
    faults: int = 0
    opened: Moment | None = None
    probes: Mapping[str, Seen] = field(default_factory=dict)
    undo_times: Mapping[str, UndoTime] = field(default_factory=dict)
    undo_runs: tuple[str, ...] = ()
    overrides: tuple[Override, ...] = ()
    written: Written | None = None
    exports: tuple[Export, ...] = ()

    def step(self, address: str) -> StepState:
        """The state of a step; pending when nothing happened to it yet."""
        return self.steps.get(address) or _untouched(address)

    def status(self, address: str) -> Status:
        """Its status, `left out` included when the environment leaves it out."""
        if address in self.steps:
            return self.steps[address].status
        planned = self.plan.by_address.get(address)
        return Status.LEFT_OUT if planned is not None and planned.left_out else Status.PENDING

    @property
    def held(self) -> bool:
        """Whether a hold, of a person, a trigger or the console, keeps new steps from starting."""
        return bool(self.held_by)

    @property
    def held_by_person(self) -> bool:
        """Whether a person placed the hold. Only a person lifts it, by a release or by asking for the way back."""
        return self.held and self.held_by not in _CONSOLES and not self.held_by.startswith("trigger ")


@lru_cache(maxsize=16_384)
def _untouched(address: str) -> StepState:
    """One value for all looks: a repaint asks for every step of a long plan, and most of them have not begun."""
    return StepState(address)
