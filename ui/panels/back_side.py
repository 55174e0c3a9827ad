"""Beside the way back: what happens to the data, which modes are still on, how healthy the system is."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QTabWidget, QVBoxLayout, QWidget

from app.rollback.forecast import Downtime
from ui import words
from ui.fonts import Weight
from ui.glyphs import Glyph
from ui.models.back_clock import mode_note, mode_tone
from ui.models.loss import data_view
from ui.models.metric_memory import MetricMemory
from ui.models.metrics import metric_views, order
from ui.models.shown import Shown
from ui.panels.current import clear
from ui.panels.outcome import BigGlyph
from ui.tokens import Space, Tone, Type
from ui.widgets.card import Panel
from ui.widgets.check_row import CheckRow, CheckView
from ui.widgets.countdown import BudgetRow, BudgetView
from ui.widgets.text import Paragraph, Text


class DataPanel(Panel):
    """What going back costs."""

    def __init__(self) -> None:
        super().__init__("Data", " ")
        self.sign = BigGlyph(18)
        self.headline = Text(size=Type.TITLE, weight=Weight.SEMIBOLD, tone=Tone.OK)
        self.text = Paragraph()
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(self.sign)
        row.addWidget(self.headline)
        row.addStretch(1)
        self.body.addLayout(row)
        self.body.addWidget(self.text)
        self.body.addStretch(1)

    def show_run(self, shown: Shown) -> None:
        """Say it, and what proves it."""
        glyph, tone, headline, text = data_view(shown)
        self.sign.show_glyph(glyph, tone)
        self.headline.show_text(headline, tone)
        checks = shown.back.checks if shown.state.back is None else _checks(shown)
        safe = tone is Tone.OK and checks and shown.loss.declared and not shown.back.refusal
        proof = (
            f" {words.plural(checks, 'check')} at the end {'proves' if checks == 1 else 'prove'} it." if safe else ""
        )
        self.text.show_text(text + proof)


class ModesPanel(Panel):
    """Every mode that is on, or was."""

    def __init__(self) -> None:
        super().__init__("Still on", " ")
        self._rows: dict[str, BudgetRow] = {}
        self._list = QVBoxLayout()
        self.none = Text("No mode is on.", size=Type.SMALL, tone=Tone.MUTED)
        self.body.addLayout(self._list)
        self.body.addWidget(self.none)
        self.body.addStretch(1)

    def show_run(self, shown: Shown) -> None:
        """Show their clocks."""
        modes = [mode for mode in shown.outlook.modes if mode.on or mode.spent]
        on = sum(mode.on for mode in modes)
        self.note.show_text(words.plural(on, "mode") if on else "none")
        self.none.setVisible(not modes)
        if set(self._rows) != {mode.mode for mode in modes}:
            clear(self._list)
            self._rows = {mode.mode: BudgetRow(BudgetView("", "", 0, " ")) for mode in modes}
            for row in self._rows.values():
                self._list.addWidget(row)
        for mode in modes:
            self._rows[mode.mode].show_view(_budget(shown, mode))


class HealthPanel(Panel):
    """The metrics as short rows, red ones first."""

    def __init__(self) -> None:
        super().__init__("Health", " ")
        self._memory: MetricMemory | None = None
        self._rows: list[CheckRow] = []
        self._list = QVBoxLayout()
        self._list.setSpacing(2)
        self.body.addLayout(self._list)
        self.body.addStretch(1)

    def show_run(self, shown: Shown) -> None:
        """Show the newest readings."""
        self._memory = self._memory or MetricMemory(shown.state)
        views = metric_views(shown, self._memory)
        names = order(views)
        if len(names) != len(self._rows):
            clear(self._list)
            self._rows = [CheckRow(CheckView("", Glyph.STALE)) for _ in names]
            for row in self._rows:
                self._list.addWidget(row)
        for row, name in zip(self._rows, names, strict=True):
            view = views[name]
            value = f"{view.value} {view.unit}".strip()
            row.show_view(CheckView(view.name, view.glyph, words.joined(value, view.limit), view.tone))


class BackSide(QWidget):
    """Three panels below each other, or tabs where the window is low."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.parts = (DataPanel(), ModesPanel(), HealthPanel())
        self._tabs: QTabWidget | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(Space.S)
        self._low: bool | None = None

    def arrange(self, *, low: bool) -> None:
        """Tabs when `low`."""
        if low == self._low:
            return
        self._low = low
        for part in self.parts:
            part.setParent(None)
        if self._tabs is not None:
            self._column.removeWidget(self._tabs)
            self._tabs.hide()
            self._tabs.deleteLater()
            self._tabs = None
        if low:
            self._tabs = QTabWidget()
            self._tabs.setAccessibleName("Beside the way back")
            for one, name in zip(self.parts, ("Data", "Still on", "Health"), strict=True):
                self._tabs.addTab(one, name)
            self._column.addWidget(self._tabs)
        else:
            for one in self.parts:
                self._column.addWidget(one)
                one.show()

    def show_run(self, shown: Shown) -> None:
        """Show all three."""
        for one in self.parts:
            one.show_run(shown)


def _checks(shown: Shown) -> int:
    return sum(row.part == "verify" for row in shown.state.back.rows) if shown.state.back is not None else 0


def _budget(shown: Shown, mode: Downtime) -> BudgetView:
    declared = shown.state.plan.runbook.modes[mode.mode]
    used = words.duration(mode.spent)
    if mode.budget is not None:
        used += f" of {words.duration(mode.budget)}"
    note = words.joined(mode_note(mode), _leaves(shown, mode.mode) if mode.on else "off")
    warns = mode_tone(mode)
    tone = warns if warns is not Tone.TEXT else Tone.ACCENT if mode.on else Tone.IDLE
    return BudgetView(declared.title or mode.mode, used, min(1.0, mode.share), note, tone)


def _leaves(shown: Shown, mode: str) -> str:
    rows = shown.state.back.rows if shown.state.back is not None else shown.back.rows
    undos = [row for row in rows if row.part not in {"nothing", "verify"}]
    for number, row in enumerate(undos, 1):
        if mode in shown.state.plan.by_address[row.address].step.leave:
            return f"off at undo {number}"
    return "stays: not part of this way back"
