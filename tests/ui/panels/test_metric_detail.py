"""A metric's whole plot in a real window: opened and closed by keys, all readings of the record, roll back in reach."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.ui.books import HIGH, LOAD, LOOK, watched_book
from tests.ui.driving import Seat, seated
from ui.glyphs import Glyph
from ui.theme import Theme, tokens
from ui.tokens import Tone
from ui.widgets.plot_view import LimitView, MarkView, PlotView, SpanView
from ui.widgets.readings import Readings
from ui.widgets.time_plot import TimePlot

CALM = "  - {id: high, metric: load, when: '> 500ms', do: rollback}"


@pytest.fixture
def seat(light: Theme, tmp_path: Path) -> Iterator[Seat]:
    with seated(light, tmp_path) as somebody:
        yield somebody


def opened(seat: Seat, triggers: str = CALM) -> None:
    seat.start(watched_book(LOAD, triggers))
    seat.wait(lambda: "load" in seat.run.metrics.cards and seat.run.metrics.cards["load"].view.word != "not heard yet")
    seat.tab_to(seat.run.metrics.cards["load"])
    seat.press(Qt.Key.Key_Return)
    seat.wait(lambda: seat.run.middle.currentWidget() is seat.run.detail)
    seat.wait(lambda: not seat.run.detail.loading)


def test_enter_on_a_card_opens_its_plot_and_escape_goes_back_to_the_card(seat: Seat) -> None:
    opened(seat)
    assert QApplication.focusWidget() is seat.run.detail.plot
    assert seat.run.strip.calm.button.isVisible()
    seat.press(Qt.Key.Key_Escape)
    seat.wait(lambda: seat.run.middle.currentWidget() is seat.run.current)
    assert QApplication.focusWidget() is seat.run.metrics.cards["load"]


def test_a_click_on_a_card_opens_it_too(seat: Seat) -> None:
    seat.start(watched_book(LOAD, CALM))
    seat.wait(lambda: "load" in seat.run.metrics.cards)
    card = seat.run.metrics.cards["load"]
    QTest.mouseClick(card, Qt.MouseButton.LeftButton, pos=QPoint(40, 80))
    seat.wait(lambda: seat.run.middle.currentWidget() is seat.run.detail)
    assert seat.run.detail.title.text() == "Load"


def test_every_reading_of_the_record_is_on_it_and_those_that_come_are_added(seat: Seat) -> None:
    opened(seat)
    before = len(seat.run.detail.source.readings.times)
    seat.wait(lambda: len(seat.run.detail.source.readings.times) > before + 3)
    with seat.session.reader() as reader:
        recorded = len(reader.samples("load"))
    assert recorded - 3 <= len(seat.run.detail.source.readings.times) <= recorded


def test_keys_zoom_and_move_and_zero_shows_everything(seat: Seat) -> None:
    opened(seat)
    plot = seat.run.detail.plot
    seat.wait(lambda: plot.stretch.whole > 6)
    whole = plot.stretch.end - plot.stretch.begin
    seat.press(Qt.Key.Key_Plus)
    assert plot.stretch.end - plot.stretch.begin < whole
    at = plot.stretch.begin
    seat.press(Qt.Key.Key_Left)
    assert plot.stretch.begin < at
    seat.press(Qt.Key.Key_0)
    assert plot.stretch.length is None
    seat.press(Qt.Key.Key_Plus)
    seat.press(Qt.Key.Key_Minus)
    assert plot.stretch.length is None


def test_the_steps_of_the_run_stand_on_its_time_axis(seat: Seat) -> None:
    opened(seat)
    view = seat.run.detail.plotted
    assert view is not None
    assert [span.text for span in view.steps] == ["0.1 Put it there", "0.2 Soak"]
    assert view.steps[0].end is not None
    assert view.steps[0].begin <= view.steps[0].end <= view.steps[1].begin + 0.01
    assert view.steps[1].end is None
    assert [phase.text for phase in view.phases] == ["0 Cutover"]
    assert [(line.text, line.value) for line in view.limits] == [("limit 500 ms", 500.0)]


def test_a_firing_and_a_first_red_are_marked_where_they_happened(seat: Seat) -> None:
    opened(seat, LOOK)

    def marked() -> bool:
        view = seat.run.detail.plotted
        return view is not None and {mark.text for mark in view.marks} == {"first red", "glance"}

    seat.wait(marked)
    view = seat.run.detail.plotted
    assert view is not None
    assert all(0 <= mark.at <= view.now for mark in view.marks)
    assert "2 mark" not in seat.run.detail.told.text()
    assert "1 mark" in seat.run.detail.told.text()


def test_a_trigger_that_wants_back_takes_the_place_of_a_plot(seat: Seat) -> None:
    late = HIGH.replace("do: rollback", "for: 3s, do: rollback")
    opened(seat, late)
    seat.wait(lambda: seat.run.middle.currentWidget() is seat.run.trigger)
    seat.run.trigger.whole.click()
    seat.wait(lambda: seat.run.middle.currentWidget() is seat.run.detail)
    seat.press(Qt.Key.Key_Escape)
    seat.wait(lambda: seat.run.middle.currentWidget() is seat.run.trigger)


def test_roll_back_is_one_key_away_while_a_plot_is_open(seat: Seat) -> None:
    opened(seat)
    seat.press(Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    seat.wait(lambda: seat.run.store.shown.state.countdown is not None)
    seat.wait(seat.run.strip.red.isVisible)
    assert seat.run.middle.currentWidget() is seat.run.preview


def long_run(count: int) -> tuple[PlotView, Readings]:
    """So many readings, one a second, with steps, a gap and a spike in them."""
    readings = Readings(8)
    for number in range(count):
        value = None if count // 3 < number < count // 3 + 60 else 40 + number % 17
        readings.add(float(number), 900.0 if number == count // 2 else value, "away")
    steps = tuple(SpanView(n * count / 60, (n + 1) * count / 60, f"4.{n} Step") for n in range(60))
    mark = MarkView(count / 2, "high", Glyph.FAILED, Tone.BAD)
    limit = LimitView(500, ">", "limit 500 ms")
    began = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
    return PlotView("ms", began, UTC, float(count), 0, (limit,), (40, 56), (), steps, (mark,)), readings


@pytest.mark.usefixtures("light")
def test_a_spike_of_one_reading_among_fifty_thousand_is_painted_in_red() -> None:
    view, readings = long_run(50_000)
    plot = TimePlot()
    plot.resize(900, 400)
    plot.show_plot(view, readings)
    picture = plot.grab().toImage()
    x, red = round(plot.frame.x_of(25_000)), tokens().bad.lower()
    top, foot = round(plot.frame.y_of(800)), round(plot.frame.y_of(520))
    assert any(picture.pixelColor(x + dx, y).name() == red for y in range(top, foot) for dx in (-1, 0, 1))
    plot.deleteLater()


@pytest.mark.bench
@pytest.mark.usefixtures("light")
def test_fifty_thousand_readings_are_painted_within_a_frame() -> None:
    view, readings = long_run(50_000)
    plot = TimePlot()
    plot.resize(900, 400)
    plot.show_plot(view, readings)
    plot.grab()
    began = process_time()
    for _ in range(20):
        plot.zoom(0.9)
        plot.grab()
    each = (process_time() - began) / 20
    print(f"{each * 1000:.1f} ms a picture of 50,000 readings, {tokens().name}")
    assert timedelta(seconds=each) < timedelta(milliseconds=33)
    plot.deleteLater()
