"""Runs in lists: their stage as shape and word, their environment as a badge."""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING

from ui import words
from ui.glyphs import Glyph
from ui.models.cells import CellRow
from ui.tokens import Tone
from ui.widgets.cell_table import CellView
from ui.widgets.environment import Environment

if TYPE_CHECKING:  # heavy; the Library paints before it
    from app.session import RunLine

STAGES: dict[str, tuple[Glyph, str]] = {
    "forward": (Glyph.RUNNING, "under way"),
    "stopped": (Glyph.FAILED, "stopped"),
    "finished": (Glyph.DONE, "finished"),
    "rolling back": (Glyph.RUNNING, "rolling back"),
    "rolled back": (Glyph.UNDONE, "rolled back"),
    "rollback incomplete": (Glyph.FAILED, "way back incomplete"),
    "closed": (Glyph.DONE, "closed"),
}


def environment_of_line(run: RunLine) -> Environment:
    """The badge of a run in a list."""
    if run.production:
        return Environment.PRODUCTION
    if run.rehearsal:
        return Environment.REHEARSAL
    return Environment.STAGING if run.environment else Environment.NONE


def stage_of(run: RunLine) -> tuple[Glyph, str]:
    """Shape and word: one that stands open and is driven by nobody is an open end."""
    if run.problem:
        return Glyph.FAILED, "cannot be read"
    glyph, word = STAGES.get(run.stage, (Glyph.WAITING, run.stage))
    if run.stage in {"forward", "rolling back"} and not run.driven:
        return Glyph.WARNING, "let go of, open"
    return glyph, word


def run_row(run: RunLine, zone: tzinfo) -> CellRow:
    """When, where, what, how it stands, and how far it came."""
    began = run.began
    when = f"{words.day(began, zone)} {words.time_of_day(began, zone)}" if began is not None else run.run
    glyph, word = stage_of(run)
    badge = environment_of_line(run)
    return CellRow(
        run.run,
        (
            CellView(when, tone=Tone.MUTED),
            CellView(environment=badge) if badge is not Environment.NONE else CellView(),
            CellView(run.title or run.name or run.run),
            CellView(word, glyph=glyph),
            CellView(run.problem or run.summary, tone=Tone.MUTED),
        ),
    )
