"""Zooming keeps what one looks at in place, stays inside the run, and follows the live end until it is left."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.widgets.stretch import LEAST, Stretch, tick_step, value_ticks

HOUR = Stretch(0, 3600)


def test_everything_is_shown_at_first_and_grows_with_the_run() -> None:
    assert HOUR.begin == 0
    assert HOUR.end >= 3600
    assert HOUR.grown(0, 7200).end >= 7200


def test_zooming_with_keys_keeps_the_live_end_and_follows_it() -> None:
    near = HOUR.zoomed(0.1)
    assert near.end >= 3600
    assert near.grown(0, 3700).end >= 3700


def test_zooming_around_an_instant_leaves_it_where_it_is() -> None:
    near = HOUR.zoomed(0.5, 1000)
    share = (1000 - near.begin) / (near.end - near.begin)
    assert share == pytest.approx((1000 - HOUR.begin) / (HOUR.end - HOUR.begin))
    assert near.grown(0, 9000).end == near.end


def test_moving_away_from_the_live_end_stops_following_and_moving_there_follows_again() -> None:
    past = HOUR.zoomed(0.1).moved(-2)
    assert past.grown(0, 5000).end == past.end
    assert past.moved(1e9).grown(0, 5000).end >= 5000


def test_zooming_out_far_enough_is_everything() -> None:
    assert HOUR.zoomed(0.1).moved(-1).zoomed(100).length is None
    assert HOUR.zoomed(0.01).all() == HOUR


@given(
    st.lists(
        st.one_of(
            st.floats(min_value=0.05, max_value=20).map(lambda f: ("zoom", f)),
            st.floats(min_value=-3, max_value=3).map(lambda f: ("move", f)),
        ),
        max_size=30,
    )
)
def test_whatever_is_pressed_it_stays_inside_the_run(keys: list[tuple[str, float]]) -> None:
    stretch = HOUR
    for word, number in keys:
        stretch = stretch.zoomed(number, 1800) if word == "zoom" else stretch.moved(number)
        assert stretch.begin >= -1e-6
        assert stretch.end <= 3600 * 1.03
        assert stretch.end - stretch.begin >= LEAST - 1e-6


@given(st.floats(min_value=1, max_value=1e6), st.floats(min_value=2, max_value=20))
def test_marks_of_the_time_axis_never_crowd(seconds: float, room: float) -> None:
    assert seconds / tick_step(seconds, room) <= max(room, 2)


@given(
    st.floats(min_value=-1e6, max_value=1e6),
    st.floats(min_value=1e-3, max_value=1e6),
    st.integers(min_value=1, max_value=12),
)
def test_marks_of_the_value_axis_are_few_and_inside(low: float, span: float, room: int) -> None:
    marks = value_ticks(low, low + span, room)
    assert len(marks) <= room + 1
    assert all(low - span * 1e-6 <= mark <= low + span * (1 + 1e-6) for mark in marks)
