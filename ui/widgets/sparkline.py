"""A small live plot: finished buckets in a cached pixmap, the live end painted over it.

12 plots of 3,600 samples at 10 Hz stay cheap because a tick only moves a pixmap and draws one short line; the
pixmap is painted again when a bucket ends (every 30 samples), or when range, size, theme or tone change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, floor, isnan, log10

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.glyphs import Glyph, paint_glyph_at
from ui.paint import colour, mix
from ui.theme import tokens
from ui.tokens import Tone
from ui.widgets.painted import Painted
from ui.widgets.series import Bucket, Series
from ui.widgets.stretch import drawable

_TOP, _FOOT, _END = 6.0, 4.0, 6.0
_LEAST_SPAN = 60
"""Samples that the width spans at least, so that the first few are not blown up."""
_LEAST_BUCKETS = 12


@dataclass(frozen=True, slots=True)
class ScaleView:
    """The lines of a plot, in the metric's unit; None where there is none.

    With `usual_high` the baseline is a band from `baseline` (its median) up to there (its p95). A `shadow` limit is
    one that nothing follows from: it is no red line.
    """

    limit: float | None = None
    baseline: float | None = None
    floor: float = 0.0
    usual_high: float | None = None
    shadow: bool = False


@dataclass(frozen=True, slots=True)
class _Key:
    """Everything the cached pixmap depends on."""

    bucket: int
    width: int
    height: int
    ratio: float
    theme: str
    tone: Tone
    low: float
    high: float


class Sparkline(Painted):
    """Paints a Series. Give new readings to `append`; the name for assistive tools is the owner's."""

    def __init__(self, capacity: int = 3600, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.want(120, 40)
        self.series = Series(capacity, buckets=120)
        self.renders = 0
        self._scale = ScaleView()
        self._tone = Tone.ACCENT
        self._mark: int | None = None
        self._range = (0.0, 1.0)
        self._cache: QPixmap | None = None
        self._key: _Key | None = None

    def append(self, values: list[float] | tuple[float, ...]) -> None:
        """Add readings (NaN: not heard) and repaint once."""
        if not values:
            return
        low, high = self._range
        # A reading outside the range must be seen at once; the range shrinks only when a bucket ends.
        if self.series.append(values) or any(value < low or value > high for value in values):
            self._fit()
        self.update()

    def show_scale(self, scale: ScaleView, tone: Tone = Tone.ACCENT) -> None:
        """Set the lines and the tone of the curve (ACCENT while fine, WARN, BAD, IDLE when stale)."""
        if (scale, tone) != (self._scale, self._tone):
            self._scale, self._tone = scale, tone
            self._fit()
            self.update()

    def mark_first_red(self, sample: int | None) -> None:
        """Put the failed glyph on sample number `sample` (counted from the first ever), or take it away."""
        self._mark = sample
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = tokens()
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_lines(p)
        if self.series.total == 0:
            return
        buckets = self.series.finished()
        ink = colour(worn.of(self._tone))
        plot_right = self.width() - _END
        step = self._step()
        live = len(self.series.tail()) / self.series.size * step
        if buckets:
            p.drawPixmap(QPointF(plot_right - live - self._plot_width(), 0), self._finished(buckets, ink))
        self._paint_tail(p, buckets, ink, live)
        if self._mark is not None:
            self._paint_mark(p)

    def y_of(self, value: float) -> float:
        """The pixel row of a reading."""
        return self._rows()(value)

    def _rows(self) -> Callable[[float], float]:
        """The same for many readings: range and height are looked up once."""
        low, high = self._range
        room = self.height() - _TOP - _FOOT
        foot, scale = _TOP + room, room / (high - low)
        return lambda value: foot - (min(max(value, low), high) - low) * scale

    def x_of(self, sample: float) -> float:
        """The pixel column of a sample by its absolute number; the newest stands at the right end."""
        behind = self.series.total - sample
        return self.width() - _END - behind / self.series.size * self._step()

    def _plot_width(self) -> float:
        return max(1.0, self.width() - _END)

    def _step(self) -> float:
        """Pixels of a bucket. A young run fills the width, too; it changes when a bucket ends, as the picture does."""
        finished = self.series.total // self.series.size * self.series.size
        span = min(self.series.capacity, max(_LEAST_SPAN, _LEAST_BUCKETS * self.series.size, finished))
        return self._plot_width() / (span / self.series.size)

    def _fit(self) -> None:
        lowest, highest = self.series.extremes()
        scale = self._scale
        lines = (scale.limit, scale.baseline, scale.usual_high, highest)
        known = [drawable(v) for v in lines if v is not None and not isnan(v)]
        top = _round_up(max(known, default=1.0) * 1.12 or 1.0)
        bottom = min(self._scale.floor, drawable(lowest) if not isnan(lowest) else self._scale.floor)
        self._range = (bottom, max(top, bottom + 1e-9))

    def _finished(self, buckets: list[Bucket], ink: QColor) -> QPixmap:
        ratio = self.devicePixelRatioF()
        key = _Key(buckets[-1].number, self.width(), self.height(), ratio, tokens().name, self._tone, *self._range)
        if self._cache is None or key != self._key:
            self._key = key
            self._cache = self._render(buckets, ink, ratio)
            self.renders += 1
        return self._cache

    def _render(self, buckets: list[Bucket], ink: QColor, ratio: float) -> QPixmap:
        picture = QPixmap(ceil(self._plot_width() * ratio), ceil(self.height() * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        p = QPainter(picture)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        for run in _runs(buckets):
            self._paint_run(p, run, buckets[-1].number + 1, ink)
        p.end()
        return picture

    def _paint_run(self, p: QPainter, run: list[Bucket], end: int, ink: QColor) -> None:
        step, right = self._step(), self._plot_width()
        path = QPainterPath()
        for i, bucket in enumerate(run):
            x = right - (end - bucket.number) * step
            first, second = (bucket.low, bucket.high) if bucket.rising else (bucket.high, bucket.low)
            points = (QPointF(x + step * 0.25, self.y_of(first)), QPointF(x + step * 0.75, self.y_of(second)))
            if i == 0:
                path.moveTo(QPointF(x, points[0].y()))
            path.lineTo(points[0])
            path.lineTo(points[1])
        end_x = right - (end - run[-1].number - 1) * step
        path.lineTo(QPointF(end_x, path.currentPosition().y()))
        _shade(p, path, self.height(), ink)
        p.setPen(QPen(ink, 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.BevelJoin))
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.drawPath(path)

    def _paint_tail(self, p: QPainter, buckets: list[Bucket], ink: QColor, live: float) -> None:
        right = self.width() - _END
        left, each = right - live, self._step() / self.series.size
        y_of = self._rows()
        points = [QPointF(left + i * each, y_of(v)) for i, v in enumerate(self.series.tail(), 1) if not isnan(v)]
        if buckets and not isnan(buckets[-1].low):
            last = buckets[-1].high if buckets[-1].rising else buckets[-1].low
            points.insert(0, QPointF(right - live - 0.5, self.y_of(last)))
        p.setPen(QPen(ink, 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        if len(points) > 1:
            p.drawPolyline(points)
        if points and not isnan(self.series.last()):
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(ink)
            p.drawEllipse(points[-1], 3, 3)

    def _paint_lines(self, p: QPainter) -> None:
        worn = tokens()
        if self._scale.baseline is not None and self._scale.usual_high is not None:
            paint_band(p, self.y_of(self._scale.usual_high), self.y_of(self._scale.baseline), 0, self.width() - 2)
        for value, name, style in (
            (self._scale.limit, worn.idle if self._scale.shadow else worn.bad, Qt.PenStyle.DashLine),
            (self._scale.baseline, worn.muted, Qt.PenStyle.DotLine),
        ):
            if value is None:
                continue
            y = round(self.y_of(value)) + 0.5
            pen = QPen(colour(name), 1, style)
            if style == Qt.PenStyle.DashLine:
                pen.setDashPattern([5, 3])
            p.setPen(pen)
            p.drawLine(QPointF(0, y), QPointF(self.width() - 2, y))

    def _paint_mark(self, p: QPainter) -> None:
        assert self._mark is not None
        x = self.x_of(self._mark + 1)
        if x < 0:
            return
        wanted = self._mark // self.series.size
        high = next((b.high for b in self.series.finished() if b.number == wanted), self.series.last())
        if isnan(high):
            return
        y = max(7.0, self.y_of(high))
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(colour(tokens().surface))
        p.drawEllipse(QPointF(max(7.0, x), y), 6.5, 6.5)
        paint_glyph_at(p, Glyph.FAILED, QPointF(max(7.0, x), y), 11, tokens())


def paint_band(p: QPainter, top: float, foot: float, left: float, right: float) -> None:
    """The range that is usual, as a quiet band; never so thin that it cannot be seen."""
    worn = tokens()
    high = max(3.0, foot - top)
    p.fillRect(QRectF(left, foot - high, right - left, high), mix(worn.muted, worn.surface, 0.22))


def _runs(buckets: list[Bucket]) -> list[list[Bucket]]:
    """Stretches without a gap: a silence must be seen as one."""
    answer: list[list[Bucket]] = []
    fresh = True
    for bucket in buckets:
        if isnan(bucket.low):
            fresh = True
            continue
        if fresh:
            answer.append([])
            fresh = False
        answer[-1].append(bucket)
    return answer


def _shade(p: QPainter, path: QPainterPath, height: float, ink: QColor) -> None:
    area = QPainterPath(path)
    bounds = path.boundingRect()
    area.lineTo(bounds.right(), height)
    area.lineTo(bounds.left(), height)
    area.closeSubpath()
    fade = QLinearGradient(0, bounds.top(), 0, height)
    strong, clear = QColor(ink), QColor(ink)
    strong.setAlphaF(0.20)
    clear.setAlphaF(0.0)
    fade.setColorAt(0, strong)
    fade.setColorAt(1, clear)
    p.fillPath(area, fade)


def _round_up(value: float) -> float:
    """Up to two figures, so that the range (and with it the cache) does not change with every reading."""
    if value <= 0:
        return 1.0
    unit = 10.0 ** (floor(log10(value)) - 1)
    return float(ceil(value / unit) * unit)
