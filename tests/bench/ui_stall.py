"""How long the window ever keeps a person waiting: the real engine, 20,000 output lines a second, 12 metric cards.

python -m tests.bench.ui_stall

A beat is asked for every millisecond on the UI's thread; by how much it comes late is a stall. The engine runs in the
same process, as it does in the product, so its share of the interpreter is part of what is measured.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from app.run.events import OutputCaptured
from tests.bench.opened import driven, opened, spin
from ui.store import Tick
from ui.window import Window

Row = tuple[str, str, str, str, str, bool]
"""name, measured, floor or peer, ratio, limit, within it."""

LINES_A_SECOND, SECONDS, METRICS = 20_000, 8, 12
CALM_MS, LOADED_MS = 16.0, 50.0
_WRITER = f"""
import sys, time
began = time.monotonic(); done = 0
while (spent := time.monotonic() - began) < {SECONDS}:
    due = int(spent * {LINES_A_SECOND})
    sys.stdout.write("".join(f"row {{n}} copied, 17 columns, checksum ok\\n" for n in range(done, due)))
    sys.stdout.flush(); done = due; time.sleep(0.01)
"""


def measure() -> list[Row]:
    """One row: the 99th percentile of stalls while everything flows."""
    with opened() as (app, window, home):
        return _measured(app, window, home)


def _measured(app: QApplication, window: Window, home: Path) -> list[Row]:
    _, screen = driven(window, _book(home), home)
    counted = _Counted()
    screen.store.ticked.connect(counted.take)
    spin(app, lambda: counted.bytes > 0)
    beats = _Beats()
    counted.bytes, began = 0, time.monotonic()
    spin(app, lambda: time.monotonic() - began > SECONDS - 2)
    spent = time.monotonic() - began
    stalls = sorted(beats.stop())
    p99 = stalls[int(len(stalls) * 0.99)]
    line = len("row 123456 copied, 17 columns, checksum ok\n")
    rate = counted.bytes / line / spent
    load = os.getloadavg()[0] / (os.cpu_count() or 1)
    limit = CALM_MS if load < 0.75 else LOADED_MS
    told = f"{rate:,.0f} lines/s shown, {len(screen.metrics.cards)} cards, worst {stalls[-1]:.0f} ms, load {load:.1f}"
    return [("stall of the window, p99", f"{p99:.1f} ms", told, f"{p99 / limit:.2f}", f"{limit:g} ms", p99 <= limit)]


class _Counted:
    """Counts what was shown."""

    def __init__(self) -> None:
        self.bytes = 0

    def take(self, tick: Tick) -> None:
        """One repaint."""
        self.bytes += sum(len(one.event.data) * 3 // 4 for one in tick.events if isinstance(one.event, OutputCaptured))


class _Beats:
    """A beat every millisecond; how late each came, in milliseconds."""

    def __init__(self) -> None:
        self._late: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(1)

    def stop(self) -> list[float]:
        """Every lateness so far."""
        self._timer.stop()
        return self._late

    def _beat(self) -> None:
        now = time.perf_counter()
        self._late.append(max(0.0, (now - self._last) * 1000 - 1))
        self._last = now


def _book(home: Path) -> Path:
    sqlite3.connect(home / "numbers.db").close()
    (home / "writer.py").write_text(_WRITER)
    metrics = "".join(
        f"  m{n}: {{sql: {{db: numbers, run: 'select abs(random() % 100) as n'}}, value: row.n, every: 1s}}\n"
        for n in range(METRICS)
    )
    path = home / "loud.yaml"
    path.write_text(
        f"runbook: 1\nname: loud\ntitle: Everything at once\n"
        f"databases:\n  numbers: {{url: 'sqlite:///{home}/numbers.db'}}\nmetrics:\n{metrics}"
        f"phases:\n  - id: loud\n    steps:\n      - id: write\n        title: Write it all\n        changes: nothing\n"
        f"        local: {{argv: ['{sys.executable}', '{home}/writer.py']}}\n"
    )
    return path


if __name__ == "__main__":
    for row in measure():
        print(*row, sep=" | ")
