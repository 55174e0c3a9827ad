"""What the widgets do when used: choose, acknowledge, filter, note, stop, start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.glyphs import Glyph
from ui.icons import Icon
from ui.theme import Theme
from ui.tokens import Tone
from ui.widgets.choices import ChoiceView, FilterChips
from ui.widgets.environment import Environment, EnvironmentBadge
from ui.widgets.fields import FilterField, NoteField
from ui.widgets.metric_card import MetricCard, MetricView
from ui.widgets.rail import PlaceView, Rail
from ui.widgets.red_strip import RedStrip, StripView
from ui.widgets.rollback_button import RollbackButton
from ui.widgets.timeline import Timeline
from ui.widgets.timeline_layout import PhaseView, SegmentState, SegmentView, TimelineView

Show = Callable[[QWidget], QWidget]
RED = MetricView("Error rate", "12.4", "%", Glyph.FAILED, "over limit", Tone.BAD, first_red="first red 02:35:30, 1:22")


def test_the_rail_marks_where_one_is_and_says_what_was_chosen(shown: Show) -> None:
    rail = Rail([PlaceView("library", "Library", Icon.LIBRARY), PlaceView("run", "Run", Icon.RUN)])
    heard: list[str] = []
    rail.chosen.connect(heard.append)
    shown(rail)
    rail.go("library")
    QTest.mouseClick(rail.button("run"), Qt.MouseButton.LeftButton)
    rail.show_badge("run", Glyph.DECISION)
    assert heard == ["run"]
    assert rail.button("run").isChecked()
    assert not rail.button("library").isChecked()
    assert rail.button("run").accessibleName() == "Run, your turn"


def test_arrow_keys_walk_the_rail(shown: Show) -> None:
    rail = Rail([PlaceView("library", "Library", Icon.LIBRARY), PlaceView("run", "Run", Icon.RUN)])
    heard: list[str] = []
    rail.chosen.connect(heard.append)
    shown(rail)
    rail.go("library")
    rail.button("library").setFocus()
    QTest.keyClick(rail.button("library"), Qt.Key.Key_Down)
    assert heard == ["run"]


def test_a_badge_without_a_parent_opens_no_window(light: Theme) -> None:
    badge = EnvironmentBadge(Environment.PRODUCTION)
    assert not badge.isVisible()
    badge.show_environment(Environment.STAGING)
    assert not badge.isVisible()


def test_exactly_one_choice_holds(shown: Show) -> None:
    chips = FilterChips("Log shows", [ChoiceView("all", "All"), ChoiceView("warn", "Warnings")])
    heard: list[str] = []
    chips.chosen.connect(heard.append)
    shown(chips)
    chips.choose("warn")
    assert (chips.key(), heard) == ("warn", [])
    QTest.mouseClick(chips._buttons["all"], Qt.MouseButton.LeftButton)
    assert (chips.key(), heard) == ("all", ["all"])


def test_a_first_red_stays_until_it_is_acknowledged(shown: Show) -> None:
    card = MetricCard(RED)
    heard: list[int] = []
    card.acknowledged.connect(lambda: heard.append(1))
    shown(card)
    tall = card.sizeHint().height()
    card.show_view(replace(RED, glyph=Glyph.DONE, word="ok", tone=Tone.OK))
    assert card.ack.isVisible()
    QTest.mouseClick(card.ack, Qt.MouseButton.LeftButton)
    card.show_view(replace(RED, glyph=Glyph.DONE, word="ok", tone=Tone.OK, first_red=""))
    assert heard == [1]
    assert not card.ack.isVisible()
    assert card.sizeHint().height() < tall


def test_a_stale_card_is_grey_not_green(light: Theme) -> None:
    card = MetricCard(replace(RED, glyph=Glyph.STALE, word="not heard", tone=Tone.OK, stale=True, first_red=""))
    card.resize(228, 118)
    pixels = card.grab().toImage()
    colours = {pixels.pixelColor(x, y).name() for x in range(228) for y in range(118)}
    assert "#0b6b4f" not in colours


def test_escape_empties_the_filter_and_enter_sends_a_note(shown: Show) -> None:
    row = QWidget()
    layout = QHBoxLayout(row)
    find, note = FilterField(), NoteField()
    layout.addWidget(find)
    layout.addWidget(note)
    filtered: list[str] = []
    noted: list[str] = []
    find.filtered.connect(filtered.append)
    note.noted.connect(noted.append)
    shown(row)
    QTest.keyClicks(find, "pg")
    QTest.keyClick(find, Qt.Key.Key_Escape)
    QTest.keyClicks(note, "  called Kim ")
    QTest.keyClick(note, Qt.Key.Key_Return)
    QTest.keyClick(note, Qt.Key.Key_Return)
    assert filtered == ["p", "pg", ""]
    assert (noted, note.text()) == (["called Kim"], "")


def test_stop_and_start_now_each_say_so_and_start_stands_where_roll_back_stood(shown: Show) -> None:
    strip = RedStrip()
    strip.show_view(StripView("Rolling back in 4 s", "Nothing has been sent yet.", 4))
    strip.resize(900, 54)
    shown(strip)
    heard: list[str] = []
    strip.stopped.connect(lambda: heard.append("stopped"))
    strip.start_now.connect(lambda: heard.append("start"))
    QTest.mouseClick(strip.stop, Qt.MouseButton.LeftButton)
    QTest.mouseClick(strip.start, Qt.MouseButton.LeftButton)
    assert heard == ["stopped", "start"]
    assert strip.start.geometry().right() == 900 - 16 - 1
    assert strip.start.size() == RollbackButton().sizeHint()


def test_a_step_on_the_timeline_can_be_chosen(shown: Show) -> None:
    line = Timeline()
    steps = (SegmentView("a", "Dump", SegmentState.DONE, 60), SegmentView("b", "Copy", SegmentState.RUNNING, 60))
    line.show_view(TimelineView((PhaseView("4 Cutover", steps),)))
    line.resize(600, 42)
    shown(line)
    heard: list[str] = []
    line.chosen.connect(heard.append)
    QTest.mouseClick(line, Qt.MouseButton.LeftButton, pos=QPoint(500, 29))
    QTest.mouseClick(line, Qt.MouseButton.LeftButton, pos=QPoint(2, 29))
    assert heard == ["b"]


def test_every_state_of_a_segment_looks_different(shown: Show) -> None:
    seen = []
    for state in SegmentState:
        line = Timeline()
        line.show_view(TimelineView((PhaseView("", (SegmentView("a", "", state, 60, 0.5),)),)))
        line.resize(120, 42)
        shown(line)
        seen.append(line.grab().toImage())
    assert all(one != two for i, one in enumerate(seen) for two in seen[i + 1 :])
