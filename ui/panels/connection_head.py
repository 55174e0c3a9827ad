"""The head of the Connections screen: whose connections these are, in which environment, how many were tested."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.runbook.model import Runbook
from ui.fonts import Weight
from ui.panels.current import clear
from ui.panels.surface import Surface
from ui.tokens import Height, Space, Tone, Type
from ui.widgets.button import ButtonKind, PrimaryButton
from ui.widgets.choices import ChoiceView, Segmented
from ui.widgets.environment import Environment, EnvironmentBadge
from ui.widgets.text import Text


class ConnectionHead(Surface):
    """`environment_chosen` carries the name of another environment, "" for the file as it stands."""

    environment_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Height.HEAD, parent)
        self.badge = EnvironmentBadge()
        self.about = Text(size=Type.SMALL, tone=Tone.MUTED)
        self.all = PrimaryButton("Test all", hint="Ctrl+Enter")
        self._envs = QHBoxLayout()
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.M, 0, Space.M, 1)
        row.setSpacing(Space.S)
        names = QVBoxLayout()
        names.setSpacing(2)
        names.addStretch(1)
        line = QHBoxLayout()
        line.setSpacing(Space.S)
        line.addWidget(Text("Connections", size=Type.TITLE, weight=Weight.SEMIBOLD, firm=True))
        line.addWidget(self.badge)
        line.addStretch(1)
        names.addLayout(line)
        names.addWidget(self.about)
        names.addStretch(1)
        row.addLayout(names, 1)
        row.addLayout(self._envs)
        row.addWidget(self.all)

    def show_book(self, book: Runbook | None, environment: str) -> None:
        """The environments that there are, and the one that counts."""
        clear(self._envs)
        self.badge.show_environment(badge_of(book, environment))
        if book is not None and book.environments:
            choices = [ChoiceView("", "as it stands"), *(ChoiceView(name, name) for name in book.environments)]
            chosen = Segmented("Environment", choices)
            chosen.choose(environment)
            chosen.chosen.connect(self.environment_chosen)
            self._envs.addWidget(chosen)

    def show_button(self, *, able: bool, leading: bool) -> None:
        """Whether everything can be tested now, and whether that is the one next action."""
        self.all.setEnabled(able)
        self.all.show_kind(ButtonKind.PRIMARY if leading else ButtonKind.PLAIN)
        self.all.show_text("Test all", "Ctrl+Enter" if leading else "")


def badge_of(book: Runbook | None, environment: str) -> Environment:
    """The badge of an environment of a runbook."""
    here = book.environments.get(environment) if book is not None else None
    if here is None:
        return Environment.NONE
    if here.production:
        return Environment.PRODUCTION
    return Environment.REHEARSAL if here.rehearsal else Environment.STAGING
