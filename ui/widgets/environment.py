"""Where this acts, told by fill and not by hue: PRODUCTION solid, STAGING outlined, REHEARSAL hatched."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.fonts import Weight, font, width_of
from ui.paint import CENTRE, box, colour, hatch, line, mix, pill
from ui.plain import plain_line
from ui.theme import tokens
from ui.tokens import Tone, Type
from ui.widgets.painted import Painted


class Environment(StrEnum):
    """Where a run acts; the value is the word on the badge."""

    PRODUCTION = "PRODUCTION"
    STAGING = "STAGING"
    REHEARSAL = "REHEARSAL"
    NONE = ""


class EnvironmentBadge(Painted):
    """The badge beside a title, 20 px high; takes no room when there is no environment."""

    HEIGHT = 20

    def __init__(self, environment: Environment = Environment.NONE, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stay()
        self._environment = environment
        self.show_environment(environment)

    def show_environment(self, environment: Environment) -> None:
        """Show another environment."""
        self._environment = environment
        # Only inside a window: showing a widget that has no parent yet would open it as a window of its own.
        if environment is Environment.NONE or self.parentWidget() is not None:
            self.setVisible(environment is not Environment.NONE)
        self.say(f"Environment {environment.value.lower()}")
        self.want(width_of(environment.value, _face()) + 18, self.HEIGHT)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_environment(QPainter(self), QRectF(self.rect()), self._environment)


def paint_environment(p: QPainter, area: QRectF, environment: Environment) -> None:
    """Paint the badge into `area`; delegates use this for tables."""
    worn = tokens()
    match environment:
        case Environment.PRODUCTION:
            box(p, area, 4, colour(worn.text))
            ink = colour(worn.surface)
        case Environment.STAGING:
            box(p, area, 4, None, colour(worn.text), 1.5)
            ink = colour(worn.text)
        case Environment.REHEARSAL:
            box(p, area, 4, colour(worn.tint_warn))
            hatch(p, pill(area, 4), mix(worn.warn, worn.tint_warn, 0.18), 8, 3)
            box(p, area, 4, None, colour(worn.warn), 1.2)
            ink = colour(worn.warn)
        case _:
            return
    line(p, area, environment.value, _face(), ink, CENTRE)


class RehearsalBand(Painted):
    """The hatched band on top of the window: nothing below it touches a real host."""

    HEIGHT = 28

    def __init__(self, sentence: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._sentence = plain_line(sentence)
        self.say(f"Rehearsal: {sentence}")
        self.want(200, self.HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = tokens()
        p = QPainter(self)
        area = QRectF(self.rect())
        p.fillRect(area, colour(worn.tint_warn))
        hatch(p, pill(area, 0), mix(worn.warn, worn.tint_warn, 0.16), 14, 5)
        face = font(Type.SMALL, Weight.SEMIBOLD)
        said = f"REHEARSAL   {self._sentence}"
        # The words stand on an unhatched patch: stripes behind letters cost contrast.
        wide = min(area.width() - 16, width_of(said, face))
        patch = QRectF(area.center().x() - wide / 2 - 12, 0, wide + 24, area.height())
        p.fillRect(patch, colour(worn.tint_warn))
        line(p, patch.adjusted(12, 0, -12, 0), said, face, colour(worn.of(Tone.WARN)), CENTRE)


def _face() -> QFont:
    return font(Type.CAPTION, Weight.SEMIBOLD)
