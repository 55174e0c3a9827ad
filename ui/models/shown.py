"""One look at a run, taken at one instant: everything the panels paint from, so that they never disagree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo

from app.rollback.ahead import After
from app.rollback.forecast import Downtime, Outlook
from app.rollback.loss import Loss, loss_of
from app.rollback.planner import BackPlan
from app.rollback.readiness import Readiness
from app.run.moment import Moment
from app.run.state import RunState, Stage, StepState
from app.runbook.order import PlannedStep
from app.session import Focus, Session, View

NO_LOSS = Loss(lossy=False)


@dataclass(frozen=True, slots=True)
class Shown:
    """A run as it is shown. `address` is the step looked at: the focus, or one that a person chose (`browsing`).

    driver: who drives when this window only watches, "" when nobody does; driving: whether this window drives.
    """

    state: RunState
    now: Moment
    back: BackPlan
    outlook: Outlook
    readiness: Readiness
    focus: Focus
    address: str
    zone: tzinfo
    operator: str
    driving: bool = True
    driver: str = ""
    peeking: bool = False
    loss: Loss = NO_LOSS
    ahead: Mapping[str, After] = field(default_factory=dict)

    @property
    def browsing(self) -> bool:
        """Whether the step on show is not the one thing now."""
        return self.address != self.focus.address

    @property
    def planned(self) -> PlannedStep | None:
        """The step looked at."""
        return self.state.plan.by_address.get(self.address)

    @property
    def step(self) -> StepState:
        """What is known of the step looked at."""
        return self.state.step(self.address)

    @property
    def going_back(self) -> bool:
        """Whether the way back was started, whatever came of it."""
        return self.state.back is not None

    def downtime(self) -> Downtime | None:
        """The mode whose clock stands in the head: one that counts as downtime and is on, else any that counts."""
        counting = [mode for mode in self.outlook.modes if mode.counts]
        return next((mode for mode in counting if mode.on), counting[0] if counting else None)

    def age(self, moment: Moment | None) -> timedelta:
        """How long ago that was; nothing when it never was."""
        return self.now.since(moment) if moment is not None else timedelta()

    @property
    def over(self) -> bool:
        """Whether nobody may act in the run any more."""
        return self.state.stage is Stage.CLOSED


@dataclass(frozen=True, slots=True)
class Gaze:
    """What the person at the window is looking at. `address` "" follows the focus; `scope` "" the runbook's own."""

    operator: str
    zone: tzinfo
    address: str = ""
    scope: str = ""
    peeking: bool = False


def look(view: View, gaze: Gaze, *, driving: bool, driver: str = "") -> Shown:
    """Take one look. Milliseconds for thousands of steps; call it at most once per repaint."""
    state = view.state
    # what counts down is what somebody asked for, wherever this window looks
    back = view.way_back(state.countdown.scope if state.countdown is not None else gaze.scope)
    # Where another console drives on, the clocks of a window that let go stand as they stood: nothing here is live.
    now = state.now if driver and isinstance(view, Session) else view.moment()
    focus = view.current()
    chosen = gaze.address if gaze.address in state.plan.by_address else ""
    return Shown(
        state=state,
        now=now,
        back=back,
        outlook=view.outlook(back.scope),
        readiness=view.readiness(back.scope),
        focus=focus,
        address=chosen or focus.address,
        zone=gaze.zone,
        operator=gaze.operator,
        driving=driving,
        driver=driver,
        peeking=gaze.peeking,
        loss=loss_of(state, back, now),
        ahead=view.ahead(),
    )
