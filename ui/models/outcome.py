"""Where the run stands when no single step is at hand: held, stopped, finished, rolled back, incomplete, closed."""

from __future__ import annotations

from dataclasses import dataclass

from app.run.dead_man import gone_off
from app.run.state import MET, Stage, Status
from ui import words
from ui.glyphs import Glyph
from ui.models.loss import loss_facts
from ui.models.naming import numbered, title_of
from ui.models.shown import Shown
from ui.models.verbs import Verb
from ui.tokens import Tone
from ui.widgets.check_row import CheckView

CLOSE = Verb("close", "Close the run\u2026")


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """A headline with its shape, one paragraph, facts, and what can be said now."""

    glyph: Glyph
    tone: Tone
    headline: str
    text: str
    facts: tuple[CheckView, ...]
    verbs: tuple[Verb, ...] = ()
    primary: Verb | None = None


def outcome_view(shown: Shown) -> OutcomeView | None:
    """What the run came to so far; None while a step is on show."""
    if shown.address:
        return None
    why = shown.focus.why
    tell = {
        "finished": _finished,
        "rolled-back": _rolled_back,
        "incomplete": _incomplete,
        "stopped": _stopped,
        "closed": _closed,
    }.get(why)
    if tell is not None:
        return tell(shown)
    held = shown.state.held
    headline = f"Held by {shown.state.held_by}" if held else "Nothing is at hand"
    text = shown.state.held_reason if held else "The next step starts by itself when its time comes."
    primary = Verb("release", "Go on") if held else None
    return OutcomeView(Glyph.DECISION if held else Glyph.WAITING, Tone.WARN, headline, text, _facts(shown), (), primary)


def _finished(shown: Shown) -> OutcomeView:
    text = "Every step is over. The run stays open, so that Roll back still works; close it when nobody will need that."
    return OutcomeView(Glyph.DONE, Tone.OK, "Finished", text, _facts(shown), (), CLOSE)


def _rolled_back(shown: Shown) -> OutcomeView:
    checked = shown.state.back is not None and any(row.part == "verify" for row in shown.state.back.rows)
    proof = ", and the checks at the end are green." if checked else ". The runbook verifies nothing in this scope."
    text = f"Everything that was started is undone{proof}"
    return OutcomeView(Glyph.DONE, Tone.OK, "Rolled back", text, _facts(shown), (), CLOSE)


def _incomplete(shown: Shown) -> OutcomeView:
    back = shown.state.back
    reason = back.outcome if back is not None else ""
    text = f"At least one undo was given up on, so something is not as it was. {reason}".strip()
    return OutcomeView(Glyph.FAILED, Tone.BAD, "The way back is incomplete", text, _facts(shown), (), CLOSE)


def _stopped(shown: Shown) -> OutcomeView:
    if gone_off(shown.state) is not None:
        text = f"{shown.state.stop_reason} This run cannot go on: roll back what is left, then close it."
        return OutcomeView(Glyph.FAILED, Tone.BAD, "Stopped", text, _facts(shown), (), CLOSE)
    text = f"{shown.state.stop_reason or 'A step failed.'} Nothing more starts by itself: go on, or roll back."
    return OutcomeView(Glyph.FAILED, Tone.BAD, "Stopped", text, _facts(shown), (CLOSE,), Verb("release", "Go on"))


def _closed(shown: Shown) -> OutcomeView:
    text = "Nobody can act in it any more. Its record is in History, whole."
    return OutcomeView(Glyph.DONE, Tone.IDLE, "Closed", text, _facts(shown), (), Verb("history", "See it in History"))


def _facts(shown: Shown) -> tuple[CheckView, ...]:
    state = shown.state
    tops = [p for p in state.plan.steps if not p.parent and not p.left_out]
    done = sum(state.status(p.address) in MET for p in tops)
    rows = [CheckView("Steps over", Glyph.DONE if done == len(tops) else Glyph.WAITING, f"{done} of {len(tops)}")]
    skipped = [title_of(p) for p in tops if state.status(p.address) is Status.SKIPPED]
    if skipped:
        rows.append(CheckView("Skipped", Glyph.SKIPPED, ", ".join(skipped)))
    bad = [numbered(state.plan, a) for a, s in state.steps.items() if s.status in {Status.FAILED, Status.IN_DOUBT}]
    if bad and state.stage is not Stage.ROLLED_BACK:
        rows.append(CheckView("Failed or in doubt", Glyph.FAILED, ", ".join(bad), Tone.BAD))
    for mode in shown.outlook.modes:
        if mode.spent or mode.on:
            of = f" of {words.duration(mode.budget)}" if mode.budget is not None else ""
            glyph = Glyph.WARNING if mode.on or mode.over else Glyph.DONE
            found = f"{'still on, ' if mode.on else ''}{words.duration(mode.spent)}{of}"
            title = state.plan.runbook.modes[mode.mode].title or mode.mode
            tone = Tone.BAD if mode.over else Tone.WARN if mode.on else Tone.MUTED
            rows.append(CheckView(title, glyph, found, tone))
    return (*rows, *loss_facts(state))
