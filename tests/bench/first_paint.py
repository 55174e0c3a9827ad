"""How soon the window is painted, and what it weighs then: against an empty PySide6 window of the same run, in turns.

python -m tests.bench.first_paint
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

Row = tuple[str, str, str, str, str, bool]
"""name, measured, floor or peer, ratio, limit, within it."""

ROUNDS = 7
MOST_TIMES, MOST_MB = 2.0, 90.0
ROOT = Path(__file__).parents[2]

_EMPTY = """
from PySide6.QtWidgets import QApplication, QWidget
class Window(QWidget):
    def paintEvent(self, event):
        super().paintEvent(event)
        painted()
app = QApplication([])
window = Window()
"""
_OURS = """
from pathlib import Path
from PySide6.QtWidgets import QApplication
from app.settings import load_settings
from ui.opening import open_window
app = QApplication([])
window = open_window(app, load_settings(Path(sys.argv[2])))
paint = type(window).paintEvent
def seen(self, event):
    paint(self, event)
    painted()
type(window).paintEvent = seen
"""
_FRAME = """
import json, os, sys, time
def painted():
    took = time.time() - float(sys.argv[1])
    pages = int(open("/proc/self/statm").read().split()[1])
    print(json.dumps([took, pages * os.sysconf("SC_PAGE_SIZE") / 1e6]), flush=True)
    os._exit(0)
{body}
window.resize(1280, 720)
window.show()
app.exec()
"""


def measure() -> list[Row]:
    """Two rows: time and weight at the first paint, medians."""
    empty, ours = [], []
    with tempfile.TemporaryDirectory() as home:
        for _ in range(ROUNDS):
            empty.append(_paint(_EMPTY, home))
            ours.append(_paint(_OURS, home))
    alone, around = (statistics.median(times[0] for times in found) for found in (empty, ours))
    light, heavy = (statistics.median(times[1] for times in found) for found in (empty, ours))
    ratio = around / alone
    peer = f"empty PySide6 window: {alone:.2f} s"
    return [
        ("first paint of the window", f"{around:.2f} s", peer, f"{ratio:.2f}", f"{MOST_TIMES:g}x", ratio <= MOST_TIMES),
        (
            "memory at first paint",
            f"{heavy:.0f} MB",
            f"empty PySide6 window: {light:.0f} MB",
            f"{heavy / light:.2f}",
            f"{MOST_MB:g} MB",
            heavy <= MOST_MB,
        ),
    ]


def _paint(body: str, home: str) -> tuple[float, float]:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-c", _FRAME.format(body=body), str(time.time()), home]
    said = subprocess.run(words, env=environment, cwd=ROOT, check=True, capture_output=True, text=True, timeout=60)
    took, weight = json.loads(said.stdout)
    return float(took), float(weight)


if __name__ == "__main__":
    for row in measure():
        print(*row, sep=" | ")
