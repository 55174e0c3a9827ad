"""Settings: the theme, the name that goes into records, and where everything is kept."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.settings import THEMES, Settings, Theme
from ui.fonts import Weight
from ui.panels.surface import Surface
from ui.tokens import GUTTER, Height, Space, Tone, Type
from ui.widgets.card import Panel
from ui.widgets.choices import ChoiceView, Segmented
from ui.widgets.fields import HintField
from ui.widgets.text import Paragraph, Text

_WORDS = {"system": "As the system", "light": "Light", "dark": "Dark"}


class SettingsScreen(QWidget):
    """`changed` carries the new Settings as soon as something was changed."""

    changed = Signal(object)

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self.theme = Segmented("Theme", [ChoiceView(name, _WORDS[name]) for name in THEMES])
        self.theme.choose(settings.theme)
        self.operator = HintField("Your name, for the record")
        self.operator.setText(settings.operator)
        self.operator.setMaximumWidth(320)
        panel = Panel("You and this window", " ")
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.XL)
        grid.setVerticalSpacing(Space.L)
        rows: tuple[tuple[str, QWidget], ...] = (
            ("Theme", self.theme),
            ("Operator", self.operator),
            ("Records and settings are in", Text(str(settings.home)).monospaced()),
        )
        for number, (name, widget) in enumerate(rows):
            grid.addWidget(Text(name, tone=Tone.MUTED, firm=True), number, 0)
            grid.addWidget(widget, number, 1)
        grid.setColumnStretch(1, 1)
        panel.body.addLayout(grid)
        said = "The name is written into every record that you drive. Another folder: --home, or TMINUS_HOME."
        panel.body.addWidget(Paragraph(said, size=Type.SMALL))
        head = Surface(Height.HEAD)
        names = QVBoxLayout(head)
        names.setContentsMargins(Space.M, 0, Space.M, 1)
        names.addWidget(Text("Settings", size=Type.TITLE, weight=Weight.SEMIBOLD))
        inside = QVBoxLayout()
        inside.setContentsMargins(GUTTER, GUTTER, GUTTER + 4, GUTTER)
        inside.addWidget(panel)
        inside.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addLayout(inside, 1)
        self.theme.chosen.connect(self._choose)
        self.operator.editingFinished.connect(self._rename)

    def _choose(self, key: str) -> None:
        found: Theme = next(name for name in THEMES if name == key)
        self._keep(replace(self._settings, theme=found))

    def _rename(self) -> None:
        name = self.operator.text().strip()
        self.operator.show_wrong(wrong=not name)
        if name and name != self._settings.operator:
            self._keep(replace(self._settings, operator=name))

    def _keep(self, settings: Settings) -> None:
        self._settings = settings
        self.changed.emit(settings)
