"""The preflight of a run that is about to start: every step and every undo, failures first, with age and expiry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from PySide6.QtCore import QItemSelection, QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.session import RunOrder
from app.session.preflight import Preflight
from ui import words
from ui.announce import announce
from ui.fonts import Weight
from ui.glyphs import Glyph
from ui.icons import Icon
from ui.models.cells import KEY_ROLE
from ui.models.preflight_rows import COLUMNS, Findings, Standing, Verdict, line_of, name_of, rows_of, verdict_of
from ui.panels.current import clear
from ui.panels.preflight_detail import PreflightDetail
from ui.panels.surface import Surface
from ui.tokens import GUTTER, Height, Space, Tone, Type
from ui.widgets.banner import Banner
from ui.widgets.button import ButtonKind, PlainButton, PrimaryButton
from ui.widgets.card import Card
from ui.widgets.cell_table import ONE_LINE, TWO_LINES, CellTable
from ui.widgets.empty_state import EmptyState
from ui.widgets.environment import Environment, EnvironmentBadge
from ui.widgets.text import Text

_SECOND_MS = 1000
_LOOKING = Verdict(Standing.LOOKING, Glyph.RUNNING, "Looking, changing nothing\u2026", "Secrets are asked for now.")


@dataclass(frozen=True, slots=True)
class Looked:
    """One look ahead: what was found, and how steps are called."""

    found: Preflight
    names: Mapping[str, str] = field(default_factory=dict)


class PreflightScreen(QWidget):
    """`connection_asked` carries the key of a connection. The screen decides nothing: its owner looks and starts."""

    again_asked = Signal()
    start_asked = Signal()
    left = Signal()
    connection_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.looked: Looked | None = None
        self.verdict = _LOOKING
        self._run = ""
        self._beginning = False
        self._tick = QTimer(self)
        self._tick.setInterval(_SECOND_MS)
        self._tick.timeout.connect(self._paint)
        self.badge = EnvironmentBadge()
        self.about = Text(size=Type.SMALL, tone=Tone.MUTED)
        self.leave = PlainButton("Back to the plan", hint="Esc")
        self.again = PlainButton("Test again", hint="Ctrl+T")
        self.start = PrimaryButton("Start the run", hint="Ctrl+Enter")
        self.rows = Findings(COLUMNS, self)
        self.table = CellTable("Findings", ONE_LINE)
        self.detail = PreflightDetail()
        self._banner = QVBoxLayout()
        self._said: Verdict | None = None
        self._place = QStackedWidget()
        self._build()

    def show_looking(self, title: str, order: RunOrder, badge: Environment) -> None:
        """A look has begun."""
        self._run = words.joined(title, f"as {order.operator}", order.environment)
        self.badge.show_environment(badge)
        self.looked = None
        self._paint()

    def show_found(self, looked: Looked) -> None:
        """A look is over."""
        self.looked = looked
        self._paint()
        first = next((n for n in range(self.rows.rowCount()) if self._is_finding(n)), -1)
        if first >= 0:
            self.table.selectRow(first)
            self.table.setFocus()
        announce(self, f"{self.verdict.headline}. {self.verdict.sentence}")

    def show_beginning(self, *, beginning: bool) -> None:
        """A run is being opened: until that is over nothing can be started or tested here."""
        self._beginning = beginning
        self._show_buttons()

    def primary(self) -> None:
        """Ctrl+Enter: the filled button."""
        if self.verdict.standing.may_start:
            self.start.click()
        else:
            self.again.click()

    def press(self, verb: str) -> None:
        """Do what a key of the table means here."""
        if verb == "primary":
            self.primary()
        elif verb == "again":
            self.again.click()
        elif verb == "escape":
            self.left.emit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._tick.start()
        self._paint()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._tick.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.detail.setFixedWidth(430 if self.window().width() >= 1400 else 360)
        super().resizeEvent(event)

    # ------------------------------------------------------------ showing

    def _paint(self) -> None:
        now = datetime.now(UTC)
        looked = self.looked
        self.verdict = verdict_of(looked.found, now) if looked is not None else _LOOKING
        self._place.setCurrentIndex(1 if looked is not None else 0)
        age = ""
        if looked is not None:
            self.rows.show_rows(rows_of(looked.found, looked.names, now))
            for number in range(self.rows.rowCount()):
                self.table.setRowHeight(number, TWO_LINES if self._is_finding(number) else ONE_LINE)
            left = looked.found.expires - now
            good = "no longer good" if looked.found.expired(now) else f"good for {words.duration(left)}"
            age = f"looked at {words.ago(now - looked.found.began)}, {good}"
        self.about.show_text(words.joined(self._run, age))
        self._show_detail(now)
        self._show_buttons()
        if self.verdict != self._said:
            self._said = self.verdict
            clear(self._banner)
            banner = Banner(self.verdict.glyph, self.verdict.tone)
            banner.show_words(self.verdict.headline, self.verdict.sentence)
            self._banner.addWidget(banner)

    def _show_buttons(self) -> None:
        standing = self.verdict.standing
        able, looking = standing.may_start, standing is Standing.LOOKING
        self.start.setEnabled(able and not self._beginning)
        begin = "Start all the same" if standing is Standing.WARNED else "Start the run"
        begin = "The run is being opened\u2026" if self._beginning else begin
        self.start.show_text(begin, "Ctrl+Enter" if able else "")
        self.again.setEnabled(not looking and not self._beginning)
        self.again.show_kind(ButtonKind.PLAIN if able else ButtonKind.PRIMARY)
        self.again.show_text("Test again", "Ctrl+T" if able or looking else "Ctrl+Enter")

    def _show_detail(self, now: datetime) -> None:
        looked, key = self.looked, self._chosen()
        line = line_of(looked.found, key) if looked is not None else None
        if looked is None or line is None:
            self.detail.show_line(None, "", now, now)
            return
        self.detail.show_line(line, name_of(line, looked.names), line.seen or looked.found.began, now)

    def _chosen(self) -> str:
        found = self.table.selectionModel().selectedRows()
        return str(found[0].data(KEY_ROLE)) if found else ""

    def _is_finding(self, number: int) -> bool:
        row = self.rows.row(number)
        return row is not None and not row.key.startswith("group ")

    def _selected(self, _chosen: QItemSelection, _left: QItemSelection) -> None:
        self._show_detail(datetime.now(UTC))

    def _build(self) -> None:
        head = Surface(Height.HEAD)
        row = QHBoxLayout(head)
        row.setContentsMargins(Space.M, 0, Space.M, 1)
        row.setSpacing(Space.S)
        names = QVBoxLayout()
        names.setSpacing(2)
        names.addStretch(1)
        line = QHBoxLayout()
        line.setSpacing(Space.S)
        line.addWidget(Text("Preflight", size=Type.TITLE, weight=Weight.SEMIBOLD, firm=True))
        line.addWidget(self.badge)
        line.addStretch(1)
        names.addLayout(line)
        names.addWidget(self.about)
        names.addStretch(1)
        row.addLayout(names, 1)
        for button in (self.leave, self.again, self.start):
            row.addWidget(button)
        self.table.setModel(self.rows)
        self.table.fit_columns(0, 124, 132, 92)
        self.table.selectionModel().selectionChanged.connect(self._selected)
        paper = Card()
        inside = QVBoxLayout(paper)
        inside.setContentsMargins(Space.S, Space.XS, Space.S, Space.S)
        inside.addWidget(self.table)
        page = QWidget()
        side = QHBoxLayout(page)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(GUTTER)
        side.addWidget(paper, 1)
        side.addWidget(self.detail)
        said = "Log-ins, keys, grants, disks: forward and back."
        self._place.addWidget(EmptyState(Icon.CONNECTIONS, "Looking at every target", said))
        self._place.addWidget(page)
        column = QVBoxLayout()
        column.setContentsMargins(GUTTER, GUTTER, GUTTER + 4, GUTTER)
        column.setSpacing(GUTTER)
        column.addLayout(self._banner)
        column.addWidget(self._place, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(head)
        whole.addLayout(column, 1)
        self.leave.clicked.connect(self.left)
        self.again.clicked.connect(self.again_asked)
        self.start.clicked.connect(self.start_asked)
        self.detail.connection_asked.connect(self.connection_asked)
