"""Which theme is worn, and how the whole application puts it on.

Order: the user's setting, the system's scheme, light. `setColorScheme` does nothing where no platform theme
runs, so the palette and one style sheet are set here. The application carries the name of its theme as a
property, which is how a painted widget finds its colours without a global.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from ui.fonts import font, load_fonts
from ui.style_sheet import style_sheet
from ui.tokens import DARK, LIGHT, Tokens

PROPERTY = "tminusTheme"


class ThemeChoice(StrEnum):
    """What the user asked for."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


def tokens() -> Tokens:
    """The colours worn now; light before any theme was put on."""
    app = QCoreApplication.instance()
    return DARK if app is not None and app.property(PROPERTY) == DARK.name else LIGHT


def choose(choice: ThemeChoice, scheme: Qt.ColorScheme) -> Tokens:
    """The theme for a setting and the system's scheme; an unknown scheme means light."""
    match choice:
        case ThemeChoice.LIGHT:
            return LIGHT
        case ThemeChoice.DARK:
            return DARK
        case ThemeChoice.SYSTEM:
            return DARK if scheme == Qt.ColorScheme.Dark else LIGHT


class Theme(QObject):
    """Puts a theme on the application and follows the system while the user has not chosen.

    `changed` carries the name of the new theme after every widget has been told to repaint.
    """

    changed = Signal(str)

    def __init__(self, app: QApplication, choice: ThemeChoice = ThemeChoice.SYSTEM) -> None:
        super().__init__(app)
        self._app = app
        self._choice = choice
        # Fusion looks the same on every platform, which is what the measured contrasts rely on.
        app.setStyle("Fusion")
        app.setFont(font())
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow)
        self._wear()

    @property
    def choice(self) -> ThemeChoice:
        """What the user asked for."""
        return self._choice

    def use(self, choice: ThemeChoice) -> None:
        """Switch at run time; every widget repaints."""
        self._choice = choice
        self._wear()

    def _follow(self) -> None:
        if self._choice is ThemeChoice.SYSTEM:
            self._wear()

    def _wear(self) -> None:
        chosen = choose(self._choice, QGuiApplication.styleHints().colorScheme())
        if self._app.property(PROPERTY) == chosen.name:
            return
        self._app.setProperty(PROPERTY, chosen.name)
        self._app.setPalette(palette(chosen))
        self._app.setStyleSheet(style_sheet(chosen))
        for widget in QApplication.allWidgets():
            widget.update()
        self.changed.emit(chosen.name)


def put_on(app: QApplication, resources: Path, choice: ThemeChoice = ThemeChoice.SYSTEM) -> Theme:
    """Load the shipped faces from `resources`/fonts and wear a theme; call once, before the first window."""
    load_fonts(resources / "fonts")
    return Theme(app, choice)


def palette(worn: Tokens) -> QPalette:
    """The Qt palette of a theme, for everything that Qt paints itself."""
    answer = QPalette()
    role = QPalette.ColorRole
    table = {
        role.Window: worn.bg,
        role.WindowText: worn.text,
        role.Base: worn.surface,
        role.AlternateBase: worn.sunken,
        role.Text: worn.text,
        role.Button: worn.surface,
        role.ButtonText: worn.text,
        role.BrightText: worn.on_danger,
        role.ToolTipBase: worn.surface,
        role.ToolTipText: worn.text,
        role.PlaceholderText: worn.muted,
        role.Highlight: worn.accent,
        role.HighlightedText: worn.on_accent,
        role.Accent: worn.accent,
        role.Link: worn.accent,
        role.LinkVisited: worn.accent,
        role.Light: worn.surface,
        role.Midlight: worn.border,
        role.Mid: worn.border,
        role.Dark: worn.strong,
        role.Shadow: worn.strong,
    }
    for name, value in table.items():
        answer.setColor(name, QColor(value))
    for name in (role.WindowText, role.Text, role.ButtonText):
        answer.setColor(QPalette.ColorGroup.Disabled, name, QColor(worn.strong))
    return answer
