"""What metrics and triggers put into the middle of the Run screen, and what goes before them."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ui.models.shown import Shown
from ui.models.trigger import Way, leading, trigger_view
from ui.panels.metric_detail import MetricDetail
from ui.panels.metrics import MetricsPanel
from ui.panels.trigger import TriggerPanel
from ui.store import Store


class Middle(QObject):
    """Owns the plot of a metric and the panel of a trigger. `changed` when something else is to be shown."""

    changed = Signal()

    def __init__(self, store: Store, metrics: MetricsPanel, parent: QWidget) -> None:
        super().__init__(parent)
        self.detail, self.trigger = MetricDetail(store.view), TriggerPanel(store.view)
        self._store, self._metrics = store, metrics
        self._goes_before = ""
        self._led, self._aside, self._chosen = "", False, ""
        metrics.opened.connect(self.open_metric)
        self.trigger.opened.connect(self.open_metric)
        self.detail.left.connect(self.close_metric)
        self.trigger.left.connect(self.close_trigger)

    def open_metric(self, name: str) -> None:
        """Show the whole plot of a metric until it is closed, or something asks for a person."""
        shown = self._store.shown
        self._goes_before = _goes_before(shown)
        self.detail.open(name, shown, self._metrics.memory(shown))
        self.changed.emit()
        self.detail.plot.setFocus()

    def open_trigger(self, name: str) -> None:
        """Show a trigger that fired and only tells."""
        self._chosen = name
        self.changed.emit()

    def close(self) -> bool:
        """Escape: away from what a person opened here; whether there was any."""
        return self.close_metric() or self.close_trigger()

    def close_metric(self) -> bool:
        """Back to what was there, and to the card; whether a plot was open."""
        name = self.detail.shown_metric
        if name:
            self.detail.shut()
            self.changed.emit()
            self._metrics.cards[name].setFocus()
        return bool(name)

    def close_trigger(self) -> bool:
        """Away from a trigger that only tells; whether one was on show."""
        was, self._chosen = self._chosen, ""
        if was:
            self.changed.emit()
        return bool(was)

    def look_aside(self) -> None:
        """A person wants to see a step: a trigger that leads waits beside it."""
        self._aside = True

    def plot_for(self, shown: Shown) -> QWidget | None:
        """The plot that is open; what newly goes before everything closes it."""
        before = _goes_before(shown)
        if before and before != self._goes_before:
            self.detail.shut()
        self._goes_before = before
        if not self.detail.shown_metric:
            return None
        self.detail.show_run(shown, self._metrics.memory(shown))
        return self.detail

    def trigger_for(self, shown: Shown) -> QWidget | None:
        """A trigger that leads, unless a person looks at a step, or one that was chosen."""
        leads = leading(shown.state)
        if leads != self._led:
            self._led, self._aside = leads, False
        memory = self._metrics.memory(shown)
        view = trigger_view(shown, memory, self._chosen)
        if view is None or (shown.browsing and (self._aside or view.way is Way.TOLD)):
            self.trigger.shut()
            return None
        self.trigger.show_trigger(view, shown, memory)
        return self.trigger


def _goes_before(shown: Shown) -> str:
    """What must be seen as soon as it is there."""
    if shown.state.countdown is not None or shown.peeking:
        return f"back {shown.state.countdown is not None}"
    return shown.focus.why if shown.focus.why in {"doubt", "proposed"} else ""
