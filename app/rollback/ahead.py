"""What each step still to come does to the way back: how long it takes after that step, and until when it still fits.

Steps are taken in the order of the file, each as if all before it had run; so one pass tells of thousands of steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.rollback.planner import around
from app.rollback.times import NOTHING, Length, length_of, length_of_rows
from app.run.crossing import Crossing
from app.run.moment import Moment
from app.run.state import MET, UNDER_WAY, RunState, Status
from app.runbook.body import Changes
from app.runbook.order import PlannedStep

MARGIN = timedelta(minutes=1)
"""Kept between the end of the way back and its deadline; a tenth of the way back when that is less."""

_WAYS_ON = "Override that with a reason, skip the step, or go back."

_GONE = frozenset({Status.SKIPPED, Status.LEFT_OUT})
_OVER = MET | {Status.FAILED, Status.CANCELLED}


@dataclass(frozen=True, slots=True)
class After:
    """The way back once this step is over. Instants are aware UTC.

    length: None when there is no way back any more, and then `closed` says why; undos 0: nothing to undo; ends: when
    the step is expected to end; latest_safe: until when the way back must then start, None without a deadline; left:
    from `ends` until then; reads: the step changes nothing and never counts as too late.
    """

    address: str
    length: Length | None
    undos: int
    ends: datetime
    deadline: datetime | None = None
    latest_safe: datetime | None = None
    reads: bool = False
    closed: str = ""

    @property
    def left(self) -> timedelta | None:
        """None when nothing limits it."""
        return self.latest_safe - self.ends if self.latest_safe is not None else None

    @property
    def crosses(self) -> bool:
        """Whether the way back would be too late after this step."""
        return not self.reads and self.left is not None and self.left < timedelta()


def ahead(state: RunState, now: Moment) -> Mapping[str, After]:
    """For each forward step of a phase that is not over, by address, in file order. Empty once going back."""
    if state.back is not None:
        return {}
    tally = _Tally(state)
    ends = forecast(state, now)
    found: dict[str, After] = {}
    for phase in state.plan.phases:
        for planned in state.plan.top(phase.id):
            if state.status(planned.address) in _GONE:
                continue
            tally.add(planned)
            if planned.address in ends:
                found[planned.address] = tally.after(planned, ends[planned.address])
    return found


class Foresight:
    """Whether a forward step, begun now, would make the way back too late (see `app.run.crossing.Foresee`).

    A step that puts an item back into service is never held back; nor is anything once the run is going back. What has
    run so far is summed up once for a state and kept for the other steps that the same look asks about.
    """

    def __init__(self) -> None:
        self._tally: _Tally | None = None
        self._forward: frozenset[str] = frozenset()

    def __call__(self, state: RunState, planned: PlannedStep, now: Moment) -> Crossing | None:
        """None when it would not, or when nothing limits the way back."""
        if _unlimited(state) or state.back is not None or planned.role == "finally" or _reads(planned):
            return None
        tally = self._so_far(state)
        if planned.address not in self._forward:
            return None
        tally.add(planned)
        after = tally.after(planned, now.at + (planned.step.est or timedelta()))
        if not after.crosses or after.length is None or after.deadline is None or after.left is None:
            return None
        return Crossing(after.deadline, after.length.slow, -after.left, f"{why_late(state, after)} {_WAYS_ON}")

    def _so_far(self, state: RunState) -> _Tally:
        """A tally of its own for the caller, of what has run in this state."""
        if self._tally is None or self._tally.state is not state:
            if self._tally is None or self._tally.state.plan is not state.plan:
                self._forward = frozenset(one.address for one in state.plan.steps)
            self._tally = _Tally(state)
        return self._tally.copy()


def crossing(state: RunState, planned: PlannedStep, now: Moment) -> Crossing | None:
    """The same for one question alone."""
    return Foresight()(state, planned, now)


def _unlimited(state: RunState) -> bool:
    inputs = state.plan.inputs
    return inputs.window is None and inputs.abort_by is None


def deadline_with(state: RunState, on: frozenset[str]) -> datetime | None:
    """By when the way back must have ended while these modes are on: `abort_by` in downtime, else the window's end."""
    inputs = state.plan.inputs
    window_end = inputs.window[1] if inputs.window else None
    declared = state.plan.runbook.modes
    downtime = any(name in declared and declared[name].downtime for name in on)
    if inputs.abort_by is not None and downtime:
        return inputs.abort_by
    return window_end or inputs.abort_by


