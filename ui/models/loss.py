"""What going back costs in rows, in the window's words: on the button, in the strip, beside the undos, and after it."""

from __future__ import annotations

from app.reports.sentences_of_loss import export_line
from app.rollback.loss import Loss, in_short, in_words, things
from app.rollback.planner import NOTHING_YET
from app.rollback.readiness import Word
from app.run.state import RunState, Stage
from ui import words
from ui.glyphs import Glyph
from ui.models.naming import phase_name
from ui.models.shown import Shown
from ui.tokens import Tone
from ui.widgets.check_row import CheckView
from ui.widgets.rollback_button import RollbackMood, RollbackView


def loses(loss: Loss) -> str:
    """`loses 1 204 orders, the last 3 s ago`; always said."""
    return in_words(loss, words.count)


def nothing_to_undo(shown: Shown) -> bool:
    """Whether there is no way back only because nothing has been changed, or all of it is undone: good news."""
    return shown.back.refusal == NOTHING_YET and shown.readiness.word is Word.ARMED


def shut_tone(shown: Shown) -> Tone:
    """How bad it is that there is no way back: never good; no alarm where nothing was changed or the run is over."""
    if nothing_to_undo(shown) or shown.over:
        return Tone.MUTED
    return Tone.BAD if shown.readiness.word is Word.PAST else Tone.WARN


def shut_view(shown: Shown) -> tuple[Glyph, Tone, str, str]:
    """Glyph, tone, headline and reason of a way back that is refused, before anybody went back."""
    tone = shut_tone(shown)
    glyph = Glyph.WAITING if tone is Tone.MUTED else Glyph.WARNING
    if nothing_to_undo(shown):
        undone = "what was changed is undone" if shown.state.undone else "nothing was changed"
        return glyph, tone, "nothing to undo", undone
    if shown.readiness.word is Word.PAST:
        return glyph, tone, "closed", shown.back.refusal
    return glyph, tone, "not open", shown.back.refusal


def loss_tone(shown: Shown) -> Tone:
    """Red where something is lost, amber where nobody knows any more, quiet otherwise."""
    loss = shown.loss
    if shown.going_back:
        return Tone.BAD if _lost(shown.state) else Tone.MUTED
    if loss.closed:
        return shut_tone(shown)
    if loss.lossy and loss.rows != 0:
        return Tone.BAD
    return Tone.WARN if loss.open and loss.stale else Tone.MUTED


def button_view(shown: Shown, mood: RollbackMood) -> RollbackView:
    """The button: where it leads, what it loses by the click, or why it leads nowhere."""
    if mood not in {RollbackMood.CALM, RollbackMood.ALARM}:
        return RollbackView(mood)
    if shown.readiness.word is Word.PAST:
        return RollbackView(mood, "", "no way back from here", shown.back.refusal)
    if shown.back.refusal:
        return RollbackView(mood, "", "", shown.back.refusal)
    scope = "start" if shown.back.scope == "start" else phase_name(shown.state.plan, shown.back.scope)
    says = loses(shown.loss)
    if shown.loss.lossy and shown.loss.says:
        says = f"{says}. {shown.loss.says}"
    return RollbackView(mood, scope, in_short(shown.loss, words.count), says)


def data_view(shown: Shown) -> tuple[Glyph, Tone, str, str]:
    """Glyph, tone, headline and text about the data, before, during and after a way back."""
    state = shown.state
    if state.back is not None:
        lost = _lost(state)
        text = lost or f"{_brought(state)}No boundary of the runbook was crossed that loses anything."
        tone = Tone.BAD if lost else _calm(shown.loss)
        return _SIGNS[tone], tone, _headline(state), text
    loss = shown.loss
    if loss.closed:
        glyph, tone, word, why = shut_view(shown)
        return glyph, tone, f"Way back: {word}", f"{_capital(why).rstrip('. ')}."
    headline = in_short(loss, words.count) or "loses nothing known"
    text = f"{_capital(loses(loss))}."
    if loss.lossy and loss.says:
        text += f" {loss.says.rstrip('.')}."
    elif not loss.lossy:
        text += " No boundary of the runbook was crossed that loses anything."
    tone = Tone.BAD if loss.lossy and loss.rows != 0 else Tone.WARN if loss.open and loss.stale else _calm(loss)
    return _SIGNS[tone], tone, _capital(headline), text


def loss_facts(state: RunState) -> list[CheckView]:
    """After a way back: what was lost by it, what was written on the new side, and where rows were saved."""
    rows = []
    if state.back is not None:
        lost = _lost(state)
        tone = Tone.BAD if lost else Tone.MUTED
        rows.append(CheckView("Lost on the way back", _sign(lost), lost or "nothing known", tone))
    if state.written is not None and state.written.counted is not None:
        found = f"{things(state.written.tables, words.count)}, counted {state.written.counted.at:%H:%M:%S} UTC"
        rows.append(CheckView("Written on the new side", Glyph.DONE, found))
    rows += [CheckView("Export", Glyph.DONE, export_line(one)) for one in state.exports]
    return rows


_SIGNS = {Tone.OK: Glyph.DONE, Tone.MUTED: Glyph.WAITING, Tone.WARN: Glyph.WARNING, Tone.BAD: Glyph.WARNING}


def _calm(loss: Loss) -> Tone:
    """Good only where rows are counted; where nobody counts, nothing known is no good news."""
    return Tone.OK if loss.declared else Tone.MUTED


def _headline(state: RunState) -> str:
    over = state.stage is not Stage.ROLLING_BACK
    if _lost(state):
        return "Data was lost" if over else "Loses data"
    return "Lost nothing known" if over else "Loses nothing known"


def _lost(state: RunState) -> str:
    return state.back.loses if state.back is not None else ""


def _brought(state: RunState) -> str:
    """What the undos bring back, as it was counted last."""
    if state.written is None or state.written.counted is None or not any(one.rows for one in state.written.tables):
        return ""
    at = f"{state.written.counted.at:%H:%M:%S} UTC"
    return f"At least {things(state.written.tables, words.count)}, counted at {at}, are brought back. "


def _sign(lost: str) -> Glyph:
    return Glyph.WARNING if lost else Glyph.DONE


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
