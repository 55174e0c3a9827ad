"""What a preflight found, in groups, failures first; and what may be done now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from PySide6.QtCore import Qt

from app.session.preflight import Preflight, PreflightLine
from ui import words
from ui.glyphs import Glyph, tone_of
from ui.models.cells import CellRow, Cells, Index
from ui.tokens import Tone
from ui.widgets.cell_table import CellView

COLUMNS = ("what", "forward", "way back", "looked at")

WORDS: dict[str, tuple[Glyph, str]] = {
    "ok": (Glyph.DONE, "ok"),
    "warning": (Glyph.WARNING, "look at it"),
    "refused": (Glyph.FAILED, "refused"),
    "away": (Glyph.UNKNOWN, "no answer"),
    "unknown": (Glyph.UNKNOWN, "not known"),
    "-": (Glyph.NOT_APPLICABLE, "nothing to do"),
}


class Group(StrEnum):
    """How a finding counts; the value is the heading."""

    BLOCKS = "In the way"
    AWAY = "No answer now"
    WARNS = "Wants a look"
    UNTOLD = "Could not be told"
    WELL = "Well"


class Standing(StrEnum):
    """What may be done with a preflight now."""

    LOOKING = "looking"
    BLOCKED = "blocked"
    EXPIRED = "expired"
    WARNED = "warned"
    CLEAR = "clear"

    @property
    def may_start(self) -> bool:
        """Whether a run may start."""
        return self in {Standing.WARNED, Standing.CLEAR}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The one thing to know: shape, headline and sentence."""

    standing: Standing
    glyph: Glyph
    headline: str
    sentence: str

    @property
    def tone(self) -> Tone:
        """Of the banner that says it."""
        return tone_of(self.glyph)


def group_of(line: PreflightLine) -> Group:
    """Where a finding stands: the worse of its two directions counts."""
    both = {line.word, line.rollback}
    if "refused" in both:
        return Group.BLOCKS
    if "away" in both:
        return Group.AWAY
    if "warning" in both:
        return Group.WARNS
    return Group.UNTOLD if "unknown" in both else Group.WELL


def grouped(found: Preflight) -> Mapping[Group, tuple[PreflightLine, ...]]:
    """Every group that has findings, failures first, each in the order of the file."""
    groups = {group: tuple(line for line in found.lines if group_of(line) is group) for group in Group}
    return {group: lines for group, lines in groups.items() if lines}


def rows_of(found: Preflight, names: Mapping[str, str], now: datetime) -> tuple[CellRow, ...]:
    """A heading for each group, then its findings; `names` are steps as people call them."""
    rows: list[CellRow] = []
    for group, lines in grouped(found).items():
        tone = {Group.BLOCKS: Tone.BAD, Group.WELL: Tone.MUTED}.get(group, Tone.WARN)
        head = CellView(f"{group.value}: {len(lines)}", strong=True, tone=tone)
        rows.append(CellRow(f"group {group.value}", (head, CellView(), CellView(), CellView())))
        rows += [_row(line, number, names, (found, now)) for number, line in enumerate(lines)]
    return tuple(rows)


def key_of(line: PreflightLine, number: int) -> str:
    """What tells two findings about one subject apart."""
    return f"{group_of(line).value}/{number}/{line.subject}"


def name_of(line: PreflightLine, names: Mapping[str, str]) -> str:
    """A step as people call it; anything else with a capital, as headings have."""
    return names.get(line.subject, line.subject[:1].upper() + line.subject[1:])


def line_of(found: Preflight, key: str) -> PreflightLine | None:
    """The finding of a row."""
    for lines in grouped(found).values():
        for number, line in enumerate(lines):
            if key_of(line, number) == key:
                return line
    return None


def verdict_of(found: Preflight, now: datetime) -> Verdict:
    """May it start, and what of it."""
    groups = grouped(found)
    blocking, away, warning, untold = (len(groups.get(one, ())) for one in tuple(Group)[:4])
    if found.expired(now):
        said = "Passwords, grants and disks change. Test again before the run."
        return Verdict(Standing.EXPIRED, Glyph.WARNING, "This was looked at too long ago", said)
    if blocking:
        stand = "stands" if blocking == 1 else "stand"
        said = "Mend that, then test again. Nothing was changed and nothing was started."
        return Verdict(Standing.BLOCKED, Glyph.FAILED, f"{blocking} of {len(found.lines)} {stand} in the way", said)
    if away or warning or untold:
        parts = [f"{away} did not answer"] if away else []
        parts += [f"{warning} {'wants' if warning == 1 else 'want'} a look"] if warning else []
        parts += [f"{untold} could not be told"] if untold else []
        said = "Read them before you start. What did not answer and every warning go into the record of the run."
        return Verdict(Standing.WARNED, Glyph.WARNING, f"No refusal; {', '.join(parts)}", said)
    head = f"Nothing stands in the way, forward or back: {len(found.lines)} looked at"
    return Verdict(Standing.CLEAR, Glyph.DONE, head, "The run may start.")


class Findings(Cells):
    """Rows of findings under headings that nobody can choose."""

    def flags(self, index: Index) -> Qt.ItemFlag:
        """A heading is there to be read only."""
        row = self.row(index.row())
        if row is not None and row.key.startswith("group "):
            return Qt.ItemFlag.NoItemFlags  # the arrow keys pass over what is not enabled
        return super().flags(index)


def _row(line: PreflightLine, number: int, names: Mapping[str, str], seen: tuple[Preflight, datetime]) -> CellRow:
    found, now = seen
    cells = (
        CellView(name_of(line, names), line.detail),
        _word(line.word),
        _word(line.rollback),
        CellView(words.ago(now - (line.seen or found.began)), tone=Tone.MUTED),
    )
    return CellRow(key_of(line, number), cells)


def _word(word: str) -> CellView:
    glyph, said = WORDS[word]
    return CellView(said, glyph=glyph, tone=Tone.TEXT if word == "ok" else tone_of(glyph))
