"""The Library: runbooks with their problems, the last runs, and the demo in one click. Painted first, filled after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui import words
from ui.fonts import Weight
from ui.icons import Icon
from ui.panels.surface import Surface
from ui.tokens import GUTTER, Height, Space, Tone, Type
from ui.widgets.banner import Banner
from ui.widgets.button import LinkButton, PlainButton, PrimaryButton
from ui.widgets.fields import FilterField
from ui.widgets.text import Text

if TYPE_CHECKING:  # heavy; this screen paints before it
    from ui.models.shelf import Shelf
    from ui.panels.shelf import BooksPanel, RunsPanel


class LibraryScreen(QWidget):
    """Paths and run ids travel as text. `complete` puts in what would delay the first paint."""

    demo_asked = Signal()
    file_asked = Signal()
    runbook_chosen = Signal(str)
    run_chosen = Signal(str)

    books: BooksPanel
    runs: RunsPanel

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.about = Text("Looking for runbooks\u2026", size=Type.SMALL, tone=Tone.MUTED)
        self.search = FilterField("Find", "Ctrl+F")
        self.file = PlainButton("Open file\u2026", hint="Ctrl+O")
        self.demo = PrimaryButton("Try the demo")
        self.banner = Banner(Icon.PLAY)
        self.hide_banner = LinkButton("Hide")
        self._tables = QVBoxLayout()
        self._build()
        self.demo.clicked.connect(self.demo_asked)
        self.hide_banner.clicked.connect(self.banner.hide)
        self.file.clicked.connect(self.file_asked)

    def complete(self) -> None:
        """Put the tables in; call once, after the first paint."""
        from ui.local_time import LOCAL
        from ui.panels.shelf import BooksPanel, RunsPanel

        self.books, self.runs = BooksPanel(LOCAL), RunsPanel(LOCAL)
        self._tables.addWidget(self.books, 5)
        self._tables.addWidget(self.runs, 4)
        self.books.chosen.connect(self.runbook_chosen)
        self.runs.chosen.connect(self.run_chosen)
        self.search.filtered.connect(self.books.narrow)

    def show_shelf(self, shelf: Shelf) -> None:
        """Show what is there."""
        mine = sum(not book.shipped for book in shelf.books)
        own = f"{words.plural(mine, 'runbook')} of your own in {shelf.own}" if mine else f"Your own go into {shelf.own}"
        self.about.show_text(words.joined(own, f"{len(shelf.books) - mine} shipped with Tminus"))
        self.books.show_shelf(shelf)
        self.runs.show_shelf(shelf)

    def show_busy(self, sentence: str) -> None:
        """Say what is being prepared; "" when that is over."""
        self.demo.setEnabled(not sentence)
        if sentence:
            self.banner.show()
            self.banner.show_words("One moment", sentence)
        else:
            self._offer()

    def _offer(self) -> None:
        self.banner.show_words(
            "New here? Run a whole cutover on this machine in two minutes.",
            "A live shop, two databases, 200,000 orders, and a way back. It touches nothing outside its own folder.",
        )

    def _build(self) -> None:
        head = Surface(Height.HEAD)
        row = QHBoxLayout(head)
        row.setContentsMargins(Space.M, 0, Space.M, 1)
        row.setSpacing(Space.S)
        names = QVBoxLayout()
        names.setSpacing(2)
        names.addStretch(1)
        names.addWidget(Text("Library", size=Type.TITLE, weight=Weight.SEMIBOLD))
        names.addWidget(self.about)
        names.addStretch(1)
        row.addLayout(names, 1)
        self.search.setFixedWidth(220)
        row.addWidget(self.search)
        row.addWidget(self.file)
        self.banner.add_action(self.hide_banner)
        self.banner.add_action(self.demo)
        self._offer()
        column = QVBoxLayout()
        column.setContentsMargins(GUTTER, GUTTER, GUTTER + 4, GUTTER)
        column.setSpacing(GUTTER)
        column.addWidget(self.banner)
        self._tables.setSpacing(GUTTER)
        column.addLayout(self._tables, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(head)
        whole.addLayout(column, 1)
