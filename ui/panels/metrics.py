"""The column of metric cards: red ones first, each with its own plot; acknowledging a first red goes to the record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from math import nan

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.run.events import MetricRead, MetricReddened, Recorded
from ui import words
from ui.fonts import Weight
from ui.glyphs import Glyph
from ui.models.metric_memory import MetricMemory
from ui.models.metric_rules import every_of
from ui.models.metrics import metric_views, order
from ui.models.shown import Shown
from ui.paint import RIGHT
from ui.tokens import Space, Tone, Type
from ui.widgets.metric_card import MetricCard, MetricView
from ui.widgets.text import Paragraph, Text

_LEAST, _MOST = 60, 3600


class MetricsPanel(QWidget):
    """`acknowledged` and `opened` carry the name of a metric."""

    acknowledged = Signal(str)
    opened = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards: dict[str, MetricCard] = {}
        self._order: list[str] = []
        self._memory: MetricMemory | None = None
        self.title = Text("Metrics", weight=Weight.SEMIBOLD)
        self.count = Text(size=Type.SMALL, tone=Tone.MUTED, align=RIGHT)
        head = QHBoxLayout()
        head.setContentsMargins(2, 0, Space.S, 0)
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.count)
        inside = QWidget()
        inside.setObjectName("bare")
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, Space.XS, 0)
        self._column.setSpacing(6)
        self.none = Paragraph("This runbook names no metrics. Each one would be a card here.", size=Type.SMALL)
        self._column.addWidget(self.none)
        self._column.addStretch(1)
        self._area = QScrollArea()
        self._area.setWidget(inside)
        self._area.setWidgetResizable(True)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(5)
        whole.addLayout(head)
        whole.addWidget(self._area, 1)

    def memory(self, shown: Shown) -> MetricMemory:
        """What is remembered of this run's metrics."""
        if self._memory is None:
            self._memory = MetricMemory(shown.state)
        return self._memory

    def show_run(self, shown: Shown, events: Sequence[Recorded]) -> None:
        """Show every metric; `events` bring the readings for the plots."""
        self._make(shown)
        self.take(shown, events)
        views = metric_views(shown, self.memory(shown))
        for name, view in views.items():
            card = self.cards[name]
            if not view.first_red:
                card.plot.mark_first_red(None)
            if card.view != view:
                card.show_view(view)
        self._arrange(order(views))
        red = sum(view.tone is Tone.BAD for view in views.values())
        was = sum(bool(view.first_red) and view.tone is not Tone.BAD for view in views.values())
        parts = (str(len(views)) if views else "none", f"{red} red" if red else "", f"{was} was red" if was else "")
        self.none.setVisible(not views)
        self.count.show_text(words.joined(*parts), Tone.BAD if red else Tone.MUTED)

    def take(self, shown: Shown, events: Sequence[Recorded]) -> None:
        """Put readings onto the plots, and a first red on the reading that it was seen in."""
        self.memory(shown).take(shown.state, events)
        found: dict[str, list[float]] = {}
        reds: dict[str, int] = {}
        for one in events:
            if isinstance(one.event, MetricRead):
                value = float(one.event.value) if one.event.value else nan
                found.setdefault(one.event.metric, []).append(value)
            elif isinstance(one.event, MetricReddened) and one.event.metric in self.cards:
                before = self.cards[one.event.metric].plot.series.total
                reds[one.event.metric] = before + len(found.get(one.event.metric, [])) - 1
        for name, values in found.items():
            if name in self.cards:
                self.cards[name].append(values)
        for name, sample in reds.items():
            self.cards[name].plot.mark_first_red(sample if sample >= 0 else None)

    def _make(self, shown: Shown) -> None:
        for name in shown.state.plan.runbook.metrics:
            if name not in self.cards:
                card = MetricCard(MetricView(name, "", "", Glyph.STALE, "", Tone.IDLE), _capacity(shown, name))
                card.acknowledged.connect(lambda one=name: self.acknowledged.emit(one))
                card.opened.connect(lambda one=name: self.opened.emit(one))
                self.cards[name] = card
                self._column.insertWidget(self._column.count() - 1, card)

    def _arrange(self, wanted: list[str]) -> None:
        if wanted == self._order:
            return
        self._order = wanted
        for place, name in enumerate(wanted):
            self._column.removeWidget(self.cards[name])
            self._column.insertWidget(place, self.cards[name])


def _capacity(shown: Shown, name: str) -> int:
    """How many readings the plot spans: once and a half the planned time, so that a short run fills it too."""
    book = shown.state.plan.runbook
    every = every_of(shown.state, name)
    planned = book.plan.duration or timedelta(minutes=30)
    return int(min(_MOST, max(_LEAST, planned * 1.5 / every)))
