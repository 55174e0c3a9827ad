"""Places on the timeline: in proportion, never too small, inside the line, and texts that do not collide."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.widgets.timeline_layout import (
    GAP,
    MIN_SEGMENT,
    MarkKind,
    MarkView,
    PhaseView,
    SegmentState,
    SegmentView,
    TimelineView,
    bars,
    lay_out,
)


def measure(text: str) -> float:
    return 6.0 * len(text)


def phase(title: str, weights: list[float], *, current: bool = False) -> PhaseView:
    steps = tuple(SegmentView(f"{title}/{i}", "", SegmentState.WAITING, w) for i, w in enumerate(weights))
    return PhaseView(title, steps, current)


WEIGHTS = st.lists(st.floats(min_value=0, max_value=90_000), min_size=1, max_size=12)


@given(st.lists(WEIGHTS, min_size=1, max_size=5), st.integers(min_value=200, max_value=1400))
def test_segments_fill_the_line_in_order_without_overlap(phases: list[list[float]], width: int) -> None:
    view = TimelineView(tuple(phase(f"{i} P", weights) for i, weights in enumerate(phases)))
    spans = list(lay_out(view, width, measure).segments.values())
    between = sum(len(weights) - 1 for weights in phases)
    gap = GAP if between * GAP <= 0.3 * width else 0
    assert all(a.right + gap <= b.left + 0.001 for a, b in pairwise(spans))
    assert spans[0].left == 0
    assert spans[-1].right == pytest.approx(width, abs=0.01) or spans[-1].right >= width


def test_a_longer_step_is_wider_and_a_short_one_can_still_be_seen() -> None:
    spans = lay_out(TimelineView((phase("4 Cutover", [1, 60, 5700]),)), 600, measure).segments
    short, medium, long = spans.values()
    assert MIN_SEGMENT <= short.width < medium.width < long.width


def test_four_hundred_steps_keep_their_places_inside_the_line_and_equal_neighbours_are_one_bar() -> None:
    crowd = phase("1 Shards", [1.0] * 400)
    reached = tuple(replace(one, state=SegmentState.DONE) for one in crowd.segments[:150])
    failed = replace(crowd.segments[150], state=SegmentState.FAILED)
    crowd = replace(crowd, segments=(*reached, failed, *crowd.segments[151:]))
    places = lay_out(TimelineView((crowd,)), 800, measure).segments
    assert all(span.width > 1 for span in places.values())
    assert places["1 Shards/399"].right <= 800.01
    painted = [(one.state, round(span.width)) for one, span in bars(crowd, places)]
    assert painted == [(SegmentState.DONE, 300), (SegmentState.FAILED, 1), (SegmentState.WAITING, 498)]


def test_steps_that_are_wide_enough_are_bars_of_their_own() -> None:
    few = phase("1 Schema", [1.0] * 10)
    assert len(bars(few, lay_out(TimelineView((few,)), 800, measure).segments)) == 10


def test_a_phase_is_as_wide_as_its_title_where_there_is_room() -> None:
    places = lay_out(TimelineView((phase("2 Application", [10]), phase("4 Cutover", [9000] * 4))), 800, measure)
    title = places.titles[0]
    assert title is not None
    assert title.width == measure("2 Application")


def test_texts_never_collide_and_the_first_mark_wins() -> None:
    marks = (
        MarkView(MarkKind.LABEL, "4 Cutover/2", 0.5, "point of no return 04:10"),
        MarkView(MarkKind.FLAG, "4 Cutover/2", 0.4, "02:41 latest safe"),
        MarkView(MarkKind.NOW, "4 Cutover/0", 0.5),
    )
    places = lay_out(TimelineView((phase("4 Cutover", [60, 60, 60], current=True),), marks), 400, measure)
    shown = sorted((span for span in (*places.titles, *places.texts) if span), key=lambda span: span.left)
    assert places.texts[0] is not None
    assert places.texts[1] is None
    assert all(a.right < b.left for a, b in pairwise(shown))
    assert all(span.left >= 0 and span.right <= 400 for span in shown)


def test_an_empty_runbook_has_an_empty_line() -> None:
    assert lay_out(TimelineView(), 400, measure).segments == {}
