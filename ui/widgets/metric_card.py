"""One metric: name, state, value, limit and baseline, plot, freshness, and a first red until acknowledged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QPushButton, QSizePolicy, QWidget

from ui import words
from ui.fonts import Weight, font, width_of
from ui.glyphs import Glyph, paint_glyph
from ui.paint import CENTRE, RIGHT, box, colour, focus_ring, line, mix
from ui.plain import plain_line
from ui.theme import tokens
from ui.tokens import Radius, Tokens, Tone, Type
from ui.widgets.sparkline import ScaleView, Sparkline
from ui.widgets.text import plain_tip

_WIDTH, _HEIGHT, _RED_ROW = 228, 118, 24


@dataclass(frozen=True, slots=True)
class MetricView:
    """What a card says.

    `limit` and `baseline` are legend texts (`limit 2 s`); `first_red` a latched event
    (`first red 02:18:40, 15 s`) or empty. `stale` greys the card: the last value stays, marked as old.
    `trip` is how far it is to a trip (`0.8 % below the limit`); `more` is only told in the tool tip.
    """

    name: str
    value: str
    unit: str
    glyph: Glyph
    word: str
    tone: Tone
    limit: str = ""
    baseline: str = ""
    heard: str = ""
    first_red: str = ""
    stale: bool = False
    scale: ScaleView = field(default_factory=ScaleView)
    trip: str = ""
    trip_tone: Tone = Tone.MUTED
    more: str = ""


class MetricCard(QFrame):
    """A card for one metric; `acknowledged` when the operator takes note of its first red, `opened` for its plot."""

    acknowledged = Signal()
    opened = Signal()

    def __init__(self, view: MetricView, capacity: int = 3600, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleDescription("Enter shows its whole plot")
        self.plot = Sparkline(capacity, self)
        self.plot.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.ack = AckButton(self)
        self.ack.clicked.connect(self.acknowledged)
        self._view = view
        self.show_view(view)

    @property
    def view(self) -> MetricView:
        """What it says now."""
        return self._view

    def show_view(self, view: MetricView) -> None:
        """Say something else; the plot keeps its readings."""
        clean = replace(
            view,
            name=plain_line(view.name),
            value=plain_line(view.value),
            unit=plain_line(view.unit),
            word=plain_line(view.word),
            limit=plain_line(view.limit),
            baseline=plain_line(view.baseline),
            heard=plain_line(view.heard),
            first_red=plain_line(view.first_red),
            trip=plain_line(view.trip),
        )
        grown = bool(clean.first_red) != bool(self._view.first_red)
        self._view = clean
        self.plot.show_scale(view.scale, _curve_tone(view))
        self.ack.setVisible(bool(view.first_red))
        self.ack.setAccessibleName(f"Acknowledge first red of {clean.name}")
        said = f"{clean.name} {clean.value} {clean.unit}, {clean.word}"
        facts = (clean.limit, clean.baseline, clean.heard, clean.trip, clean.first_red)
        self.setAccessibleName(words.joined(said, *facts))
        self.setToolTip(plain_tip("\n".join(one for one in (said, *facts, plain_line(view.more)) if one)))
        self.plot.say(f"Plot of {said}")
        if grown:
            self.updateGeometry()
            self._arrange()
        self.update()

    def append(self, values: Sequence[float]) -> None:
        """Add readings to the plot (NaN: not heard)."""
        self.plot.append(list(values))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and not event.modifiers():
            self.opened.emit()
            return
        super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.opened.emit()

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, _HEIGHT + (_RED_ROW if self._view.first_red else 0))

    def minimumSizeHint(self) -> QSize:
        return QSize(180, self.sizeHint().height())

    def resizeEvent(self, event: object) -> None:
        self._arrange()

    def _arrange(self) -> None:
        wide, high = self.width(), self.height()
        foot = 20 + (_RED_ROW if self._view.first_red else 0)
        self.plot.setGeometry(12, 56, wide - 20, max(20, high - 56 - foot))
        self.ack.setGeometry(wide - 44 - 8, high - 20 - 25, 44, 28)

    def paintEvent(self, event: QPaintEvent) -> None:
        worn, view = tokens(), self._view
        p = QPainter(self)
        if self.plot.geometry().contains(event.rect()):
            # Only the plot moved, as it does with every reading: below it is nothing but the ground.
            p.fillRect(event.rect(), colour(worn.surface))
            return
        area = QRectF(self.rect())
        red = view.tone is Tone.BAD and not view.stale
        edge = worn.bad if red else worn.border
        box(p, area, Radius.CARD, colour(worn.surface), colour(edge), 2 if red else 1)
        self._paint_head(p, area, worn)
        self._paint_legend(p, area, worn)
        if view.first_red:
            self._paint_first_red(p, area, worn)
        self._paint_foot(p, area, worn)
        if self.hasFocus():
            focus_ring(p, area, Radius.CARD, worn)

    def _paint_foot(self, p: QPainter, area: QRectF, worn: Tokens) -> None:
        """How fresh it is, and at the right how far it is to a trip; the latter never gives up room."""
        view = self._view
        foot = QRectF(12, area.bottom() - 20, area.width() - 24, 16)
        loud = Weight.SEMIBOLD if view.trip_tone in (Tone.BAD, Tone.WARN) else Weight.REGULAR
        face = font(Type.CAPTION, loud)
        if view.trip:
            used = line(p, foot, view.trip, face, colour(worn.of(view.trip_tone)), RIGHT)
            foot.setRight(foot.right() - used - 8)
        if view.stale:
            paint_glyph(p, Glyph.STALE, QRectF(12, foot.center().y() - 6, 12, 12), worn)
            foot.setLeft(foot.left() + 17)
        face = font(Type.CAPTION, Weight.SEMIBOLD if view.stale else Weight.REGULAR)
        heard = view.heard
        if width_of(heard, face) > foot.width():
            heard = heard.removeprefix("heard ")
        line(p, foot, heard, face, colour(worn.muted))

    def _paint_head(self, p: QPainter, area: QRectF, worn: Tokens) -> None:
        view = self._view
        tone = Tone.IDLE if view.stale else view.tone
        strong = font(Type.SMALL, Weight.SEMIBOLD)
        wide = width_of(view.word, strong)
        right = area.right() - 12
        line(p, QRectF(right - wide, 7, wide + 1, 18), view.word, strong, colour(worn.of(tone)))
        paint_glyph(p, view.glyph, QRectF(right - wide - 18, 9, 14, 14), worn, tone)
        line(p, QRectF(12, 7, right - wide - 30, 18), view.name, font(Type.SMALL, Weight.MEDIUM), colour(worn.muted))
        ink = Tone.IDLE if view.stale else view.tone if view.tone in (Tone.WARN, Tone.BAD) else Tone.TEXT
        room = max(60.0, area.width() - 24 - self._legend_width(area) - 22)
        used = line(p, QRectF(12, 26, room, 26), view.value, font(Type.VALUE, Weight.SEMIBOLD), colour(worn.of(ink)))
        line(
            p, QRectF(12 + used + 6, 29, max(0.0, room - used - 6), 22), view.unit, font(Type.SMALL), colour(worn.muted)
        )

    def _legend_width(self, area: QRectF) -> float:
        small = font(Type.CAPTION, Weight.MEDIUM)
        widest = max(width_of(self._view.limit, small), width_of(self._view.baseline, small))
        return min(widest, area.width() / 2 + 10)

    def _paint_legend(self, p: QPainter, area: QRectF, worn: Tokens) -> None:
        small = font(Type.CAPTION, Weight.MEDIUM)
        y = 25.0
        for text, name, style in (
            (self._view.limit, worn.idle if self._view.scale.shadow else worn.bad, Qt.PenStyle.DashLine),
            (self._view.baseline, worn.muted, Qt.PenStyle.DotLine),
        ):
            if not text:
                continue
            wide = min(width_of(text, small), area.width() / 2 + 10)
            row = QRectF(area.right() - 12 - wide, y, wide + 1, 14)
            y += 15
            line(p, row, text, small, colour(name), RIGHT)
            dashed = style == Qt.PenStyle.DashLine
            if (self._view.scale.limit if dashed else self._view.scale.baseline) is None:
                continue  # there is no line that this text could belong to
            if not dashed and self._view.scale.usual_high is not None:
                p.fillRect(QRectF(row.left() - 15, row.center().y() - 4, 11, 8), mix(worn.muted, worn.surface, 0.4))
                continue
            cap = Qt.PenCapStyle.FlatCap if dashed else Qt.PenCapStyle.RoundCap
            pen = QPen(colour(name), 1.6, style, cap)
            pen.setDashPattern([2.6, 1.8] if dashed else [0.01, 2.4])
            p.setPen(pen)
            p.drawLine(QPointF(row.left() - 15, row.center().y()), QPointF(row.left() - 4, row.center().y()))

    def _paint_first_red(self, p: QPainter, area: QRectF, worn: Tokens) -> None:
        row = QRectF(6, area.bottom() - 20 - 24, area.width() - 12, 24)
        box(p, row, Radius.ROW, colour(worn.tint_bad))
        paint_glyph(p, Glyph.FAILED, QRectF(row.left() + 6, row.center().y() - 6, 12, 12), worn)
        face = font(Type.CAPTION, Weight.MEDIUM)
        line(p, row.adjusted(24, 0, -50, 0), self._view.first_red, face, colour(worn.bad))


class AckButton(QPushButton):
    """`Ack`: a small cap inside the first-red row; 28 px to hit, 20 px to see."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Ack", parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = tokens()
        p = QPainter(self)
        cap = QRectF(self.rect()).adjusted(3, 5, -3, -5)
        fill = worn.tint_bad if self.underMouse() else worn.surface
        box(p, cap, 5, colour(fill), colour(worn.strong))
        line(p, cap, "Ack", font(Type.CAPTION, Weight.SEMIBOLD), colour(worn.text), CENTRE)
        if self.hasFocus():
            focus_ring(p, cap.adjusted(-2, -2, 2, 2), 7, worn)


def _curve_tone(view: MetricView) -> Tone:
    if view.stale:
        return Tone.IDLE
    return view.tone if view.tone in (Tone.WARN, Tone.BAD) else Tone.ACCENT
