"""Whether the way back is open, as one word with its reasons: what the record says, and what was seen of its targets.

Old is not live: a look that is older than STALE, or that nobody took, counts as unknown and never as good.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from app.rollback.ahead import deadline_with, modes_on
from app.rollback.needs import Need
from app.rollback.planner import NOTHING_YET, BackPlan, plan_back
from app.run.moment import Moment
from app.run.state import UNDER_WAY, RunState, Stage, Status

STALE = timedelta(seconds=45)
"""A look that is older says nothing any more. Good ones are recorded every 15 s, others as soon as they change."""


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
    """`headline` says it in a few words; `reasons` are facts, most important first; `seen`: what is well, with ages."""

    word: Word
    headline: str
    reasons: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Looks:
    """What the way back needs, sorted by what was seen of it, in words; oldest: the age of the oldest good look."""

    bad: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    good: tuple[str, ...] = ()
    oldest: timedelta = timedelta()

    @property
    def summary(self) -> tuple[str, ...]:
        """`5 of 5 answer, seen 3 s ago`; nothing when nothing was seen to be well."""
        if not self.good:
            return ()
        whole = len(self.bad) + len(self.unknown) + len(self.good)
        answer = "answers" if whole == 1 else "answer"
        return (f"{len(self.good)} of {whole} {answer}, seen {_age(self.oldest)} ago",)


def readiness(state: RunState, back: BackPlan, now: Moment, needs: Sequence[Need] = ()) -> Readiness:
    """What is known from the record at this moment. needs: of the steps that are left of the way back (`needs_of`)."""
    looks = looks_at(state, needs, now)
    if state.stage is Stage.ROLLING_BACK and state.back is not None:
        return _rolling_back(state, looks)
    if state.stage in {Stage.ROLLED_BACK, Stage.INCOMPLETE}:
        return _rolled_back(state)
    if back.zone == "final":
        return Readiness(Word.PAST, "there is no way back from here", (back.refusal,))
    if not state.started or (back.refusal == NOTHING_YET and plan_back(state, "start").refusal == NOTHING_YET):
        headline = "what was changed is undone" if state.undone else "nothing has been changed yet"
        return Readiness(Word.ARMED, headline, ("nothing to undo", "not rehearsed"))
    if back.refusal:
        return Readiness(Word.UNARMED, "the way back is not open", (back.refusal,))
    return _open(state, back, looks)


def looks_at(state: RunState, needs: Sequence[Need], now: Moment) -> Looks:
    """What was seen of each of these, and how long ago."""
    bad, unknown, good = [], [], []
    for need in needs:
        seen = state.probes.get(need.subject)
        if seen is None:
            unknown.append(f"{need.subject}: not looked at yet")
            continue
        age = now.since(seen.at)
        if age > STALE:
            unknown.append(f"{need.subject}: last seen {_age(age)} ago")
        elif seen.word == "bad":
            bad.append(f"{need.subject}: {seen.detail}")
        elif seen.word == "unknown":
            unknown.append(f"{need.subject}: {seen.detail}")
        else:
            good.append((age, need.subject))
    told = tuple(f"{name} seen {_age(age)} ago" for age, name in good)
    return Looks(tuple(bad), tuple(unknown), told, max((age for age, _ in good), default=timedelta()))


def _rolling_back(state: RunState, looks: Looks) -> Readiness:
    assert state.back is not None
    rows = [r for r in state.back.rows if r.part != "nothing"]
    over = sum(1 for r in rows if state.status(r.address) in {Status.DONE, Status.SKIPPED, Status.LEFT_OUT})
    failed = [r.address for r in rows if state.status(r.address) in {Status.FAILED, Status.IN_DOUBT}]
    headline = f"{over} of {len(rows)} done"
    who = "the runbook" if state.back.by == "runbook" else state.back.by
    reasons = [f"{failed[0]} needs you"] if failed else []
    started = f"{who} started it at {state.back.began.at:%H:%M:%S} UTC"
    return Readiness(Word.ROLLING_BACK, headline, (*reasons, *looks.bad, started))


def _rolled_back(state: RunState) -> Readiness:
    assert state.back is not None
    on = _still_on(state)
    if state.stage is Stage.INCOMPLETE:
        return Readiness(Word.DEGRADED, "the rollback is incomplete", (*on, state.back.outcome))
    if any(row.part == "verify" for row in state.back.rows):
        return Readiness(Word.ROLLED_BACK, "every undo is done and verified", on)
    return Readiness(Word.ROLLED_BACK, "every undo is done", (*on, "the runbook verifies nothing in this scope"))


def _still_on(state: RunState) -> tuple[str, ...]:
    names = [name for name, mode in state.modes.items() if mode.since is not None]
    return (f"still on: {', '.join(names)}",) if names else ()


def _open(state: RunState, back: BackPlan, looks: Looks) -> Readiness:
    doubts = [
        f"{a} is in doubt; going back asks that first"
        for a, s in state.steps.items()
        if s.status is Status.IN_DOUBT or (s.status in UNDER_WAY and s.status in {Status.UNKNOWN, Status.ASKING})
    ]
    caveats = [*doubts, *_caveats(state, back)]
    if looks.bad:
        return Readiness(Word.UNARMED, "going back would fail now", (*looks.bad, *caveats, *looks.unknown), looks.good)
    if looks.unknown and not caveats:
        return Readiness(
            Word.DEGRADED, "nobody knows whether all of it answers", (*looks.unknown, *looks.summary), looks.good
        )
    if caveats:
        return Readiness(
            Word.DEGRADED, "going back works, with a caveat", (*caveats, *looks.unknown, *looks.summary), looks.good
        )
    made = (f"{name} made" for name in state.artifacts if f"artifact {name}" not in state.probes)
    facts = ["every started step can be undone", *looks.summary, "not rehearsed", *made]
    return Readiness(Word.ARMED, facts[0], tuple(facts[1:]), looks.good)


def _caveats(state: RunState, back: BackPlan) -> list[str]:
    """What the record alone holds against going back."""
    found = [f"{row.undoes}: {row.reason}" for row in back.rows if row.part == "nothing" and "no undo" in row.reason]
    found += [f"{name} was never made" for name in _missing(state)]
    if back.zone == "lossy":
        found.append(f"loses: {back.loses}")
    until = deadline_with(state, modes_on(state))
    here = until.isoformat() if until is not None else ""
    said = [one for one in state.overrides if one.deadline == here]
    found += [f"{one.by} overrode its deadline of {one.deadline[11:16]} UTC: {one.reason}" for one in said]
    return found


def _missing(state: RunState) -> tuple[str, ...]:
    """Artefacts that the way back uses and nothing has made yet, though steps that need them have started."""
    wanted = state.plan.runbook.rollback.uses
    return tuple(name for name in wanted if name not in state.artifacts and _maker_is_over(state, name))


def _maker_is_over(state: RunState, artifact: str) -> bool:
    makers = [p.address for p in state.plan.steps if artifact in p.step.makes]
    return any(state.status(m) in {Status.FAILED, Status.SKIPPED, Status.LEFT_OUT} for m in makers)


def _age(age: timedelta) -> str:
    seconds = int(age.total_seconds())
    if seconds < 100:  # noqa: PLR2004 - two digits of seconds are quickly read
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 100 * 60 else f"{seconds // 3600} h"
