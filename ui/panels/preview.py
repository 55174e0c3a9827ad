"""Before the way back starts: why, what happens when, what stops, and that Stop leaves everything as it is."""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui import words
from ui.fonts import Weight
from ui.glyphs import Glyph
from ui.models.back import stops, why
from ui.models.back_clock import length_text
from ui.models.loss import data_view
from ui.models.naming import row_name
from ui.models.shown import Shown
from ui.panels.current import clear
from ui.tokens import Space, Tone, Type
from ui.widgets.button import PlainButton
from ui.widgets.card import Card, Divider
from ui.widgets.check_row import CheckRow, CheckView
from ui.widgets.text import Paragraph, Text

_MOST = 7


class PreviewPanel(Card):
    """Shown while one looks at the undos and while the strip counts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.why = Paragraph(tone=Tone.TEXT)
        self.what = Paragraph()
        self.stay = Paragraph()
        self.leave = PlainButton("Back to the steps", hint="Esc")
        self.loss = Paragraph()
        self.export = PlainButton("Export these rows first")
        self._why_title = Text(size=Type.TITLE, weight=Weight.SEMIBOLD)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        self._key: tuple[object, ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        column.setSpacing(Space.S)
        column.addWidget(self._why_title)
        column.addWidget(self.why)
        column.addWidget(Divider())
        column.addWidget(Text("When it starts", size=Type.TITLE, weight=Weight.SEMIBOLD))
        column.addLayout(self._rows)
        column.addWidget(Divider())
        column.addWidget(Text("What it costs", size=Type.TITLE, weight=Weight.SEMIBOLD))
        column.addWidget(self.loss)
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
        self._show_loss(shown)
        live = stops(shown.state)
        ends = f"{', '.join(live[:3])} {'end' if len(live) > 1 else 'ends'} here." if live else "Nothing runs now."
        self.what.show_text(f"{ends} Nothing forward starts any more.")
        self.stay.show_text("After Stop you are where you were, and nothing was sent." if counting else "")
        key = (shown.back.rows, shown.back.scope)
        if key != self._key:
            self._key = key
            self._show_rows(shown)

    def _show_loss(self, shown: Shown) -> None:
        """What going back costs in rows; they can be saved first, but never while somebody waits to go back."""
        _, tone, _, text = data_view(shown)
        self.loss.show_text(text, tone if tone in {Tone.BAD, Tone.WARN} else Tone.MUTED)
        self.export.setVisible(shown.loss.exportable and shown.state.countdown is None)

    def _show_rows(self, shown: Shown) -> None:
        clear(self._rows)
        at = timedelta()
        rows = [row for row in shown.back.rows if row.part != "nothing"]
        for row in rows[:_MOST]:
            planned = shown.state.plan.by_address[row.address]
            moment = f"~{words.took(at)}" if at else "0 s"
            self._rows.addWidget(CheckRow(CheckView(row_name(shown.state, row), Glyph.WAITING, moment), height=26))
            at += planned.step.est or timedelta()
        left = len(rows) - _MOST
        if left > 0:
            self._rows.addWidget(CheckRow(CheckView(f"and {words.plural(left, 'more step')}", None, "in the list")))
        end = CheckView("Back, and checked", Glyph.DONE, f"~{words.took(at)}", strong=True)
        self._rows.addWidget(CheckRow(end, height=26))


def _if_pressed(shown: Shown) -> str:
    back = shown.back
    if back.refusal:
        return f"Nothing happens: {back.refusal}"
    size = f"{words.plural(back.undos, 'undo')} and {words.plural(back.checks, 'check')}"
    return f"Five seconds to stop it, then {size} to {back.title}: {length_text(back.length)}."
