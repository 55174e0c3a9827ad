"""A trigger that fired, in the middle of the screen: its figures, its plot, what follows, and what one may say."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.session import View
from ui.fonts import Weight
from ui.models.loss import button_view
from ui.models.metric_memory import MetricMemory
from ui.models.metric_plot import plot_of
from ui.models.metric_rules import every_of
from ui.models.metric_source import MetricSource
from ui.models.run_axis import RunAxis
from ui.models.shown import Shown
from ui.models.trigger import OtherView, TriggerView, Way, look_of
from ui.panels.current import FittedTitle, clear
from ui.panels.hold_row import HoldRow
from ui.panels.outcome import BigGlyph
from ui.tokens import Radius, Space, Tone, Type
from ui.widgets.button import LinkButton, PlainButton, PrimaryButton
from ui.widgets.card import Card
from ui.widgets.countdown import CountdownRing
from ui.widgets.figure_box import FigureBox
from ui.widgets.rollback_button import RollbackButton, RollbackMood
from ui.widgets.text import Paragraph, Text
from ui.widgets.time_plot import TimePlot

_SILENCE_S, _PERIODS = 8.0, 3
_LEAST_S, _BEFORE = 45.0, 3.0
_OTHERS = 3


class TriggerPanel(Card):
    """`held_off` carries the reason, `acknowledged` a trigger's name, `opened` a metric's."""

    roll_back = Signal()
    go_on = Signal()
    held_off = Signal(str)
    acknowledged = Signal(str)
    opened = Signal(str)
    left = Signal()

    def __init__(self, view: View, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._record = view
        self._view: TriggerView | None = None
        self._source: MetricSource | None = None
        self._others: tuple[OtherView, ...] = ()
        self.sign = BigGlyph(24)
        self.title = FittedTitle()
        self.right = Text(size=Type.SMALL, tone=Tone.MUTED, firm=True)
        self.rule = Text(size=Type.SMALL, tone=Tone.MUTED)
        self.whole = LinkButton("Whole plot")
        self.figures = [FigureBox() for _ in range(4)]
        self.plot = TimePlot()
        self.plot.setMinimumHeight(52)
        self.follows = FollowsCard()
        self.other_rows = QVBoxLayout()
        self.acks: list[LinkButton] = []
        self.hold = HoldRow()
        self.see = LinkButton("Acknowledge")
        self.leave = PlainButton("Close", hint="Esc")
        self._build()

    @property
    def view(self) -> TriggerView | None:
        """What it says now; None while it is not on show."""
        return self._view

    @property
    def source(self) -> MetricSource:
        """Where its plot's readings come from, while it is on show."""
        assert self._source is not None
        return self._source

    def show_trigger(self, view: TriggerView, shown: Shown, memory: MetricMemory) -> None:
        """Show what fired, as it stands now."""
        old, self._view = self._view, view
        if old is None or old.trigger != view.trigger:
            self.hold.forget()
        self._show_plot(view, shown, memory)
        self.edge(view.tone)
        self.setAccessibleName(view.title)
        self.sign.show_glyph(view.glyph, view.tone)
        self.title.show_text(view.title)
        self.right.show_text(view.right)
        self.rule.show_text(view.rule)
        for box, figure in zip(self.figures, view.figures, strict=True):
            box.show_view(figure)
        self.follows.show_trigger(view, shown)
        self.hold.setVisible(view.way is Way.PROPOSED)
        self.hold.show_length(view.hold_for)
        self.see.setVisible(view.unseen and view.way is not Way.TOLD)
        self.leave.setVisible(view.way is Way.TOLD)
        self._show_others(view.others)

    def shut(self) -> None:
        """It is not on show any more: let the record go."""
        if self._source is not None:
            self._source.close()
        self._source, self._view = None, None

    @property
    def holds_off(self) -> bool:
        """Whether somebody is at the reason to hold it off."""
        return self.hold.isVisible() and self.hold.has_focus

    def say_primary(self) -> None:
        """Ctrl+Enter: hold it off while the reason is being written, else the filled button."""
        view = self._view
        if view is None:
            return
        if self.holds_off:
            self.hold.say()
        elif view.way is Way.PROPOSED:
            self.follows.back.click()
        elif self.follows.on.isVisible():
            self.follows.on.click()

    def _show_plot(self, view: TriggerView, shown: Shown, memory: MetricMemory) -> None:
        axis = RunAxis(shown.state)
        look = look_of(shown, memory, view)
        if self._source is None or self._source.metric != view.metric:
            if self._source is not None:
                self._source.close()
            silence = max(_SILENCE_S, every_of(shown.state, view.metric).total_seconds() * _PERIODS)
            self._source = MetricSource(self._record, view.metric, axis, silence)
            fired = axis.at(shown.state.triggers[view.trigger].newest)
            self.plot.show_last(max(_LEAST_S, _BEFORE * (axis.at(shown.now) - fired)))
        self._source.read_page()
        self.plot.show_plot(plot_of(shown, memory, look, axis), self._source.readings)
        self.plot.say(f"Plot of {view.title}")

    def _show_others(self, others: tuple[OtherView, ...]) -> None:
        if others == self._others:
            return
        self._others = others
        clear(self.other_rows)
        self.acks = []
        for one in others[:_OTHERS]:
            self.other_rows.addWidget(self._other(one))
        if len(others) > _OTHERS:
            self.other_rows.addWidget(Text(f"and {len(others) - _OTHERS} more", size=Type.SMALL, tone=Tone.MUTED))

    def _other(self, one: OtherView) -> QWidget:
        whole = QWidget()
        row = QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        sign = BigGlyph(14)
        sign.show_glyph(one.glyph, one.tone)
        row.addWidget(sign)
        row.addWidget(Text(one.text, size=Type.SMALL), 1)
        if one.unseen:
            ack = LinkButton("Acknowledge")
            ack.setFixedHeight(22)
            ack.setAccessibleName(f"Acknowledge {one.trigger}")
            ack.clicked.connect(lambda: self.acknowledged.emit(one.trigger))
            self.acks.append(ack)
            row.addWidget(ack)
        return whole

    def _agree(self) -> None:
        """The filled button: go on where the run is held, else take note."""
        if self._view is not None and self._view.way is Way.HELD:
            self.go_on.emit()
        else:
            self._see()

    def _see(self) -> None:
        if self._view is not None:
            self.acknowledged.emit(self._view.trigger)

    def _open(self) -> None:
        if self._view is not None:
            self.opened.emit(self._view.metric)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, 10, Space.L, 10)
        column.setSpacing(Space.S)
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        head.addWidget(self.sign)
        head.addWidget(self.title, 1)
        head.addWidget(self.right)
        column.addLayout(head)
        under = QHBoxLayout()
        under.addWidget(self.rule, 1)
        for link in (self.see, self.whole):
            under.addWidget(link)
            link.setFixedHeight(20)
        column.addLayout(under)
        grid = QGridLayout()
        grid.setSpacing(Space.S)
        for number, box in enumerate(self.figures):
            grid.addWidget(box, 0, number)
            grid.setColumnStretch(number, 1)
        column.addLayout(grid)
        column.addWidget(self.plot, 1)
        column.addWidget(self.follows)
        self.other_rows.setSpacing(2)
        column.addLayout(self.other_rows)
        column.addWidget(self.hold)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.leave)
        column.addLayout(foot)
        self.whole.clicked.connect(self._open)
        self.see.clicked.connect(self._see)
        self.leave.clicked.connect(self.left)
        self.follows.back.clicked.connect(self.roll_back)
        self.follows.on.clicked.connect(self._agree)
        self.hold.held_off.connect(self.held_off)


