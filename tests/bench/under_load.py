"""How soon a person is heeded while 20,000 lines a second and 12 cards flow: Roll back clicked, the stop key hit.

python -m tests.bench.under_load

Another thread presses at moments of its own: the press waits in the window's queue behind whatever is being painted, as
a real one does. A click counts as recorded when the state that follows from it is on disk and published. After the stop
key, what counts is the later of the recorded hold and of the last start that the record has after the press.
"""

from __future__ import annotations

import os
import random
import sqlite3
import statistics
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from app.run import requests as r
from app.run.events import HoldLifted, HoldPlaced, OutputCaptured, StepStarted
from app.run.state import RunState
from app.session import Session
from tests.bench.opened import driven, opened, spin
from ui.screens.run import RunScreen
from ui.window import Window

Row = tuple[str, str, str, str, str, bool]
"""name, measured, floor or peer, ratio, limit, within it."""

LINES_A_SECOND, METRICS = 20_000, 12
CLICKS, STOPS, QUICK = 100, 20, 400
CLICK_MS, STOP_MS = 100.0, 200.0
_PATIENCE = 20.0
_WRITER = f"""
import os, sys, time
began = time.monotonic(); done = 0
while (spent := time.monotonic() - began) < 300 and os.path.exists(sys.argv[1]):
    due = int(spent * {LINES_A_SECOND})
    sys.stdout.write("".join(f"row {{n}} copied, 17 columns, checksum ok\\n" for n in range(done, due)))
    sys.stdout.flush(); done = due; time.sleep(0.01)
"""


def measure() -> list[Row]:
    """Two rows: the click, and the stop key."""
    with opened() as (app, window, home):
        try:
            return _measured(app, window, home)
        finally:
            (home / "going").unlink()


def _measured(app: QApplication, window: Window, home: Path) -> list[Row]:
    session, screen = driven(window, _book(home), home)
    spin(app, lambda: session.state.step("write").last is not None)
    person = _Person(window, screen, session)
    began, first = time.monotonic(), session.state.seq
    person.start()
    spin(app, lambda: not person.is_alive())
    assert person.trouble is None, person.trouble
    written = _lines(session, first) / (time.monotonic() - began)
    return [_clicked(person.clicks, written), _stopped(session, person.stops)]


def _clicked(seconds: list[float], written: float) -> Row:
    clicks = sorted(one * 1000 for one in seconds)
    p99 = clicks[int(len(clicks) * 0.99) - 1]
    told = f"{len(clicks)} clicks, median {statistics.median(clicks):.0f} ms, worst {clicks[-1]:.0f} ms, "
    told += f"{written:,.0f} lines/s, {METRICS} cards, load {_load():.1f}"
    name = "click on Roll back until it is on disk, p99"
    return name, f"{p99:.0f} ms", told, f"{p99 / CLICK_MS:.2f}", f"{CLICK_MS:g} ms", p99 <= CLICK_MS


def _stopped(session: Session, pressed: list[int]) -> Row:
    """From each press of the stop key to the last thing that still began."""
    took, starts = [], 0
    with session.reader() as reader:
        events = [(one.mono_ns, one.event) for one in reader.replay()]
    for press in pressed:
        after = [(at, event) for at, event in events if at >= press]
        placed = next(place for place, (_, event) in enumerate(after) if isinstance(event, HoldPlaced))
        until = next(place for place, (_, event) in enumerate(after) if isinstance(event, HoldLifted))
        begun = [at for at, event in after[:until] if isinstance(event, StepStarted)]
        starts += sum(isinstance(event, StepStarted) for _, event in after[placed:until])
        took.append((max([after[placed][0], *begun]) - press) / 1e6)
    worst = max(took)
    told = f"{len(took)} presses while steps start all the time, median {statistics.median(took):.0f} ms, "
    told += f"{starts} starts after the hold, load {_load():.1f}"
    name = "stop key until nothing new starts, worst"
    held = worst <= STOP_MS and not starts
    return name, f"{worst:.0f} ms", told, f"{worst / STOP_MS:.2f}", f"{STOP_MS:g} ms", held


