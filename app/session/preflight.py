"""Before a run: what in this runbook this version or this machine cannot do, by name, changing nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.runbook.order import Plan, PlannedStep
from app.session.opening import kinds

LIFE = timedelta(minutes=15)
"""How long a finding is worth anything: passwords, grants and disks change."""

BLOCKING = frozenset({"refused", "away"})
NOT_AT_ALL = "-"

Finding = tuple[str, str]
"""A word of PreflightLine, and why."""


@dataclass(frozen=True, slots=True)
class PreflightLine:
    """One finding. `word` is about the way forward, `back` about the way back ("": the same as forward).

    Words: ok; warning; refused; away (a target that did not answer now); unknown (it could not be told); "-" (nothing
    to do in that direction). seen: when its target was looked at, None where the file alone says it.
    """

    subject: str
    word: str
    detail: str
    back: str = ""
    seen: datetime | None = None

    @property
    def rollback(self) -> str:
        """The word about the way back."""
        return self.back or self.word

    @property
    def blocks(self) -> bool:
        """Whether a run should not start."""
        return not BLOCKING.isdisjoint({self.word, self.rollback})


@dataclass(frozen=True, slots=True)
class Preflight:
    """All findings of one look ahead, begun at `began` (aware UTC). key: of the texts and values that it is of."""

    lines: tuple[PreflightLine, ...]
    began: datetime
    key: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing stands in the way, forward or back."""
        return not any(line.blocks for line in self.lines)

    @property
    def expires(self) -> datetime:
        """From when on it must be done again."""
        return self.began + LIFE

    def expired(self, now: datetime) -> bool:
        """Whether it is too old to rely on."""
        return now >= self.expires


def preflight(plan: Plan) -> tuple[PreflightLine, ...]:
    """Refuses every step, forward or back, whose kind cannot run, and every host that would be needed."""
    return tuple(_kinds(plan))


def _kinds(plan: Plan) -> Iterator[PreflightLine]:
    table = kinds()
    for planned in may_run(plan):
        for name in _inner_kinds(planned):
            why = table[name].available if name in table else ""
            if why:
                yield PreflightLine(planned.address, "refused", why)


def may_run(plan: Plan) -> Iterator[PlannedStep]:
    """Forward steps, undos and procedures; tasks after the migration are not part of a run."""
    later = {p.address for p in plan.post}
    for planned in plan.by_address.values():
        is_later = planned.address in later or planned.parent in later or planned.phase == "after"
        if not planned.left_out and not is_later:
            yield planned


def _inner_kinds(planned: PlannedStep) -> Iterator[str]:
    yield planned.step.kind
    until = getattr(planned.step.body, "until", None)
    if until is not None and until.kind != "metric":
        yield until.kind
    if planned.step.probe is not None:
        yield planned.step.probe.kind
