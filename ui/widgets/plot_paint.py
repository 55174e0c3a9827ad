"""The strokes of a plot over time: lines, band, gaps, the curve, marks and both axes."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from ui import words
from ui.fonts import Weight, font, width_of
from ui.glyphs import Glyph, paint_glyph, paint_glyph_at
from ui.paint import CENTRE, LEFT, RIGHT, box, colour, line, mix
from ui.plain import plain_line
from ui.theme import tokens
from ui.tokens import Tone, Type
from ui.widgets.plot_frame import Frame, paint_lane
from ui.widgets.plot_view import LimitView, MarkView, PlotView
from ui.widgets.readings import Column, Gap, Readings
from ui.widgets.stretch import tick_step, value_ticks

_FLAG, _FLAG_ROWS = 16.0, 3
_COLUMN = 2.0
"""Pixels of a column: half as many strokes, and nobody sees the difference."""
_APART = 7.0
"""Steps that began closer together than this are one mark: between more lines nobody sees the curve."""


def paint_plot(
    p: QPainter, frame: Frame, view: PlotView, readings: Readings, pointer: float | None, *, lanes: bool
) -> None:
    """Everything, from the ground up."""
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    worn = tokens()
    _paint_values(p, frame, view)
    _paint_times(p, frame, view)
    p.save()
    p.setClipRect(frame.area.adjusted(0, -8, 6, 0))
    if view.usual is not None:
        low, high = frame.y_of(view.usual[0]), frame.y_of(view.usual[1])
        tall = max(3.0, low - high)
        p.fillRect(QRectF(frame.area.left(), low - tall, frame.area.width(), tall), mix(worn.muted, worn.surface, 0.18))
    for gap in readings.gaps(view.now):
        _paint_gap(p, frame, gap)
    before = frame.area.left() - _APART
    for step in view.steps:
        x = round(frame.x_of(step.begin)) + 0.5
        if x < before + _APART:
            continue
        before = x
        p.setPen(QPen(colour(worn.strong), 1, Qt.PenStyle.DotLine))
        p.drawLine(QLineF(x, frame.area.top(), x, frame.area.bottom()))
    columns = readings.columns(frame.begin, frame.end, max(2, int(frame.area.width() / _COLUMN)))
    _paint_curve(p, frame, view, columns)
    p.restore()
    _paint_lines(p, frame, view)
    _paint_marks(p, frame, view, readings, flags=lanes)
    if lanes:
        paint_lane(p, frame, view.phases, view.now, 5.0, 17.0)
        paint_lane(p, frame, view.steps, view.now, 25.0, 20.0)
    if pointer is not None:
        _paint_pointer(p, frame, readings, pointer)


def _paint_values(p: QPainter, frame: Frame, view: PlotView) -> None:
    worn, face = tokens(), font(Type.CAPTION, Weight.MEDIUM)
    for value in value_ticks(frame.low, frame.high, max(2, int(frame.area.height() / 34))):
        y = round(frame.y_of(value)) + 0.5
        p.setPen(QPen(colour(worn.border), 1))
        p.drawLine(QLineF(frame.area.left(), y, frame.area.right(), y))
        text = f"{words.number(value)} {view.unit}".strip()
        line(p, QRectF(0, y - 8, frame.area.left() - 6, 16), text, face, colour(worn.muted), RIGHT)


def _paint_times(p: QPainter, frame: Frame, view: PlotView) -> None:
    """Round instants of the local clock; below a minute with seconds, over a day with the date."""
    worn, face = tokens(), font(Type.CAPTION, Weight.MEDIUM)
    span = frame.end - frame.begin
    step = tick_step(span, frame.area.width() / 76)
    local = (view.origin + timedelta(seconds=frame.begin)).astimezone(view.zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    into = (local - midnight).total_seconds()
    first = frame.begin + ceil(into / step) * step - into
    foot = frame.area.bottom()
    p.setPen(QPen(colour(worn.strong), 1))
    p.drawLine(QLineF(frame.area.left(), foot + 0.5, frame.area.right(), foot + 0.5))
    for number in range(int(span / step) + 2):
        at = first + number * step
        x = round(frame.x_of(at)) + 0.5
        if x > frame.area.right():
            break
        p.setPen(QPen(colour(worn.strong), 1))
        p.drawLine(QLineF(x, foot, x, foot + 4))
        moment = view.origin + timedelta(seconds=at)
        text = words.time_of_day(moment, view.zone) if step >= 60 else words.time_of_second(moment, view.zone)
        if step >= 43_200:
            text = words.day(moment, view.zone)
        line(p, QRectF(x - 38, foot + 5, 76, 15), text, face, colour(worn.muted), CENTRE)


def _paint_gap(p: QPainter, frame: Frame, gap: Gap) -> None:
    """A time without data is a grey field with the word: neither a zero nor a line drawn across it."""
    worn = tokens()
    left, right = max(frame.x_of(gap.begin), frame.area.left()), min(frame.x_of(gap.end), frame.area.right())
    if right - left < 1:
        return
    field = QRectF(left, frame.area.top(), right - left, frame.area.height())
    p.fillRect(field, mix(worn.idle, worn.sunken, 0.16))
    p.setPen(QPen(mix(worn.idle, worn.surface, 0.5), 1))
    p.drawLine(QLineF(left, field.top(), left, field.bottom()))
    p.drawLine(QLineF(right, field.top(), right, field.bottom()))
    face = font(Type.CAPTION, Weight.SEMIBOLD)
    text = "no data"
    if field.width() > width_of(text, face) + 26:
        middle = field.center()
        wide = width_of(text, face)
        paint_glyph(p, Glyph.STALE, QRectF(middle.x() - wide / 2 - 8, middle.y() - 6, 12, 12), worn)
        line(p, field.adjusted(8, 0, 8, 0), text, face, colour(worn.idle), CENTRE)


def _paint_curve(p: QPainter, frame: Frame, view: PlotView, columns: list[Column]) -> None:
    worn = tokens()
    hard = tuple(one for one in view.limits if one.tone is Tone.BAD)
    for run in _unbroken(columns):
        points = [point for column in run for point in _points(frame, column)]
        _shade(p, frame, [_top(frame, column) for column in run], colour(worn.of(view.tone)))
        _stroke(p, points, colour(worn.of(view.tone)))
        for bad in _stretches(run, hard):
            _stroke(p, [point for column in bad for point in _points(frame, column)], colour(worn.bad), 2.2)


def _points(frame: Frame, column: Column) -> list[QPointF]:
    x = (frame.x_of(column.begin) + frame.x_of(column.end)) / 2
    if column.low == column.high:
        return [QPointF(x, frame.y_of(column.low))]
    first, second = (column.low, column.high) if column.first <= column.last else (column.high, column.low)
    return [QPointF(x, frame.y_of(first)), QPointF(x, frame.y_of(second))]


def _top(frame: Frame, column: Column) -> QPointF:
    """The top of a column."""
    return QPointF(frame.x_of((column.begin + column.end) / 2), frame.y_of(column.high))


def _unbroken(columns: list[Column]) -> list[list[Column]]:
    runs: list[list[Column]] = []
    for column in columns:
        if not runs or column.broken:
            runs.append([])
        runs[-1].append(column)
    return runs


def _stretches(run: list[Column], limits: tuple[LimitView, ...]) -> list[list[Column]]:
    """The columns in which any reading is on the wrong side of a limit, side by side ones together."""
    found: list[list[Column]] = []
    fresh = True
    for column in run:
        if any(limit.passed_by(column.low, column.high) for limit in limits):
            if fresh:
                found.append([])
            found[-1].append(column)
            fresh = False
        else:
            fresh = True
    return found


def _stroke(p: QPainter, points: list[QPointF], ink: QColor, width: float = 1.5) -> None:
    p.setPen(QPen(ink, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.BevelJoin))
    if len(points) == 1:
        p.drawLine(QLineF(points[0].x(), points[0].y() - 1.5, points[0].x(), points[0].y() + 1.5))
    else:
        p.drawPolyline(QPolygonF(points))


def _shade(p: QPainter, frame: Frame, points: list[QPointF], ink: QColor) -> None:
    foot = frame.area.bottom()
    area = QPainterPath(QPointF(points[0].x(), foot))
    for point in points:
        area.lineTo(point)
    area.lineTo(QPointF(points[-1].x(), foot))
    quiet = QColor(ink)
    quiet.setAlphaF(0.10)
    p.fillPath(area, quiet)


def _paint_lines(p: QPainter, frame: Frame, view: PlotView) -> None:
    """Limits and what is usual, each with its words at the right; words never lie on each other."""
    worn, face = tokens(), font(Type.CAPTION, Weight.SEMIBOLD)
    named = [(frame.y_of(one.value), one.text, worn.of(one.tone)) for one in view.limits]
    for y, _, ink in named:
        pen = QPen(colour(ink), 1.2, Qt.PenStyle.DashLine)
        pen.setDashPattern([5, 3])
        p.setPen(pen)
        p.drawLine(QLineF(frame.area.left(), round(y) + 0.5, frame.area.right(), round(y) + 0.5))
    if view.usual is not None:
        middle = (frame.y_of(view.usual[0]) + frame.y_of(view.usual[1])) / 2
        named.append((middle, "usual", worn.muted))
    lowest = frame.area.bottom() + 6
    for y, text, ink in sorted(named, key=lambda one: -one[0]):
        row = min(y, lowest - 7)
        lowest = row - 7
        room = QRectF(frame.area.right() + 8, row - 7, 106, 14)
        line(p, room, text, face, colour(ink), LEFT)


def _paint_marks(p: QPainter, frame: Frame, view: PlotView, readings: Readings, *, flags: bool) -> None:
    worn, face = tokens(), font(Type.CAPTION, Weight.SEMIBOLD)
    free = [frame.area.left() - 8] * _FLAG_ROWS
    for mark in view.marks:
        x = frame.x_of(mark.at)
        if not frame.area.left() <= x <= frame.area.right():
            continue
        if mark.first_red:
            _paint_first_red(p, frame, mark, readings)
            continue
        ink = colour(worn.of(mark.tone))
        p.setPen(QPen(ink, 1.2))
        p.drawLine(QLineF(x, frame.area.top() + _FLAG / 2, x, frame.area.bottom()))
        if not flags:
            paint_glyph_at(p, mark.glyph, QPointF(x, frame.area.top() + 1), 11, worn, mark.tone)
            continue
        text = plain_line(mark.text)
        wide = width_of(text, face) + 26
        # Late flags lie to the left of their line, where the curve has been; the newest readings stay in sight.
        left = x - 7 if x < frame.area.center().x() else max(frame.area.left(), x + 7 - wide)
        row = next((number for number, end in enumerate(free) if left >= end), -1)
        fits = row >= 0
        flag = QRectF(left if fits else x - 8, frame.area.top() + 1 + row * (_FLAG + 2), wide if fits else 16, _FLAG)
        if fits:
            free[row] = flag.right() + 4
        else:
            flag.moveTop(frame.area.top() + 1 + _FLAG_ROWS * (_FLAG + 2))
        box(p, flag, _FLAG / 2, colour(worn.tint(mark.tone)), ink)
        paint_glyph(p, mark.glyph, QRectF(flag.left() + 3, flag.top() + 3, 10, 10), worn, mark.tone)
        if fits:
            line(p, flag.adjusted(17, 0, -4, 0), text, face, ink)


def _paint_first_red(p: QPainter, frame: Frame, mark: MarkView, readings: Readings) -> None:
    near = readings.nearest(mark.at)
    if near is None:
        return
    centre = QPointF(frame.x_of(mark.at), max(frame.area.top() + 8, frame.y_of(near[1])))
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(colour(tokens().surface))
    p.drawEllipse(centre, 8, 8)
    paint_glyph_at(p, mark.glyph, centre, 13, tokens(), mark.tone)


def _paint_pointer(p: QPainter, frame: Frame, readings: Readings, pointer: float) -> None:
    near = readings.nearest(pointer)
    if near is None:
        return
    worn = tokens()
    x = frame.x_of(near[0])
    if not frame.area.left() <= x <= frame.area.right():
        return
    p.setPen(QPen(colour(worn.strong), 1))
    p.drawLine(QLineF(x, frame.area.top(), x, frame.area.bottom()))
    p.setPen(QPen(colour(worn.surface), 1.5))
    p.setBrush(colour(worn.text))
    p.drawEllipse(QPointF(x, frame.y_of(near[1])), 3.5, 3.5)
