"""The Plan: a runbook as the document people read before it runs, with every problem beside it, and Start a run."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QModelIndex, QStringListModel, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QListView, QStackedWidget, QVBoxLayout, QWidget

from app.reports.blocks import Document
from app.reports.plan_document import plan_document
from app.runbook.load import Loaded
from app.runbook.model import Runbook
from app.session import kinds
from ui import words
from ui.fonts import Weight, font
from ui.icons import Icon
from ui.models.head import length
from ui.panels.current import clear
from ui.panels.document import DocumentView
from ui.panels.problems import ProblemsPanel
from ui.panels.surface import Surface
from ui.tokens import GUTTER, Height, Space, Tone, Type
from ui.widgets.button import PlainButton, PrimaryButton
from ui.widgets.card import Card, Panel
from ui.widgets.choices import ChoiceView, Segmented
from ui.widgets.empty_state import EmptyState
from ui.widgets.facts import Fact, FactView
from ui.widgets.text import Text

_RISKS = {"high": Tone.WARN, "critical": Tone.BAD}


class PlanScreen(QWidget):
    """`environment_chosen` asks for the same file bound to another environment."""

    start_asked = Signal()
    file_asked = Signal()
    environment_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document: Document | None = None
        self.title = Text("Plan", size=Type.TITLE, weight=Weight.SEMIBOLD)
        self.about = Text(size=Type.SMALL, tone=Tone.MUTED)
        self.file = PlainButton("Open file\u2026", hint="Ctrl+O")
        self.start = PrimaryButton("Start a run\u2026", hint="Ctrl+Enter")
        self.sections = QListView()
        self._names = QStringListModel(self)
        self.document = DocumentView()
        self.problems = ProblemsPanel()
        self._facts = QHBoxLayout()
        self._envs = QHBoxLayout()
        self._place = QStackedWidget()
        self._paper = QStackedWidget()
        self._build()

    def show_nothing(self) -> None:
        """No runbook was chosen yet."""
        self.start.hide()
        self._place.setCurrentIndex(0)

    def show_runbook(self, path: Path, loaded: Loaded, environment: str) -> None:
        """Show a runbook; one that cannot be read shows its problems alone."""
        book = loaded.runbook
        self.title.show_text(book.title or book.name if book is not None else path.name)
        self.about.show_text(words.joined(str(path), f"text {words.short_hash(loaded.digest)}"))
        self.start.show()
        self.start.setEnabled(book is not None and not loaded.errors)
        self.problems.show_problems(loaded.problems, loaded.text)
        self._place.setCurrentIndex(1)
        self._paper.setCurrentIndex(0 if book is not None else 1)
        self._show_facts(book)
        self._show_environments(book, environment)
        self._document = plan_document(book, kinds(), loaded.digest) if book is not None else None
        sections = self._document.sections if self._document is not None else ()
        self._names.setStringList([section.title for section in sections])
        if sections:
            self.sections.setCurrentIndex(self._names.index(0))
        else:
            self.document.show_nothing()

    def press(self, verb: str) -> None:
        """Do what a key of the table means here."""
        if verb == "primary" and self.start.isVisible() and self.start.isEnabled():
            self.start_asked.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.problems.setFixedWidth(400 if self.window().width() >= 1400 else 330)
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.document.repaint_theme()

    def _show_section(self, index: QModelIndex) -> None:
        if self._document is not None and 0 <= index.row() < len(self._document.sections):
            self.document.show_section(self._document.sections[index.row()])

    def _show_facts(self, book: Runbook | None) -> None:
        clear(self._facts)
        if book is None:
            return
        plan = book.plan
        steps = sum(len(phase.steps) for phase in book.phases)
        views = (
            FactView("Kind", (plan.type or "not said").capitalize()),
            FactView("Strategy", (plan.strategy or "not said").replace("-", " ").capitalize()),
            FactView("Risk", (plan.risk or "not said").capitalize(), "", _RISKS.get(plan.risk or "", Tone.TEXT)),
            FactView("Takes", length(plan.duration) or "not said"),
            FactView("Downtime", length(plan.downtime) or "none said"),
            FactView("Way back", (plan.rollback or "not said").capitalize()),
            FactView("Size", words.plural(len(book.phases), "phase"), words.plural(steps, "step")),
        )
        for number, view in enumerate(views):
            self._facts.addWidget(Fact(view, size=Type.TITLE, ruled=bool(number)))
        self._facts.addStretch(1)

    def _show_environments(self, book: Runbook | None, environment: str) -> None:
        clear(self._envs)
        if book is None or not book.environments:
            return
        choices = [ChoiceView("", "as it stands"), *(ChoiceView(name, name) for name in book.environments)]
        chosen = Segmented("Environment", choices)
        chosen.choose(environment)
        chosen.chosen.connect(self.environment_chosen)
        self._envs.addWidget(chosen)

    def _build(self) -> None:
        head = Surface(Height.HEAD)
        row = QHBoxLayout(head)
        row.setContentsMargins(Space.M, 0, Space.M, 1)
        row.setSpacing(Space.S)
        names = QVBoxLayout()
        names.setSpacing(2)
        names.addStretch(1)
        names.addWidget(self.title)
        names.addWidget(self.about)
        names.addStretch(1)
        row.addLayout(names, 1)
        row.addLayout(self._envs)
        row.addWidget(self.file)
        row.addWidget(self.start)
        choose = PrimaryButton("Open file\u2026")
        choose.clicked.connect(self.file_asked)
        empty = EmptyState(Icon.PLAN, "No runbook is open", "Choose one in the Library, or open a file.", choose)
        self._place.addWidget(empty)
        self._place.addWidget(self._page())
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(head)
        whole.addWidget(self._place, 1)
        self.file.clicked.connect(self.file_asked)
        self.start.clicked.connect(self.start_asked)

    def _page(self) -> QWidget:
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(GUTTER, GUTTER, GUTTER + 4, GUTTER)
        row.setSpacing(GUTTER)
        whole = QWidget()
        left = QVBoxLayout(whole)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(GUTTER)
        facts = Card()
        self._facts.setContentsMargins(Space.L, Space.S, Space.L, Space.S)
        self._facts.setSpacing(Space.L)
        facts.setLayout(self._facts)
        facts.setFixedHeight(64)
        left.addWidget(facts)
        inner = QHBoxLayout()
        inner.setSpacing(GUTTER)
        listing = Panel("Sections")
        self.sections.setModel(self._names)
        self.sections.setFont(font(Type.BODY))
        self.sections.setAccessibleName("Sections of the plan")
        self.sections.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.sections.setFrameShape(QListView.Shape.NoFrame)
        self.sections.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.sections.setSpacing(6)
        self.sections.selectionModel().currentChanged.connect(self._show_section)
        listing.body.addWidget(self.sections, 1)
        listing.setFixedWidth(232)
        inner.addWidget(listing)
        paper = Card()
        column = QVBoxLayout(paper)
        column.setContentsMargins(Space.L, Space.M, Space.S, Space.M)
        column.addWidget(self.document)
        inner.addWidget(paper, 1)
        left.addLayout(inner, 1)
        unreadable = Card()
        what = "Its problems stand at the right, each with its line. Mend them and open it again."
        QVBoxLayout(unreadable).addWidget(EmptyState(Icon.PLAN, "This file is not a runbook yet", what))
        self._paper.addWidget(whole)
        self._paper.addWidget(unreadable)
        row.addWidget(self._paper, 1)
        row.addWidget(self.problems)
        return page
