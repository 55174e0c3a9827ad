"""What both doors show of a run: the state, the way back, the clocks, and the one thing that matters now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.journal.reader import Reader
from app.rollback.ahead import After, ahead
from app.rollback.forecast import Outlook, outlook
from app.rollback.loss import Loss, loss_of
from app.rollback.needs import Need, needed_back
from app.rollback.planner import BackPlan, plan_back, scopes
from app.rollback.readiness import Readiness, readiness
from app.run.account import Line, account
from app.run.dead_man import gone_off
from app.run.dead_man_state import GONE, KEEP
from app.run.decide import blocked_by_person
from app.run.moment import Moment
from app.run.state import UNDER_WAY, RunState, Stage, Status, StepState
from app.runbook.load import Loaded
from app.session.opening import kinds

_ENDED_BADLY = (Status.FAILED, Status.CANCELLED, Status.FENCED)
_RULINGS = ("retry", "skip", "mark-done", "mark-failed")


@dataclass(frozen=True, slots=True)
class Focus:
    """The one thing now.

    why: doubt, failed, question, gate, running, waiting, held, stopped, finished, rolled-back, incomplete, closed,
    counting-down, or proposed (a trigger wants to go back: `state.proposal`); verbs: what an operator may say about it
    (answers, rulings, stop, release, roll-back, hold-off).
    """

    address: str
    why: str
    verbs: tuple[str, ...] = ()


class View:
    """The reading half of a session."""

    def __init__(self, path: Path, loaded: Loaded) -> None:
        self.path = path
        self.loaded = loaded
        self._kinds = kinds()
        self._foreseen: tuple[object, int, Mapping[str, After]] | None = None
        self._needed: tuple[object, Sequence[object], tuple[Need, ...]] | None = None

    @property
    def state(self) -> RunState:
        """The newest state; never changes in place."""
        raise NotImplementedError

    @property
    def run(self) -> str:
        """The run's id."""
        return self.state.run

    def moment(self) -> Moment:
        """This instant."""
        raise NotImplementedError

    def reader(self) -> Reader:
        """The record, for paging and filtering. Each call opens one; close it."""
        return Reader(self.path)

    def way_back(self, scope: str = "") -> BackPlan:
        """What a rollback would do from here."""
        return plan_back(self.state, scope)

    def scopes(self) -> tuple[str, ...]:
        """How far back one may go, nearest first."""
        return scopes(self.state)

    def outlook(self, scope: str = "") -> Outlook:
        """The clocks."""
        return outlook(self.state, self.way_back(scope), self.moment())

    def readiness(self, scope: str = "") -> Readiness:
        """Whether the way back is open, by what the record says and by what was seen of its targets."""
        state, back = self.state, self.way_back(scope)
        return readiness(state, back, self.moment(), self._needs(state, back))

    def ahead(self) -> Mapping[str, After]:
        """What each step still to come does to the way back, by address; worked out once a second, or as steps move."""
        state, now = self.state, self.moment()
        known = self._foreseen
        if known is None or known[0] is not state.steps or known[1] != int(now.at.timestamp()):
            self._foreseen = known = (state.steps, int(now.at.timestamp()), ahead(state, now))
        return known[2]

    def _needs(self, state: RunState, back: BackPlan) -> tuple[Need, ...]:
        """Worked out anew only when something happened to a step: the panels ask four times a second."""
        rows = state.back.rows if state.back is not None else back.rows
        known = self._needed
        if known is None or known[0] is not state.steps or known[1] != rows:
            self._needed = known = (state.steps, rows, needed_back(state, rows, self._kinds))
        return known[2]

    def loss(self, scope: str = "") -> Loss:
        """What going back costs in rows."""
        return loss_of(self.state, self.way_back(scope), self.moment())

    def account(self) -> tuple[Line, ...]:
        """What became of every attempt."""
        return account(self.state)

    def current(self) -> Focus:
        """The one thing now."""
        return focus(self.state)


def focus(state: RunState) -> Focus:
    """A countdown leads, then doubt, which blocks the way back, a trigger that wants back, and whatever else is so."""
    if state.stage is Stage.CLOSED:
        return Focus("", "closed")
    return _urgent(state) or _calm(state)


def _urgent(state: RunState) -> Focus | None:
    """What needs a person."""
    if state.countdown is not None:
        return Focus(_running(state), "counting-down", ("call-off", "now"))
    waiting = {p.address: state.step(p.address) for p in blocked_by_person(state)}
    doubt = next((s for s in waiting.values() if s.status is Status.IN_DOUBT), None)
    if doubt is not None:
        return Focus(doubt.address, "doubt", _verbs(doubt))
    if state.proposal is not None:
        return Focus(_running(state) or _next(state), "proposed", ("roll-back", "hold-off"))
    found = [s for word in _ENDED_BADLY for s in waiting.values() if s.status is word]
    if found:
        return Focus(found[0].address, "failed", _verbs(found[0]))
    asked = next((s for s in waiting.values() if s.question is not None), None)
    if asked is not None:
        assert asked.question is not None
        why = "gate" if asked.question.wants == "gate" else "question"
        return Focus(asked.address, why, _verbs(asked))
    return None


def _calm(state: RunState) -> Focus:
    running = _running(state)
    if running:
        return Focus(running, "running", ("stop",))
    ends = {
        Stage.STOPPED: ("stopped", ("release",)),
        Stage.FINISHED: ("finished", ("close",)),
        Stage.ROLLED_BACK: ("rolled-back", ("close",)),
        Stage.INCOMPLETE: ("incomplete", ("close",)),
    }
    if state.stage is Stage.STOPPED and gone_off(state) is not None:
        return Focus("", "stopped", ("close",))
    if state.stage in ends:
        why, verbs = ends[state.stage]
        return Focus("", why, verbs)
    if state.held:
        return Focus(_next(state), "held", ("release",))
    return Focus(_next(state), "waiting")


def _running(state: RunState) -> str:
    """The newest attempt under way; an item before the fan-out it belongs to."""
    live = [s for s in state.steps.values() if s.status in UNDER_WAY and s.last is not None]
    live.sort(key=lambda s: (s.last.kind == "each" if s.last else False, -(s.last.began.mono_ns if s.last else 0)))
    return live[0].address if live else ""


def _next(state: RunState) -> str:
    if state.back is not None and state.stage is Stage.ROLLING_BACK:
        rows = (r.address for r in state.back.rows if r.address)
        return next((a for a in rows if state.status(a) is Status.PENDING), "")
    return next((p.address for p in state.plan.steps if state.status(p.address) is Status.PENDING and not p.parent), "")


def _verbs(step: StepState) -> tuple[str, ...]:
    if step.question is not None:
        if step.question.wants in {"gate", KEEP, GONE}:
            return step.question.options
        return (*step.question.options, "skip", "mark-failed")
    if step.status is Status.IN_DOUBT:
        return ("ask-again", "mark-done", "retry", "mark-failed", "skip")
    return _RULINGS
