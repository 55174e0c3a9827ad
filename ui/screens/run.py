"""The Run screen: head, way back, timeline, steps, the one step, metrics and the log, in one fixed geometry."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, Qt, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.run.awake_events import NotKeptAwake
from app.run.events import RequestRefused
from app.session import Session, kinds
from ui.act import Act
from ui.announce import announce
from ui.keyboard import EscapeFirst, writing_or_aside
from ui.models.current import current_view
from ui.models.doubt import doubt_view
from ui.models.head import environment_of
from ui.models.outcome import outcome_view
from ui.models.shown import Shown
from ui.models.timeline import timeline_view
from ui.models.trigger import unseen_line
from ui.panels.back_side import BackSide
from ui.panels.back_strip import BackStrip
from ui.panels.coach import Coach
from ui.panels.confirm import Confirm
from ui.panels.current import CurrentPanel
from ui.panels.doubt import DoubtPanel
from ui.panels.head import Head
from ui.panels.log import LogPanel
from ui.panels.metrics import MetricsPanel
from ui.panels.notice import Notice
from ui.panels.outcome import OutcomePanel
from ui.panels.preview import PreviewPanel
from ui.panels.steps import StepsPanel
from ui.panels.surface import Surface
from ui.screens.middle import Middle
from ui.screens.under_hand import UnderHand
from ui.store import Store, Tick
from ui.tokens import GUTTER, Height, Tone
from ui.widgets.environment import Environment, RehearsalBand
from ui.widgets.timeline import Timeline

WIDE, HIGH = 1400, 840
HOLD_SEEN_MS = 1_000
"""How long a hold is on show before the key that placed it also lifts it: a key pressed twice in haste holds."""
_LOUD = {
    "proposed": "A trigger wants to roll back",
    "failed": "A step failed",
    "doubt": "A step is in doubt",
    "stopped": "The run stopped",
}


class RunScreen(QWidget):
    """Shows one Store. `history_asked` and `resume_asked` are for the window to follow."""

    history_asked = Signal()
    resume_asked = Signal()
    export_asked = Signal()

    def __init__(self, store: Store, *, coached: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.store = store
        self.act = Act(store, self)
        self._kinds = kinds()
        self._output_of = ""
        self._shown: Shown | None = None
        self._was = ""
        self._hold_seen = QElapsedTimer()
        self._gaze = store.gaze
        self._make_parts(coached=coached)
        self._build()
        self._connect()
        self.log.begin(store.view, store.shown)
        self.arrange(1280, 720)

    def show_tick(self, tick: Tick) -> None:
        """One repaint: everything from one look."""
        shown = tick.shown
        self.log.add(tick.events)
        self._say_refusals(tick)
        if shown is self._shown:
            # Only output and readings came: the rest of the screen says what it said.
            self.metrics.take(shown, tick.events)
            if tick.lines and shown.address == self._output_of:
                self.current.add_output(tick.lines)
            return
        asked = self._shown is None or self._gaze != self.store.gaze  # a person went there, or it is the first
        self._shown, self._gaze = shown, self.store.gaze
        self._watch_keys(shown)
        self.head.show_run(shown, broken=self.broken)
        self.strip.show_run(shown, self.store.view.scopes())
        self.line.show_view(timeline_view(shown))
        self._show_left(shown)
        self._show_middle(tick)
        self._show_filled(shown, asked=asked)
        for part in (self.current.verbs, self.current.question, self.confirm):
            part.setEnabled(not self.store.deaf)
        self._show_notice(shown)
        self._show_right(tick)
        self.coach.show_run(shown)
        asks_below = self.middle.currentWidget() is self.current and not shown.browsing
        self.confirm.show_run(shown, shown.address if asks_below else "")
        self._tell(shown)

    @property
    def broken(self) -> bool:
        """Whether the engine let go of the run by a fault."""
        view = self.store.view
        return isinstance(view, Session) and view.trouble is not None

    def say_primary(self) -> None:
        """Ctrl+Enter: the one next action of whatever is on show, unless that came up by itself just now."""
        part = self.middle.currentWidget()
        if self.under_hand.waits and not (part is self.trigger and self.trigger.holds_off):
            return
        if part is self.current:
            self.current.verbs.say_primary()
        elif part is self.doubt:
            self.doubt.say_primary()
        elif part is self.outcome:
            self.outcome.verbs.say_primary()
        elif part is self.trigger:
            self.trigger.say_primary()

    def arrange(self, wide: int, high: int) -> None:
        """The geometry for a window of this size: two widths of columns, three or four rows of log."""
        roomy = wide >= WIDE
        self.steps.setFixedWidth(424 if roomy else 250)
        self.side.setFixedWidth(330 if roomy else 236)
        self.log.rows_shown(4 if high >= HIGH else 3)
        self.back_side.arrange(low=high < HIGH)

    def resizeEvent(self, event: QResizeEvent) -> None:
        window = self.window()
        self.arrange(window.width(), window.height())
        super().resizeEvent(event)

    def _show_notice(self, shown: Shown) -> None:
        """What matters about the console; a trigger only where the middle does not tell of it."""
        told = self.middle.currentWidget() is self.trigger
        aside = ("", Tone.MUTED, "") if told else unseen_line(shown, self.metrics.memory(shown))
        self.notice.show_run(
            shown,
            broken=self.broken,
            faults=len(self.store.faults),
            told=told,
            aside=aside,
            follows=not self.store.deaf,
        )

    def _show_left(self, shown: Shown) -> None:
        self.steps.show_run(shown)

    def _show_middle(self, tick: Tick) -> None:
        shown = tick.shown
        if tick.lines and shown.address == self._output_of:
            self.current.add_output(tick.lines)  # whatever stands in the middle: it is there when the step is back
        plot = self.metered.plot_for(shown)
        if plot is not None:
            self.middle.setCurrentWidget(plot)
            return
        if shown.state.countdown is not None or (shown.peeking and not shown.going_back):
            self.preview.show_run(shown)
            self.middle.setCurrentWidget(self.preview)
            return
        doubt = doubt_view(shown, self._kinds)
        if doubt is not None:
            self.doubt.show_doubt(doubt)
            self.middle.setCurrentWidget(self.doubt)
            return
        trigger = self.metered.trigger_for(shown)
        if trigger is not None:
            self.middle.setCurrentWidget(trigger)
            return
        view = current_view(shown, self._kinds)
        outcome = outcome_view(shown) if view is None else None
        if view is not None:
            self.current.show_step(view, shown.operator)
            self._show_output(shown.address)
            self.middle.setCurrentWidget(self.current)
        elif outcome is not None:
            self.outcome.show_outcome(outcome)
            self.middle.setCurrentWidget(self.outcome)

    def _show_filled(self, shown: Shown, *, asked: bool) -> None:
        """The filled button cannot be pressed for a moment after it came to mean something else by itself."""
        part = self.middle.currentWidget()
        if part is self.trigger and self.trigger.view is not None:
            # What the step behind it does meanwhile changes nothing of what its button means.
            self.under_hand.show((part, self.trigger.view.trigger, self.trigger.view.way), asked=asked)
        else:
            self.under_hand.show((part, *self._filled(shown)), asked=asked)
        self._show_settling()

    def _filled(self, shown: Shown) -> tuple[str, str, str, int]:
        """What the filled button is about: the step, why it is on show, the button's words, the answers so far."""
        part = self.middle.currentWidget()
        says = ""
        if part is self.doubt:
            says = self.doubt.ways[0].button.text() if self.doubt.ways else ""
        elif part is self.current or part is self.outcome:
            says = (self.current if part is self.current else self.outcome).verbs.primary.text()
        question = shown.step.question if shown.address else None
        answers = len(question.answers) if question is not None else 0
        return shown.address, "browsing" if shown.browsing else shown.focus.why, says, answers

    def _show_settling(self) -> None:
        buttons = [self.current.verbs.primary, self.outcome.verbs.primary, self.trigger.follows.on]
        for button in (*buttons, *(way.button for way in self.doubt.ways[:1])):
            button.show_waiting(waits=self.under_hand.waits)

    def hideEvent(self, event: QHideEvent) -> None:
        self._hold_seen.invalidate()
        super().hideEvent(event)

    @property
    def may_go_on(self) -> bool:
        """Whether Ctrl+H may lift the hold: it was seen here, for a second, and the key is not meant for words."""
        seen = self._hold_seen.isValid() and self._hold_seen.elapsed() >= HOLD_SEEN_MS
        return seen and not writing_or_aside(self.window())

    def press_hold(self) -> None:
        """Ctrl+H: holds; lifts a hold only where `may_go_on`, else the answer says who holds."""
        state = self.store.shown.state
        if state.held and state.proposal is None and self.may_go_on:
            self.act.release()
        else:
            self.hold()

    def _watch_keys(self, shown: Shown) -> None:
        """Since when a hold is on show, and whether Escape means to stop a countdown."""
        if not shown.state.held or not self.isVisible():
            self._hold_seen.invalidate()
        elif not self._hold_seen.isValid():
            self._hold_seen.start()
        answered = (shown.driving or bool(shown.driver)) and not (self.broken or self.store.deaf)
        self.escape.listen(on=shown.state.countdown is not None and answered)

    def _escape(self) -> None:
        """Call the countdown off; in a run that was let go of nobody can, and the key is free again."""
        self.act.call_off()
        if isinstance(self.store.view, Session) and self.store.view.ended:
            self.escape.listen(on=False)

    def leave(self) -> None:
        """Nothing more is shown here, and Escape is no longer taken from the rest of the program."""
        self.store.stop()
        self.escape.listen(on=False)

    def hold(self) -> None:
        """Into the reason where a trigger proposes a rollback, else the hold itself."""
        if self.middle.currentWidget() is self.trigger and self.trigger.hold.isVisible():
            self.trigger.hold.words.setFocus()
        else:
            self.act.hold()

    def _look_at(self, address: str) -> None:
        self.metered.look_aside()
        self.store.look_at(address)

    def _repaint(self) -> None:
        self._shown = None
        self.show_tick(Tick(self.store.shown))

    def _show_output(self, address: str) -> None:
        if address != self._output_of:
            self._output_of = address
            self.current.show_output(self.store.lines_of(address))

    def _say_refusals(self, tick: Tick) -> None:
        """What was asked for and may not be is said at once, not only in the log; an old record's refusals are not."""
        if self._shown is None:
            return
        for one in tick.events:
            if isinstance(one.event, RequestRefused):
                self.notice.say(f"Refused: {one.event.why}")
            elif isinstance(one.event, NotKeptAwake):
                self.notice.say("Nothing keeps this machine awake: see to it that it does not sleep. The log says why.")

    def _export_first(self) -> None:
        """Whoever counts down wants the rows saved before anything is undone: the countdown stops for it."""
        self.act.call_off()
        self.export_asked.emit()

    def _refill(self, address: str) -> None:
        if address == self._output_of:
            self._output_of = ""

    def _show_right(self, tick: Tick) -> None:
        shown = tick.shown
        # A doubt takes the whole width: its evidence is what matters until somebody chose.
        self.side.setVisible(self.middle.currentWidget() is not self.doubt)
        back = shown.going_back or shown.peeking or shown.state.countdown is not None
        self.metrics.show_run(shown, tick.events)
        if back:
            self.back_side.show_run(shown)
        self.side.setCurrentWidget(self.back_side if back else self.metrics)

    def _tell(self, shown: Shown) -> None:
        """What went wrong is said to assistive tools once."""
        now = f"{shown.focus.why} {shown.focus.address}"
        if now != self._was:
            self._was = now
            if shown.focus.why in _LOUD:
                announce(self, f"{_LOUD[shown.focus.why]}: {shown.focus.address}")

    def _say(self, verb: str, value: str) -> None:
        if verb == "close":
            self.act.close_run()
        elif verb == "history":
            self.history_asked.emit()
        else:
            question = self.current.question
            asked = self.middle.currentWidget() is self.current and question.isVisible()
            note = question.note.text().strip() if asked else ""
            self.act.say(verb, question.by if asked else "", value, note)

    def _make_parts(self, *, coached: bool) -> None:
        self.band = RehearsalBand("this environment is marked as a rehearsal; what runs here runs for real, there")
        self.band.setVisible(environment_of(self.store.shown) is Environment.REHEARSAL)
        self.head, self.strip, self.line = Head(), BackStrip(), Timeline()
        self.notice = Notice()
        self.confirm = Confirm()
        self.escape, self.under_hand = EscapeFirst(self), UnderHand(self)
        self.steps, self.log, self.metrics = StepsPanel(), LogPanel(), MetricsPanel()
        self.current, self.doubt, self.preview = CurrentPanel(), DoubtPanel(), PreviewPanel()
        self.outcome, self.back_side = OutcomePanel(), BackSide()
        self.metered = Middle(self.store, self.metrics, self)
        self.detail, self.trigger = self.metered.detail, self.metered.trigger
        self.coach = Coach(wanted=coached)
        self.middle, self.side = QStackedWidget(), QStackedWidget()
        for part in (self.current, self.doubt, self.preview, self.outcome, self.detail, self.trigger):
            self.middle.addWidget(part)
        self.side.addWidget(self.metrics)
        self.side.addWidget(self.back_side)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.band, self.head, self.strip):
            column.addWidget(part)
        under = Surface(Height.TIMELINE)
        line = QHBoxLayout(under)
        line.setContentsMargins(0, 0, Height.TIMELINE - 38, 0)
        line.addWidget(self.line)
        column.addWidget(under)
        column.addWidget(self.notice)
        centre = QVBoxLayout()
        centre.setSpacing(GUTTER)
        centre.addWidget(self.coach)
        centre.addWidget(self.confirm)
        centre.addWidget(self.middle, 1)
        row = QHBoxLayout()
        row.setContentsMargins(GUTTER, GUTTER, GUTTER + 4, GUTTER)
        row.setSpacing(GUTTER)
        row.addWidget(self.steps)
        row.addLayout(centre, 1)
        row.addWidget(self.side)
        column.addLayout(row, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(GUTTER, 0, GUTTER + 4, GUTTER)
        foot.addWidget(self.log)
        column.addLayout(foot)

    def _connect(self) -> None:
        store, act = self.store, self.act
        store.ticked.connect(self.show_tick)
        store.refilled.connect(self._refill)
        store.unheard.connect(self.notice.say)
        self.strip.pressed.connect(act.roll_back)
        self.strip.stopped.connect(act.call_off)
        self.escape.pressed.connect(self._escape)
        self.under_hand.settled.connect(self._show_settling)
        self.strip.start_now.connect(act.start_now)
        self.strip.peeked.connect(lambda: store.peek(peeking=not store.gaze.peeking))
        self.strip.scope_chosen.connect(store.choose_scope)
        self.strip.export_asked.connect(self.export_asked)
        self.strip.export_first.connect(self._export_first)
        self.preview.export.clicked.connect(self.export_asked)
        self.preview.leave.clicked.connect(lambda: store.peek(peeking=False))
        self.line.chosen.connect(self._look_at)
        self.steps.chosen.connect(self._look_at)
        for part in (self.current, self.doubt, self.outcome):
            part.said.connect(self._say)
        self.metrics.acknowledged.connect(act.acknowledge)
        self.metered.changed.connect(self._repaint)
        self.trigger.roll_back.connect(act.roll_back)
        self.trigger.go_on.connect(act.release)
        self.trigger.held_off.connect(act.hold_off)
        self.trigger.acknowledged.connect(act.acknowledge)
        self.notice.trigger_asked.connect(self.metered.open_trigger)
        self.log.noted.connect(act.note)
        self.confirm.confirmed.connect(act.confirm)
        self.notice.resume.clicked.connect(self.resume_asked)
        act.told.connect(self.notice.say)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
