"""The clock of the way back as words: how long, known from where, and what the step on show does to it."""

from __future__ import annotations

from datetime import timedelta

from app.rollback.ahead import After
from app.rollback.forecast import Downtime
from app.rollback.times import Length
from app.run.state import Status
from app.runbook.order import PlannedStep
from ui import words
from ui.glyphs import Glyph
from ui.models.shown import Shown
from ui.tokens import Tone
from ui.widgets.check_row import CheckView

_AHEAD = frozenset({Status.PENDING, Status.WAITING, Status.RUNNING})


def length_text(length: Length) -> str:
    """`about 14 min` for estimates, `12 min, p90 14 min` for what earlier runs took; `or more` if some is not known."""
    if not length.usual and length.unknown:
        return "length not known"
    if not length.is_estimate and length.measured:
        usual, slow = (words.about(one).removeprefix("about ") for one in (length.usual, length.slow))
        return usual if usual == slow else f"{usual}, p90 {slow}"
    more = " or more" if length.unknown else ""
    return words.about(length.usual) + more


def length_basis(length: Length) -> str:
    """Where that is known from, for a tool tip."""
    if not length.steps:
        return ""
    if not length.measured:
        return "By the estimates of the runbook; no earlier run went this way back."
    runs = words.plural(length.n, "earlier run")
    if not length.is_estimate:
        return f"Every step of it is known from {runs} or more; p90 is the sum of the slow ones."
    return f"{length.measured} of {length.steps} steps are known from {runs} or more, the others are estimates."


def after_checks(shown: Shown, planned: PlannedStep) -> tuple[CheckView, ...]:
    """One row: the way back after this step, and until when it is safe then. Nothing for what changes nothing."""
    after = shown.ahead.get(planned.address)
    if after is None or after.reads or shown.state.status(planned.address) not in _AHEAD:
        return ()
    return (CheckView("Way back after this", *_found(shown, after)),)


def _found(shown: Shown, after: After) -> tuple[Glyph, str, Tone]:
    if after.length is None:
        return Glyph.WARNING, "none any more", Tone.WARN
    if not after.undos:
        return Glyph.WAITING, "nothing to undo", Tone.MUTED
    if after.crosses and after.left is not None:
        return Glyph.FAILED, f"too late by {words.duration(-after.left)}", Tone.BAD
    latest = f"until {words.time_of_day(after.latest_safe, shown.zone)}" if after.latest_safe is not None else ""
    return Glyph.WAITING, words.joined(length_text(after.length), latest), Tone.MUTED


def too_late(shown: Shown, address: str) -> bool:
    """Whether the way back would be too late after this step."""
    after = shown.ahead.get(address)
    return after is not None and after.crosses


def mode_tone(mode: Downtime) -> Tone:
    """Red above its maximum, a warning when most of it is used."""
    if mode.over:
        return Tone.BAD
    return Tone.WARN if mode.nearly and mode.on else Tone.TEXT


def mode_note(mode: Downtime) -> str:
    """What cannot be done while it is on, and how far it is over its maximum."""
    over = f"{words.duration(mode.spent - mode.budget)} over" if mode.over and mode.budget is not None else ""
    blocks = mode.blocks or ("writes" if mode.counts else "")
    return words.joined(over, f"blocks {blocks}" if blocks and mode.on else "")


def latest_of(left: timedelta, length: Length) -> Tone:
    """The tone of what is left until the latest safe moment."""
    return Tone.WARN if left < 2 * length.slow else Tone.TEXT
