"""What an operator may say about the step on show: the one obvious next thing, and the rest."""

from __future__ import annotations

from dataclasses import dataclass

from app.run.dead_man_state import CONFIRM, GONE, KEEP
from app.run.state import Stage, Status
from app.runbook.order import PlannedStep
from ui.models.naming import people_of, title_of
from ui.models.shown import Shown


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb by its key, and the words on its button. `value` is the answer where it is one.

    risky: it gives away a protection, so no filled button invites to it.
    """

    key: str
    words: str
    value: str = ""
    risky: bool = False


HOLD = Verb("hold", "Hold")
RELEASE = Verb("release", "Go on")


def primary_of(shown: Shown, planned: PlannedStep) -> Verb | None:
    """The one obvious next action; None while there is nothing to do but watch."""
    if shown.over:
        return None
    if shown.browsing:
        return Verb("follow", "Back to now")
    question = shown.step.question
    if question is not None:
        return _answer(shown, planned, question.wants)
    if shown.focus.why == "failed":
        return Verb("retry", f"Retry {_short(planned)}")
    if shown.state.held:
        return RELEASE
    return None


def verbs_of(shown: Shown, planned: PlannedStep) -> tuple[Verb, ...]:
    """The other verbs, in the order of their buttons."""
    if shown.over or shown.browsing:
        return ()
    verbs = [*_about(shown, planned)]
    if shown.state.stage in {Stage.FORWARD, Stage.ROLLING_BACK} and not shown.state.held:
        verbs.append(HOLD)
    return tuple(verbs)


def _about(shown: Shown, planned: PlannedStep) -> tuple[Verb, ...]:
    question, status = shown.step.question, shown.step.status
    if question is not None:
        if question.wants in {"gate", KEEP, GONE}:
            return ()
        against = {
            "decision": Verb("no-go", "No-go\u2026", "no-go"),
            "confirm": Verb("not-done", "Not done\u2026", "failed"),
        }
        first = (against[question.wants],) if question.wants in against else ()
        return (*first, Verb("skip", "Skip\u2026"))
    if status in {Status.FAILED, Status.CANCELLED}:
        return (Verb("skip", "Skip\u2026"), Verb("mark-done", "Mark done\u2026"))
    if status is Status.RUNNING and planned.step.kind not in {"each", "check", "decide"}:
        return () if planned.step.uninterruptible else (Verb("stop", "Stop this step\u2026"),)
    return ()


def _answer(shown: Shown, planned: PlannedStep, wants: str) -> Verb:
    if wants == "gate":
        return Verb("continue", f"Continue with {_next_item(shown, planned)}", "continue")
    return _ANSWERS.get(wants, Verb("done", "Done", "done"))


_ANSWERS = {
    KEEP: Verb(CONFIRM, "Keep it", CONFIRM),
    GONE: Verb(GONE, "It is gone for good\u2026", GONE, risky=True),
    "approval": Verb("approve", "Approve", "approve"),
    "override": Verb("override", "Begin all the same\u2026", "override", risky=True),
    "decision": Verb("go", "Go", "go"),
}
"""What is asked -> its answer; anything else is done."""


def _next_item(shown: Shown, planned: PlannedStep) -> str:
    state = shown.state
    for batch in state.plan.items(planned.address):
        for item in batch:
            children = state.plan.children(planned.address, item)
            if all(state.status(c.address) is Status.PENDING for c in children):
                return item if len(batch) == 1 else f"{item} and {len(batch) - 1} more"
    return "the rest"


def answerers(shown: Shown) -> tuple[str, ...]:
    """Who may answer the question on show and has not yet; the operator first when among them."""
    question = shown.step.question
    if question is None:
        return ()
    people = people_of(shown.state, question.by) or (shown.operator,)
    if question.wants == "approval":
        people = tuple(name for name in people if name != shown.state.operator)
    given = {by for by, _, _ in question.answers}
    left = [name for name in people if name not in given]
    return tuple(sorted(left, key=lambda name: name != shown.operator))


def _short(planned: PlannedStep) -> str:
    title = title_of(planned)
    return title if len(title) <= 28 else "this step"
