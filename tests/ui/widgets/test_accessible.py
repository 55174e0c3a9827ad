"""Everything that can be reached or read has a name and a role; what can be hit is large enough."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QWidget

from ui.glyphs import Glyph
from ui.icons import Icon, Shield
from ui.theme import Theme
from ui.tokens import Tone
from ui.widgets.button import LinkButton, PlainButton, PrimaryButton
from ui.widgets.check_row import CheckRow, CheckView
from ui.widgets.chip import Chip, ChipView
from ui.widgets.choices import ChoiceView, FilterChips, Segmented
from ui.widgets.countdown import BudgetRow, BudgetView, CountdownBar, CountdownRing, DeadlineView
from ui.widgets.empty_state import EmptyState
from ui.widgets.environment import Environment, EnvironmentBadge, RehearsalBand
from ui.widgets.facts import ClockLabel, Fact, FactView
from ui.widgets.fields import FilterField, NoteField
from ui.widgets.hold_button import HoldButton
from ui.widgets.log_table import LogTable
from ui.widgets.metric_card import MetricCard, MetricView
from ui.widgets.output_view import OutputView
from ui.widgets.rail import PlaceView, Rail
from ui.widgets.readiness import Readiness, ReadinessView
from ui.widgets.red_strip import RedStrip, StripView
from ui.widgets.rollback_button import RollbackButton, RollbackMood, RollbackView
from ui.widgets.side_chip import Side, SideChip, SideView
from ui.widgets.step_rows import StepList
from ui.widgets.text import Paragraph, Text
from ui.widgets.timeline import Timeline
from ui.widgets.timeline_layout import MarkKind, MarkView, PhaseView, SegmentState, SegmentView, TimelineView

Role = QAccessible.Role


def card() -> MetricCard:
    return MetricCard(
        MetricView(
            "Error rate", "0.6", "%", Glyph.DONE, "ok", Tone.OK, "limit 5 %", "", "heard 4 s ago", "first red 02:18"
        )
    )


def strip() -> RedStrip:
    red = RedStrip()
    red.show_view(StripView("Rolling back in 4 s", "Nothing has been sent yet.", 4))
    return red


def ring() -> CountdownRing:
    one = CountdownRing()
    one.show_left(timedelta(seconds=278), timedelta(seconds=300))
    return one


def timeline() -> Timeline:
    one = Timeline()
    steps = (SegmentView("a", "Dump", SegmentState.DONE, 60), SegmentView("b", "Copy", SegmentState.RUNNING, 60))
    one.show_view(
        TimelineView((PhaseView("4 Cutover", steps),), (MarkView(MarkKind.FLAG, "b", 1, "02:41 latest safe"),))
    )
    return one


READ: list[tuple[Callable[[], QWidget], Role, str]] = [
    (lambda: Text("Ivo Marek, app"), Role.StaticText, "Ivo Marek, app"),
    (lambda: Paragraph("One host\nat a time"), Role.StaticText, "One host\nat a time"),
    (lambda: Chip(ChipView("Your turn", Glyph.DECISION, "0:22")), Role.StaticText, "Your turn  0:22"),
    (lambda: EnvironmentBadge(Environment.PRODUCTION), Role.StaticText, "Environment production"),
    (lambda: RehearsalBand("simulated world"), Role.StaticText, "Rehearsal: simulated world"),
    (ClockLabel, Role.StaticText, "T+00:00:00"),
    (
        lambda: Fact(FactView("Window ends", "05:00 CET", "04:00 UTC")),
        Role.StaticText,
        "Window ends 05:00 CET \u00b7 04:00 UTC",
    ),
    (lambda: SideChip(SideView("pg1", Side.TARGET)), Role.StaticText, "target pg1"),
    (
        lambda: SideChip(SideView("app2", fingerprint="SHA256:Zt", verified=True)),
        Role.StaticText,
        "app2 host key matches",
    ),
    (lambda: CheckRow(CheckView("Lag", Glyph.WARNING, "0.4 s")), Role.StaticText, "Lag \u00b7 warning \u00b7 0.4 s"),
    (lambda: BudgetRow(BudgetView("Read-only", "19:06 of 50:00", 0.4)), Role.StaticText, "Read-only 19:06 of 50:00"),
    (
        lambda: CountdownBar(DeadlineView("Latest safe moment", "02:41", "in 17:20", 0.5)),
        Role.StaticText,
        "Latest safe moment 02:41, in 17:20",
    ),
    (ring, Role.StaticText, "4:38 left"),
    (
        lambda: Readiness(ReadinessView(Shield.ARMED, "all can be undone", "final dump checked")),
        Role.StaticText,
        "Way back armed: all can be undone. final dump checked",
    ),
    (timeline, Role.StaticText, "Timeline: 4 Cutover 1 of 2 done, 02:41 latest safe"),
    (lambda: PrimaryButton("Continue with app2", hint="Ctrl+Enter"), Role.Button, "Continue with app2"),
    (lambda: PlainButton("R&D"), Role.Button, "R&D"),
    (RollbackButton, Role.Button, "Roll back"),
    (lambda: HoldButton("Drop"), Role.Button, "Drop"),
    (FilterField, Role.EditableText, "Filter"),
    (NoteField, Role.EditableText, "Note to the record"),
    (OutputView, Role.EditableText, "Live output"),
    (lambda: StepList("Steps"), Role.List, "Steps"),
    (LogTable, Role.Table, "Log"),
]


@pytest.mark.parametrize(("build", "role", "name"), READ, ids=[name.replace("\n", " ") for _, _, name in READ])
def test_every_widget_says_its_role_and_its_value(
    light: Theme, build: Callable[[], QWidget], role: Role, name: str
) -> None:
    widget = build()
    face = QAccessible.queryAccessibleInterface(widget)
    assert face is not None
    assert (face.role(), face.text(QAccessible.Text.Name)) == (role, name)


WHOLES: list[Callable[[], QWidget]] = [
    card,
    strip,
    lambda: Rail([PlaceView("run", "Run", Icon.RUN), PlaceView("settings", "Settings", Icon.SETTINGS, low=True)]),
    lambda: FilterChips("Log shows", [ChoiceView("all", "All"), ChoiceView("warn", "Warnings")]),
    lambda: Segmented("Speed", [ChoiceView("1", "1\u00d7")]),
    lambda: EmptyState(Icon.HISTORY, "No runs yet", "They appear here.", PrimaryButton("Try the demo")),
    FilterField,
    NoteField,
    RollbackButton,
    lambda: LinkButton("See the undos"),
    lambda: PlainButton("Hold"),
    lambda: HoldButton("Drop"),
]


@pytest.mark.parametrize("build", WHOLES)
def test_what_takes_the_focus_has_a_name_and_28_pixels(
    shown: Callable[[QWidget], QWidget], build: Callable[[], QWidget]
) -> None:
    whole = build()
    whole.adjustSize()
    shown(whole)
    parts = [
        part for part in (whole, *whole.findChildren(QWidget)) if part.focusPolicy().value and part.isVisibleTo(whole)
    ]
    assert parts or isinstance(whole, EmptyState)
    for part in parts:
        face = QAccessible.queryAccessibleInterface(part)
        assert face is not None
        assert face.text(QAccessible.Text.Name), part
        assert part.height() >= 28, part
        assert part.width() >= 28, part


@pytest.mark.parametrize("build", [PlainButton, PrimaryButton, HoldButton, LinkButton])
def test_the_focus_can_be_seen(shown: Callable[[QWidget], QWidget], build: Callable[[str], QWidget]) -> None:
    button = build("Continue")
    shown(button)
    button.clearFocus()
    calm = button.grab().toImage()
    button.setFocus()
    assert button.grab().toImage() != calm


def test_a_metric_reads_out_its_value_and_freshness(light: Theme) -> None:
    said = card().accessibleName()
    assert "Error rate 0.6 %, ok" in said
    assert "heard 4 s ago" in said
    assert "first red 02:18" in said


def test_the_roll_back_button_keeps_its_size_in_every_mood(light: Theme) -> None:
    button = RollbackButton()
    sizes = set()
    for mood in RollbackMood:
        button.show_mood(mood)
        sizes.add(button.sizeHint().toTuple())
    assert sizes == {(RollbackButton.WIDTH, 40)}


def test_text_from_data_makes_no_markup_and_no_mnemonic(light: Theme) -> None:
    button = PlainButton("Drop &old <b>x</b>")
    assert button.shortcut().isEmpty()
    assert button.accessibleName() == "Drop &old <b>x</b>"
    assert Text("<img src=x>").text() == "<img src=x>"


def test_the_roll_back_button_says_where_it_leads_and_what_it_costs(light: Theme) -> None:
    button = RollbackButton()
    button.show_view(
        RollbackView(RollbackMood.CALM, "start", "loses 3 <b>orders</b>", "loses 3 <b>orders</b>, 3 s ago")
    )
    assert button.accessibleName() == "Roll back to start, loses 3 <b>orders</b>, 3 s ago"
    assert "<b>" not in button.toolTip()
    button.show_mood(RollbackMood.STRIP)
    assert button.accessibleName() == "Start now"
    assert button.toolTip() == ""
