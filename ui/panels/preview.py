"""Before the way back starts: why, what happens when, what stops, and that Stop leaves everything as it is."""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui import words
from ui.fonts import Weight
from ui.glyphs import Glyph
from ui.models.back import size_of, stops, why
from ui.models.back_clock import length_text
from ui.models.naming import row_name
from ui.models.shown import Shown
from ui.panels.current import clear
from ui.tokens import Space, Tone, Type
from ui.widgets.button import PlainButton
from ui.widgets.card import Card, Divider
from ui.widgets.check_row import CheckRow, CheckView
from ui.widgets.text import Paragraph, Text

_MOST = 7
_ROW, _WORDS = 22, 224
"""Pixels of a row, and of all that is not a row; as many rows are shown as find room, never one upon the other."""


class PreviewPanel(Card):
    """Shown while one looks at the undos and while the strip counts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.why = Paragraph(tone=Tone.TEXT)
        self.what = Paragraph()
        self.stay = Paragraph()
        self.leave = PlainButton("Back to the steps", hint="Esc")
        self.export = PlainButton("Export these rows first")
        self._why_title = Text(size=Type.TITLE, weight=Weight.SEMIBOLD)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        self._key: tuple[object, ...] = ()
        self._shown: Shown | None = None
        self._listed = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        column.setSpacing(Space.S)
        column.addWidget(self._why_title)
        column.addWidget(self.why)
        column.addWidget(Divider())
        column.addWidget(Text("When it starts", size=Type.TITLE, weight=Weight.SEMIBOLD))
        column.addLayout(self._rows)
        column.addWidget(Divider())
        column.addWidget(Text("What stops", size=Type.TITLE, weight=Weight.SEMIBOLD))
        column.addWidget(self.what)
        column.addWidget(self.stay)
        column.addStretch(1)
        row = QHBoxLayout()
        row.addWidget(self.leave)
        row.addWidget(self.export)
        row.addStretch(1)
        column.addLayout(row)

    def show_run(self, shown: Shown) -> None:
        """Show what would happen, or is about to."""
        counting = shown.state.countdown is not None
        self.edge(Tone.BAD if counting else None)
        self._why_title.show_text("Why" if counting else "If you press Roll back")
        self.why.show_text(why(shown) if counting else _if_pressed(shown))
        self.leave.setVisible(not counting)
        # What it costs stands beside this, and on the button; the rows can be saved first, unless somebody goes back.
        self.export.setVisible(shown.loss.exportable and not counting)
        live = stops(shown.state)
        ends = f"{', '.join(live[:3])} {'end' if len(live) > 1 else 'ends'} here." if live else "Nothing runs now."
        self.what.show_text(f"{ends} Nothing forward starts any more.")
        self.stay.show_text("After Stop you are where you were, and nothing was sent." if counting else "")
        key = (shown.back.rows, shown.back.scope)
        self._shown = shown
        if key != self._key or self._listed != self._room():
            self._key = key
            self._show_rows(shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._shown is not None and self._listed != self._room():
            self._show_rows(self._shown)

    def _room(self) -> int:
        """How many rows find room beside the words, the two lines that close the list aside."""
        return min(_MOST, max(1, (self.height() - _WORDS) // _ROW - 2))

    def _show_rows(self, shown: Shown) -> None:
        clear(self._rows)
        at = timedelta()
        rows = [row for row in shown.back.rows if row.part != "nothing"]
        self._listed = self._room()
        for row in rows[: self._listed]:
            planned = shown.state.plan.by_address[row.address]
            moment = f"~{words.took(at)}" if at else "0 s"
            self._rows.addWidget(CheckRow(CheckView(row_name(shown.state, row), Glyph.WAITING, moment), height=_ROW))
            at += planned.step.est or timedelta()
        at = sum((shown.state.plan.by_address[row.address].step.est or timedelta() for row in rows), timedelta())
        left = len(rows) - self._listed
        if left > 0:
            more = CheckView(f"and {words.plural(left, 'more step')}", None, "in the list")
            self._rows.addWidget(CheckRow(more, height=_ROW))
        end = "Back, and checked" if shown.back.checks else "Back; nothing checks it"
        glyph = Glyph.DONE if shown.back.checks else Glyph.WAITING
        self._rows.addWidget(CheckRow(CheckView(end, glyph, f"~{words.took(at)}", strong=True), height=_ROW))


def _if_pressed(shown: Shown) -> str:
    back = shown.back
    if back.refusal:
        return f"Nothing happens: {back.refusal}"
    return f"Five seconds to stop it, then {size_of(back)} to {back.title}: {length_text(back.length)}."