class _Person(threading.Thread):
    """Presses from outside of the window's thread, and waits for what comes of it."""

    def __init__(self, window: Window, screen: RunScreen, session: Session) -> None:
        super().__init__(name="person", daemon=True)
        self.clicks: list[float] = []
        self.stops: list[int] = []
        self.trouble: BaseException | None = None
        self._screen, self._session = screen, session
        self._finger = _Finger(window, screen)
        self._dice = random.Random(7)

    def run(self) -> None:
        """All presses, one after the other."""
        try:
            for _ in range(CLICKS):
                self.clicks.append(self._roll_back())
            self._session.send(r.Answer("ana", "many", "done"))
            self._until(lambda state: state.step("q0").last is not None)
            for _ in range(STOPS):
                self.stops.append(self._panic())
        except BaseException as trouble:  # noqa: BLE001 - told in the thread that measures
            self.trouble = trouble

    def _roll_back(self) -> float:
        time.sleep(self._dice.uniform(0.02, 0.12))
        began = time.monotonic_ns()
        self._finger.pressed.emit("click")
        self._until(lambda state: state.countdown is not None)
        took = (time.monotonic_ns() - began) / 1e9
        # Until it is shown, too: a click on a strip that still counts down would mean "now".
        self._until(lambda _: self._screen.store.shown.state.countdown is not None)
        self._session.send(r.CallOff("ana"))
        self._until(lambda state: state.countdown is None and self._screen.store.shown.state.countdown is None)
        return took

    def _panic(self) -> int:
        time.sleep(self._dice.uniform(0.1, 0.3))
        began = time.monotonic_ns()
        self._finger.pressed.emit("panic")
        self._until(lambda state: bool(state.held))
        time.sleep(0.2)  # whatever would still start has the time to
        self._session.send(r.Release("ana"))
        self._until(lambda state: not state.held)
        return began

    def _until(self, so: Callable[[RunState], bool]) -> None:
        end = time.monotonic() + _PATIENCE
        while not so(self._session.state):
            assert time.monotonic() < end, f"it did not happen after {len(self.clicks)} clicks, {len(self.stops)} stops"
            time.sleep(0.001)


class _Finger(QObject):
    """Lives with the window; `pressed` may be emitted anywhere and arrives through the window's queue."""

    pressed = Signal(str)

    def __init__(self, window: Window, screen: RunScreen) -> None:
        super().__init__(window)
        self._window, self._screen = window, screen
        self.pressed.connect(self._press)

    def _press(self, what: str) -> None:
        assert self._window.flows is not None
        if what == "click":
            self._screen.strip.calm.button.click()
        else:
            self._window.flows.press(what)


def _lines(session: Session, first: int) -> int:
    """Lines recorded after an entry."""
    with session.reader() as reader:
        size, seq = 0, first
        while page := reader.after(seq, limit=500):
            size += sum(len(one.event.data) * 3 // 4 for one in page if isinstance(one.event, OutputCaptured))
            seq = page[-1].seq
    return size // len("row 123456 copied, 17 columns, checksum ok\n")


def _book(home: Path) -> Path:
    sqlite3.connect(home / "numbers.db").close()
    (home / "writer.py").write_text(_WRITER)
    (home / "going").touch()
    metrics = "".join(
        f"  m{n}: {{sql: {{db: numbers, run: 'select abs(random() % 100) as n'}}, value: row.n, every: 1s}}\n"
        for n in range(METRICS)
    )
    quick = "".join(
        f"      - {{id: q{n}, track: many, changes: nothing, local: {{argv: ['true']}}}}\n" for n in range(QUICK)
    )
    path = home / "loud.yaml"
    path.write_text(
        f"runbook: 1\nname: loud\ntitle: Everything at once\n"
        f"databases:\n  numbers: {{url: 'sqlite:///{home}/numbers.db'}}\nmetrics:\n{metrics}"
        f"phases:\n  - id: loud\n    steps:\n      - id: made\n        changes: reversible\n        track: loud\n"
        f"        local: {{argv: ['true']}}\n        undo: [{{local: {{argv: ['true']}}}}]\n"
        f"      - id: write\n        title: Write it all\n        changes: nothing\n"
        f"        track: loud\n"
        f"        local: {{argv: ['{sys.executable}', '{home}/writer.py', '{home}/going']}}\n"
        f"      - {{id: many, track: many, check: {{text: Start many}}}}\n{quick}"
    )
    return path


def _load() -> float:
    return os.getloadavg()[0] / (os.cpu_count() or 1)


def main() -> None:
    for row in measure():
        print(*row, sep=" | ")


if __name__ == "__main__":
    main()
