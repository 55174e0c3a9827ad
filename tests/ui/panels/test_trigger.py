"""A trigger that fired, in a real window and by keys alone: what it saw, what follows, and what can be said to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from app.run.state import RunState
from tests.ui.books import AWAY, HIGH, LOAD, LOOK, SHADOW, watched_book
from tests.ui.driving import Seat, seated
from ui.models.trigger import Way
from ui.theme import Theme

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def seat(light: Theme, tmp_path: Path) -> Iterator[Seat]:
    with seated(light, tmp_path) as somebody:
        yield somebody


def on_show(seat: Seat) -> Callable[[], bool]:
    return lambda: seat.run.middle.currentWidget() is seat.run.trigger


def state_of(seat: Seat) -> RunState:
    return seat.run.store.shown.state


def test_it_says_what_it_saw_against_what_and_what_happens_at_zero(seat: Seat) -> None:
    seat.start(watched_book(LOAD, f"{HIGH}\n{LOOK}"))
    seat.wait(on_show(seat))
    panel = seat.run.trigger
    assert panel.title.text() == "Load is over 50 ms: roll back?"
    assert panel.right.text().startswith("Trigger high \u00b7 fired ")
    assert panel.rule.text() == "Rule: Load > 50ms, then roll back. Owner mei."
    said = [box.accessibleName() for box in panel.figures]
    assert said[0].startswith("Value now 70 ms")
    assert said[1] == "Limit 50 ms"
    assert panel.follows.headline.text().startswith("Rolls back by itself at ")
    assert panel.follows.text.text() == "First: Take it away. Nothing has been sent yet."
    assert panel.follows.ring.accessibleName().endswith(" left")
    seat.wait(lambda: len(panel.source.readings.times) > 1)


def test_it_is_held_off_with_a_reason_by_keys_alone_and_says_when_it_asks_again(seat: Seat) -> None:
    seat.start(watched_book(LOAD, HIGH))
    seat.wait(on_show(seat))
    hold = seat.run.trigger.hold
    assert not hold.button.isEnabled()
    seat.press(Qt.Key.Key_H, CTRL)
    assert QApplication.focusWidget() is hold.words
    QTest.keyClicks(hold.words, "cause known")
    assert hold.button.text() == "Hold 5 min"
    seat.press(Qt.Key.Key_Return)
    seat.wait(lambda: state_of(seat).proposal is None and state_of(seat).held)
    assert state_of(seat).held_reason == "cause known"
    seat.wait(lambda: "asks again in 4:5" in seat.run.notice.words.text())
    assert seat.run.notice.isVisible()


def test_ctrl_enter_in_the_reason_holds_it_off_and_starts_no_rollback(seat: Seat) -> None:
    seat.start(watched_book(LOAD, HIGH))
    seat.wait(on_show(seat))
    seat.press(Qt.Key.Key_H, CTRL)
    QTest.keyClicks(seat.run.trigger.hold.words, "fixing it")
    seat.primary()
    seat.wait(lambda: state_of(seat).held)
    assert "RollbackRequested" not in seat.events()


def test_enter_without_a_reason_does_nothing_and_escape_leaves_the_field(seat: Seat) -> None:
    seat.start(watched_book(LOAD, HIGH))
    seat.wait(on_show(seat))
    seat.press(Qt.Key.Key_H, CTRL)
    seat.press(Qt.Key.Key_Return)
    seat.press(Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is not seat.run.trigger.hold.words
    assert state_of(seat).proposal is not None
    assert "RollbackRefused" not in seat.events()


def test_a_reason_can_be_chosen_with_keys_instead_of_written(seat: Seat) -> None:
    seat.start(watched_book(LOAD, HIGH))
    seat.wait(on_show(seat))
    hold = seat.run.trigger.hold
    first = next(one for one in hold.reasons.findChildren(QPushButton) if one.text() == "In words")
    seat.tab_to(first)
    seat.press(Qt.Key.Key_Right)
    seat.press(Qt.Key.Key_Right)
    assert hold.reason == "Metric is wrong"
    seat.tab_to(hold.button)
    seat.press(Qt.Key.Key_Space)
    seat.wait(lambda: state_of(seat).held_reason == "Metric is wrong")


def test_the_filled_button_starts_the_strip_and_the_strip_can_be_stopped(seat: Seat) -> None:
    seat.start(watched_book(LOAD, HIGH))
    seat.wait(on_show(seat))
    seat.go_on()
    seat.wait(lambda: state_of(seat).countdown is not None)
    seat.wait(seat.run.strip.red.isVisible)
    seat.press(Qt.Key.Key_Escape)
    seat.wait(lambda: state_of(seat).countdown is None)
    assert "RollbackPlanned" not in seat.events()


def test_at_zero_it_goes_back_by_itself_and_the_panel_gives_way(seat: Seat) -> None:
    seat.start(watched_book(LOAD, HIGH, within="1s"))
    seat.wait_for("rolled-back")
    seat.wait(lambda: not on_show(seat)())


def test_no_data_is_told_as_such_and_never_asks_to_go_back(seat: Seat) -> None:
    seat.start(watched_book(AWAY, "  - {id: high, metric: load, when: '> 50ms', do: rollback, for: 1s, auto: true}"))
    seat.wait(on_show(seat))
    panel = seat.run.trigger
    assert panel.title.text() == "No data from Load: the run holds"
    assert [box.accessibleName() for box in panel.figures][3] == "It says `away` is no number"
    assert not panel.hold.isVisible()
    assert not panel.follows.ring.isVisible()
    assert panel.follows.on.text() == "Go on"
    seat.go_on()
    seat.wait(lambda: "HoldLifted" in seat.events())


def test_a_firing_that_only_tells_is_a_line_and_can_be_seen_and_acknowledged_by_keys(seat: Seat) -> None:
    seat.start(watched_book(LOAD, f"{SHADOW}"))
    notice = seat.run.notice
    seat.wait(lambda: notice.words.text().startswith("Trigger ghost: Load 70 ms, > 50ms"))
    assert "it only tells" in notice.words.text()
    assert not on_show(seat)()
    seat.tab_to(notice.see)
    seat.press(Qt.Key.Key_Space)
    seat.wait(on_show(seat))
    panel = seat.run.trigger
    assert panel.title.text() == "Load is over 50 ms"
    assert panel.follows.headline.text() == "A shadow trigger only tells"
    assert not panel.follows.back.isVisible()
    seat.go_on()
    seat.wait(lambda: state_of(seat).triggers["ghost"].fired is None)
    seat.press(Qt.Key.Key_Escape)
    assert not on_show(seat)()
    seat.wait(lambda: not notice.isVisible())


def test_several_at_once_are_rows_and_each_is_acknowledged_on_its_own(seat: Seat) -> None:
    seat.start(watched_book(LOAD, f"{HIGH}\n{LOOK}\n{SHADOW}"))
    seat.wait(on_show(seat))
    panel = seat.run.trigger
    seat.wait(lambda: len(panel.acks) == 2)
    names = {ack.accessibleName() for ack in panel.acks}
    assert names == {"Acknowledge glance", "Acknowledge ghost"}
    next(ack for ack in panel.acks if ack.accessibleName().endswith("glance")).click()
    seat.wait(lambda: state_of(seat).triggers["glance"].fired is None)
    assert state_of(seat).triggers["high"].fired is not None


def test_a_step_can_be_looked_at_while_it_asks_and_the_line_tells_on(seat: Seat) -> None:
    seat.start(watched_book(LOAD, HIGH))
    seat.wait(on_show(seat))
    seat.run.steps.chosen.emit("a")
    seat.wait(lambda: seat.run.middle.currentWidget() is seat.run.current)
    assert seat.run.notice.words.text().startswith("Trigger high wants to roll back")
    seat.press(Qt.Key.Key_Escape)
    seat.wait(on_show(seat))
    seat.wait(lambda: not seat.run.notice.words.text().startswith("Trigger") or not seat.run.notice.isVisible())


def test_who_is_called_next_is_said_where_nobody_acts_by_itself(seat: Seat) -> None:
    calm = HIGH.replace(", auto: true", "")
    seat.start(watched_book(LOAD, calm))
    seat.wait(on_show(seat))
    assert seat.run.trigger.follows.headline.text() == "mei decides; at zero ana is called too"
    view = seat.run.trigger.view
    assert view is not None
    assert view.way is Way.PROPOSED
