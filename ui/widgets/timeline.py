"""The whole run on one line of 42 px: phases, steps, decisions, now, the latest safe moment, no return."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFont, QHelpEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui.fonts import Weight, font, width_of
from ui.glyphs import Glyph, paint_glyph_at
from ui.paint import box, colour, hatch, line, mix, pill
from ui.plain import plain_line
from ui.theme import tokens
from ui.tokens import Height, Space, Tokens, Tone, Type
from ui.widgets.painted import Painted
from ui.widgets.text import plain_tip
from ui.widgets.timeline_layout import (
    Layout,
    MarkKind,
    MarkView,
    SegmentState,
    SegmentView,
    Span,
    TimelineView,
    bars,
    lay_out,
)

_BAR_TOP, _BAR = 25.0, 8.0
_MID = _BAR_TOP + _BAR / 2


class Timeline(Painted):
    """Paints a TimelineView. `chosen` carries the key of a step that was clicked; tool tips name each step."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.want(400, Height.TIMELINE)
        self._view = TimelineView()
        self._layout: Layout | None = None

    def show_view(self, view: TimelineView) -> None:
        """Show another state of the run."""
        if view == self._view:
            return
        self._view = view
        self._layout = None
        self.say(_spoken(view))
        self.update()

    def segment_at(self, x: float) -> SegmentView | None:
        """The step under the pixel `x` of this widget."""
        places = self._places().segments
        for phase in self._view.phases:
            for segment in phase.segments:
                span = places[segment.key]
                if span.left - 1.5 <= x - Space.M <= span.right + 1.5:
                    return segment
        return None

    def resizeEvent(self, event: QEvent) -> None:
        self._layout = None

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        segment = self.segment_at(event.position().x())
        if segment is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(segment.key)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            segment = self.segment_at(event.pos().x())
            text = plain_tip(plain_line(f"{segment.label}: {segment.state.value}")) if segment else ""
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        worn, places = tokens(), self._places()
        p = QPainter(self)
        p.translate(Space.M, 0)
        for phase, title in zip(self._view.phases, places.titles, strict=True):
            if title is not None:
                ink = colour(worn.accent if phase.current else worn.muted)
                line(p, _text_box(title), plain_line(phase.title), _face(), ink)
            for segment, span in bars(phase, places.segments):
                _paint_segment(p, segment, span, worn)
        for mark, text in zip(self._view.marks, places.texts, strict=True):
            at = places.segments.get(mark.key)
            if at is not None:
                _paint_mark(p, mark, at.at(mark.share), worn)
            if text is not None:
                line(p, _text_box(text), plain_line(mark.text), _face(), colour(worn.of(mark.tone)))

    def _places(self) -> Layout:
        if self._layout is None:
            room = max(0.0, self.width() - 2.0 * Space.M)
            self._layout = lay_out(self._view, room, lambda text: width_of(plain_line(text), _face()))
        return self._layout


def _paint_segment(p: QPainter, segment: SegmentView, span: Span, worn: Tokens) -> None:
    centre = QPointF(span.at(0.5), _MID)
    if segment.decision:
        paint_glyph_at(p, Glyph.DECISION, centre, min(15.0, span.width), worn, _decision_tone(segment.state))
        return
    _paint_bar(p, segment, span, worn)
    glyph = _GLYPHS.get(segment.state)
    if glyph is not None:
        # A ring of the ground keeps the glyph's outline apart from the bar of the same colour.
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(colour(worn.surface))
        p.drawEllipse(centre, 8, 8)
        paint_glyph_at(p, glyph, centre, 14, worn)


