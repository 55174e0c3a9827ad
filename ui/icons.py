"""Painted pictures that are not a status: rail icons, the shields of the way back, arrows, play and pause.

Icons are strokes in a box of 24 units; shields fill a box of 24. All are scaled, so crisp at any pixel ratio.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from ui.fonts import Weight, font
from ui.paint import CENTRE, colour, line
from ui.tokens import Tokens, Tone, Type


class Icon(StrEnum):
    """A picture for a place or a verb."""

    LIBRARY = "library"
    PLAN = "plan"
    RUN = "run"
    REHEARSAL = "rehearsal"
    HISTORY = "history"
    CONNECTIONS = "connections"
    SETTINGS = "settings"
    ROLL_BACK = "roll back"
    PLAY = "play"
    PAUSE = "pause"
    CHECK = "check"


class Shield(StrEnum):
    """How ready the way back is. The value is the word beside the shield."""

    ARMED = "ARMED"
    DEGRADED = "DEGRADED"
    UNARMED = "UNARMED"
    PAST = "PAST POINT OF NO RETURN"
    ROLLING = "ROLLING BACK"
    ROLLED = "ROLLED BACK"


SHIELD_TONES: dict[Shield, Tone] = {
    Shield.ARMED: Tone.OK,
    Shield.DEGRADED: Tone.WARN,
    Shield.UNARMED: Tone.BAD,
    Shield.PAST: Tone.IDLE,
    Shield.ROLLING: Tone.ACCENT,
    Shield.ROLLED: Tone.ACCENT,
}


def paint_icon(p: QPainter, icon: Icon, box: QRectF, ink: QColor) -> None:
    """Paint `icon` in `ink` into the square `box`."""
    p.save()
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.translate(box.topLeft())
    p.scale(box.width() / 24, box.height() / 24)
    p.setPen(QPen(ink, 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    p.setBrush(Qt.BrushStyle.NoBrush)
    _ICONS[icon](p, ink)
    p.restore()


def paint_shield(p: QPainter, shield: Shield, box: QRectF, worn: Tokens) -> None:
    """Paint the shield of the way back into the square `box`: the mark inside differs for each readiness."""
    fill = colour(worn.of(SHIELD_TONES[shield]))
    ink = colour(worn.surface)
    p.save()
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.translate(box.topLeft())
    p.scale(box.width() / 24, box.height() / 24)
    outlined = shield in (Shield.UNARMED, Shield.PAST)
    p.setPen(QPen(fill, 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    p.setBrush(Qt.BrushStyle.NoBrush if outlined else fill)
    p.drawPath(_shield_path())
    mark = fill if outlined else ink
    p.setPen(QPen(mark, 2.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    p.setBrush(Qt.BrushStyle.NoBrush)
    _SHIELD_MARKS[shield](p, mark)
    p.restore()


def paint_logo(p: QPainter, box: QRectF, worn: Tokens) -> None:
    """The product's tile: `T` and a minus on a dark square (light on dark themes)."""
    p.save()
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(colour(worn.text))
    p.drawRoundedRect(box, box.width() * 0.22, box.width() * 0.22)
    p.translate(box.topLeft())
    p.scale(box.width() / 32, box.height() / 32)
    p.setPen(QPen(colour(worn.surface), 2.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    p.drawLine(QPointF(7.5, 11.3), QPointF(17.3, 11.3))
    p.drawLine(QPointF(12.4, 11.3), QPointF(12.4, 21.6))
    p.drawLine(QPointF(17.6, 16.4), QPointF(25, 16.4))
    p.restore()


def paint_question(p: QPainter, box: QRectF, ink: QColor) -> None:
    """The `?` key as a small outlined cap."""
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.setPen(QPen(ink, 1.4))
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.drawRoundedRect(box.adjusted(0.7, 0.7, -0.7, -0.7), 5, 5)
    line(p, box, "?", font(Type.SMALL, Weight.SEMIBOLD), ink, CENTRE)


def _library(p: QPainter, _ink: QColor) -> None:
    p.drawRoundedRect(QRectF(3.5, 4, 4, 16), 0.8, 0.8)
    p.drawRoundedRect(QRectF(10, 4, 4, 16), 0.8, 0.8)
    p.drawPolygon(QPolygonF([QPointF(16, 5), QPointF(19, 4), QPointF(22.2, 19), QPointF(19.2, 20)]))


def _plan(p: QPainter, _ink: QColor) -> None:
    p.drawRoundedRect(QRectF(5, 3, 14, 18), 2.5, 2.5)
    for y in (8, 12, 16):
        p.drawLine(QPointF(8.5, y), QPointF(15.5, y))


def _run(p: QPainter, _ink: QColor) -> None:
    p.drawPolygon(QPolygonF([QPointF(6, 4), QPointF(20, 12), QPointF(6, 20)]))


def _rehearsal(p: QPainter, _ink: QColor) -> None:
    p.drawArc(QRectF(4, 4, 16, 16), 24 * 16, 290 * 16)
    p.drawPolyline(QPolygonF([QPointF(20, 3.6), QPointF(19.6, 8.9), QPointF(14.4, 8.5)]))


def _history(p: QPainter, _ink: QColor) -> None:
    p.drawEllipse(QPointF(12, 12), 8.8, 8.8)
    p.drawPolyline(QPolygonF([QPointF(12, 6.8), QPointF(12, 12.4), QPointF(15.8, 14.4)]))


def _connections(p: QPainter, _ink: QColor) -> None:
    p.drawEllipse(QPointF(6.5, 16.8), 3.6, 3.6)
    p.drawEllipse(QPointF(17.5, 7.2), 3.6, 3.6)
    p.drawLine(QPointF(9.3, 14.4), QPointF(14.7, 9.6))


def _settings(p: QPainter, _ink: QColor) -> None:
    for y, x in ((6, 15), (12, 8), (18, 15)):
        p.drawLine(QPointF(3.5, y), QPointF(x - 2.4, y))
        p.drawLine(QPointF(x + 2.4, y), QPointF(20.5, y))
        p.drawEllipse(QPointF(x, y), 2.3, 2.3)


def _roll_back(p: QPainter, ink: QColor) -> None:
    p.setPen(QPen(ink, 2.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    back = QPainterPath(QPointF(4.6, 8.6))
    back.lineTo(13.4, 8.6)
    back.cubicTo(QPointF(21.6, 8.6), QPointF(21.6, 19.2), QPointF(14, 19.2))
    p.drawPath(back)
    p.drawPolyline(QPolygonF([QPointF(9.2, 4), QPointF(4.2, 8.6), QPointF(9.2, 13.2)]))


def _play(p: QPainter, ink: QColor) -> None:
    p.setBrush(ink)
    _run(p, ink)


def _pause(p: QPainter, ink: QColor) -> None:
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(ink)
    p.drawRoundedRect(QRectF(6, 4, 4, 16), 1.4, 1.4)
    p.drawRoundedRect(QRectF(14, 4, 4, 16), 1.4, 1.4)


def _check(p: QPainter, ink: QColor) -> None:
    p.setPen(QPen(ink, 2.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    p.drawPolyline(QPolygonF([QPointF(4.5, 12.5), QPointF(10, 18), QPointF(19.5, 6.5)]))


def _shield_path() -> QPainterPath:
    path = QPainterPath(QPointF(12, 1.6))
    path.lineTo(21, 4.8)
    path.lineTo(21, 11.6)
    path.cubicTo(QPointF(21, 17.2), QPointF(17, 20.8), QPointF(12, 22.6))
    path.cubicTo(QPointF(7, 20.8), QPointF(3, 17.2), QPointF(3, 11.6))
    path.lineTo(3, 4.8)
    path.closeSubpath()
    return path


def _armed(p: QPainter, _ink: QColor) -> None:
    p.drawPolyline(QPolygonF([QPointF(7.6, 11.8), QPointF(11, 15.2), QPointF(16.6, 8.6)]))


def _degraded(p: QPainter, _ink: QColor) -> None:
    p.drawLine(QPointF(12, 6.8), QPointF(12, 12.2))
    p.drawPoint(QPointF(12, 16.6))


def _unarmed(p: QPainter, _ink: QColor) -> None:
    p.drawLine(QPointF(8.8, 8.4), QPointF(15.2, 14.8))
    p.drawLine(QPointF(15.2, 8.4), QPointF(8.8, 14.8))


def _past(p: QPainter, _ink: QColor) -> None:
    p.drawLine(QPointF(7.8, 11.6), QPointF(16.2, 11.6))


def _rolling(p: QPainter, _ink: QColor) -> None:
    p.drawLine(QPointF(7.4, 11.8), QPointF(16.8, 11.8))
    p.drawPolyline(QPolygonF([QPointF(11.2, 7.8), QPointF(7.2, 11.8), QPointF(11.2, 15.8)]))


def _rolled(p: QPainter, _ink: QColor) -> None:
    p.drawPolyline(QPolygonF([QPointF(8, 9.4), QPointF(11, 12.4), QPointF(16, 6.8)]))
    p.drawLine(QPointF(8, 16.6), QPointF(16, 16.6))


_ICONS: dict[Icon, Callable[[QPainter, QColor], None]] = {
    Icon.LIBRARY: _library,
    Icon.PLAN: _plan,
    Icon.RUN: _run,
    Icon.REHEARSAL: _rehearsal,
    Icon.HISTORY: _history,
    Icon.CONNECTIONS: _connections,
    Icon.SETTINGS: _settings,
    Icon.ROLL_BACK: _roll_back,
    Icon.PLAY: _play,
    Icon.PAUSE: _pause,
    Icon.CHECK: _check,
}

_SHIELD_MARKS: dict[Shield, Callable[[QPainter, QColor], None]] = {
    Shield.ARMED: _armed,
    Shield.DEGRADED: _degraded,
    Shield.UNARMED: _unarmed,
    Shield.PAST: _past,
    Shield.ROLLING: _rolling,
    Shield.ROLLED: _rolled,
}
