"""One line above the panels when something about the console itself matters: watching, refused, broken, alone."""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.reports.unconfirmed import will_be_taken_back
from app.run.state import Stage
from ui import words
from ui.fonts import Weight
from ui.glyphs import Glyph
from ui.models.proposal import proposal_line
from ui.models.shown import Shown
from ui.panels.outcome import BigGlyph
from ui.tokens import GUTTER, Radius, Space, Tone, Type
from ui.widgets.button import LinkButton
from ui.widgets.card import Card
from ui.widgets.text import Text

_SAY_MS = 8_000
_BACK_FOR = timedelta(minutes=1)
_NOTHING = ("", Tone.MUTED, "")


class Notice(QWidget):
    """Takes no room while there is nothing to say. What was refused stays for eight seconds.

    `trigger_asked` carries the name of a trigger that somebody wants to see.
    """

    trigger_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.card = Card(radius=Radius.CARD)
        self.sign = BigGlyph(16)
        self.words = Text(size=Type.SMALL, weight=Weight.MEDIUM)
        self.resume = LinkButton("Drive it from here")
        self.see = LinkButton("See it")
        self._said = ""
        self._trigger, self._line = "", ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SAY_MS)
        self._timer.timeout.connect(self.forget)
        row = QHBoxLayout(self.card)
        row.setContentsMargins(Space.M, 2, Space.M, 2)
        row.setSpacing(Space.S)
        row.addWidget(self.sign)
        row.addWidget(self.words, 1)
        for link in (self.see, self.resume):
            row.addWidget(link)
            link.setFixedHeight(24)
        self.see.hide()
        self.see.clicked.connect(lambda: self.trigger_asked.emit(self._trigger))
        column = QVBoxLayout(self)
        column.setContentsMargins(GUTTER, GUTTER, GUTTER + 4, 0)
        column.addWidget(self.card)
        self.hide()

    def say(self, sentence: str) -> None:
        """Show a sentence for a while: something was refused, or not sent."""
        self._said = sentence
        self._timer.start()
        self._show(Glyph.WARNING, Tone.WARN, sentence)

    def show_run(
        self,
        shown: Shown,
        *,
        broken: bool,
        faults: int,
        told: bool = False,
        aside: tuple[str, Tone, str] = _NOTHING,
        follows: bool = True,
    ) -> None:
        """Show what matters most about the console.

        follows: whether it goes on hearing of the run; told: what a trigger proposes is said elsewhere; aside: a firing
        to tell, its tone, and the trigger's name.
        """
        line, tone, self._trigger = aside
        can_resume = not shown.driving and not shown.driver and shown.state.stage is not Stage.CLOSED
        self.resume.setVisible(can_resume)
        left = not follows and not shown.driving and bool(shown.driver)
        loud = _left(shown) if left else _loud(shown, broken=broken, faults=faults, told=told)
        if self._said:  # who was refused is told so whole; whatever is wrong besides stands there in a moment again
            self._show(Glyph.WARNING, Tone.WARN, self._said)
        elif loud:
            self._show(Glyph.FAILED, Tone.BAD, loud)
        elif quiet := _quiet(shown, can_resume=can_resume):
            self._show(*quiet)
        elif line:
            self._show(Glyph.FAILED if tone is Tone.BAD else Glyph.WARNING, tone, line)
        else:
            self.hide()
        self.see.setVisible(bool(line) and self._line == line)

    def _show(self, glyph: Glyph, tone: Tone, sentence: str) -> None:
        self.card.tint(tone)
        self.sign.show_glyph(glyph, tone)
        self.words.show_text(sentence)
        self._line = sentence
        self.show()

    def forget(self) -> None:
        """It was there long enough to be read; what stands shows again with the next repaint."""
        self._said = ""


def _left(shown: Shown) -> str:
    """Another console took the run over after this one had let go: nothing here moves any more."""
    at = words.time_of_second(shown.state.now.at, shown.zone)
    return f"{shown.driver} drives this run now. This is how it stood at {at}: show it anew from History."


def _loud(shown: Shown, *, broken: bool, faults: int, told: bool) -> str:
    """What goes before everything else."""
    if broken:
        text = "Tminus let go of this run because of a fault; commands go on at their targets. Resume it."
        return " ".join((text, *will_be_taken_back(shown.state)))
    if faults:
        return "Tminus itself had a fault; it is in the record, below."
    return "" if told else proposal_line(shown)


def _quiet(shown: Shown, *, can_resume: bool) -> tuple[Glyph, Tone, str] | None:
    """Who drives, when that is not simply this window."""
    if not shown.driving and shown.driver:
        sentence = f"You are watching. {shown.driver} drives this run; what you ask goes there through the record."
        return Glyph.RECORDING, Tone.ACCENT, sentence
    if shown.driving and _just_back(shown):
        gap = words.duration(timedelta(milliseconds=shown.state.console.gap_ms))
        sentence = f"The console was gone for {gap}. Every attempt under way was asked for at its target first."
        return Glyph.WARNING, Tone.ACCENT, sentence
    if can_resume:
        return Glyph.WARNING, Tone.WARN, "Nobody drives this run. Commands that were running go on."
    return None


def _just_back(shown: Shown) -> bool:
    """Within a minute after a console took over a run whose console before had ended without a word."""
    console = shown.state.console
    return bool(console.gap_ms) and shown.age(console.since) < _BACK_FOR