def modes_on(state: RunState) -> frozenset[str]:
    """Names of the modes that are on, or may be."""
    return frozenset(name for name, mode in state.modes.items() if mode.since is not None)


def margin_of(length: Length) -> timedelta:
    """What is kept free for the unforeseen."""
    return min(MARGIN, length.slow / 10)


def forecast(state: RunState, now: Moment) -> dict[str, datetime]:
    """When each forward step that is not over is expected to end."""
    return side_by_side(
        state, now.at, lambda one: None if state.status(one.address) in _OVER else _left(state, one, now)
    )


def side_by_side(
    state: RunState, at: datetime, takes: Callable[[PlannedStep], timedelta | None]
) -> dict[str, datetime]:
    """When each forward step ends that begins at `at` or later, the tracks of a phase side by side, by address.

    takes: how long a step takes; None for one that plays no part.
    """
    ends: dict[str, datetime] = {}
    for phase in state.plan.phases:
        tracks: dict[str, datetime] = {}
        for planned in state.plan.top(phase.id):
            length = takes(planned)
            if length is None:
                continue
            track = planned.step.track or ""
            before = [ends[a] for a in planned.after if a in ends]
            begin = max(tracks.get(track, at), gate(state, planned), *before)
            ends[planned.address] = begin + length
            tracks[track] = ends[planned.address]
        at = max([at, *tracks.values()])
    return ends


def gate(state: RunState, planned: PlannedStep) -> datetime:
    """Not before this a step begins; long ago when it may at any time."""
    if planned.step.at is None:
        return datetime.min.replace(tzinfo=state.t0.tzinfo)
    return state.plan.inputs.at(planned.step.at)


def _left(state: RunState, planned: PlannedStep, now: Moment) -> timedelta:
    est = planned.step.est or timedelta()
    step = state.step(planned.address)
    if step.last is not None and step.status in UNDER_WAY | {Status.WAITING}:
        return max(est - now.since(step.last.began), timedelta())
    return est


