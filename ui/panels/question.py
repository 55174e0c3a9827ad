"""What a person is asked: the words, items to tick, who answers, who has answered, and a note to go with it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.fonts import Weight
from ui.keyboard import take_from
from ui.models.current import QuestionView
from ui.tokens import Radius, Space, Tone, Type
from ui.widgets.card import Card
from ui.widgets.check_row import CheckRow, CheckView
from ui.widgets.choices import ChoiceView, FilterChips
from ui.widgets.fields import HintField
from ui.widgets.text import Paragraph, Text
from ui.widgets.tick_box import TickBox


class QuestionCard(Card):
    """`changed` whenever a tick or a name was changed by a person."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(radius=Radius.CARD, sunken=True, parent=parent)
        self.words = Paragraph(size=Type.TITLE, tone=Tone.TEXT)
        self.items: list[TickBox] = []
        self.people: FilterChips | None = None
        self.note = HintField("Say more, if you like: it goes into the record")
        self.note.setMaxLength(500)
        self._view: QuestionView | None = None
        self._key: tuple[object, ...] = ()
        self._items = QVBoxLayout()
        self._items.setSpacing(6)
        self._answers = QVBoxLayout()
        self._answers.setSpacing(0)
        self._names = QHBoxLayout()
        self._names.setSpacing(Space.S)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        column.setSpacing(10)
        column.addWidget(self.words)
        column.addLayout(self._items)
        column.addLayout(self._answers)
        column.addLayout(self._names)
        column.addWidget(self.note)

    @property
    def ready(self) -> bool:
        """Whether every item is ticked, and it is known who answers."""
        named = self.people is None or bool(self.people.key())
        return named and all(box.isChecked() for box in self.items)

    @property
    def by(self) -> str:
        """Who answers; "" for the operator."""
        return self.people.key() if self.people is not None else ""

    def show_question(self, view: QuestionView, operator: str, key: str) -> None:
        """Show a question; what was ticked stays while it is the same one (`key` tells)."""
        fresh = (key, view.text, view.items, view.people, view.answered)
        if fresh == self._key:
            return
        same = self._key[:3] == fresh[:3]
        self._key, self._view = fresh, view
        self.words.show_text(view.text)
        if not same:
            self.note.clear()
            self._show_items(view.items)
        self._show_answers(view)
        self._show_people(view, operator)

    def _show_items(self, items: tuple[str, ...]) -> None:
        _empty(self._items)
        self.items = []
        for item in items:
            box = TickBox(item)
            box.toggled.connect(lambda _on: self.changed.emit())
            self.items.append(box)
            self._items.addWidget(box)

    def _show_answers(self, view: QuestionView) -> None:
        _empty(self._answers)
        for answer in view.answers:
            self._answers.addWidget(CheckRow(answer))
        left = view.need - len(view.answers)
        if view.need > 1 and left > 0:
            said = f"{len(view.answers)} of {view.need}"
            self._answers.addWidget(CheckRow(CheckView("Answers so far", None, said)))

    def _show_people(self, view: QuestionView, operator: str) -> None:
        _empty(self._names)
        self.people = None
        names = [name for name in view.people if name not in view.answered]
        if not names:
            return
        caption = Text("Answers as", size=Type.SMALL, weight=Weight.SEMIBOLD, tone=Tone.MUTED)
        self._names.addWidget(caption)
        # After an answer nobody is held: a second press on the same button must not speak for the next one.
        chips = FilterChips("Who answers", [ChoiceView(name, name) for name in names], open_=bool(view.answered))
        if operator in names and not view.answered:
            chips.choose(operator)
        chips.chosen.connect(lambda _key: self.changed.emit())
        self.people = chips
        self._names.addWidget(chips)
        remark = "" if operator in names else f"recorded at the console of {operator}"
        if view.answered:
            remark = "Choose who answers next."
        self._names.addWidget(Text(remark, size=Type.SMALL, tone=Tone.MUTED))
        self._names.addStretch(1)


def _empty(layout: QVBoxLayout | QHBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            take_from(widget)
            widget.hide()
            widget.deleteLater()
