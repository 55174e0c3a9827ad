"""The few strokes everything painted is made of: boxes, hatching, one line of plain text, focus rings."""

from __future__ import annotations

from functools import cache
from math import ceil

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from ui.tokens import Tokens

LEFT = Qt.AlignmentFlag.AlignLeft
RIGHT = Qt.AlignmentFlag.AlignRight
CENTRE = Qt.AlignmentFlag.AlignHCenter


@cache
def colour(name: str) -> QColor:
    """The QColor of a `#RRGGBB` token. Callers must not change the answer."""
    return QColor(name)


@cache
def mix(front: str, back: str, share: float) -> QColor:
    """`share` (0..1) of `front` over `back`, opaque, so that it paints the same on any surface."""
    a, b = QColor(front), QColor(back)
    front_rgb, back_rgb = (a.red(), a.green(), a.blue()), (b.red(), b.green(), b.blue())
    parts = (round(x * share + y * (1 - share)) for x, y in zip(front_rgb, back_rgb, strict=True))
    return QColor(*parts)


def box(
    p: QPainter, rect: QRectF, radius: float, fill: QColor | None, edge: QColor | None = None, width: float = 1
) -> None:
    """A rounded box whose edge lies wholly inside `rect`, so that 1 px lines stay sharp."""
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
    if edge is None:
        p.setPen(Qt.PenStyle.NoPen)
        p.drawRoundedRect(rect, radius, radius)
        return
    half = width / 2
    p.setPen(QPen(edge, width))
    p.drawRoundedRect(rect.adjusted(half, half, -half, -half), radius - half, radius - half)


def hatch(p: QPainter, shape: QPainterPath, ink: QColor, pitch: float = 8, width: float = 3) -> None:
    """Diagonal stripes inside `shape`. On timelines they mean "way back", on badges "rehearsal"."""
    area = shape.boundingRect()
    p.save()
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.setClipPath(shape, Qt.ClipOperation.IntersectClip)
    p.setPen(QPen(ink, width))
    height = area.height()
    for i in range(ceil((area.width() + height) / pitch) + 1):
        x = area.left() + i * pitch
        p.drawLine(QPointF(x, area.top() - 1), QPointF(x - height - 2, area.bottom() + 1))
    p.restore()


def pill(rect: QRectF, radius: float | None = None) -> QPainterPath:
    """A rounded outline of `rect`; without `radius` the ends are half circles."""
    path = QPainterPath()
    r = min(rect.height(), rect.width()) / 2 if radius is None else radius
    path.addRoundedRect(rect, r, r)
    return path


def line(p: QPainter, rect: QRectF, text: str, face: QFont, ink: QColor, align: Qt.AlignmentFlag = LEFT) -> float:
    """One line of plain text, elided to fit and centred vertically. Returns the width it took."""
    measures = QFontMetricsF(face)
    shown = text
    wide = measures.horizontalAdvance(text)
    if wide > rect.width() + 0.5:
        shown = measures.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        wide = measures.horizontalAdvance(shown)
    p.setFont(face)
    p.setPen(ink)
    # Centred on capitals and figures rather than on the line box, which sits about a pixel low.
    baseline = round(rect.center().y() + measures.capHeight() / 2)
    x = rect.left()
    if align == RIGHT:
        x = rect.right() - wide
    elif align == CENTRE:
        x = rect.center().x() - wide / 2
    p.drawText(QPointF(x, baseline), shown)
    return wide


def focus_ring(p: QPainter, rect: QRectF, radius: float, tokens: Tokens, on: str | None = None) -> None:
    """The visible keyboard focus: 2 px inside `rect`; `on` is the fill's own text colour when it lies on a fill."""
    inset = 3.0 if on else 0.0
    ring = colour(on) if on else colour(tokens.accent)
    box(p, rect.adjusted(inset, inset, -inset, -inset), max(2.0, radius - inset), None, ring, 2)
