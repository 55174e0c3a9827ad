"""Whether the way back is open, as one word with its reasons."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.rollback.planner import NOTHING_YET, BackPlan, plan_back
from app.run.state import UNDER_WAY, RunState, Stage, Status


class Word(StrEnum):
    """The state of the way back, in the capitals it is shown in."""

    ARMED = "ARMED"
    DEGRADED = "DEGRADED"
    UNARMED = "UNARMED"
    PAST = "PAST POINT OF NO RETURN"
    ROLLING_BACK = "ROLLING BACK"
    ROLLED_BACK = "ROLLED BACK"


@dataclass(frozen=True, slots=True)
class Readiness:
    """`headline` says it in a few words; `reasons` are facts, most important first."""

    word: Word
    headline: str
    reasons: tuple[str, ...] = ()


def readiness(state: RunState, back: BackPlan) -> Readiness:
    """What is known from the record; probes of the targets are not part of it and the reasons say so."""
    if state.stage is Stage.ROLLING_BACK and state.back is not None:
        return _rolling_back(state)
    if state.stage in {Stage.ROLLED_BACK, Stage.INCOMPLETE}:
        return _rolled_back(state)
    if back.zone == "final":
        return Readiness(Word.PAST, "there is no way back from here", (back.refusal,))
    if not state.started or (back.refusal == NOTHING_YET and plan_back(state, "start").refusal == NOTHING_YET):
        return Readiness(Word.ARMED, "nothing has been changed yet", ("nothing to undo", "not rehearsed"))
    if back.refusal:
        return Readiness(Word.UNARMED, "the way back is not open", (back.refusal,))
    return _open(state, back)


def _rolling_back(state: RunState) -> Readiness:
    assert state.back is not None
    rows = [r for r in state.back.rows if r.part != "nothing"]
    over = sum(1 for r in rows if state.status(r.address) in {Status.DONE, Status.SKIPPED, Status.LEFT_OUT})
    failed = [r.address for r in rows if state.status(r.address) in {Status.FAILED, Status.IN_DOUBT}]
    headline = f"{over} of {len(rows)} done"
    who = "the runbook" if state.back.by == "runbook" else state.back.by
    reasons = [f"{failed[0]} needs you"] if failed else []
    return Readiness(Word.ROLLING_BACK, headline, (*reasons, f"{who} started it at {state.back.began.at:%H:%M:%S} UTC"))


def _rolled_back(state: RunState) -> Readiness:
    assert state.back is not None
    if state.stage is Stage.INCOMPLETE:
        return Readiness(Word.DEGRADED, "the rollback is incomplete", (state.back.outcome,))
    if any(row.part == "verify" for row in state.back.rows):
        return Readiness(Word.ROLLED_BACK, "every undo is done and verified", ())
    return Readiness(Word.ROLLED_BACK, "every undo is done", ("the runbook verifies nothing in this scope",))


def _open(state: RunState, back: BackPlan) -> Readiness:
    trouble = [
        f"{a} is in doubt; going back asks that first"
        for a, s in state.steps.items()
        if s.status is Status.IN_DOUBT or (s.status in UNDER_WAY and s.status in {Status.UNKNOWN, Status.ASKING})
    ]
    trouble += [f"{row.undoes}: {row.reason}" for row in back.rows if row.part == "nothing" and "no undo" in row.reason]
    trouble += [f"{name} was never made" for name in _missing(state)]
    if back.zone == "lossy":
        trouble.append(f"loses: {back.loses}")
    if trouble:
        return Readiness(Word.DEGRADED, "going back works, with a caveat", tuple(trouble))
    facts = ["every started step can be undone", *(f"{name} made" for name in state.artifacts), "not rehearsed"]
    return Readiness(Word.ARMED, facts[0], tuple(facts[1:]))


def _missing(state: RunState) -> tuple[str, ...]:
    """Artefacts that the way back uses and nothing has made yet, though steps that need them have started."""
    wanted = state.plan.runbook.rollback.uses
    return tuple(name for name in wanted if name not in state.artifacts and _maker_is_over(state, name))


def _maker_is_over(state: RunState, artifact: str) -> bool:
    makers = [p.address for p in state.plan.steps if artifact in p.step.makes]
    return any(state.status(m) in {Status.FAILED, Status.SKIPPED, Status.LEFT_OUT} for m in makers)
