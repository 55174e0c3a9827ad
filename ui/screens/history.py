"""History: every run of this home, how it went against its plan, who decided what, and whether its record is whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, Signal, SignalInstance
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.session import RunLine, list_runs
from ui import words
from ui.aside import Aside, plain_words
from ui.fonts import Weight
from ui.glyphs import Glyph
from ui.icons import Icon
from ui.local_time import LOCAL
from ui.models.cells import KEY_ROLE, CellRow, Cells
from ui.models.past import Past, past
from ui.models.run_lines import environment_of_line, stage_of
from ui.panels.current import clear
from ui.panels.proof import ProofPanel
from ui.panels.span_chart import SpanChart
from ui.panels.surface import Surface
from ui.tokens import GUTTER, Height, Space, Tone, Type
from ui.widgets.button import PlainButton, PrimaryButton
from ui.widgets.card import Card, Panel
from ui.widgets.cell_table import TWO_LINES, CellTable, CellView
from ui.widgets.empty_state import EmptyState
from ui.widgets.environment import Environment, EnvironmentBadge
from ui.widgets.facts import Fact
from ui.widgets.fields import FilterField
from ui.widgets.text import Text


class HistoryScreen(QWidget):
    """`watch_asked` shows a run on the Run screen, `resume_asked` drives it from here."""

    watch_asked = Signal(str)
    resume_asked = Signal(str)
    demo_asked = Signal()
    trouble = Signal(object)

    def __init__(self, home: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._home, self._zone = home, LOCAL
        self._aside = Aside(self)
        self._lines: tuple[RunLine, ...] = ()
        self._wanted = ""
        self._past: Past | None = None
        self.title = Text("History", size=Type.TITLE, weight=Weight.SEMIBOLD)
        self.badge = EnvironmentBadge()
        self.about = Text(size=Type.SMALL, tone=Tone.MUTED)
        self.watch = PlainButton("Show the run")
        self.resume = PrimaryButton("Resume it here")
        self.filter = FilterField("Filter", "")
        self.runs = Cells(("run",), self)
        self.table = CellTable("Runs", TWO_LINES)
        self.chart = SpanChart()
        self.said = Cells(("when", "what"), self)
        self.said_table = CellTable("Decisions")
        self.said_count = Text(size=Type.SMALL, tone=Tone.MUTED)
        self.proof = ProofPanel()
        self.differed = Panel("What differed", " ")
        self.differences = Cells(("what",), self)
        self._facts, self._place = QHBoxLayout(), QStackedWidget()
        self._build()
        self._connect()

    def refresh(self) -> None:
        """Read the list of runs again."""
        self._aside.do(lambda: list_runs(self._home), self._show_lines, self.trouble.emit)

    def choose(self, run: str) -> None:
        """Show one run, as soon as the list is there; "" shows the newest."""
        self._wanted = run
        self.refresh()

    def show_past(self, found: object) -> None:
        """Show everything of one run."""
        assert isinstance(found, Past)
        if self._wanted and found.run != self._wanted:
            return
        self._past = found
        self.title.show_text(found.title)
        self.about.show_text(found.about)
        badge = Environment.PRODUCTION if found.production else Environment.REHEARSAL if found.rehearsal else None
        plain = Environment.STAGING if found.environment else Environment.NONE
        self.badge.show_environment(badge or plain)
        self.watch.show()
        self.resume.setVisible(found.open_end)
        clear(self._facts)
        for number, view in enumerate(found.facts):
            self._facts.addWidget(Fact(view, size=Type.TITLE, ruled=bool(number)))
        self._facts.addStretch(1)
        self.chart.show_rows(found.planned, found.actual)
        rows = [
            CellRow(str(n), (CellView(one.at, exact=True, tone=Tone.MUTED), CellView(one.text, glyph=one.glyph)))
            for n, one in enumerate(found.decisions)
        ]
        nobody = CellRow("nobody", (CellView(""), CellView("Nobody had to decide anything", tone=Tone.MUTED)))
        self.said.show_rows(rows or [nobody])
        self.said_count.show_text(words.count(len(rows)))
        self.proof.show_proof(found)
        self._show_differed(found)

    def _show_differed(self, found: Past) -> None:
        tones = {Glyph.FAILED: Tone.BAD, Glyph.WARNING: Tone.WARN, Glyph.UNKNOWN: Tone.WARN}
        rows = [
            CellRow(str(n), (CellView(one.what, one.found, one.glyph, under_tone=tones.get(one.glyph, Tone.MUTED)),))
            for n, one in enumerate(found.differed)
        ]
        nothing = CellView("Nothing", "every step ended well and in its time", Glyph.DONE)
        self.differences.show_rows(rows or [CellRow("nothing", (nothing,))])

    def _show_lines(self, found: object) -> None:
        assert isinstance(found, tuple)
        self._lines = found
        self._place.setCurrentIndex(1 if found else 0)
        self._filter()
        wanted = self._wanted or (found[0].run if found else "")
        row = self.runs.row_of(wanted)
        if row >= 0:
            self._wanted = wanted
            self.table.selectRow(row)
            self._read(wanted)

    def _filter(self) -> None:
        text = self.filter.text().strip().lower()
        self.runs.show_rows(self._rows([run for run in self._lines if text in f"{run.title} {run.run}".lower()]))

    def _rows(self, lines: Sequence[RunLine]) -> list[CellRow]:
        rows = []
        for run in lines:
            glyph, word = stage_of(run)
            when = words.day(run.began, self._zone) if run.began is not None else ""
            at = words.time_of_day(run.began, self._zone) if run.began is not None else ""
            badge = environment_of_line(run).value
            under = words.joined(f"{when} {at}", word, badge)
            rows.append(CellRow(run.run, (CellView(run.title or run.run, under, glyph=glyph, strong=True),)))
        return rows

    def _picked(self, index: QModelIndex) -> None:
        run = index.data(KEY_ROLE)
        if isinstance(run, str) and run and run != self._wanted:
            self._wanted = run
            self._read(run)

    def _read(self, run: str) -> None:
        home, zone = self._home, self._zone
        line = next((one for one in self._lines if one.run == run), None)
        title = line.title if line is not None and line.title else run
        if line is not None and line.problem:
            self._show_nothing(title, line.problem)
            return
        if self._past is None or self._past.run != run:
            self._show_nothing(title, "Its record is being read and checked.")

        def failed(trouble: BaseException) -> None:
            if run == self._wanted:
                self._show_nothing(title, plain_words(trouble))
            self.trouble.emit(trouble)

        self._aside.do(lambda: past(home, run, zone), self.show_past, failed)

    def _show_nothing(self, title: str, why: str) -> None:
        """Nothing of another run stands below a title, and no button acts on one that is not on show."""
        self._past = None
        self.title.show_text(title)
        self.about.show_text(why)
        self.badge.show_environment(Environment.NONE)
        self.watch.hide()
        self.resume.hide()
        clear(self._facts)
        self.chart.show_rows((), ())
        self.said.show_rows([])
        self.said_count.show_text("")
        self.differences.show_rows([])
        self.proof.show_unread(why)

    def _emit(self, signal: SignalInstance) -> None:
        if self._past is not None:
            signal.emit(self._past.run)

    def _connect(self) -> None:
        self.filter.filtered.connect(lambda _text: self._filter())
        self.table.selectionModel().currentChanged.connect(self._picked)
        self.watch.clicked.connect(lambda: self._emit(self.watch_asked))
        self.table.activated.connect(lambda index: self.watch_asked.emit(str(index.data(KEY_ROLE))))
        self.resume.clicked.connect(lambda: self._emit(self.resume_asked))
        self.proof.again.clicked.connect(lambda: self._read(self._wanted))

    def _build(self) -> None:
        head = Surface(Height.HEAD)
        row = QHBoxLayout(head)
        row.setContentsMargins(Space.M, 0, Space.M, 1)
        row.setSpacing(Space.S)
        names, first = QVBoxLayout(), QHBoxLayout()
        names.setSpacing(2)
        names.addStretch(1)
        first.setSpacing(10)
        first.addWidget(self.title)
        first.addWidget(self.badge)
        first.addStretch(1)
        names.addLayout(first)
        names.addWidget(self.about)
        names.addStretch(1)
        row.addLayout(names, 1)
        row.addWidget(self.watch)
        row.addWidget(self.resume)
        self.watch.hide()
        self.resume.hide()
        demo = PrimaryButton("Try the demo")
        demo.clicked.connect(self.demo_asked)
        self._place.addWidget(EmptyState(Icon.HISTORY, "No runs yet", "Each one is kept with its whole record.", demo))
        self._place.addWidget(self._page())
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(head)
        whole.addWidget(self._place, 1)

    def _page(self) -> QWidget:
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(GUTTER, GUTTER, GUTTER + 4, GUTTER)
        row.setSpacing(GUTTER)
        listing = Panel("Runs", " ")
        self.filter.setFixedWidth(130)
        listing.head.addWidget(self.filter)
        self.table.setModel(self.runs)
        self.table.horizontalHeader().hide()
        self.table.fit_columns(0)
        listing.body.addWidget(self.table, 1)
        listing.setFixedWidth(290)
        row.addWidget(listing)
        centre = QVBoxLayout()
        centre.setSpacing(GUTTER)
        facts = Card()
        self._facts.setContentsMargins(Space.L, Space.S, Space.L, Space.S)
        self._facts.setSpacing(Space.L)
        facts.setLayout(self._facts)
        facts.setFixedHeight(64)
        centre.addWidget(facts)
        chart = Panel("Planned and actual", "from the first entry of the record")
        chart.body.addWidget(self.chart)
        centre.addWidget(chart)
        decisions = Panel("Decisions", " ")
        decisions.head.addWidget(self.said_count)
        self.said_table.setModel(self.said)
        self.said_table.horizontalHeader().hide()
        self.said_table.fit_columns(84, 0)
        decisions.body.addWidget(self.said_table, 1)
        centre.addWidget(decisions, 1)
        row.addLayout(centre, 1)
        right = QVBoxLayout()
        right.setSpacing(GUTTER)
        right.addWidget(self.proof)
        table = CellTable("What differed", TWO_LINES)
        table.setModel(self.differences)
        table.horizontalHeader().hide()
        table.fit_columns(0)
        self.differed.body.addWidget(table, 1)
        right.addWidget(self.differed, 1)
        side = QWidget()
        side.setLayout(right)
        right.setContentsMargins(0, 0, 0, 0)
        side.setFixedWidth(300)
        row.addWidget(side)
        return page
