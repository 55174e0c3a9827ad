"""One checked thing: glyph, what it is, and what was found at the right; the row of every list of checks."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui import words
from ui.fonts import Weight, font, width_of
from ui.glyphs import Glyph, paint_glyph
from ui.paint import RIGHT, colour, line
from ui.plain import plain_line
from ui.theme import tokens
from ui.tokens import Tone, Type
from ui.widgets.painted import Painted


@dataclass(frozen=True, slots=True)
class CheckView:
    """What was checked, its glyph, what was found (`0.4 s`, `1 consumer still attached`) and that one's tone.

    Without a glyph the row is a plain pair of a muted name and a bold value.
    """

    what: str
    glyph: Glyph | None
    found: str = ""
    tone: Tone = Tone.MUTED
    strong: bool = False


class CheckRow(Painted):
    """A row of 24 px; `size` is the type size of what was checked; `ruled` draws a line under it."""

    def __init__(
        self, view: CheckView, *, height: int = 24, ruled: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._height = height
        self._ruled = ruled
        self._view = view
        self.show_view(view)

    def show_view(self, view: CheckView) -> None:
        """Show another finding."""
        self._view = view
        self.say(words.joined(view.what, view.glyph.value if view.glyph else "", view.found))
        self.want(160, self._height)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        worn, view = tokens(), self._view
        p = QPainter(self)
        area = QRectF(self.rect())
        if self._ruled:
            p.fillRect(QRectF(0, area.bottom() - 1, area.width(), 1), colour(worn.border))
        x = 0.0
        if view.glyph is not None:
            paint_glyph(p, view.glyph, QRectF(0, area.center().y() - 7.5, 15, 15), worn)
            x = 22.0
        found = plain_line(view.found)
        toned = view.tone in (Tone.WARN, Tone.BAD, Tone.OK, Tone.ACCENT)
        strong = view.strong or toned or view.glyph is None
        face = font(Type.SMALL, Weight.SEMIBOLD if strong else Weight.REGULAR)
        tone = Tone.TEXT if view.glyph is None and not toned else view.tone
        wide = min(width_of(found, face), area.width() * 0.6)
        line(
            p,
            QRectF(area.right() - wide - 0.5, 0, wide + 0.5, area.height()),
            found,
            face,
            colour(worn.of(tone)),
            RIGHT,
        )
        name = font(
            Type.BODY if view.glyph else Type.SMALL, Weight.SEMIBOLD if view.strong and view.glyph else Weight.REGULAR
        )
        ink = worn.text if view.glyph is not None else worn.muted
        line(p, QRectF(x, 0, area.width() - wide - x - 12, area.height()), plain_line(view.what), name, colour(ink))