class _Tally:
    """Sums of the way back by phase, as if one step after the other had run."""

    def __init__(self, state: RunState) -> None:
        self.state = state
        self._phases = [phase.id for phase in state.plan.phases]
        self._rollbacks = {phase.id: phase.rollback for phase in state.plan.phases}
        self._lengths: dict[str, Length] = {}
        self._undos: dict[str, int] = {}
        self._begun: set[str] = set()
        self._final = {c.address: c.says for c in state.crossings if c.kind == "final"}
        self._on = modes_on(state)
        self._counted: set[str] = set()
        self._around: dict[str, Length] = {}
        for address in state.started:
            planned = state.plan.by_address.get(address)
            if planned is not None and (state.step(address).started or state.status(address) is Status.DONE):
                self._count(planned)

    def copy(self) -> _Tally:
        """One that goes on by itself."""
        one = copy(self)
        one.__dict__.update({k: v.copy() for k, v in self.__dict__.items() if isinstance(v, (dict, set))})
        return one

    def add(self, planned: PlannedStep) -> None:
        """This step runs, with all that is inside of it."""
        self._count(planned)
        for one in _inside(self.state, planned):
            self._count(one)
        over = self.state.status(planned.address) in MET
        if not over:
            self._on = (self._on | frozenset(planned.step.enter)) - frozenset(planned.step.leave)
        boundary = planned.step.boundary
        if boundary is not None and boundary.kind == "final":
            self._final.setdefault(planned.address, boundary.says)

    def after(self, planned: PlannedStep, ends: datetime) -> After:
        """The way back from the end of this step."""
        scope = self._scope(planned.phase)
        within = self._phases if scope == "start" else self._phases[self._phases.index(scope) :]
        reads = _reads(planned)
        closed = self._closed(within)
        if closed:
            return After(planned.address, None, 0, ends, reads=reads, closed=closed)
        undos = sum(self._undos.get(phase, 0) for phase in within)
        length = sum((self._lengths.get(phase, NOTHING) for phase in within), NOTHING)
        if not undos:
            return After(planned.address, length, 0, ends, reads=reads)
        length += self._stands_around(scope, within)
        declared = self.state.plan.runbook.rollback
        if length.unknown and declared.est is not None and scope == (declared.to or scope):
            length = length.at_least(declared.est)
        deadline = deadline_with(self.state, self._on)
        latest = deadline - length.slow - margin_of(length) if deadline is not None else None
        return After(planned.address, length, undos, ends, deadline, latest, reads)

    def _count(self, planned: PlannedStep) -> None:
        state, phase, address = self.state, planned.phase, planned.address
        if address in self._counted or address in state.undone or phase not in self._rollbacks:
            return
        self._counted.add(address)
        own = self._rollbacks[phase]
        if own is not None and own.how == "steps":
            recipe = state.plan.back.procedure(f"{phase}/rollback")
            undos = [] if phase in self._begun else [p.address for p in recipe]
        else:
            undos = [p.address for p in state.plan.back.undo_of(address) if not p.left_out]
        self._begun.add(phase)
        lengths = [length_of(state, undo, address) for undo in undos]
        self._lengths[phase] = sum(lengths, self._lengths.get(phase, NOTHING))
        self._undos[phase] = self._undos.get(phase, 0) + len(undos)

    def _scope(self, phase: str) -> str:
        declared = self.state.plan.runbook.rollback.to
        order = ["start", *self._phases]
        behind = declared in order and order.index(declared) <= order.index(phase)
        return declared if declared and behind else phase

    def _closed(self, within: list[str]) -> str:
        by_address = self.state.plan.by_address
        for address, says in self._final.items():
            if address in by_address and by_address[address].phase in within:
                return says
        for phase in within:
            own = self._rollbacks[phase]
            if own is not None and own.how in {"none", "rerun"} and phase in self._begun:
                return "the runbook gives this phase no way back by undos"
        return ""

    def _stands_around(self, scope: str, within: list[str]) -> Length:
        if scope not in self._around:
            self._around[scope] = length_of_rows(self.state, around(self.state, scope, within))
        return self._around[scope]


def _inside(state: RunState, planned: PlannedStep) -> Iterator[PlannedStep]:
    """The steps of every item of a fan-out, those of fan-outs inside of it included."""
    for batch in state.plan.items(planned.address):
        for item in batch:
            for child in state.plan.children(planned.address, item):
                if not child.left_out:
                    yield child
                    yield from _inside(state, child)


def _reads(planned: PlannedStep) -> bool:
    step = planned.step
    return step.changes in (None, Changes.NOTHING) and not step.enter and step.boundary is None


def why_late(state: RunState, after: After) -> str:
    """Of a step that crosses: how long the way back would take after it, and how much too late that would be."""
    length = after.length
    assert length is not None
    assert after.deadline is not None
    assert after.left is not None
    basis = (
        "by estimates"
        if not length.measured
        else f"p90, {length.n} earlier"
        if not length.is_estimate
        else "partly known"
    )
    local = after.deadline.astimezone(state.plan.inputs.zone)
    both = "" if local.utcoffset() == timedelta() else f", {local:%H:%M:%S %Z}"
    return (
        f"After this step the way back would take {_minutes(length.slow)} ({basis}) and end"
        f" {_minutes(-after.left)} after its deadline of {after.deadline:%H:%M:%S} UTC{both}."
    )


def _minutes(length: timedelta) -> str:
    seconds = round(length.total_seconds())
    if seconds < 60:  # noqa: PLR2004 - below a minute seconds say it
        return f"{max(1, seconds)} s"
    return f"{seconds // 60} min" + (f" {seconds % 60} s" if seconds % 60 else "")
