"""Where a plot over time lies in pixels, and the lanes of phases and steps above it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from ui.fonts import Weight, font
from ui.glyphs import paint_glyph
from ui.paint import box, colour, hatch, line, mix, pill
from ui.plain import plain_line
from ui.theme import tokens
from ui.tokens import Type
from ui.widgets.plot_view import SpanView


@dataclass(frozen=True, slots=True)
class Frame:
    """The plot's area in pixels, and what its edges are in seconds and in the metric's unit."""

    area: QRectF
    begin: float
    end: float
    low: float
    high: float

    def x_of(self, at: float) -> float:
        """The pixel column of an instant."""
        return self.area.left() + (at - self.begin) / (self.end - self.begin) * self.area.width()

    def y_of(self, value: float) -> float:
        """The pixel row of a figure."""
        return self.area.bottom() - (value - self.low) / (self.high - self.low) * self.area.height()

    def time_of(self, x: float) -> float:
        """The instant of a pixel column."""
        return self.begin + (x - self.area.left()) / self.area.width() * (self.end - self.begin)


def paint_lane(p: QPainter, frame: Frame, spans: tuple[SpanView, ...], now: float, top: float, high: float) -> None:
    """Bars from begin to end, one that still runs up to now; words where they can be read."""
    worn, face = tokens(), font(Type.CAPTION, Weight.MEDIUM)
    p.save()
    p.setClipRect(QRectF(frame.area.left(), top - 1, frame.area.width(), high + 2))
    for span in spans:
        left, right = frame.x_of(span.begin), frame.x_of(now if span.end is None else span.end)
        bar = QRectF(left, top, max(3.0, right - left - 1), high)
        if bar.right() < frame.area.left() or bar.left() > frame.area.right():
            continue
        box(p, bar, 4, colour(worn.tint(span.tone)))
        if span.back:
            hatch(p, pill(bar, 4), mix(worn.of(span.tone), worn.tint(span.tone), 0.3), 6, 1.5)
        box(p, bar, 4, None, mix(worn.of(span.tone), worn.tint(span.tone), 0.7), 1)
        seen = bar.intersected(QRectF(frame.area.left(), top, frame.area.width(), high)).adjusted(5, 0, -4, 0)
        if span.glyph is not None and seen.width() >= 10:
            paint_glyph(p, span.glyph, QRectF(seen.left() - 1, seen.center().y() - 5.5, 11, 11), worn, span.tone)
            seen.setLeft(seen.left() + 14)
        if seen.width() >= 34:
            line(p, seen, plain_line(span.text), face, colour(worn.text))
    p.restore()
