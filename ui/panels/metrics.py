"""The column of metric cards: red ones first, each with its own plot; acknowledging a first red goes to the record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from math import nan

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.run.events import MetricRead, Recorded
from ui import words
from ui.fonts import Weight
from ui.models.metrics import metric_views, order
from ui.models.shown import Shown
from ui.paint import RIGHT
from ui.tokens import Space, Tone, Type
from ui.widgets.metric_card import MetricCard, MetricView
from ui.widgets.text import Paragraph, Text

_LEAST, _MOST = 180, 3600


class MetricsPanel(QWidget):
    """`acknowledged` carries the name of a metric."""

    acknowledged = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards: dict[str, MetricCard] = {}
        self._order: list[str] = []
        self._marked: dict[str, bool] = {}
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

    def show_run(self, shown: Shown, events: Sequence[Recorded]) -> None:
        """Show every metric; `events` bring the readings for the plots."""
        views = metric_views(shown)
        self._make(shown, views)
        self.take(events)
        for name, view in views.items():
            card = self.cards[name]
            self._mark(name, view)
            if card.view != view:
                card.show_view(view)
        self._arrange(order(views))
        red = sum(view.tone is Tone.BAD for view in views.values())
        was = sum(bool(view.first_red) for view in views.values()) - red
        parts = (str(len(views)) if views else "none", f"{red} red" if red else "", f"{was} was red" if was > 0 else "")
        self.none.setVisible(not views)
        self.count.show_text(words.joined(*parts), Tone.BAD if red else Tone.MUTED)

    def _make(self, shown: Shown, views: dict[str, MetricView]) -> None:
        for name, view in views.items():
            if name not in self.cards:
                card = MetricCard(view, _capacity(shown, name))
                card.acknowledged.connect(lambda one=name: self.acknowledged.emit(one))
                self.cards[name] = card
                self._column.insertWidget(self._column.count() - 1, card)

    def take(self, events: Sequence[Recorded]) -> None:
        """Put readings onto the plots."""
        found: dict[str, list[float]] = {}
        for one in events:
            if isinstance(one.event, MetricRead):
                value = float(one.event.value) if one.event.value else nan
                found.setdefault(one.event.metric, []).append(value)
        for name, values in found.items():
            if name in self.cards:
                self.cards[name].append(values)

    def _mark(self, name: str, view: MetricView) -> None:
        """The first red is marked on the plot where it was read."""
        plot, red = self.cards[name].plot, bool(view.first_red)
        if red and not self._marked.get(name):
            plot.mark_first_red(max(0, plot.series.total - 1))
        elif not red and self._marked.get(name):
            plot.mark_first_red(None)
        self._marked[name] = red

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
    every = book.metrics[name].every or timedelta(seconds=10)
    planned = book.plan.duration or timedelta(minutes=30)
    return int(min(_MOST, max(_LEAST, planned * 1.5 / every)))