class FollowsCard(Card):
    """What follows by itself, on the tint of how bad it is: the ring, the words, and the way back."""

    def __init__(self) -> None:
        super().__init__(radius=Radius.CARD)
        self.ring = CountdownRing(diameter=60)
        self.headline = Paragraph(tone=Tone.TEXT)
        self.headline.setFont(Text(weight=Weight.SEMIBOLD).font())
        self.text = Paragraph(size=Type.SMALL)
        self.on = PrimaryButton("Go on", hint="Ctrl+Enter")
        self.back = RollbackButton()
        self.back.show_mood(RollbackMood.ALARM)
        lines = QVBoxLayout()
        lines.setSpacing(2)
        lines.addWidget(self.headline)
        lines.addWidget(self.text)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.M, Space.S, Space.M, Space.S)
        row.setSpacing(Space.M)
        row.addWidget(self.ring)
        row.addLayout(lines, 1)
        row.addWidget(self.on)
        row.addWidget(self.back)

    def show_trigger(self, view: TriggerView, shown: Shown) -> None:
        """Show what follows, and on the button where it leads and what it costs."""
        self.tint(view.tone)
        self.edge(None)
        self.ring.setVisible(view.left is not None)
        if view.left is not None:
            self.ring.show_left(view.left, view.whole)
        self.headline.show_text(view.headline)
        self.text.show_text(view.text)
        self.on.setVisible(view.way is Way.HELD or (view.way is Way.TOLD and view.unseen))
        self.on.show_text("Go on" if view.way is Way.HELD else "Acknowledge", "Ctrl+Enter")
        self.back.setVisible(view.way is not Way.TOLD)
        self.back.show_view(button_view(shown, RollbackMood.ALARM))
