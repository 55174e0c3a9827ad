"""Starting a run: where, with which inputs, as whom; a production run is confirmed by typing."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.errors import TminusError
from app.runbook.inputs import bind_params, read_param
from app.runbook.model import Param, Runbook
from app.session import RunOrder
from ui.fonts import Weight, font
from ui.plain import plain_line
from ui.tokens import Space, Tone, Type
from ui.widgets.button import PlainButton, PrimaryButton
from ui.widgets.environment import Environment, EnvironmentBadge
from ui.widgets.fields import HintField
from ui.widgets.text import Paragraph, Text
from ui.widgets.tick_box import TickBox

_SHOWN = 60
"""Characters of a default beside an emptied field."""


class StartDialog(QDialog):
    """`agreed` carries a RunOrder whose `home` and `ask` the caller fills in. Nothing starts before that."""

    agreed = Signal(object)

    def __init__(self, path: Path, runbook: Runbook, operator: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Start a run")
        self.setMinimumWidth(560)
        self._path, self._book = path, runbook
        self.environment = QComboBox()
        self.environment.setAccessibleName("Environment")
        self.badge = EnvironmentBadge()
        self.operator = HintField("Your name, for the record")
        self.operator.setText(operator)
        self.params: dict[str, HintField] = {}
        self._usual: dict[str, str] = {}
        self.hold = TickBox("Hold before the first step")
        self.hold.setFont(font(Type.BODY))
        self.rule = Paragraph(tone=Tone.WARN)
        self.confirm = HintField("Type it to confirm")
        self.wrong = Paragraph(tone=Tone.BAD)
        self.button = PrimaryButton("Next: preflight", hint="Ctrl+Enter")
        self._build()
        self._weigh()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        column.setSpacing(Space.M)
        title = self._book.title or self._book.name
        column.addWidget(Text(f"Start a run of {title}", size=Type.TITLE, weight=Weight.SEMIBOLD))
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.M)
        grid.setVerticalSpacing(Space.S)
        self.environment.addItem("as the file stands", "")
        for name in self._book.environments:
            self.environment.addItem(name, name)
        where = QHBoxLayout()
        where.addWidget(self.environment, 1)
        where.addWidget(self.badge)
        grid.addWidget(Text("Environment", size=Type.SMALL, tone=Tone.MUTED, firm=True), 0, 0)
        grid.addLayout(where, 0, 1)
        grid.addWidget(Text("Operator", size=Type.SMALL, tone=Tone.MUTED, firm=True), 1, 0)
        grid.addWidget(self.operator, 1, 1)
        for row, (name, param) in enumerate(self._book.params.items(), 2):
            usual = _usual(param)
            said = plain_line(param.title or name)
            field = HintField(f"{said}; empty: {usual[:_SHOWN]}" if usual else said)
            field.setText(usual)
            self._usual[name] = field.text()
            field.textChanged.connect(self._weigh)
            self.params[name] = field
            grid.addWidget(Text(name, size=Type.SMALL, tone=Tone.MUTED, firm=True), row, 0)
            grid.addWidget(field, row, 1)
        column.addLayout(grid)
        for part in (self.hold, self.rule, self.confirm, self.wrong):
            column.addWidget(part)
        said = "Every target is looked at first, forward and back. Nothing starts before you have seen what was found."
        column.addWidget(Paragraph(said, size=Type.SMALL))
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        leave = PlainButton("Not now", hint="Esc")
        leave.clicked.connect(self.reject)
        buttons.addWidget(leave)
        buttons.addWidget(self.button)
        column.addLayout(buttons)
        self.environment.currentIndexChanged.connect(self._weigh)
        self.operator.textChanged.connect(self._weigh)
        self.confirm.textChanged.connect(self._weigh)
        self.button.setShortcut(Qt.Modifier.CTRL | Qt.Key.Key_Return)
        self.button.clicked.connect(self._agree)

    def choose(self, environment: str) -> None:
        """Begin with this environment; one that the file does not have is passed over."""
        found = self.environment.findData(environment)
        if found >= 0:
            self.environment.setCurrentIndex(found)

    @property
    def _env(self) -> str:
        return str(self.environment.currentData() or "")

    def _weigh(self) -> None:
        """What is missing is said at once, before anybody presses."""
        chosen = self._book.environments.get(self._env)
        production = chosen is not None and chosen.production
        rehearsal = chosen is not None and chosen.rehearsal
        plain = Environment.STAGING if self._env else Environment.NONE
        badge = Environment.PRODUCTION if production else Environment.REHEARSAL if rehearsal else plain
        self.badge.show_environment(badge)
        typed = self._typed()
        self.rule.setVisible(bool(typed))
        self.confirm.setVisible(bool(typed))
        self.rule.show_text(f"This acts on {self._env}. Type to confirm:  {typed}")
        wrong = self._wrong()
        self.wrong.setVisible(bool(wrong))
        self.wrong.show_text(wrong)
        self.button.setEnabled(not wrong and (not typed or self.confirm.text().strip() == typed))

    def _typed(self) -> str:
        chosen = self._book.environments.get(self._env)
        if chosen is None:
            return ""
        return plain_line(chosen.confirm) or (self._env if chosen.production else "")

    def _wrong(self) -> str:
        if not self.operator.text().strip():
            return "The record needs your name."
        try:
            bind_params(self._book.params, self._given())
        except TminusError as trouble:
            return re.sub(r"; give --param \S+=VALUE", "", trouble.what)
        return ""

    def _given(self) -> dict[str, str]:
        """What a person wrote. A field as it was filled, or empty, leaves the value exactly as the file has it."""
        wrote = {name: field.text() for name, field in self.params.items() if field.text() != self._usual[name]}
        blanks = {name for name in wrote if self._book.params[name].type == "text"}
        return {name: text if name in blanks else text.strip() for name, text in wrote.items() if text.strip()}

    def _agree(self) -> None:
        order = RunOrder(
            self._path,
            Path(),
            self.operator.text().strip(),
            "window",
            environment=self._env,
            params=self._given(),
            hold_first=self.hold.isChecked(),
        )
        self.agreed.emit(order)
        self.accept()


def _usual(param: Param) -> str:
    """The default as it would be typed, a list with commas; "" for none."""
    if param.default is None:
        return ""
    try:
        return plain_line(read_param(param, param.default).text)
    except ValueError:
        return plain_line(str(param.default))  # the check says what is wrong with it
