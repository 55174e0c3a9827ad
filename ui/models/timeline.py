"""The run on one line: a segment per step, and marks for now, the latest safe moment and the point of no return."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.run.phases import current_phase
from app.run.state import MET, UNDER_WAY, RunState, Stage, Status
from app.runbook.order import PlannedPhase, PlannedStep
from ui import words
from ui.models.naming import title_of
from ui.models.shown import Shown
from ui.tokens import Tone
from ui.widgets.timeline_layout import MarkKind, MarkView, PhaseView, SegmentState, SegmentView, TimelineView

_STATES = {
    Status.PENDING: SegmentState.WAITING,
    Status.WAITING: SegmentState.RUNNING,
    Status.RUNNING: SegmentState.RUNNING,
    Status.STOPPING: SegmentState.RUNNING,
    Status.ASKING: SegmentState.RUNNING,
    Status.UNKNOWN: SegmentState.UNKNOWN,
    Status.DONE: SegmentState.DONE,
    Status.FAILED: SegmentState.FAILED,
    Status.CANCELLED: SegmentState.FAILED,
    Status.FENCED: SegmentState.SKIPPED,
    Status.IN_DOUBT: SegmentState.UNKNOWN,
    Status.SKIPPED: SegmentState.SKIPPED,
    Status.LEFT_OUT: SegmentState.SKIPPED,
}


def timeline_view(shown: Shown) -> TimelineView:
    """Phases and marks of a run."""
    state = shown.state
    phases = tuple(_phase(shown, phase) for phase in state.plan.phases if state.plan.top(phase.id))
    return TimelineView(phases, tuple(_marks(shown)))


def _phase(shown: Shown, phase: PlannedPhase) -> PhaseView:
    state = shown.state
    segments = tuple(_segment(shown, p) for p in state.plan.top(phase.id) if not p.left_out)
    here = current_phase(state) == phase.id and state.stage is not Stage.CLOSED
    return PhaseView(f"{phase.number} {phase.title or phase.id}", segments, here)


def _segment(shown: Shown, planned: PlannedStep) -> SegmentView:
    est = planned.step.est or timedelta(seconds=1)
    decision = planned.step.kind == "decide"
    name = f"{planned.number} {title_of(planned)}"
    return SegmentView(
        planned.address,
        name,
        _state(shown, planned),
        max(1.0, est.total_seconds()),
        _share(shown, planned, est),
        decision,
    )


def _state(shown: Shown, planned: PlannedStep) -> SegmentState:
    state = shown.state
    if planned.address in state.undone:
        return SegmentState.UNDONE
    if shown.going_back and _being_undone(state, planned):
        return SegmentState.UNDOING
    status = state.status(planned.address)
    if shown.going_back and status is Status.PENDING:
        return SegmentState.NOT_REACHED
    return _STATES[status]


def _being_undone(state: RunState, planned: PlannedStep) -> bool:
    undos = state.plan.back.undo_of(planned.address)
    return any(state.status(u.address) not in {Status.PENDING, Status.LEFT_OUT} for u in undos)


def _share(shown: Shown, planned: PlannedStep, est: timedelta) -> float:
    state = shown.state
    if shown.going_back:
        undos = state.plan.back.undo_of(planned.address)
        over = sum(state.status(u.address) in MET for u in undos)
        return (over + 0.5) / len(undos) if undos else 0.0
    step = state.step(planned.address)
    if step.last is None or state.status(planned.address) not in UNDER_WAY | {Status.WAITING}:
        return 0.0
    return min(0.96, shown.age(step.last.began) / est) if est else 0.5


def _marks(shown: Shown) -> list[MarkView]:
    here = _now_key(shown)
    marks: list[MarkView] = []
    if shown.going_back:
        if here and shown.state.stage is Stage.ROLLING_BACK:
            marks.append(MarkView(MarkKind.LABEL, here, 0.5, "now, going left", Tone.ACCENT))
    else:
        marks += _no_return(shown)
        marks += _latest_safe(shown)
    if here and shown.state.stage is not Stage.CLOSED:
        marks.append(MarkView(MarkKind.NOW, here, _now_share(shown, here)))
    return marks


def _no_return(shown: Shown) -> list[MarkView]:
    crossed = next((c for c in shown.state.crossings if c.kind == "final"), None)
    if crossed is not None:
        return [MarkView(MarkKind.LABEL, crossed.address, 1.0, "point of no return, passed", Tone.WARN)]
    at = shown.outlook.no_return
    if at is None:
        return []
    for planned in shown.state.plan.steps:
        boundary = planned.step.boundary
        if boundary is not None and boundary.kind == "final" and not planned.parent:
            text = f"point of no return {words.time_of_day(at, shown.zone)}"
            return [MarkView(MarkKind.LABEL, planned.address, 0.5, text, Tone.WARN)]
    return []


def _latest_safe(shown: Shown) -> list[MarkView]:
    at = shown.outlook.latest_safe
    if at is None or not shown.state.started:
        return []
    key, share = _place(shown, at)
    if not key:
        return []
    return [MarkView(MarkKind.FLAG, key, share, f"{words.time_of_day(at, shown.zone)} latest safe")]


def _place(shown: Shown, at: datetime) -> tuple[str, float]:
    """Where an instant to come lies, walking the steps that are left by their estimates; "" beyond the end."""
    state, clock = shown.state, shown.now.at
    for planned in state.plan.steps:
        if planned.parent or planned.left_out or state.status(planned.address) in MET:
            continue
        if planned.step.at is not None:
            clock = max(clock, state.plan.inputs.at(planned.step.at))
        est = planned.step.est or timedelta()
        if clock + est >= at:
            return planned.address, max(0.0, (at - clock) / est) if est else 0.0
        clock += est
    return "", 0.0


def _now_key(shown: Shown) -> str:
    """The top-level step that stands for the focus: a fan-out for its items, the undone step for its undo."""
    state = shown.state
    planned = state.plan.by_address.get(shown.focus.address)
    if planned is None:
        return ""
    if shown.going_back and state.back is not None:
        row = next((r for r in state.back.rows if r.address == planned.address), None)
        planned = state.plan.by_address.get(row.undoes) if row is not None else planned
    while planned is not None and planned.parent:
        planned = state.plan.by_address.get(planned.parent)
    return planned.address if planned is not None else ""


def _now_share(shown: Shown, key: str) -> float:
    planned = shown.state.plan.by_address[key]
    if shown.going_back or planned.step.kind == "decide":
        return 0.5
    return _share(shown, planned, planned.step.est or timedelta(seconds=1))
