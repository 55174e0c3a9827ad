"""The way back, computed from what really started: last started first, the half-done step included.

`plan_back` is asked all the time, so that the plan stands beside the button before anybody presses it; the engine
records the same rows as RollbackPlanned.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from app.rollback.times import NOTHING, Length, length_of_rows
from app.run.phases import crossed, own_scope, phase_of, phases_back, started_in
from app.run.state import BackRow, Countdown, Crossing, RunState, Stage, Status
from app.runbook.model_step import NoUndo
from app.runbook.order import PlannedStep

NOTHING_YET = "Nothing in this scope has changed anything, so there is nothing to undo."
"""The one refusal that is good news."""


@dataclass(frozen=True, slots=True)
class BackPlan:
    """The way back from here.

    scope: "start" or a phase id; rows in the order they run; zone: "lossless", "lossy" or "final"; loses: what a lossy
    way back loses, in the runbook's words; refusal: why there is no way back, "" when there is one; length: how long it
    takes, from earlier runs and from estimates.
    """

    scope: str
    title: str
    rows: tuple[BackRow, ...] = ()
    zone: str = "lossless"
    loses: str = ""
    refusal: str = ""
    length: Length = NOTHING

    @property
    def estimate(self) -> timedelta:
        """How long it usually takes, as far as anybody can tell."""
        return self.length.usual

    @property
    def unknown(self) -> int:
        """How many of its steps have neither an earlier time nor an estimate."""
        return self.length.unknown

    @property
    def undos(self) -> int:
        """How many rows do something, verify and tell aside."""
        return sum(1 for row in self.rows if row.part not in {"nothing", "verify"})

    @property
    def checks(self) -> int:
        """How many verify steps must pass at the end."""
        return sum(1 for row in self.rows if row.part == "verify")


def scopes(state: RunState) -> tuple[str, ...]:
    """What the operator may choose from: phases with something started, newest first, then "start"."""
    phases = [p.id for p in state.plan.phases if started_in(state, p.id)]
    return (*reversed(phases), "start") if phases else ()


def plan_back(state: RunState, scope: str = "") -> BackPlan:
    """The way back to `scope` ("" for the runbook's own choice). Never raises: a refusal is part of the answer."""
    chosen = scope or own_scope(state)
    ids = [p.id for p in state.plan.phases]
    if chosen != "start" and chosen not in ids:
        return BackPlan(chosen, chosen, refusal=f"There is no phase `{chosen}`: {', '.join(ids)} or start.")
    title = "the start" if chosen == "start" else f"the beginning of {_phase_title(state, chosen)}"
    within = list(phases_back(state, chosen))
    behind = crossed(state, chosen)
    refusal = _refusal(state, within, behind)
    rows = () if refusal else _rows(state, chosen, within)
    if not refusal and not any(row.part in {"undo", "recipe", "nothing"} for row in rows):
        refusal = NOTHING_YET
    length = _length(state, chosen, rows)
    zone = "final" if any(c.kind == "final" for c in behind) else "lossy" if behind else "lossless"
    loses = "; ".join(c.says for c in behind if c.kind == "lossy")
    return BackPlan(chosen, title, rows if not refusal else (), zone, loses, refusal, length)


def refused_now(plan: BackPlan, down: Countdown | None) -> str:
    """Why the way back does not begin at zero although it was asked for; "" when it does.

    A trigger accepts no loss, and who pressed while nothing was lost has not accepted what is lost by now.
    """
    if plan.refusal or plan.zone == "lossless" or (down is not None and down.accepts):
        return plan.refusal
    return f"Going back now loses: {plan.loses.rstrip('. ')}. Nobody has accepted that."


def around(state: RunState, scope: str, within: list[str]) -> tuple[BackRow, ...]:
    """What stands around the undos of a scope: what runs before and after them, and the checks at the end."""
    return (
        *_procedure(state, "rollback/before", "before"),
        *_procedure(state, "rollback/after", "after"),
        *_verify_rows(state, scope, within),
    )


def _phase_title(state: RunState, phase: str) -> str:
    return next((p.title or p.id for p in state.plan.phases if p.id == phase), phase)


def _refusal(state: RunState, within: list[str], behind: tuple[Crossing, ...]) -> str:
    if state.stage is Stage.CLOSED:
        return "The run is closed."
    final = next((c for c in behind if c.kind == "final"), None)
    if final is not None:
        return _past_final(final)
    for phase in state.plan.phases:
        if phase.id not in within or not started_in(state, phase.id) or phase.rollback is None:
            continue
        if phase.rollback.how == "none":
            return f"{phase.title or phase.id} has no way back, says the runbook."
        if phase.rollback.how == "rerun":
            swaps = ", ".join(f"{a} and {b}" for a, b in phase.rollback.swap)
            other = f" with {swaps} exchanged" if swaps else ""
            names = ", ".join(phase.rollback.phases)
            return f"{phase.title or phase.id} goes back by a new run of {names}{other}. Start it with `tminus run`."
    return ""


def _past_final(crossing: Crossing) -> str:
    return f"Past the point of no return since {crossing.at.at:%H:%M:%S} UTC: {crossing.says}"


def _rows(state: RunState, scope: str, within: list[str]) -> tuple[BackRow, ...]:
    rows = [*_procedure(state, "rollback/before", "before")]
    recipes: set[str] = set()
    for address in reversed(state.started):
        phase = phase_of(state, address)
        if phase not in within or address in state.undone:
            continue
        own = next(p for p in state.plan.phases if p.id == phase).rollback
        if own is not None and own.how == "steps":
            if phase not in recipes:
                recipes.add(phase)
                rows += [BackRow(r.address, "", "recipe") for r in state.plan.back.procedure(f"{phase}/rollback")]
            continue
        rows += _undo_rows(state, state.plan.by_address[address])
    rows += _procedure(state, "rollback/after", "after")
    rows += _verify_rows(state, scope, within)
    return tuple(rows)


def _procedure(state: RunState, name: str, part: str) -> list[BackRow]:
    return [BackRow(p.address, "", part) for p in state.plan.back.procedure(name) if not p.left_out]


def _undo_rows(state: RunState, planned: PlannedStep) -> list[BackRow]:
    step = state.step(planned.address)
    if not step.started and step.status is not Status.DONE:
        return []
    finals = _open_finals(state, planned)
    if isinstance(planned.step.undo, NoUndo):
        return [*finals, BackRow("", planned.address, "nothing", planned.step.undo.reason)]
    undos = [p for p in state.plan.back.undo_of(planned.address) if not p.left_out]
    if undos:
        return [*finals, *(BackRow(p.address, planned.address, "undo") for p in undos)]
    changes = planned.step.changes
    if changes is None or changes.value == "nothing" or planned.step.kind == "each" or planned.parent:
        return finals
    return [*finals, BackRow("", planned.address, "nothing", "the runbook gives no undo")]


def _open_finals(state: RunState, planned: PlannedStep) -> list[BackRow]:
    """`finally` steps of items that started and were not put back into service."""
    if planned.step.kind != "each":
        return []
    rows = []
    for batch in state.plan.items(planned.address):
        for item in batch:
            children = state.plan.children(planned.address, item)
            if not any(state.step(c.address).started for c in children):
                continue
            finals = [c for c in children if c.role == "finally"]
            rows += [BackRow(c.address, "", "finally") for c in finals if state.status(c.address) is not Status.DONE]
    return rows


def _verify_rows(state: RunState, scope: str, within: list[str]) -> list[BackRow]:
    own = [r for phase in within[:1] for r in _procedure(state, f"{phase}/verify", "verify")]
    if own and scope != "start":
        return own
    rollback = state.plan.runbook.rollback
    declared = rollback.to
    if declared in (None, "start", scope) or scope == "start" or declared in within:
        return [*_procedure(state, "rollback/verify", "verify")]
    return []


def _length(state: RunState, scope: str, rows: tuple[BackRow, ...]) -> Length:
    """The sum of the rows; what the runbook declares when that is more and some of them are not known."""
    length = length_of_rows(state, rows)
    rollback = state.plan.runbook.rollback
    declared = rollback.est if scope == (rollback.to or scope) else None
    return length.at_least(declared) if length.unknown and declared is not None else length
