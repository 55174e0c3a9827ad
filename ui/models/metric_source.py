"""The readings of one metric, fetched from the record page by page, those recorded later as they come."""

from __future__ import annotations

from app.run.events import MetricRead, Recorded
from app.session import View
from ui.models.run_axis import RunAxis
from ui.widgets.readings import Readings

PAGE = 1_000
"""A page is about 15 ms of work: short enough for the UI's thread."""


class MetricSource:
    """Of one metric of one run; `readings` grows. Close it."""

    def __init__(self, view: View, metric: str, axis: RunAxis, silence: float) -> None:
        self.readings = Readings(silence)
        self.metric, self._axis = metric, axis
        self._reader = view.reader()
        self._seq = 0

    def read_page(self) -> bool:
        """Take in the next page; whether there may be more."""
        found = self._reader.samples(self.metric, self._seq, PAGE)
        for one in found:
            self._take(one)
        return len(found) == PAGE

    def close(self) -> None:
        """Let the record go."""
        self._reader.close()

    def _take(self, one: Recorded) -> None:
        self._seq = one.seq
        read = one.event
        if isinstance(read, MetricRead):
            value = float(read.value) if read.value else None
            self.readings.add(self._axis.at_reading(one, read), value, read.problem)
