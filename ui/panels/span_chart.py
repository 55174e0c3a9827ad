"""Planned against actual on one scale of time: a row of bars each, the way back hatched."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from math import ceil

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui import words
from ui.fonts import Weight, font, width_of
from ui.models.past import Bar
from ui.paint import CENTRE, LEFT, box, colour, hatch, line, mix, pill
from ui.plain import plain_line
from ui.theme import tokens
from ui.tokens import Tokens, Tone, Type
from ui.widgets.painted import Painted
from ui.widgets.timeline_layout import SegmentState

_LEFT, _TOP, _ROW, _BAR = 84.0, 24.0, 46.0, 32.0
_TONES = {SegmentState.DONE: Tone.OK, SegmentState.FAILED: Tone.BAD, SegmentState.UNDONE: Tone.ACCENT}
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)


class SpanChart(Painted):
    """Two rows; the scale fits the longer one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.want(300, _TOP + 2 * _ROW + 4)
        self._rows: tuple[tuple[str, tuple[Bar, ...]], ...] = ()

    def show_rows(self, planned: Sequence[Bar], actual: Sequence[Bar]) -> None:
        """Show another run."""
        self._rows = (("Planned", tuple(planned)), ("Actual", tuple(actual)))
        self.say("; ".join(f"{name}: {', '.join(_spoken(bar) for bar in bars)}" for name, bars in self._rows))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = tokens()
        p = QPainter(self)
        whole = max((bar.begin + bar.length for _, bars in self._rows for bar in bars), default=0.0)
        if whole <= 0:
            return
        scale = (self.width() - _LEFT - 6) / whole
        self._paint_scale(p, whole, scale, worn)
        for number, (name, bars) in enumerate(self._rows):
            top = _TOP + number * _ROW
            face = font(Type.SMALL, Weight.SEMIBOLD)
            line(p, QRectF(0, top, _LEFT - 8, _BAR), name, face, colour(worn.text), LEFT)
            for bar in bars:
                area = QRectF(_LEFT + bar.begin * scale, top, max(3.0, bar.length * scale - 2), _BAR)
                _paint_bar(p, area, bar, worn)

    def _paint_scale(self, p: QPainter, whole: float, scale: float, worn: Tokens) -> None:
        step = next((s for s in _STEPS if s * scale >= 84), _STEPS[-1])
        for number in range(ceil(whole / step) + 1):
            x = _LEFT + number * step * scale
            if x > self.width() - 10:
                break
            p.fillRect(QRectF(x, 17, 1, self.height() - 17), colour(worn.border))
            text = f"+{words.duration(timedelta(seconds=number * step))}"
            left = min(x - 30, self.width() - 60 if x + 30 <= self.width() else self.width() - 62)
            line(p, QRectF(left, 0, 60, 16), text, font(Type.CAPTION, Weight.MEDIUM), colour(worn.muted), CENTRE)


def _paint_bar(p: QPainter, area: QRectF, bar: Bar, worn: Tokens) -> None:
    tone = _TONES.get(bar.state)
    edge = worn.strong if tone is None else worn.of(tone)
    box(p, area, 4, colour(worn.surface if tone is None else worn.tint(tone)))
    if bar.state is SegmentState.UNDONE:
        hatch(p, pill(area, 4), mix(worn.accent, worn.tint_accent, 0.35), 7, 2)
    box(p, area, 4, None, colour(edge), 1.2)
    face = font(Type.CAPTION, Weight.SEMIBOLD)
    text = plain_line(bar.label)
    if width_of(text, face) < area.width() - 8:
        if bar.state is SegmentState.UNDONE:
            wide = width_of(text, face) + 10
            patch = QRectF(area.center().x() - wide / 2, area.center().y() - 9, wide, 18)
            box(p, patch, 4, colour(worn.tint_accent))
        line(p, area, text, face, colour(worn.text), CENTRE)


def _spoken(bar: Bar) -> str:
    return f"{bar.label} {words.duration(timedelta(seconds=bar.length))} {bar.state.value}"
