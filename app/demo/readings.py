"""How the shop does, over the last five seconds: requests, errors, p95; as JSON and as Prometheus text."""

from __future__ import annotations

import time
from collections import Counter, deque
from dataclasses import dataclass
from typing import Literal

WINDOW_SECONDS = 5.0
Ending = Literal["ok", "failed", "refused"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One moment. A value is None when nothing was measured in the window."""

    requests_per_second: float
    error_percent: float | None
    p95_milliseconds: float | None
    refused_per_second: float


class Readings:
    """Collects how requests ended. A write refused because the shop is read only is no error."""

    def __init__(self) -> None:
        self._recent: deque[tuple[float, Ending, float]] = deque()
        self.totals: Counter[str] = Counter()

    def note(self, ending: Ending, seconds: float) -> None:
        """A request has ended."""
        self._recent.append((time.monotonic(), ending, seconds))
        self.totals[ending] += 1
        self._forget()

    def now(self) -> Reading:
        """What the window holds."""
        self._forget()
        counts = Counter(ending for _, ending, _ in self._recent)
        judged = counts["ok"] + counts["failed"]
        lengths = sorted(length for _, ending, length in self._recent if ending != "refused")
        return Reading(
            requests_per_second=round(len(self._recent) / WINDOW_SECONDS, 1),
            error_percent=round(100 * counts["failed"] / judged, 2) if judged else None,
            p95_milliseconds=round(1000 * lengths[int(0.95 * (len(lengths) - 1))], 2) if lengths else None,
            refused_per_second=round(counts["refused"] / WINDOW_SECONDS, 1),
        )

    def _forget(self) -> None:
        horizon = time.monotonic() - WINDOW_SECONDS
        while self._recent and self._recent[0][0] < horizon:
            self._recent.popleft()


def as_prometheus(values: dict[str, float | None], totals: Counter[str], engine: str) -> str:
    """The text exposition format; a value of None is left out, as an exporter does that has nothing to say."""
    lines = []
    for name, value in values.items():
        if value is not None:
            lines += [f"# TYPE orders_{name} gauge", f"orders_{name} {value}"]
    lines.append("# TYPE orders_requests_total counter")
    lines += [f'orders_requests_total{{outcome="{name}"}} {totals[name]}' for name in ("ok", "failed", "refused")]
    lines += ["# TYPE orders_engine gauge"]
    lines += [f'orders_engine{{engine="{name}"}} {int(name == engine)}' for name in ("old", "new")]
    return "\n".join([*lines, ""])
