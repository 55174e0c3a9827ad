"""The shapes of status, painted as paths: each differs from every other without its colour.

Drawn in a box of 16 units and scaled, so they are crisp at any size and pixel ratio. `ink` (the mark inside a
filled shape) is the surface colour, as if the mark were cut out.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import cache
from math import cos, pi, sin

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from ui.paint import colour, mix
from ui.tokens import Tokens, Tone


class Glyph(StrEnum):
    """A status as a shape. The value is the plain word that goes with it when there is no better one."""

    DONE = "done"
    RUNNING = "running"
    WAITING = "waiting"
    FAILED = "failed"
    WARNING = "warning"
    DECISION = "your turn"
    SKIPPED = "skipped"
    UNKNOWN = "in doubt"
    ASSUMED = "assumed"
    NOT_APPLICABLE = "does not apply"
    UNDONE = "undone"
    RECORDING = "recording"
    STALE = "stale"


TONES: dict[Glyph, Tone] = {
    Glyph.DONE: Tone.OK,
    Glyph.RUNNING: Tone.ACCENT,
    Glyph.WAITING: Tone.IDLE,
    Glyph.FAILED: Tone.BAD,
    Glyph.WARNING: Tone.WARN,
    Glyph.DECISION: Tone.WARN,
    Glyph.SKIPPED: Tone.IDLE,
    Glyph.UNKNOWN: Tone.WARN,
    Glyph.ASSUMED: Tone.IDLE,
    Glyph.NOT_APPLICABLE: Tone.IDLE,
    Glyph.UNDONE: Tone.IDLE,
    Glyph.RECORDING: Tone.OK,
    Glyph.STALE: Tone.IDLE,
}


def tone_of(glyph: Glyph) -> Tone:
    """The tone a glyph is painted in when nothing else is asked for."""
    return TONES[glyph]


def paint_glyph(
    p: QPainter, glyph: Glyph, box: QRectF, worn: Tokens, tone: Tone | None = None, turn: float = 0.0
) -> None:
    """Paint `glyph` into the square `box`. `turn` (0..1) rotates the running arc; `tone` replaces its own."""
    fill = colour(worn.of(tone or TONES[glyph]))
    p.save()
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.translate(box.topLeft())
    p.scale(box.width() / 16, box.height() / 16)
    if glyph is Glyph.RUNNING:
        _running(p, fill, mix(worn.of(tone or Tone.ACCENT), worn.surface, 0.28), turn)
    else:
        _PAINTERS[glyph](p, fill, colour(worn.surface))
    p.restore()


def paint_glyph_at(
    p: QPainter, glyph: Glyph, centre: QPointF, size: float, worn: Tokens, tone: Tone | None = None
) -> None:
    """Paint `glyph` as a square of `size` around `centre`."""
    paint_glyph(p, glyph, QRectF(centre.x() - size / 2, centre.y() - size / 2, size, size), worn, tone)


def _stroke(p: QPainter, ink: QColor, width: float) -> None:
    p.setPen(QPen(ink, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    p.setBrush(Qt.BrushStyle.NoBrush)


def _solid(p: QPainter, ink: QColor) -> None:
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(ink)


def _done(p: QPainter, fill: QColor, ink: QColor) -> None:
    _solid(p, fill)
    p.drawEllipse(QPointF(8, 8), 7.2, 7.2)
    _stroke(p, ink, 2.0)
    p.drawPolyline(QPolygonF([QPointF(4.9, 8.3), QPointF(7.1, 10.5), QPointF(11.2, 5.9)]))


def _running(p: QPainter, fill: QColor, track: QColor, turn: float) -> None:
    _stroke(p, track, 2.2)
    p.drawEllipse(QPointF(8, 8), 6, 6)
    _stroke(p, fill, 2.2)
    p.drawArc(QRectF(2, 2, 12, 12), int((80 - turn * 360) * 16), -130 * 16)


def _waiting(p: QPainter, fill: QColor, _ink: QColor) -> None:
    _stroke(p, fill, 1.8)
    p.drawEllipse(QPointF(8, 8), 6.1, 6.1)


def _failed(p: QPainter, fill: QColor, ink: QColor) -> None:
    _solid(p, fill)
    p.drawPolygon(_octagon())
    _stroke(p, ink, 2.0)
    p.drawLine(QPointF(5.6, 5.6), QPointF(10.4, 10.4))
    p.drawLine(QPointF(10.4, 5.6), QPointF(5.6, 10.4))


@cache
def _octagon() -> QPolygonF:
    corners = (pi / 8 + i * pi / 4 for i in range(8))
    return QPolygonF([QPointF(8 + 7.7 * cos(a), 8 + 7.7 * sin(a)) for a in corners])


def _warning(p: QPainter, fill: QColor, ink: QColor) -> None:
    p.setPen(QPen(fill, 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    p.setBrush(fill)
    p.drawPolygon(QPolygonF([QPointF(8, 2.0), QPointF(14.6, 13.8), QPointF(1.4, 13.8)]))
    _stroke(p, ink, 1.9)
    p.drawLine(QPointF(8, 6.4), QPointF(8, 9.4))
    _solid(p, ink)
    p.drawEllipse(QPointF(8, 12.1), 1.1, 1.1)


def _decision(p: QPainter, fill: QColor, ink: QColor) -> None:
    p.setPen(QPen(fill, 1.2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    p.setBrush(fill)
    p.drawPolygon(QPolygonF([QPointF(8, 0.8), QPointF(15.2, 8), QPointF(8, 15.2), QPointF(0.8, 8)]))
    _solid(p, ink)
    p.drawRoundedRect(QRectF(5.4, 5.2, 1.9, 5.6), 0.7, 0.7)
    p.drawRoundedRect(QRectF(8.7, 5.2, 1.9, 5.6), 0.7, 0.7)


def _skipped(p: QPainter, fill: QColor, ink: QColor) -> None:
    _waiting(p, fill, ink)
    _stroke(p, fill, 1.9)
    p.drawLine(QPointF(5.2, 8), QPointF(10.8, 8))


def _unknown(p: QPainter, fill: QColor, ink: QColor) -> None:
    _solid(p, fill)
    p.drawEllipse(QPointF(8, 8), 7.2, 7.2)
    hook = QPainterPath(QPointF(5.9, 6.3))
    hook.cubicTo(QPointF(5.9, 3.4), QPointF(10.3, 3.4), QPointF(10.3, 6.2))
    hook.cubicTo(QPointF(10.3, 7.9), QPointF(8.1, 7.8), QPointF(8.1, 9.6))
    _stroke(p, ink, 1.8)
    p.drawPath(hook)
    _solid(p, ink)
    p.drawEllipse(QPointF(8.1, 12.0), 1.1, 1.1)


def _assumed(p: QPainter, fill: QColor, _ink: QColor) -> None:
    # Four broad gaps: with more and narrower ones it is a plain ring again at the 13 pixels of the log.
    p.setPen(QPen(fill, 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    p.setBrush(Qt.BrushStyle.NoBrush)
    for i in range(4):
        p.drawArc(QRectF(1.9, 1.9, 12.2, 12.2), (i * 90 + 20) * 16, 50 * 16)


def _not_applicable(p: QPainter, fill: QColor, _ink: QColor) -> None:
    _solid(p, fill)
    p.drawEllipse(QPointF(8, 8), 1.6, 1.6)


def _undone(p: QPainter, fill: QColor, _ink: QColor) -> None:
    _stroke(p, fill, 1.9)
    back = QPainterPath(QPointF(3.0, 5.6))
    back.lineTo(9.2, 5.6)
    back.cubicTo(QPointF(15.4, 5.6), QPointF(15.4, 13.2), QPointF(9.6, 13.2))
    p.drawPath(back)
    p.drawPolyline(QPolygonF([QPointF(5.9, 2.5), QPointF(2.6, 5.6), QPointF(5.9, 8.7)]))


def _recording(p: QPainter, fill: QColor, _ink: QColor) -> None:
    _stroke(p, fill, 1.7)
    p.drawEllipse(QPointF(8, 8), 6.3, 6.3)
    _solid(p, fill)
    p.drawEllipse(QPointF(8, 8), 3.2, 3.2)


def _stale(p: QPainter, fill: QColor, ink: QColor) -> None:
    _waiting(p, fill, ink)
    p.drawPolyline(QPolygonF([QPointF(8, 4.6), QPointF(8, 8.2), QPointF(10.6, 9.6)]))


_PAINTERS: dict[Glyph, Callable[[QPainter, QColor, QColor], None]] = {
    Glyph.DONE: _done,
    Glyph.WAITING: _waiting,
    Glyph.FAILED: _failed,
    Glyph.WARNING: _warning,
    Glyph.DECISION: _decision,
    Glyph.SKIPPED: _skipped,
    Glyph.UNKNOWN: _unknown,
    Glyph.ASSUMED: _assumed,
    Glyph.NOT_APPLICABLE: _not_applicable,
    Glyph.UNDONE: _undone,
    Glyph.RECORDING: _recording,
    Glyph.STALE: _stale,
}
