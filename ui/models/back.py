"""The way back as words: shield, deadline, cost, the red strip, and the rows of undos."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from app.rollback.planner import BackPlan
from app.rollback.readiness import Word
from app.run.state import MET, UNDER_WAY, BackRow, RunState, Stage, Status
from ui import words
from ui.glyphs import Glyph
from ui.icons import Shield
from ui.models.back_clock import latest_of, length_text
from ui.models.loss import loses, nothing_to_undo, shut_tone, shut_view
from ui.models.naming import GLYPHS, numbered, phase_name, row_name
from ui.models.shown import Shown
from ui.models.steps import Row
from ui.tokens import Tone
from ui.widgets.countdown import DeadlineView
from ui.widgets.readiness import ReadinessView
from ui.widgets.red_strip import StripView
from ui.widgets.rollback_button import RollbackMood
from ui.widgets.step_rows import PhaseRowView, StepRowView, UndoRowView

SHIELDS = {
    Word.ARMED: Shield.ARMED,
    Word.DEGRADED: Shield.DEGRADED,
    Word.UNARMED: Shield.UNARMED,
    Word.PAST: Shield.PAST,
    Word.ROLLING_BACK: Shield.ROLLING,
    Word.ROLLED_BACK: Shield.ROLLED,
}


def readiness_view(shown: Shown) -> ReadinessView:
    """Shield, word, headline and reasons."""
    ready = shown.readiness
    proofs = words.joined(*ready.reasons[:4])
    whole = "\n".join((f"{ready.word.value}: {ready.headline}", *ready.reasons, *ready.seen))
    return ReadinessView(SHIELDS[ready.word], ready.headline, proofs, whole)


def deadline_view(shown: Shown) -> DeadlineView:
    """The latest safe moment as a bar that empties; without a window there is none, and it says so."""
    outlook = shown.outlook
    caption = "Latest safe moment to roll back"
    if shown.going_back:
        return _progress(shown)
    if outlook.latest_safe is None or outlook.left is None:
        reason, tone = "no window is set", Tone.MUTED
        if shown.back.refusal:
            reason, tone = "not open", shut_tone(shown)
        if shown.readiness.word is Word.PAST:
            reason = "passed"
        elif nothing_to_undo(shown):
            reason = "nothing to undo"
        return DeadlineView(caption, reason, "", 0.0, tone)
    moment = words.time_of_day(outlook.latest_safe, shown.zone)
    if outlook.left <= timedelta():
        return DeadlineView(caption, moment, f"passed {words.duration(-outlook.left)} ago", 0.0, Tone.BAD)
    opened = shown.state.opened
    whole = outlook.latest_safe - opened.at if opened is not None else outlook.left
    tone = latest_of(outlook.left, outlook.length)
    return DeadlineView(caption, moment, words.remaining(outlook.left), min(1.0, outlook.left / whole), tone)


def _progress(shown: Shown) -> DeadlineView:
    rows = _real(shown.state.back.rows if shown.state.back else ())
    over = sum(shown.state.status(r.address) in MET for r in rows)
    left = words.plural(len(rows) - over, "step") + " left"
    if shown.state.stage is not Stage.ROLLING_BACK:
        left = "complete" if shown.state.stage is Stage.ROLLED_BACK else "not complete"
    share = over / len(rows) if rows else 1.0
    return DeadlineView("Undone and checked", f"{over} of {len(rows)}", left, share, Tone.ACCENT)


def cost(shown: Shown) -> tuple[str, str]:
    """`Way back: 6 undos, about 14 min` and `loses nothing known`; always said, estimates called so."""
    back = shown.back
    if shown.state.back is not None:
        return _cost_left(shown)
    if back.refusal:
        return _closed_way(shown)
    size = words.plural(back.undos, "undo")
    return f"Way back: {size}, {length_text(back.length)}", loses(shown.loss)


def _closed_way(shown: Shown) -> tuple[str, str]:
    """Nothing to undo is no alarm; a way back that is shut says why."""
    _, _, word, why = shut_view(shown)
    if word == "nothing to undo" and not shown.state.undone:
        why = f"loses 0 rows, {why}"
    return f"Way back: {word}", why


def _cost_left(shown: Shown) -> tuple[str, str]:
    state, back = shown.state, shown.state.back
    assert back is not None
    left = [r for r in _real(back.rows) if state.status(r.address) not in MET]
    undos = sum(r.part != "verify" for r in left)
    checks = len(left) - undos
    word = "loses" if state.stage is Stage.ROLLING_BACK else "lost:"
    lost = f"{word} {back.loses}" if back.loses else f"{word} nothing known"
    if not left:
        return "Way back: complete", lost
    return f"Way back: {words.plural(undos, 'undo')}, {words.plural(checks, 'check')} left", lost


def mood(shown: Shown) -> RollbackMood:
    """Outlined while calm, solid red when something is wrong."""
    if shown.state.back is not None:
        return RollbackMood.ROLLED if shown.state.stage is not Stage.ROLLING_BACK else RollbackMood.ROLLING
    red = any(m.red_at is not None for m in shown.state.metrics.values())
    wrong = shown.focus.why in {"doubt", "failed", "stopped", "proposed"} or red
    return RollbackMood.ALARM if wrong and not shown.back.refusal else RollbackMood.CALM


def strip_view(shown: Shown) -> StripView:
    """The red strip: what starts, what it costs, its first effect, and that nothing was sent."""
    down = shown.state.countdown
    assert down is not None
    whole = down.length_ms / 1000
    left = max(0.0, whole - shown.now.awake_since(down.began).total_seconds())
    size = f"{words.plural(shown.back.undos, 'undo')}, {length_text(shown.back.length)}"
    headline = f"Rolling back in {max(1, round(left + 0.49))} s: {size}, {loses(shown.loss)}"
    detail = f"First effect: {first_effect(shown)}. Nothing has been sent yet."
    return StripView(headline, detail, left, whole, exportable=shown.loss.exportable)


def first_effect(shown: Shown) -> str:
    """What the way back does first."""
    first = next(iter(_real(shown.back.rows)), None)
    return row_name(shown.state, first) if first is not None else "none"


def why(shown: Shown) -> str:
    """Who started it and what for."""
    down, back = shown.state.countdown, shown.state.back
    by, reason = (
        (down.by, down.reason) if down is not None else (back.by, back.reason) if back is not None else ("", "")
    )
    who = "The runbook" if by == "runbook" else by
    return f"{who}: {reason}" if reason else f"{who} pressed Roll back"


def scope_title(shown: Shown, scope: str) -> str:
    """`the beginning of 4 Cutover`, `the very start`."""
    return "the very start" if scope == "start" else f"the beginning of {phase_name(shown.state.plan, scope)}"


def undo_rows(shown: Shown, *, short: bool) -> list[Row]:
    """The rows of the way back: planned ones before it starts, real ones after; one line each when `short`."""
    state = shown.state
    rows = state.back.rows if state.back is not None else shown.back.rows
    listed: list[Row] = []
    undos = [row for row in rows if row.part != "verify"]
    checks = [row for row in rows if row.part == "verify"]
    for number, row in enumerate(undos):
        linked = number + 1 < len(undos)
        listed.append((row.address or f"nothing/{row.undoes}", _undo_row(shown, row, short=short, linked=linked)))
    if checks:
        listed.append(("", PhaseRowView("", "Then verify", "must be green")))
        listed += [(row.address, _check_row(shown, row)) for row in checks]
    return listed


def _undo_row(shown: Shown, row: BackRow, *, short: bool, linked: bool) -> UndoRowView | StepRowView:
    state = shown.state
    glyph, tail, under = _progress_of(shown, row)
    does = row_name(state, row)
    if short:
        current = row.address == shown.focus.address and bool(row.address)
        tone = Tone.ACCENT if glyph is Glyph.RUNNING else Tone.MUTED
        return StepRowView(does, glyph, tail, current, tone)
    undoes = f"undoes {numbered(state.plan, row.undoes)}" if row.undoes else _part(row.part)
    if row.part == "nothing":
        undoes = numbered(state.plan, row.undoes)
    return UndoRowView(does, undoes, glyph, tail, under, linked, row.part == "nothing")


def _check_row(shown: Shown, row: BackRow) -> StepRowView:
    glyph, tail, _ = _progress_of(shown, row)
    return StepRowView(row_name(shown.state, row), glyph, tail, row.address == shown.focus.address)


def _progress_of(shown: Shown, row: BackRow) -> tuple[Glyph, str, str]:
    state = shown.state
    if row.part == "nothing":
        return Glyph.SKIPPED, "", ""
    planned = state.plan.by_address[row.address]
    step, est = state.step(row.address), planned.step.est
    status = state.status(row.address)
    glyph = Glyph.DECISION if step.question is not None else GLYPHS[status]
    if state.back is None or step.last is None:
        return Glyph.WAITING if glyph is Glyph.WAITING else glyph, f"~{words.took(est)}" if est else "", ""
    if status in UNDER_WAY:
        return glyph, words.duration(shown.now.since(step.last.began)), f"of ~{words.took(est)}" if est else ""
    if step.last.ended is None:
        return glyph, status.value, ""
    took = words.took(step.last.ended.since(step.last.began))
    return glyph, took, words.time_of_second(step.last.ended.at, shown.zone)


def size_of(back: BackPlan) -> str:
    """`7 undos, 2 checks`; where nothing checks the way back that is said."""
    return f"{words.plural(back.undos, 'undo')}, {words.plural(back.checks, 'check') if back.checks else 'no check'}"


def undo_count(shown: Shown) -> str:
    """`7 undos, 2 checks`, or `3 of 7 undone`."""
    state = shown.state
    if state.back is None:
        return size_of(shown.back)
    rows = [r for r in _real(state.back.rows) if r.part != "verify"]
    return f"{sum(state.status(r.address) in MET for r in rows)} of {len(rows)} undone"


def stops(state: RunState) -> tuple[str, ...]:
    """What runs now and ends when the way back starts."""
    live = [a for a, s in state.steps.items() if s.status in {Status.RUNNING, Status.STOPPING, Status.WAITING}]
    return tuple(numbered(state.plan, a) for a in live if state.plan.by_address[a].step.kind != "each")


def _real(rows: Iterable[BackRow]) -> list[BackRow]:
    return [row for row in rows if row.part != "nothing"]


def _part(part: str) -> str:
    return {"before": "before the undos", "after": "after the undos", "finally": "puts back into service"}.get(
        part, part
    )
