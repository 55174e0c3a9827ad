"""The head of the Run screen: runbook and badge, run and operator, recording light, the T-clock and four facts."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui import words
from ui.fonts import Weight
from ui.glyphs import Glyph, paint_glyph
from ui.models.head import environment_of, facts, recording, title_of_run, who
from ui.models.shown import Shown
from ui.panels.surface import Surface
from ui.theme import tokens
from ui.tokens import Height, Space, Tone, Type
from ui.widgets.environment import EnvironmentBadge
from ui.widgets.facts import ClockLabel, Fact, FactView
from ui.widgets.painted import Painted
from ui.widgets.text import Text


class Light(Painted):
    """The recording light: lit while this window writes the record."""

    def __init__(self) -> None:
        super().__init__()
        self.stay()
        self.want(14, 14)
        self._glyph, self._tone = Glyph.RECORDING, Tone.OK

    def show_tone(self, tone: Tone) -> None:
        """OK while recording, BAD when that broke, MUTED when another console does it."""
        glyph = Glyph.FAILED if tone is Tone.BAD else Glyph.RECORDING
        if (glyph, tone) != (self._glyph, self._tone):
            self._glyph, self._tone = glyph, tone
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_glyph(QPainter(self), self._glyph, QRectF(0, 0, 14, 14), tokens(), self._tone)


class Head(Surface):
    """56 px. Shows one run."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Height.HEAD, parent)
        self.title = Text(size=Type.TITLE, weight=Weight.SEMIBOLD)
        self.badge = EnvironmentBadge()
        self.who = Text(size=Type.SMALL, tone=Tone.MUTED)
        self.light = Light()
        self.record = Text(size=Type.SMALL, tone=Tone.MUTED)
        self.clock = ClockLabel()
        self.facts = [Fact(FactView("", ""), ruled=True) for _ in range(4)]
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.M, 0, Space.L, 1)
        row.setSpacing(Space.M)
        row.addLayout(self._names(), 1)
        row.addWidget(self.clock)
        row.addSpacing(Space.XS)
        for fact in self.facts:
            row.addWidget(fact)

    def show_run(self, shown: Shown, *, broken: bool) -> None:
        """Show where the run stands."""
        self.title.show_text(title_of_run(shown))
        self.badge.show_environment(environment_of(shown))
        self.who.show_text(who(shown))
        word, tone = recording(shown, broken=broken)
        self.light.show_tone(Tone.OK if word == "Recording" else tone)
        self.record.show_text(f"{word}  head {words.short_hash(shown.state.head)}", tone)
        self.clock.show_offset(shown.outlook.t_clock)
        for fact, view in zip(self.facts, facts(shown), strict=True):
            fact.show_view(view)

    def _names(self) -> QVBoxLayout:
        upper, lower, column = QHBoxLayout(), QHBoxLayout(), QVBoxLayout()
        upper.setSpacing(10)
        upper.addWidget(self.title)
        upper.addWidget(self.badge)
        upper.addStretch(1)
        lower.setSpacing(6)
        lower.addWidget(self.who)
        lower.addSpacing(Space.XS)
        lower.addWidget(self.light)
        lower.addWidget(self.record)
        lower.addStretch(1)
        column.setSpacing(2)
        column.addStretch(1)
        column.addLayout(upper)
        column.addLayout(lower)
        column.addStretch(1)
        return column
