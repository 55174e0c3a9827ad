"""The clocks of a run: when it ends, when writes open again, how long the way back takes, until when it still fits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.rollback.planner import BackPlan
from app.run.moment import Moment
from app.run.state import UNDER_WAY, RunState, Status
from app.runbook.order import PlannedStep

MARGIN = timedelta(minutes=1)
"""Kept between the end of the way back and the end of the window; a tenth of the way back when that is less."""

_OVER = frozenset({Status.DONE, Status.SKIPPED, Status.LEFT_OUT, Status.FAILED, Status.CANCELLED})


@dataclass(frozen=True, slots=True)
class Downtime:
    """One mode's clock against its budget; `budget` None when the runbook sets none."""

    mode: str
    spent: timedelta
    budget: timedelta | None
    on: bool
    counts: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """Everything the head of the console says about time. Instants are aware UTC; None means that nothing is known.

    t_clock: now minus T, negative before; finish: forecast of the last step's end; slip: finish minus plan;
    latest_safe: the last instant at which the way back can start and still end by `deadline`; left: time until then;
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


def outlook(state: RunState, back: BackPlan, now: Moment) -> Outlook:
    """The clocks, from the record and from estimates; estimates are never shown as facts."""
    window_end, abort_by = (
        (state.plan.inputs.window[1] if state.plan.inputs.window else None),
        state.plan.inputs.abort_by,
    )
    downtime = any(m.since is not None and _counts(state, m.mode) for m in state.modes.values())
    deadline = abort_by if abort_by is not None and downtime else window_end or abort_by
    ends = _forecast(state, now)
    finish = max(ends.values(), default=None) if ends else None
    planned = planned_end(state)
    margin = min(MARGIN, back.estimate / 10)
    latest = deadline - back.estimate - margin if deadline is not None and not back.refusal else None
    return Outlook(
        t_clock=now.at - state.t0,
        window_end=window_end,
        deadline=deadline,
        finish=finish,
        slip=finish - planned if finish is not None and planned is not None else None,
        way_back=back.estimate,
        latest_safe=latest,
        left=latest - now.at if latest is not None else None,
        no_return=_boundary(state, ends),
        writes_open=_writes_open(state, ends),
        modes=_modes(state, now),
    )


def planned_end(state: RunState) -> datetime | None:
    """When the run would end had every step taken its estimate from the moment it was opened."""
    if state.opened is None:
        return None
    at = state.opened.at
    for phase in state.plan.phases:
        for planned in state.plan.top(phase.id):
            if planned.left_out:
                continue
            at = max(at, _gate(state, planned)) + (planned.step.est or timedelta())
    return at


def _forecast(state: RunState, now: Moment) -> dict[str, datetime]:
    """When each forward step that is not over is expected to end, taking the tracks of a phase one after the other."""
    at = now.at
    ends: dict[str, datetime] = {}
    for phase in state.plan.phases:
        tracks: dict[str, datetime] = {}
        for planned in state.plan.top(phase.id):
            if state.status(planned.address) in _OVER:
                continue
            track = planned.step.track or ""
            before = [ends[a] for a in planned.after if a in ends]
            begin = max(tracks.get(track, at), _gate(state, planned), *before)
            ends[planned.address] = begin + _left(state, planned, now)
            tracks[track] = ends[planned.address]
        at = max([at, *tracks.values()])
    return ends


def _gate(state: RunState, planned: PlannedStep) -> datetime:
    if planned.step.at is None:
        return datetime.min.replace(tzinfo=state.t0.tzinfo)
    return state.plan.inputs.at(planned.step.at)


def _left(state: RunState, planned: PlannedStep, now: Moment) -> timedelta:
    est = planned.step.est or timedelta()
    step = state.step(planned.address)
    if step.last is not None and step.status in UNDER_WAY | {Status.WAITING}:
        return max(est - now.since(step.last.began), timedelta())
    return est


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
        mode = state.modes.get(name)
        spent = timedelta(milliseconds=mode.spent_ms) if mode is not None else timedelta()
        if mode is not None and mode.since is not None:
            spent += now.since(mode.since)
        is_on = mode is not None and mode.since is not None
        found.append(Downtime(name, spent, declared.max, is_on, bool(declared.downtime)))
    return tuple(found)
