"""The one step on show, as words: title, state, instructions, exact text, checks, and what can be said about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from app.reports.held_back import held_back
from app.run.state import MET, UNDER_WAY, Attempt, RunState, Status, StepState
from app.runbook.kind import Kinds
from app.runbook.order import PlannedStep
from ui import words
from ui.glyphs import Glyph
from ui.models.back_clock import after_checks
from ui.models.checks import checks_of
from ui.models.exact import exact_text, sides
from ui.models.naming import GLYPHS, number_of, owner_of, people_of, title_of
from ui.models.shown import Shown
from ui.models.verbs import Verb, primary_of, verbs_of
from ui.tokens import Tone
from ui.widgets.check_row import CheckView
from ui.widgets.chip import ChipView
from ui.widgets.side_chip import SideView

_ASKED = frozenset({"check", "decide"})


@dataclass(frozen=True, slots=True)
class QuestionView:
    """What a person is asked: the words, items to tick, who may answer, and who has answered so far."""

    wants: str
    text: str
    items: tuple[str, ...]
    people: tuple[str, ...]
    answers: tuple[CheckView, ...]
    need: int
    answered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CurrentView:
    """Everything the panel of one step says. `runs` is the label of the exact text ("Runs", "Ran", "Runs next")."""

    address: str
    number: str
    title: str
    chip: ChipView
    right: str
    text: str
    runs: str = ""
    exact: str = ""
    limit: str = ""
    sides: tuple[SideView, ...] = ()
    trouble: str = ""
    checks: tuple[CheckView, ...] = ()
    question: QuestionView | None = None
    writes: bool = False
    output: str = ""
    verbs: tuple[Verb, ...] = ()
    primary: Verb | None = None
    then: str = ""
    edge: Tone | None = None


def current_view(shown: Shown, kinds: Kinds) -> CurrentView | None:
    """The step on show; None when there is none."""
    planned = shown.planned
    if planned is None:
        return None
    step = shown.step
    status = shown.state.status(planned.address)
    asked = planned.step.kind in _ASKED
    primary = primary_of(shown, planned)
    return CurrentView(
        address=planned.address,
        number=number_of(planned),
        title=title_of(planned),
        chip=chip_of(shown, planned),
        right=words.joined(owner_of(shown.state, planned), _time_of(shown, planned)),
        text=flowing(planned.step.text),
        runs="" if asked else _runs(step),
        exact="" if asked else exact_text(shown.state, planned, kinds),
        limit=_limit(planned),
        sides=() if asked else sides(shown.state, planned, kinds),
        trouble=_trouble(shown.state, step, status),
        checks=(*checks_of(shown, planned), *after_checks(shown, planned)),
        question=_question(shown, planned),
        writes=not asked and planned.step.kind != "each" and step.last is not None,
        output=_heard(shown, planned),
        verbs=verbs_of(shown, planned),
        primary=primary,
        then=_then(shown, planned),
        edge=_edge(status),
    )


def flowing(text: str) -> str:
    """Written text as it flows: lines of a paragraph join, blank lines and list items stay apart."""
    parts: list[str] = []
    for line in text.strip().splitlines():
        bare = line.strip()
        fresh = not parts or not bare or not parts[-1] or bare[:2] in {"- ", "* "} or bare[:1].isdigit()
        if fresh:
            parts.append(bare)
        else:
            parts[-1] = f"{parts[-1]} {bare}"
    return "\n".join(parts)


def chip_of(shown: Shown, planned: PlannedStep) -> ChipView:
    """The pill beside the title."""
    state = shown.state
    step, status = state.step(planned.address), state.status(planned.address)
    if planned.address in state.undone:
        return ChipView("Undone", Glyph.UNDONE)
    if step.question is not None:
        return ChipView("Your turn", Glyph.DECISION, words.duration(shown.age(step.question.asked)))
    if status in UNDER_WAY and step.last is not None:
        word = "Running" if status is Status.RUNNING else status.value.capitalize()
        return ChipView(word, Glyph.RUNNING, words.duration(shown.age(step.last.began)))
    if step.last is not None and step.last.ended is not None and status in MET | {Status.FAILED}:
        word = "Failed after" if status is Status.FAILED else status.value.capitalize()
        return ChipView(word, GLYPHS[status], _length(step.last))
    if status is Status.PENDING:
        return _pending(shown, planned)
    return ChipView(status.value.capitalize(), GLYPHS[status])


def _length(attempt: Attempt) -> str:
    return words.took(attempt.ended.since(attempt.began)) if attempt.ended is not None else ""


def _pending(shown: Shown, planned: PlannedStep) -> ChipView:
    state = shown.state
    step = state.step(planned.address)
    if step.retry_from is not None and step.retry_after_ms:
        left = timedelta(milliseconds=step.retry_after_ms) - shown.now.since(step.retry_from)
        if left > timedelta():
            return ChipView("Tries again", Glyph.WAITING, words.remaining(left))
    if planned.step.at is not None:
        at = state.plan.inputs.at(planned.step.at)
        if at > shown.now.at:
            return ChipView(f"Not before {planned.step.at}", Glyph.WAITING, words.remaining(at - shown.now.at))
    word = "Held" if state.held else "Next" if planned.address == shown.focus.address else "To come"
    return ChipView(word, Glyph.DECISION if state.held else Glyph.WAITING)


def _time_of(shown: Shown, planned: PlannedStep) -> str:
    step, est = shown.state.step(planned.address), planned.step.est
    if step.last is None:
        return words.about(est) if est is not None else ""
    spent = step.last.ended.since(step.last.began) if step.last.ended else shown.age(step.last.began)
    attempt = f"attempt {step.last.number}" if step.last.number > 1 else ""
    of = f" of ~{words.took(est)}" if est is not None else ""
    return words.joined(f"{words.took(spent)}{of}", attempt)


def _runs(step: StepState) -> str:
    if step.last is None:
        return "Runs next"
    return "Runs" if step.status in UNDER_WAY else "Ran"


def _limit(planned: PlannedStep) -> str:
    if planned.step.max is not None:
        return f"stops by itself after {words.duration(planned.step.max)}"
    timeout = getattr(planned.step.body, "timeout", None)
    return f"gives up after {words.duration(timeout)}" if isinstance(timeout, timedelta) else ""


def _trouble(state: RunState, step: StepState, status: Status) -> str:
    if status in {Status.FAILED, Status.CANCELLED, Status.IN_DOUBT} and step.last is not None:
        said = (step.last.summary or step.reason or status.value).rstrip(".")
        limit = "Its time limit ended it: " if step.last.timed_out else ""
        return f"{limit}{said}. {held_back(state, step.address) or 'Nothing goes on until you choose.'}"
    return step.reason if status in {Status.SKIPPED, Status.LEFT_OUT} else ""


def _question(shown: Shown, planned: PlannedStep) -> QuestionView | None:
    question = shown.step.question
    if question is None:
        return None
    people = people_of(shown.state, question.by)
    if question.wants == "approval":
        people = tuple(name for name in people if name != shown.state.operator)
    answers = tuple(_answer(by, value, note) for by, value, note in question.answers)
    given = tuple(by for by, _, _ in question.answers)
    items = question.items if question.wants == "confirm" else ()
    return QuestionView(question.wants, question.text, items, people, answers, question.need, given)


def _answer(by: str, value: str, note: str) -> CheckView:
    good = value in {"go", "done", "approve", "continue"}
    return CheckView(by, Glyph.DONE if good else Glyph.FAILED, words.joined(value, note))


def _heard(shown: Shown, planned: PlannedStep) -> str:
    last = shown.step.last
    if last is None or planned.step.kind in _ASKED:
        return ""
    if last.contact_lost is not None:
        return f"no contact for {words.duration(shown.age(last.contact_lost))}; what it began there goes on"
    seen = f"seen from {last.seen_from}" if last.seen_from and last.ended is not None else ""
    return words.joined(last.target, seen)


def _then(shown: Shown, planned: PlannedStep) -> str:
    """What comes after: the next step of the plan that has not started."""
    state = shown.state
    if shown.going_back and state.back is not None:
        order = [r.address for r in state.back.rows if r.address]
    else:
        order = [p.address for p in state.plan.steps if not p.parent and not p.left_out]
    address = planned.parent if planned.parent in order else planned.address
    if address not in order:
        return ""
    for later in order[order.index(address) + 1 :]:
        if state.status(later) is Status.PENDING:
            return f"Then: {title_of(state.plan.by_address[later])}"
    return "Then nothing more"


def _edge(status: Status) -> Tone | None:
    if status in {Status.FAILED, Status.CANCELLED}:
        return Tone.BAD
    return Tone.WARN if status is Status.IN_DOUBT else None
