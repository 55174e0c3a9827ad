"""Buttons that name their object and show their key: filled for the one next action, bordered for the rest."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from ui.fonts import Weight, font, width_of
from ui.icons import Icon, paint_icon
from ui.paint import box, colour, focus_ring, line, mix
from ui.plain import plain_line
from ui.theme import tokens
from ui.tokens import Height, Radius, Tokens, Type


class ButtonKind(StrEnum):
    """How much a button asks for attention."""

    PRIMARY = "primary"
    PLAIN = "plain"
    LINK = "link"
    DANGER = "danger"


class Button(QPushButton):
    """A button of 34 px (links 28). `hint` is the key to show; the caller sets the shortcut itself.

    The text is data: an ampersand in it is shown and makes no mnemonic.
    """

    def __init__(
        self, text: str, *, kind: ButtonKind = ButtonKind.PLAIN, hint: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._kind = kind
        self._icon: Icon | None = None
        self._waits = False
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_text(text, hint)

    def show_text(self, text: str, hint: str = "") -> None:
        """Name another object, and another key."""
        self._shown = plain_line(text)
        self._key = hint
        self.setText(self._shown.replace("&", "&&"))
        self.setAccessibleName(self._shown)
        self.setAccessibleDescription(hint)
        self.updateGeometry()

    def show_kind(self, kind: ButtonKind) -> None:
        """Ask for more or less attention."""
        self._kind = kind
        self.update()

    @property
    def waits(self) -> bool:
        """Whether it cannot be pressed yet."""
        return self._waits

    def show_waiting(self, *, waits: bool) -> None:
        """For a moment it cannot be pressed and looks like it; unlike a disabled one it keeps the keyboard."""
        if waits != self._waits:
            self._waits = waits
            self.blockSignals(waits)  # whatever presses it: a click, a key, an assistive tool
            self.update()

    def show_icon(self, icon: Icon | None) -> None:
        """Put a painted picture before the text."""
        self._icon = icon
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        side = 6 if self._kind is ButtonKind.LINK else 14
        wide = width_of(self._shown, self._face()) + 2 * side
        if self._key:
            wide += 10 + width_of(self._key, font(Type.CAPTION, Weight.MEDIUM))
        if self._icon is not None:
            wide += 22
        return QSize(int(wide + 0.999), Height.TARGET if self._kind is ButtonKind.LINK else Height.BUTTON)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = tokens()
        p = QPainter(self)
        area = QRectF(self.rect())
        fill, edge, ink = self.colours(worn)
        if self.isDown() and fill is not None:
            fill = fill.darker(112)
        if fill is not None or edge is not None:
            box(p, area, Radius.BUTTON, fill, edge)
        self._content(p, area, ink)
        if self.hasFocus():
            solid = self._kind is ButtonKind.PRIMARY and self.isEnabled() and not self._waits
            focus_ring(p, area, Radius.BUTTON, worn, worn.on_accent if solid else None)

    def colours(self, worn: Tokens) -> tuple[QColor | None, QColor | None, QColor]:
        """Fill, edge and text colour of the present state."""
        hover = self.underMouse() and self.isEnabled()
        if not self.isEnabled() or self._waits:
            return (colour(worn.sunken), colour(worn.border), colour(worn.strong))
        match self._kind:
            case ButtonKind.PRIMARY:
                return (
                    mix(worn.text, worn.accent, 0.12) if hover else colour(worn.accent),
                    None,
                    colour(worn.on_accent),
                )
            case ButtonKind.DANGER:
                return (colour(worn.tint_bad if hover else worn.surface), colour(worn.bad), colour(worn.bad))
            case ButtonKind.LINK:
                return (colour(worn.tint_accent) if hover else None, None, colour(worn.accent))
            case ButtonKind.PLAIN:
                edge = worn.strong if hover else worn.border
                return (colour(worn.surface), colour(edge), colour(worn.text))

    def _content(self, p: QPainter, area: QRectF, ink: QColor) -> None:
        face, small = self._face(), font(Type.CAPTION, Weight.MEDIUM)
        wide = width_of(self._shown, face) + (22 if self._icon else 0)
        key = width_of(self._key, small) + 10 if self._key else 0.0
        edge = 3.0 if self._kind is ButtonKind.LINK else 8.0
        x = max(edge, (area.width() - wide - key) / 2)
        if self._icon is not None:
            paint_icon(p, self._icon, QRectF(x, area.center().y() - 8, 16, 16), ink)
            x += 22
        x += line(p, area.adjusted(x, 0, -edge, 0), self._shown, face, ink)
        if self._key:
            line(p, area.adjusted(x + 10, 0, -4, 0), self._key, small, ink)

    def _face(self) -> QFont:
        return font(Type.SMALL if self._kind is ButtonKind.LINK else Type.BODY, Weight.SEMIBOLD)


class PrimaryButton(Button):
    """The one obvious next action; at most one is visible at a time."""

    def __init__(self, text: str, *, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, kind=ButtonKind.PRIMARY, hint=hint, parent=parent)


class PlainButton(Button):
    """Every other action."""

    def __init__(self, text: str, *, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, kind=ButtonKind.PLAIN, hint=hint, parent=parent)


class LinkButton(Button):
    """A quiet action inside text: `See the undos`."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, kind=ButtonKind.LINK, parent=parent)
