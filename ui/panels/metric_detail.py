"""One metric over the whole run, to be zoomed: all its readings from the record, steps, limits, firings and gaps."""

from __future__ import annotations

from datetime import timedelta
from math import isnan, nan

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.session import View
from ui import words
from ui.fonts import Weight
from ui.models.metric_memory import MetricMemory
from ui.models.metric_plot import plot_of
from ui.models.metric_rules import every_of
from ui.models.metric_source import MetricSource
from ui.models.metric_words import amount, rule_words
from ui.models.metrics import Look, look_at, view_of
from ui.models.run_axis import RunAxis
from ui.models.shown import Shown
from ui.tokens import Space, Tone, Type
from ui.widgets.button import PlainButton
from ui.widgets.card import Card
from ui.widgets.chip import Chip, ChipView
from ui.widgets.plot_view import PlotView
from ui.widgets.text import Paragraph, Text
from ui.widgets.time_plot import TimePlot

_SILENCE_S = 8.0
_PERIODS = 3
_SOURCES = {"run": "this run", "ahead": "measured ahead", "prometheus": "its source's history"}


class MetricDetail(Card):
    """Takes the place of the step; the way back and its button stay where they are. `left` when it is closed."""

    left = Signal()

    def __init__(self, view: View, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.shown_metric = ""
        self._view = view
        self._source: MetricSource | None = None
        self._plotted: PlotView | None = None
        self._pointed = nan
        self._loading = QTimer(self)
        self._loading.setInterval(0)
        self._loading.timeout.connect(self._load)
        self.title = Text(size=Type.VALUE, weight=Weight.SEMIBOLD)
        self.value = Text(size=Type.VALUE, weight=Weight.SEMIBOLD, tone=Tone.MUTED, firm=True)
        self.chip = Chip(ChipView(""))
        self.rules = Paragraph(size=Type.SMALL)
        self.plot = TimePlot()
        self.told = Text(size=Type.SMALL, tone=Tone.MUTED)
        self.nearer, self.farther = PlainButton("Zoom in", hint="+"), PlainButton("Zoom out", hint="\u2212")
        self.whole, self.leave = PlainButton("All", hint="0"), PlainButton("Close", hint="Esc")
        self._build()

    @property
    def loading(self) -> bool:
        """Whether the record is still being read."""
        return self._loading.isActive()

    @property
    def plotted(self) -> PlotView | None:
        """What the plot shows besides the readings."""
        return self._plotted

    @property
    def source(self) -> MetricSource:
        """Where its readings come from, while it is open."""
        assert self._source is not None
        return self._source

    def open(self, metric: str, shown: Shown, memory: MetricMemory) -> None:
        """Show a metric from its first reading on."""
        self.shut()
        self.shown_metric = metric
        silence = max(_SILENCE_S, every_of(shown.state, metric).total_seconds() * _PERIODS)
        self._source = MetricSource(self._view, metric, RunAxis(shown.state), silence)
        self.plot.show_all()
        self._loading.start()
        self.show_run(shown, memory)
        self.plot.setFocus(Qt.FocusReason.OtherFocusReason)

    def shut(self) -> None:
        """Let the record go; nothing is shown until it is opened again."""
        self._loading.stop()
        if self._source is not None:
            self._source.close()
        self._source, self.shown_metric = None, ""

    def show_run(self, shown: Shown, memory: MetricMemory) -> None:
        """Show how things stand now; readings that came since are fetched."""
        if self._source is None:
            return
        if not self.loading:
            self._source.read_page()
        look = look_at(shown, memory, self.shown_metric)
        view = view_of(shown, memory, look)
        self._plotted = plot_of(shown, memory, look, RunAxis(shown.state))
        self.title.show_text(view.name)
        self.value.show_text(f"{view.value} {view.unit}".strip())
        self.chip.show_view(ChipView(view.word, view.glyph, tone=view.tone))
        self.rules.show_text("\n".join(self._about(shown, memory, look)))
        self.plot.show_plot(self._plotted, self._source.readings)
        self._tell()

    def _about(self, shown: Shown, memory: MetricMemory, look: Look) -> list[str]:
        """Its rules, and what is usual and where that is from."""
        said = [f"{rule_words(shown.state, rule)}." for rule in memory.rules.of(shown.state, self.shown_metric)[:3]]
        usual, unit = look.usual, look.metric.unit
        if usual is not None and not usual.why:
            source = _SOURCES.get(usual.source, usual.source)
            figures = f"median {amount(usual.median, unit)}, p95 {amount(usual.p95, unit)}"
            said.append(f"Usual: {figures}, from {words.plural(usual.n, 'reading')} ({source}).")
        elif usual is not None:
            said.append(f"No baseline: {usual.why}.")
        elif look.metric.baseline is not None:
            said.append("No baseline yet: it is measured in the span that the runbook declares.")
        return said

    def _load(self) -> None:
        if self._source is None or not self._source.read_page():
            self._loading.stop()
        if self._source is not None and self._plotted is not None:
            self.plot.show_plot(self._plotted, self._source.readings)
        self._tell()

    def _point(self, at: float) -> None:
        self._pointed = at
        self._tell()

    def _tell(self) -> None:
        """The reading under the pointer; else how many there are."""
        plotted = self._plotted
        if self._source is None or plotted is None:
            return
        readings = self._source.readings
        near = readings.nearest(self._pointed) if not isnan(self._pointed) else None
        if near is not None:
            moment = plotted.origin + timedelta(seconds=near[0])
            step = next((s.text for s in reversed(plotted.steps) if s.begin <= near[0]), "")
            clock = words.time_of_log(moment, plotted.zone)
            since = words.clock(timedelta(seconds=near[0] - plotted.t0))
            self.told.show_text(words.joined(clock, since, amount(near[1], plotted.unit), step))
            return
        count, gaps = len(readings.times), len(readings.gaps(plotted.now))
        parts = [words.plural(count, "reading"), words.plural(gaps, "gap") + " without data" if gaps else ""]
        firings = sum(not mark.first_red for mark in plotted.marks)
        parts += [words.plural(firings, "mark") if firings else "", "wheel zooms, \u2190 \u2192 move"]
        head = "Reading the record\u2026" if self.loading else ""
        self.told.show_text(words.joined(head, *parts))
        self.plot.say(f"Plot of {self.title.text()}: {words.joined(*parts[:3])}")

    def _build(self) -> None:
        self.setAccessibleName("The plot of a metric")
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, 10, Space.L, 10)
        column.setSpacing(Space.S)
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        head.addWidget(self.title)
        head.addWidget(self.value)
        head.addSpacing(Space.XS)
        head.addWidget(self.chip)
        head.addStretch(1)
        head.addWidget(self.leave)
        column.addLayout(head)
        column.addWidget(self.rules)
        column.addWidget(self.plot, 1)
        foot = QHBoxLayout()
        foot.setSpacing(Space.S)
        foot.addWidget(self.told, 1)
        for button in (self.nearer, self.farther, self.whole):
            foot.addWidget(button)
        column.addLayout(foot)
        self.plot.read.connect(self._point)
        self.nearer.clicked.connect(lambda: self.plot.zoom(0.6))
        self.farther.clicked.connect(lambda: self.plot.zoom(1 / 0.6))
        self.whole.clicked.connect(self.plot.show_all)
        self.leave.clicked.connect(self.left)