def _paint_bar(p: QPainter, segment: SegmentView, span: Span, worn: Tokens) -> None:
    area = QRectF(span.left, _BAR_TOP, span.width, _BAR)
    match segment.state:
        case SegmentState.DONE | SegmentState.WARNED | SegmentState.FAILED | SegmentState.UNKNOWN:
            box(p, area, _BAR / 2, colour(worn.of(_SOLID[segment.state])))
        case SegmentState.RUNNING:
            _paint_running(p, area, segment.share, worn)
        case SegmentState.UNDONE | SegmentState.UNDOING:
            _paint_undone(p, area, segment, worn)
        case SegmentState.WAITING | SegmentState.SKIPPED:
            box(p, area, _BAR / 2, None, colour(worn.strong), 1.1)
            if segment.state is SegmentState.SKIPPED:
                p.fillRect(QRectF(area.left() + 3, _MID - 0.75, area.width() - 6, 1.5), colour(worn.idle))
        case SegmentState.NOT_REACHED:
            p.setPen(QPen(colour(worn.strong), 1, Qt.PenStyle.DotLine))
            p.setBrush(Qt.BrushStyle.NoBrush)
            p.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), _BAR / 2, _BAR / 2)


def _paint_running(p: QPainter, area: QRectF, share: float, worn: Tokens) -> None:
    p.save()
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.setClipPath(pill(area))
    p.fillRect(area, mix(worn.accent, worn.surface, 0.28))
    p.fillRect(
        QRectF(area.left(), area.top(), area.width() * min(1.0, max(0.04, share)), area.height()), colour(worn.accent)
    )
    p.restore()


def _paint_undone(p: QPainter, area: QRectF, segment: SegmentView, worn: Tokens) -> None:
    outline = pill(area)
    box(p, area, _BAR / 2, colour(worn.tint_accent))
    hatch(p, outline, mix(worn.accent, worn.surface, 0.75), 5, 1.4)
    if segment.state is SegmentState.UNDOING:
        p.save()
        p.setClipPath(outline)
        # Undoing runs to the left: what is already undone fills from the right.
        done = area.width() * min(1.0, max(0.0, segment.share))
        p.fillRect(QRectF(area.right() - done, area.top(), done, area.height()), colour(worn.accent))
        p.restore()
    box(p, area, _BAR / 2, None, colour(worn.accent), 1.1)


def _paint_mark(p: QPainter, mark: MarkView, x: float, worn: Tokens) -> None:
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    match mark.kind:
        case MarkKind.NOW:
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(colour(worn.accent))
            top = _BAR_TOP + _BAR + 1.5
            p.drawPolygon(QPolygonF([QPointF(x, top), QPointF(x + 5, top + 6), QPointF(x - 5, top + 6)]))
        case MarkKind.FLAG:
            p.fillRect(QRectF(x - 0.75, 5, 1.5, 31), colour(worn.text))
            pennant = QPainterPath(QPointF(x + 0.75, 5))
            pennant.lineTo(x + 9, 9)
            pennant.lineTo(x + 0.75, 13)
            p.fillPath(pennant, colour(worn.text))
        case MarkKind.FIRED:
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(colour(worn.surface))
            p.drawEllipse(QPointF(x, _MID), 8, 8)
            paint_glyph_at(p, Glyph.FAILED, QPointF(x, _MID), 14, worn)
        case MarkKind.LABEL:
            pass


def _decision_tone(state: SegmentState) -> Tone:
    if state is SegmentState.DONE:
        return Tone.OK
    if state is SegmentState.FAILED:
        return Tone.BAD
    return Tone.IDLE if state in (SegmentState.NOT_REACHED, SegmentState.SKIPPED, SegmentState.UNDONE) else Tone.WARN


def _text_box(span: Span) -> QRectF:
    return QRectF(span.left, 4, span.width + 1, 15)


def _spoken(view: TimelineView) -> str:
    parts = []
    for phase in view.phases:
        done = sum(s.state in (SegmentState.DONE, SegmentState.WARNED) for s in phase.segments)
        parts.append(f"{phase.title} {done} of {len(phase.segments)} done")
    parts.extend(mark.text for mark in view.marks if mark.text)
    return "Timeline: " + ", ".join(parts)


def _face() -> QFont:
    return font(Type.CAPTION, Weight.SEMIBOLD)


_SOLID = {
    SegmentState.DONE: Tone.OK,
    SegmentState.WARNED: Tone.WARN,
    SegmentState.FAILED: Tone.BAD,
    SegmentState.UNKNOWN: Tone.WARN,
}
_GLYPHS = {
    SegmentState.WARNED: Glyph.WARNING,
    SegmentState.FAILED: Glyph.FAILED,
    SegmentState.UNKNOWN: Glyph.UNKNOWN,
}
