"""The run that this window shows: taken in at most 30 times a second, told on as one tick, never a signal per line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from app.errors import TminusError
from app.run import events as e
from app.run.requests import Request, RollBack, RollBackNow
from app.run.state import Stage
from app.session import Session, View, Watch
from ui.models.output import OutputLines
from ui.models.shown import Gaze, Shown, look
from ui.widgets.output_view import OutputLine

TICK_MS = 33
WATCH_MS = 100
CLOCK_MS = 250
READINGS_MS = 60
"""Readings alone are told at most this often: twelve cards at 10 Hz would else be painted thirty times a second."""

_READINGS = 1_000
_GROUPS = 24
_ENDS = (e.StepSucceeded, e.StepFailed, e.StepCancelled, e.StepFenced, e.StepInDoubt)
_QUIET = (e.OutputCaptured, e.MetricRead, e.RowsCounted)


@dataclass(frozen=True, slots=True)
class Tick:
    """What one repaint is about. `lines`: new output of the step on show; `events`: new entries of the record."""

    shown: Shown
    events: tuple[e.Recorded, ...] = ()
    lines: tuple[OutputLine, ...] = ()


class Store(QObject):
    """Owns the handle on one run. `ticked` carries a Tick; `ended` comes once when the engine has let go.

    `refilled` carries a step whose output must be read again with `lines_of`; `unheard` says why nothing was sent.
    """

    ticked = Signal(object)
    ended = Signal()
    refilled = Signal(str)
    unheard = Signal(str)

    def __init__(self, view: View, gaze: Gaze, parent: QObject | None = None) -> None:
        super().__init__(parent)
        assert isinstance(view, Session | Watch)
        self.view: View = view
        self._handle: Session | Watch = view
        self.gaze = gaze
        self.output = OutputLines(gaze.zone)
        self.faults: list[str] = []
        self._news = True
        self._over = False
        self._looked = QElapsedTimer()
        self._told = QElapsedTimer()
        self._kept: tuple[e.Recorded, ...] = ()
        self._driver = ""
        if isinstance(view, Session):
            view.on_news(self._notice)
        self.shown = self._look()
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS if self.driving else WATCH_MS)
        self._timer.timeout.connect(self.tick)

    @property
    def driving(self) -> bool:
        """Whether this window drives the run; an engine that let go of it, by whatever cause, drives nothing."""
        return isinstance(self.view, Session) and not self.view.ended

    @property
    def deaf(self) -> bool:
        """Whether nothing that is said here is heard, though the run is not over: its engine here has let go."""
        return isinstance(self.view, Session) and self.view.ended and not self.shown.over

    def start(self) -> None:
        """Begin to show; the first tick holds what the record had before, bulk left out but for the newest readings."""
        events = self._take()
        events = (*self._before(events[0].seq if events else self.shown.state.seq + 1), *events)
        lines = self._lines(events)
        self.shown = self._look()
        self.ticked.emit(Tick(self.shown, events, tuple(lines)))
        self._timer.start()

    def stop(self) -> None:
        """Show nothing more."""
        self._timer.stop()

    def send(self, request: Request) -> None:
        """Ask for something, directly or through the record's inbox. A refusal comes back as an event.

        What nobody would hear is not sent, and neither is going back while nobody drives: left in the inbox it would
        begin by itself whenever somebody does.
        """
        why = self._nobody_hears(request)
        if why:
            self.unheard.emit(why)
            return
        try:
            self._handle.send(request)
        except TminusError as trouble:  # the record's inbox is full, read-only, moved or gone
            self.unheard.emit(f"Not sent: {trouble.what}")
            return
        self._news = True

    def look_at(self, address: str = "") -> None:
        """Show another step; "" follows what happens."""
        self.gaze = replace(self.gaze, address=address)
        self._refresh()

    def peek(self, *, peeking: bool) -> None:
        """Show the way back beside the button before anybody presses it."""
        self.gaze = replace(self.gaze, peeking=peeking)
        self._refresh()

    def choose_scope(self, scope: str) -> None:
        """Show, and go back to, another scope; "" is the runbook's own."""
        self.gaze = replace(self.gaze, scope=scope)
        self._refresh()

    def lines_of(self, address: str) -> list[OutputLine]:
        """What a step wrote, from memory or from the record."""
        kept = self.output.of(address)
        if kept is not None or not address or not self.shown.state.step(address).attempts:
            return kept or []
        from app.session import Filter

        with self.view.reader() as reader:
            found = reader.newest(Filter(address=address, categories=("output",)), _GROUPS)
        return self.output.fill(address, found)

    def tick(self) -> None:
        """Take in what is new; tell it on when there is something, or when a clock on screen moves."""
        events, self._kept = (*self._kept, *self._take()), ()
        moving = self.shown.state.countdown is not None or self.shown.state.proposal is not None
        stale = not self._looked.isValid() or self._looked.elapsed() >= CLOCK_MS
        if events and not moving and not stale and self._can_wait(events):
            self._kept = events
        elif events or moving or stale:
            self._told.start()
            lines = self._lines(events)
            loud = any(not isinstance(one.event, _QUIET) for one in events)
            if loud or moving or stale:
                self.shown = self._look()
            self.ticked.emit(Tick(self.shown, events, tuple(lines)))
        self._watch_end()

    def _can_wait(self, events: tuple[e.Recorded, ...]) -> bool:
        """Nothing but readings, and the last tick is not long ago."""
        recent = self._told.isValid() and self._told.elapsed() < READINGS_MS
        return recent and all(isinstance(one.event, e.MetricRead) for one in events)

    def _before(self, seq: int) -> list[e.Recorded]:
        """The entries before `seq`: those of the log, and the newest readings for the plots."""
        if seq <= 1:
            return []
        from app.session import Filter

        with self.view.reader() as reader:
            kept = {one.seq: one for one in reader.replay() if not isinstance(one.event, e.OutputCaptured)}
            kept |= {one.seq: one for one in reader.newest(Filter(categories=("sample",)), _READINGS)}
        return [kept[number] for number in sorted(kept) if number < seq]

    def _refresh(self) -> None:
        self.shown = self._look()
        self.ticked.emit(Tick(self.shown))

    def _take(self) -> tuple[e.Recorded, ...]:
        if self.driving and not self._news:
            return ()
        self._news = False
        return self._handle.take()

    def _lines(self, events: tuple[e.Recorded, ...]) -> list[OutputLine]:
        """New lines of the step on show; lines of others are kept."""
        shown: list[OutputLine] = []
        for one in events:
            lines: list[OutputLine] = []
            address = getattr(one.event, "address", "")
            if isinstance(one.event, e.OutputCaptured):
                lines = self.output.add(one)
            elif isinstance(one.event, _ENDS):
                lines = self.output.finish(one, address)
                self._close_gaps(address)
            elif isinstance(one.event, e.FaultSeen):
                self.faults.append(one.event.text)
            if lines and address == self.shown.address:
                shown += lines
        return shown

    def _close_gaps(self, address: str) -> None:
        """What went by too fast to be read is there once the step is over."""
        if address in self.output.gaps:
            self.output.forget(address)
            self.refilled.emit(address)

    def _look(self) -> Shown:
        self._looked.start()
        if isinstance(self.view, Watch | Session):
            driver = self.view.driver()
            self._driver = str(driver) if driver is not None else ""
        return look(self.view, self.gaze, driving=self.driving, driver=self._driver)

    def _nobody_hears(self, request: Request) -> str:
        """Why it is not sent; "" when it may be."""
        back = isinstance(request, RollBack | RollBackNow)
        if self.driving or (isinstance(self.view, Watch) and (not back or self.view.driver() is not None)):
            return ""
        if self.view.state.stage is Stage.CLOSED:
            return "Not sent: this run is closed, and nobody can act in it any more."
        if self._driver and isinstance(self.view, Session):
            return f"Not sent: {self._driver} drives this run now. Show it anew from History, then ask again."
        if back:
            return "Roll back was not sent: nobody drives this run. Drive it from here, then roll back."
        return "Not sent: nobody drives this run. Drive it from here, then ask again."

    def _notice(self) -> None:
        """Called from the engine's thread: only a flag, read by the timer."""
        self._news = True

    def _watch_end(self) -> None:
        if isinstance(self.view, Session) and self.view.ended and not self._over:
            self._over = True
            self.ended.emit()


def seconds(milliseconds: int) -> timedelta:
    """Milliseconds of the record as a length of time."""
    return timedelta(milliseconds=milliseconds)
