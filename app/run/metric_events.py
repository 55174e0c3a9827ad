"""What can happen to metrics, their baselines and the triggers on them, and to a rollback that a trigger proposes."""

from __future__ import annotations

from dataclasses import dataclass

from app.run.step_events import Event


@dataclass(frozen=True, slots=True)
class MetricRead(Event):
    """One sample. `value` is decimal text, "" for no data, and `problem` says why.

    taken_ns: monotonic instant of the reading; age_ms: its age at its source then; source: which reading it was there.
    """

    metric: str
    number: int
    value: str
    problem: str = ""
    taken_ns: int = 0
    age_ms: int = 0
    source: str = ""


@dataclass(frozen=True, slots=True)
class MetricReddened(Event):
    """A metric passed a limit; latched until acknowledged."""

    metric: str
    value: str
    limit: str


@dataclass(frozen=True, slots=True)
class MetricAcknowledged(Event):
    """A person saw the red."""

    metric: str
    by: str


@dataclass(frozen=True, slots=True)
class BaselineMeasured(Event):
    """What is usual for a metric, as decimal text: `value` is its `stat` over n readings from `began` to `ended` (ISO).

    source: "run" (readings of this run), "ahead" (measured before it) or "prometheus" (its history).
    """

    metric: str
    stat: str
    value: str
    median: str
    p95: str
    n: int
    began: str
    ended: str
    source: str


@dataclass(frozen=True, slots=True)
class BaselineMissing(Event):
    """Nobody knows what is usual, and why: triggers that compare with it have no data."""

    metric: str
    why: str


@dataclass(frozen=True, slots=True)
class TriggerFired(Event):
    """A trigger's condition held for its whole `for`; latched until acknowledged.

    value and threshold as shown, with unit; span_ms and n: how long it held and over how many readings; outcome:
    "investigate", "pause" or "rollback"; shadow 1: it only tells. `problem` is set, and value "", for no data.
    """

    trigger: str
    metric: str
    value: str
    threshold: str
    span_ms: int
    n: int
    outcome: str
    shadow: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class TriggerCleared(Event):
    """Its condition is over, with this value; or it is watched no more, and `why` says so. `problem` 1: of no data."""

    trigger: str
    metric: str
    value: str
    why: str = ""
    problem: int = 0


@dataclass(frozen=True, slots=True)
class TriggerAcknowledged(Event):
    """A person saw it."""

    trigger: str
    by: str


@dataclass(frozen=True, slots=True)
class RollbackProposed(Event):
    """A trigger wants to go back. Nothing new starts until somebody decides.

    asks: who is called, one after the other, the first of them now; auto 1: at zero it starts by itself, as long as its
    condition still holds by fresh data; else the next one is called and the proposal stays.
    """

    trigger: str
    scope: str
    reason: str
    countdown_ms: int
    auto: int = 0
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RollbackOwnerCalled(Event):
    """Nobody answered a proposal in time: the next person is called."""

    trigger: str
    name: str


@dataclass(frozen=True, slots=True)
class RollbackRefused(Event):
    """A person holds a proposed rollback off, and says why; if it is still wanted after `again_ms` it comes again."""

    trigger: str
    by: str
    reason: str
    again_ms: int = 0
