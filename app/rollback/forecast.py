"""The clocks of a run: when it ends, when writes open again, how long the way back takes, until when it still fits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.rollback.ahead import deadline_with, forecast, margin_of, modes_on, side_by_side
from app.rollback.planner import BackPlan
from app.rollback.times import NOTHING, Length, length_left
from app.run.clocked import spent_in
from app.run.moment import Moment
from app.run.state import ModeState, RunState

_NEARLY = 0.8
"""From this share of its `max` on, a mode warns."""


@dataclass(frozen=True, slots=True)
class Downtime:
    """One mode's clock against its budget; `budget` None when the runbook sets none; counts: as downtime."""

    mode: str
    spent: timedelta
    budget: timedelta | None
    on: bool
    counts: bool
    title: str = ""
    blocks: str = ""

    @property
    def share(self) -> float:
        """How much of its budget is used, 1 for all of it; 0 without one."""
        if self.budget is None:
            return 0.0
        return self.spent / self.budget if self.budget else 1.0

    @property
    def nearly(self) -> bool:
        """Whether most of its budget is used, but not all."""
        return _NEARLY <= self.share <= 1

    @property
    def over(self) -> bool:
        """Whether it was on for longer than it may be."""
        return self.share > 1


@dataclass(frozen=True, slots=True)
class Outlook:
    """Everything the head of the console says about time. Instants are aware UTC; None means that nothing is known.

    t_clock: now minus T, negative before; finish: forecast of the last step's end; slip: finish minus plan; way_back:
    how long it usually takes, `length` all that is known of that; latest_safe: the last instant at which the way back,
    should it be slow, can start and still end by `deadline`, its margin included; left: time until then;
    no_return: forecast of the first final boundary; writes_open: forecast of when the downtime mode is left.
    """

    t_clock: timedelta
    window_end: datetime | None
    deadline: datetime | None
    finish: datetime | None
    slip: timedelta | None
    way_back: timedelta
    latest_safe: datetime | None
    left: timedelta | None
    no_return: datetime | None
    writes_open: datetime | None
    modes: tuple[Downtime, ...]
    length: Length = NOTHING


def outlook(state: RunState, back: BackPlan, now: Moment) -> Outlook:
    """The clocks, from the record and from estimates; estimates are never shown as facts."""
    window_end = state.plan.inputs.window[1] if state.plan.inputs.window else None
    deadline = deadline_with(state, modes_on(state))
    ends = forecast(state, now)
    finish = max(ends.values(), default=None) if ends else None
    planned = planned_end(state)
    length = back.length if state.back is None else length_left(state, now)
    is_open = not back.refusal and state.back is None and back.undos
    latest = deadline - length.slow - margin_of(length) if deadline is not None and is_open else None
    return Outlook(
        t_clock=now.at - state.t0,
        window_end=window_end,
        deadline=deadline,
        finish=finish,
        slip=finish - planned if finish is not None and planned is not None else None,
        way_back=length.usual,
        latest_safe=latest,
        left=latest - now.at if latest is not None else None,
        no_return=_boundary(state, ends),
        writes_open=_writes_open(state, ends),
        modes=_modes(state, now),
        length=length,
    )


def planned_end(state: RunState) -> datetime | None:
    """When the run would end had every step taken its estimate from the moment it was opened."""
    if state.opened is None:
        return None
    ends = side_by_side(state, state.opened.at, lambda one: None if one.left_out else one.step.est or timedelta())
    return max(ends.values(), default=state.opened.at)


def _boundary(state: RunState, ends: dict[str, datetime]) -> datetime | None:
    for planned in state.plan.steps:
        boundary = planned.step.boundary
        if boundary is not None and boundary.kind == "final" and planned.address in ends:
            return ends[planned.address] - (planned.step.est or timedelta())
    return None


def _counts(state: RunState, mode: str) -> bool:
    declared = state.plan.runbook.modes.get(mode)
    return declared is not None and bool(declared.downtime)


def _writes_open(state: RunState, ends: dict[str, datetime]) -> datetime | None:
    for planned in state.plan.steps:
        if planned.address in ends and any(_counts(state, mode) for mode in planned.step.leave):
            return ends[planned.address]
    return None


def _modes(state: RunState, now: Moment) -> tuple[Downtime, ...]:
    found = []
    for name, declared in state.plan.runbook.modes.items():
        mode = state.modes.get(name, ModeState(name, None))
        clock = (spent_in(mode, now), declared.max, mode.since is not None, bool(declared.downtime))
        found.append(Downtime(name, *clock, declared.title, declared.blocks))
    return tuple(found)
