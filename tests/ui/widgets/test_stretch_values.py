"""Figures at the edge of what a float holds: a source may say the largest one for "no value"."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QWidget

from ui.widgets.sparkline import ScaleView, Sparkline
from ui.widgets.stretch import value_ticks

LARGEST = 1.7976931348623157e308


@pytest.mark.parametrize("span", [(-1e308, 1e308), (0, LARGEST), (0, 5e-324), (0.0, 0.0)])
def test_marks_of_an_axis_that_no_step_fits_are_few_and_finite(span: tuple[float, float]) -> None:
    ticks = value_ticks(*span, 4)
    assert 1 <= len(ticks) <= 5
    assert all(math.isfinite(tick) for tick in ticks)


@pytest.mark.parametrize("value", [LARGEST, -LARGEST, 5e-324])
@pytest.mark.parametrize("limit", [None, 50.0, LARGEST])
def test_a_sparkline_takes_any_finite_reading(
    shown: Callable[[QWidget], QWidget], value: float, limit: float | None
) -> None:
    line = Sparkline(60)
    line.show_scale(ScaleView(limit))
    line.append([1.0, value, 2.0])
    line.resize(120, 40)
    shown(line)
    assert not line.grab().isNull()
