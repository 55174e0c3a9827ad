"""Renders every widget in both themes at 1280x720 and 1440x900 into PNG files, for people to look at.

python tests/ui/gallery.py [folder]        (QT_QPA_PLATFORM=offscreen where there is no display)
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import timedelta
from math import sin
from pathlib import Path
from random import Random

from PySide6.QtCore import QAbstractListModel, QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QApplication, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ui.fonts import Weight
from ui.glyphs import Glyph
from ui.icons import Icon, Shield
from ui.paint import RIGHT
from ui.theme import Theme, ThemeChoice, put_on
from ui.tokens import Radius, Tone, Type
from ui.widgets.banner import Banner
from ui.widgets.button import Button, ButtonKind, LinkButton, PlainButton, PrimaryButton
from ui.widgets.card import Card, Divider, Panel
from ui.widgets.cell_table import CELL_ROLE, TWO_LINES, CellTable, CellView
from ui.widgets.check_row import CheckRow, CheckView
from ui.widgets.chip import Chip, ChipView
from ui.widgets.choices import ChoiceView, FilterChips, Segmented
from ui.widgets.countdown import BudgetRow, BudgetView, CountdownBar, CountdownRing, DeadlineView
from ui.widgets.empty_state import EmptyState
from ui.widgets.environment import Environment, EnvironmentBadge, RehearsalBand
from ui.widgets.facts import ClockLabel, Fact, FactView
from ui.widgets.fields import FilterField, NoteField
from ui.widgets.hold_button import HoldButton
from ui.widgets.log_table import LOG_ROLE, LogRowView, LogTable
from ui.widgets.metric_card import MetricCard, MetricView
from ui.widgets.output_view import OutputLine, OutputView
from ui.widgets.rail import PlaceView, Rail
from ui.widgets.readiness import Readiness, ReadinessView
from ui.widgets.red_strip import RedStrip, StripView
from ui.widgets.rollback_button import RollbackButton, RollbackMood
from ui.widgets.side_chip import Side, SideChip, SideView
from ui.widgets.sparkline import ScaleView
from ui.widgets.step_rows import ROW_ROLE, PhaseRowView, RowView, StepList, StepRowView, UndoRowView
from ui.widgets.text import Paragraph, Text
from ui.widgets.timeline import Timeline
from ui.widgets.timeline_layout import MarkKind, MarkView, PhaseView, SegmentState, SegmentView, TimelineView

RESOURCES = Path(__file__).parents[2] / "resources"
PLACES = (
    PlaceView("library", "Library", Icon.LIBRARY),
    PlaceView("plan", "Plan", Icon.PLAN),
    PlaceView("run", "Run", Icon.RUN),
    PlaceView("rehearsal", "Rehearsal", Icon.REHEARSAL),
    PlaceView("history", "History", Icon.HISTORY),
    PlaceView("connections", "Connections", Icon.CONNECTIONS),
    PlaceView("settings", "Settings", Icon.SETTINGS, low=True),
)
Index = QModelIndex | QPersistentModelIndex


class Rows(QAbstractListModel):
    def __init__(self, rows: list[RowView], parent: QWidget) -> None:
        super().__init__(parent)
        self.rows = rows

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return len(self.rows)

    def data(self, index: Index, role: int = 0) -> object:
        return self.rows[index.row()] if role == ROW_ROLE else None


class Logs(QAbstractTableModel):
    def __init__(self, rows: list[LogRowView], parent: QWidget) -> None:
        super().__init__(parent)
        self.rows = rows

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 4

    def data(self, index: Index, role: int = 0) -> object:
        return self.rows[index.row()] if role == LOG_ROLE else None


def bar(*widgets: QWidget | int, spacing: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(spacing)
    row.setContentsMargins(*margins)
    for widget in widgets:
        if isinstance(widget, int):
            row.addStretch(widget) if widget else row.addSpacing(8)
        else:
            row.addWidget(widget)
    return row


def held(layout: QHBoxLayout | QVBoxLayout, height: int = 0) -> QWidget:
    widget = QWidget()
    widget.setLayout(layout)
    if height:
        widget.setFixedHeight(height)
    return widget


def timeline_view(kind: str) -> TimelineView:
    s = SegmentState

    def run(prefix: str, states: Sequence[tuple[SegmentState, float] | None]) -> tuple[SegmentView, ...]:
        return tuple(
            SegmentView(f"{prefix}.{i}", f"{prefix}.{i} step", s.DONE, 0, decision=True)
            if it is None
            else SegmentView(f"{prefix}.{i}", f"{prefix}.{i} step", it[0], it[1], 0.5)
            for i, it in enumerate(states)
        )

    done = [(s.DONE, 60.0), (s.DONE, 40.0), (s.DONE, 50.0), (s.DONE, 200.0)]
    phases = [
        PhaseView("0 Prepare", run("0", done)),
        PhaseView("1 Schema", run("1", done[:2])),
        PhaseView("2 App", run("2", done[3:])),
        PhaseView("3 Data", run("3", [*done[:1], (s.DONE, 500.0), *done[:3]])),
    ]
    if kind == "run":
        last = run("4", [*done[:3], None, *done, (s.DONE, 700.0), *done[:2], (s.RUNNING, 600.0), (s.WAITING, 200)])
        last += (SegmentView("d", "Open writes?", s.WAITING, 0, decision=True),)
        last += run("5", [(s.WAITING, 60), (s.WAITING, 5700)])
        last += (SegmentView("e", "Keep?", s.WAITING, 0, decision=True), *run("6", [(s.WAITING, 60), (s.SKIPPED, 60)]))
        marks: tuple[MarkView, ...] = (
            MarkView(MarkKind.LABEL, "e", 0.5, "point of no return 04:10", Tone.WARN),
            MarkView(MarkKind.FLAG, "5.1", 0.45, "02:41 latest safe"),
            MarkView(MarkKind.NOW, "4.11", 0.5),
        )
    elif kind == "back":
        last = run("4", [*done[:3], None, *done, (s.UNDOING, 200), (s.UNDONE, 200), (s.UNDONE, 700), (s.DONE, 300.0)])
        last += run("5", [None, (s.UNDONE, 60), (s.NOT_REACHED, 5700)])
        last += (SegmentView("e", "Keep?", s.NOT_REACHED, 0, decision=True), *run("6", [(s.NOT_REACHED, 60)] * 2))
        marks = (
            MarkView(MarkKind.LABEL, "4.8", 0.5, "now, going left", Tone.ACCENT),
            MarkView(MarkKind.NOW, "4.8", 0.5),
            MarkView(MarkKind.LABEL, "6.1", 1, "not reached", Tone.MUTED),
            MarkView(MarkKind.LABEL, "5.1", 0.1, "undone, newest first", Tone.MUTED),
        )
    else:
        last = run(
            "4",
            [
                *done[:3],
                None,
                (s.WARNED, 200),
                (s.FAILED, 300),
                (s.UNKNOWN, 400),
                (s.SKIPPED, 200),
                (s.RUNNING, 900),
                (s.WAITING, 5000),
            ],
        )
        marks = (MarkView(MarkKind.FIRED, "4.8", 0.6, "err-back", Tone.BAD), MarkView(MarkKind.NOW, "4.8", 0.6))
    return TimelineView((*phases, PhaseView("4 Cutover", last, current=True)), marks)


def samples(level: float, noise: float, seed: int, spike: float = 0, ramp: float = 0) -> list[float]:
    random = Random(seed)
    out, v = [], 0.0
    for i in range(3700):
        v = v * 0.97 + random.gauss(0, noise) * 0.25
        extra = spike * max(0.0, 1 - abs(i - 2400) / 80) + ramp * max(0.0, (i - 2300) / 1400)
        out.append(max(0.0, level + v + noise * 0.4 * sin(i / 90) + extra))
    return out


def metric_cards() -> list[MetricCard]:
    data: list[tuple[MetricView, list[float]]] = [
        (
            MetricView(
                "Reverse feed lag",
                "310",
                "ms",
                Glyph.DONE,
                "ok",
                Tone.OK,
                "limit 2 s",
                "",
                "heard 2 s ago",
                scale=ScaleView(2000),
            ),
            samples(500, 40, 1),
        ),
        (
            MetricView(
                "Error rate",
                "0.6",
                "%",
                Glyph.DONE,
                "ok",
                Tone.OK,
                "limit 5 %",
                "baseline 0.4 %",
                "heard 4 s ago",
                "first red 02:18:40, 15 s",
                scale=ScaleView(5, 0.4),
            ),
            samples(0.6, 0.12, 2, 6),
        ),
        (
            MetricView(
                "p95 latency",
                "171",
                "ms",
                Glyph.WARNING,
                "near limit",
                Tone.WARN,
                "limit 2\u00d7 = 184 ms",
                "baseline 92 ms",
                "heard 9 s ago",
                scale=ScaleView(184, 92),
            ),
            samples(95, 4, 3, 0, 75),
        ),
        (
            MetricView(
                "Error rate",
                "12.4",
                "%",
                Glyph.FAILED,
                "over limit",
                Tone.BAD,
                "limit 10 %",
                "baseline 0.4 %",
                "heard 7 s ago",
                "first red 02:35:30, 1:22",
                scale=ScaleView(10, 0.4),
            ),
            samples(0.6, 0.12, 4, 0, 12),
        ),
        (
            MetricView(
                "Queue depth",
                "2039",
                "jobs",
                Glyph.STALE,
                "not heard",
                Tone.IDLE,
                "limit 5000",
                "",
                "heard 3 min ago",
                stale=True,
                scale=ScaleView(5000),
            ),
            samples(2000, 300, 5)[:3000] + [float("nan")] * 600,
        ),
    ]
    cards = []
    for view, values in data:
        card = MetricCard(view)
        card.append(values)
        cards.append(card)
    cards[1].plot.mark_first_red(2400)
    cards[3].plot.mark_first_red(3500)
    return cards


def head(environment: Environment) -> QWidget:
    title = QVBoxLayout()
    title.setSpacing(1)
    title.addLayout(
        bar(
            Text("Orders MySQL 8.0 \u2192 PostgreSQL 16", size=Type.TITLE, weight=Weight.SEMIBOLD),
            EnvironmentBadge(environment),
            1,
        )
    )
    title.addLayout(
        bar(
            Text(
                "CHG-20418  \u00b7  Ana Ruiz leads  \u00b7  Recording  head 9f3c\u00b771a0",
                size=Type.SMALL,
                tone=Tone.MUTED,
            ),
            1,
        )
    )
    clock = ClockLabel()
    clock.show_offset(timedelta(minutes=13, seconds=40))
    row = bar(
        held(title),
        clock,
        Fact(FactView("Window ends", "05:00 CET", "04:00 UTC"), ruled=True),
        Fact(FactView("Forecast finish", "04:19", "2 min late"), ruled=True),
        Fact(FactView("Writes open again", "02:29", "plan 02:27"), ruled=True),
        Fact(FactView("Read-only", "13:36", "of 50:00"), ruled=True),
        1,
        spacing=16,
        margins=(12, 0, 16, 0),
    )
    return held(row, 56)


def strip() -> QWidget:
    words = QVBoxLayout()
    words.setSpacing(0)
    words.addWidget(Text("Way back: 6 undos, about 14 min", weight=Weight.SEMIBOLD))
    words.addLayout(bar(Text("loses 0 rows", size=Type.SMALL, tone=Tone.MUTED), LinkButton("See the undos"), 1))
    row = bar(
        Readiness(
            ReadinessView(
                Shield.ARMED,
                "every started step can be undone",
                "Undos rehearsed 13 Mar  \u00b7  final dump checked  \u00b7  both hosts answer",
            )
        ),
        Divider(Qt.Orientation.Vertical),
        CountdownBar(DeadlineView("Latest safe moment to roll back", "02:41", "in 17:20", 0.58)),
        Divider(Qt.Orientation.Vertical),
        held(words),
        RollbackButton(),
        spacing=14,
        margins=(0, 0, 16, 0),
    )
    return held(row, 54)


def step_panel() -> QWidget:
    done = Glyph.DONE
    rows: list[RowView] = [
        PhaseRowView(str(i), name, n, done, folded=True)
        for i, (name, n) in enumerate(
            [("Preparation", "4 / 4"), ("Schema", "2 / 2"), ("Application", "1 / 1"), ("Data", "5 / 5")]
        )
    ]
    rows.append(PhaseRowView("4", "Cutover", "13 / 21"))
    rows += [
        StepRowView(n, g, t)
        for n, g, t in [
            ("Final dump on bak1", done, "7:48"),
            ("Compare all 14 tables", done, "4:26"),
            ("Raise sequences", Glyph.SKIPPED, "skipped"),
            ("Stop forward feed", Glyph.WARNING, "0:21"),
            ("Start reverse feed", Glyph.FAILED, "0:34"),
        ]
    ]
    rows.append(StepRowView("Switch driver to pg, on every host there is", Glyph.DECISION, "your turn", current=True))
    rows += [
        StepRowView("Self-test", Glyph.WAITING, "~2:00"),
        StepRowView("Copy", Glyph.RUNNING, "0:22", tone=Tone.ACCENT),
        StepRowView("Probe", Glyph.UNKNOWN, "in doubt", tone=Tone.WARN),
        StepRowView("Open writes?", Glyph.DECISION, "2 people"),
        StepRowView("Open writes", Glyph.WAITING, "~1:00"),
    ]
    card = Card()
    box = QVBoxLayout(card)
    box.setContentsMargins(1, 6, 1, 6)
    steps = StepList("Steps")
    steps.setModel(Rows(rows, steps))
    steps.setCurrentIndex(steps.model().index(10, 0))
    box.addWidget(steps)
    card.setFixedWidth(250)
    return card


def current_panel() -> QWidget:
    card = Card()
    box = QVBoxLayout(card)
    box.setContentsMargins(16, 10, 16, 10)
    box.setSpacing(8)
    box.addLayout(
        bar(
            Text("4.14", size=Type.VALUE, weight=Weight.SEMIBOLD, tone=Tone.MUTED, firm=True),
            Text("Switch driver to pg", size=Type.VALUE, weight=Weight.SEMIBOLD, firm=True),
            Chip(ChipView("Your turn", Glyph.DECISION, "0:22")),
            Chip(ChipView("Running", Glyph.RUNNING, "4:06")),
            1,
            Text("Ivo Marek, app  \u00b7  1:38 of ~3:00", size=Type.SMALL, tone=Tone.MUTED, align=RIGHT),
        )
    )
    box.addWidget(
        Paragraph(
            "One host at a time. app1 was the canary: look at its last minute, then let app2 follow. "
            "Orders stay read-only either way; the undo puts both hosts back on MySQL."
        )
    )
    runs = Card(radius=Radius.CARD, sunken=True)
    inner = QVBoxLayout(runs)
    inner.setContentsMargins(12, 6, 12, 8)
    inner.addLayout(
        bar(
            Text("Runs next", size=Type.SMALL, weight=Weight.SEMIBOLD, tone=Tone.MUTED),
            0,
            Text("orderctl set-driver pg --build 4e1f0c92ab37").monospaced(),
            1,
            Text("stops by itself after 5:00", size=Type.CAPTION, tone=Tone.MUTED),
        )
    )
    inner.addLayout(
        bar(
            Text("on", size=Type.SMALL, weight=Weight.SEMIBOLD, tone=Tone.MUTED),
            SideChip(SideView("app2.prd", Side.PLAIN, "SHA256:Zt1f\u20269eA", verified=True)),
            Text("from", tone=Tone.MUTED, size=Type.SMALL),
            SideChip(SideView("my1.prd", Side.SOURCE)),
            Text("to", tone=Tone.MUTED, size=Type.SMALL),
            SideChip(SideView("pg1.prd", Side.TARGET)),
            1,
        )
    )
    box.addWidget(runs)
    left, right = QVBoxLayout(), QVBoxLayout()
    for col, pair in (
        (
            left,
            [
                ("app1 runs driver pg", Glyph.DONE, "seen 02:23:18", Tone.MUTED),
                ("Open transactions, MySQL", Glyph.DONE, "0", Tone.MUTED),
            ],
        ),
        (
            right,
            [
                ("app1 health, 10 in a row", Glyph.DONE, "200", Tone.MUTED),
                ("p95 against baseline", Glyph.WARNING, "1.86\u00d7, limit 2\u00d7", Tone.WARN),
            ],
        ),
    ):
        col.setSpacing(0)
        for what, glyph, found, tone in pair:
            col.addWidget(CheckRow(CheckView(what, glyph, found, tone)))
    box.addLayout(bar(held(left), held(right), spacing=16))
    box.addLayout(
        bar(
            Text("Live output", size=Type.SMALL, weight=Weight.SEMIBOLD),
            1,
            Text("app1.prd  \u00b7  heard 1 s ago  \u00b7  following", size=Type.SMALL, tone=Tone.MUTED),
        )
    )
    output = OutputView()
    output.show_lines(
        [
            OutputLine("$ orderctl set-driver pg", Tone.MUTED),
            OutputLine("02:23:18  driver mysql -> pg, 12 workers restarted"),
            OutputLine("02:23:19  health 200  engine=postgres  pool 24/24", Tone.OK),
            OutputLine("02:23:25  GET /orders/\u2026  p95 166 ms  \x1b[31m5xx\x1b[0m 0.5 %"),
            OutputLine("02:23:38  warn  slow query 412 ms  orders_by_customer", Tone.WARN),
            OutputLine("02:23:39  error <b>bold</b>\x07 \u202eevil", Tone.BAD),
        ]
    )
    box.addWidget(output, 1)
    box.addLayout(
        bar(
            PlainButton("Retry app1"),
            PlainButton("Skip\u2026"),
            PlainButton("Mark\u2026"),
            PlainButton("Hold"),
            1,
            Text("Then the self-test", size=Type.SMALL, tone=Tone.MUTED),
            PrimaryButton("Continue with app2", hint="Ctrl+Enter"),
        )
    )
    return card


def metrics_panel(cards: list[MetricCard]) -> QWidget:
    inside = QWidget()
    inside.setObjectName("bare")
    column = QVBoxLayout(inside)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(6)
    for card in cards:
        column.addWidget(card)
    column.addStretch(1)
    area = QScrollArea()
    area.setWidget(inside)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFixedWidth(240)
    return area


def log_panel() -> QWidget:
    card = Card()
    box = QVBoxLayout(card)
    box.setContentsMargins(1, 4, 1, 4)
    box.setSpacing(2)
    note, find = NoteField(), FilterField()
    find.setFixedWidth(180)
    chips = FilterChips("Log shows", [ChoiceView(w.lower(), w) for w in ("All", "Warnings", "Decisions", "Commands")])
    box.addLayout(
        bar(
            Text("Log", weight=Weight.SEMIBOLD),
            chips,
            Text("11\u202f482 events", size=Type.SMALL, tone=Tone.MUTED),
            1,
            find,
            note,
            margins=(13, 0, 10, 0),
        )
    )
    note.setFixedWidth(300)
    table = LogTable()
    rows = [
        LogRowView(
            "02:23:39.204",
            Glyph.DECISION,
            "step 4.14",
            "canary held: app1 is done, waiting for Ana to continue with app2",
        ),
        LogRowView("02:23:38.871", Glyph.WARNING, "metric", "p95 171 ms is within 10 % of its limit, 184 ms"),
        LogRowView(
            "02:23:18.402", Glyph.FAILED, "trigger", "err-back fired: error_rate 11.9 % > 10 % for 1:00", Tone.BAD
        ),
        LogRowView("02:23:18.402", Glyph.DONE, "step 4.14", "app1.prd exit 0"),
    ]
    table.setModel(Logs(rows, table))
    table.fit_columns()
    box.addWidget(table)
    card.setFixedHeight(116)
    return card


def surface(widget: QWidget) -> QWidget:
    card = Card(radius=0)
    box = QVBoxLayout(card)
    box.setContentsMargins(0, 0, 0, 0)
    box.addWidget(widget)
    return card


def run_screen() -> QWidget:
    root = QWidget()
    whole = QHBoxLayout(root)
    whole.setContentsMargins(0, 0, 0, 0)
    whole.setSpacing(0)
    rail = Rail(PLACES)
    rail.go("run")
    rail.show_badge("run", Glyph.DECISION)
    whole.addWidget(rail)
    right = QVBoxLayout()
    right.setSpacing(0)
    whole.addLayout(right)
    right.addWidget(surface(head(Environment.PRODUCTION)))
    right.addWidget(surface(strip()))
    line = Timeline()
    line.show_view(timeline_view("run"))
    right.addWidget(surface(line))
    middle = bar(step_panel(), current_panel(), metrics_panel(metric_cards()), margins=(8, 8, 8, 8))
    middle.setStretch(1, 1)
    right.addLayout(middle, 1)
    right.addLayout(bar(log_panel(), margins=(8, 0, 8, 8)))
    return root


def odds_screen() -> QWidget:  # noqa: PLR0915 - one of everything, in the order it is looked at
    root = QWidget()
    whole = QVBoxLayout(root)
    whole.setContentsMargins(0, 0, 0, 8)
    whole.addWidget(RehearsalBand("simulated world: no host, database or network is touched"))
    red = RedStrip()
    red.show_view(
        StripView(
            "Rolling back in 4 s: 7 undos, about 17 min, loses 0 rows",
            "First effect: orderctl read-only on, at app1.prd and app2.prd. Nothing has been sent yet.",
            3.6,
        )
    )
    whole.addWidget(red)
    for kind in ("back", "odd"):
        line = Timeline()
        line.show_view(timeline_view(kind))
        whole.addWidget(surface(line))
    shields = [
        Readiness(ReadinessView(s, "one step is in doubt", "Rolling back still works; it asks first")) for s in Shield
    ]
    whole.addLayout(bar(*shields[:3]))
    whole.addLayout(bar(*shields[3:]))
    badges = [EnvironmentBadge(e) for e in (Environment.PRODUCTION, Environment.STAGING, Environment.REHEARSAL)]
    chips = [Chip(ChipView(g.value, g)) for g in Glyph]
    whole.addLayout(bar(*badges, *chips[:6], 1, margins=(8, 0, 8, 0)))
    buttons: list[QWidget] = []
    for mood in RollbackMood:
        button = RollbackButton()
        button.show_mood(mood)
        buttons.append(button)
    off = PrimaryButton("Trust this key")
    off.setEnabled(False)
    whole.addLayout(
        bar(
            *buttons,
            HoldButton("Drop old tables"),
            off,
            Button("It does not match", kind=ButtonKind.DANGER),
            LinkButton("All in History"),
            Segmented("Speed", [ChoiceView(w, w) for w in ("1\u00d7", "10\u00d7", "60\u00d7", "Fastest")]),
            1,
            margins=(8, 0, 8, 0),
        )
    )
    whole.addLayout(bar(*chips[6:], 1, margins=(8, 0, 8, 0)))
    undo = Panel("The way back", "7 undos, 2 checks")
    undos: list[RowView] = [
        UndoRowView(
            "Read-only on; reverse feed to 0 ms; compare", "undoes 4.17 Open writes", Glyph.DONE, "4:21", "02:41:38"
        ),
        UndoRowView("Forward feed resumes", "undoes 4.12 Stop forward feed", Glyph.RUNNING, "0:41", "of ~1:30"),
        UndoRowView("Nothing to undo: harmless on either path", "4.11 Raise sequences", Glyph.SKIPPED, quiet=True),
        UndoRowView("Alerts back on", "undoes 4.2 Silence alerts", Glyph.WAITING, "~0:10", "02:48:21", linked=False),
    ]
    steps = StepList("The way back")
    steps.setModel(Rows(undos, steps))
    steps.setCurrentIndex(steps.model().index(1, 0))
    undo.body.addWidget(steps)
    still = Panel("Still on", "4 modes")
    for view in (
        BudgetView("Read-only", "19:06 of 50:00", 0.38, "off now; comes back at the first undo"),
        BudgetView("Deploy freeze", "6 d 16 h of 15 d", 0.45, "stays: not part of this way back", Tone.IDLE),
    ):
        still.body.addWidget(BudgetRow(view))
    still.body.addWidget(CheckRow(CheckView("Expected", None, "go on, or go back"), ruled=True))
    still.body.addWidget(CheckRow(CheckView("Error rate", Glyph.FAILED, "12.9 %", Tone.BAD), ruled=True))
    still.body.addStretch(1)
    trigger = Card()
    trigger.edge(Tone.BAD)
    box = QVBoxLayout(trigger)
    box.setContentsMargins(16, 12, 16, 12)
    box.addWidget(Text("Error rate is over 10 %: roll back?", size=Type.VALUE, weight=Weight.SEMIBOLD))
    ask = Card(radius=Radius.CARD)
    ask.edge(Tone.BAD)
    ask.tint(Tone.BAD)
    ring = CountdownRing()
    ring.show_left(timedelta(minutes=4, seconds=38), timedelta(minutes=5))
    text = QVBoxLayout()
    text.addWidget(Text("Starts by itself at 02:41:30 unless someone holds it", weight=Weight.SEMIBOLD))
    text.addWidget(
        Paragraph(
            "First: read-only on, app1 and app2. Then wait for the reverse feed, compare, driver back to mysql.",
            size=Type.SMALL,
        )
    )
    inner = bar(ring, held(text), margins=(10, 4, 10, 4))
    ask.setLayout(inner)
    box.addWidget(ask)
    box.addLayout(
        bar(
            Fact(FactView("Value now", "12.4 %", "7 s ago", Tone.BAD), size=Type.VALUE),
            Fact(FactView("Limit", "10 %", "usual 0.4 %"), size=Type.VALUE, ruled=True),
            1,
        )
    )
    box.addStretch(1)
    empty = Card()
    eb = QVBoxLayout(empty)
    eb.addWidget(
        EmptyState(
            Icon.HISTORY,
            "No runs yet",
            "Runs and rehearsals appear here once one has started.",
            PrimaryButton("Try the demo"),
        )
    )
    row = bar(undo, still, trigger, empty, margins=(8, 0, 8, 0))
    for i, n in enumerate((4, 3, 5, 3)):
        row.setStretch(i, n)
    whole.addLayout(row, 1)
    return root


class Cells(QAbstractTableModel):
    HEADS = ("", "checked", "last rehearsed", "environment", "Link lost")

    def __init__(self, rows: list[list[CellView]], parent: QWidget) -> None:
        super().__init__(parent)
        self.rows = rows

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return len(self.rows[0])

    def data(self, index: Index, role: int = 0) -> object:
        return self.rows[index.row()][index.column()] if role == CELL_ROLE else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        return self.HEADS[section] if role == Qt.ItemDataRole.DisplayRole else None


def tables_screen() -> QWidget:
    root = QWidget()
    whole = QVBoxLayout(root)
    offer = Banner(Icon.PLAY)
    offer.show_words("New here? Run a whole cutover in 4 minutes.", "It touches nothing outside its own folder.")
    offer.add_action(LinkButton("Hide"))
    offer.add_action(PrimaryButton("Try the demo"))
    whole.addWidget(offer)
    warning = Banner(Glyph.UNKNOWN, Tone.WARN)
    warning.show_words("The record of another console is open.")
    whole.addWidget(warning)
    panel = Panel("Runbooks", "5 runbooks")
    table = CellTable("Runbooks", TWO_LINES)
    first, second = CellView("Orders", "database, parallel run", strong=True), CellView("21 Mar", "text unchanged")
    fine, bad = CellView("no problems", glyph=Glyph.DONE), CellView("3 errors", glyph=Glyph.FAILED, tone=Tone.BAD)
    badges = [CellView(environment=e) for e in (Environment.PRODUCTION, Environment.REHEARSAL, Environment.STAGING)]
    stuck = CellView(glyph=Glyph.FAILED, boxed=True, tone=Tone.BAD)
    rows = [
        [first, fine, second, badges[0], CellView(glyph=Glyph.DONE)],
        [first, bad, second, badges[1], stuck],
        [first, CellView("deploy@app1.prd", exact=True), second, badges[2], CellView(glyph=Glyph.ASSUMED)],
    ]
    table.setModel(Cells(rows, table))
    table.fit_columns(0, 160, 160, 140, 90)
    table.selectRow(1)
    panel.body.addWidget(table)
    whole.addWidget(panel, 1)
    return root


def shoot(theme: Theme, folder: Path) -> list[Path]:
    files = []
    for choice in (ThemeChoice.LIGHT, ThemeChoice.DARK):
        theme.use(choice)
        for name, build in (("run", run_screen), ("odds", odds_screen), ("tables", tables_screen)):
            for width, height in ((1280, 720), (1440, 900)):
                screen = build()
                screen.resize(width, height)
                screen.show()
                QApplication.processEvents()
                path = folder / f"gallery-{name}-{choice.value}-{width}.png"
                screen.grab().save(str(path))
                files.append(path)
                screen.close()
    return files


if __name__ == "__main__":
    application = QApplication(sys.argv[:1])
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "/tmp/gallery")
    out.mkdir(parents=True, exist_ok=True)
    for shot in shoot(put_on(application, RESOURCES), out):
        print(shot)
