"""The plot paints its finished buckets once and keeps the picture until something it depends on changes."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

import pytest
from PySide6.QtWidgets import QWidget

from ui.theme import Theme, ThemeChoice
from ui.tokens import Tone
from ui.widgets.sparkline import ScaleView, Sparkline

Show = Callable[[QWidget], QWidget]


@pytest.fixture
def plot(shown: Show) -> Sparkline:
    spark = Sparkline(3600)
    spark.resize(208, 44)
    spark.show_scale(ScaleView(limit=10, baseline=1))
    spark.append([1.0, 2.0] * 1800)
    shown(spark)
    spark.grab()
    return spark


def test_ticks_inside_a_bucket_reuse_the_picture(plot: Sparkline) -> None:
    before = plot.renders
    for _ in range(plot.series.size - 1):
        plot.append([1.5])
        plot.grab()
    assert plot.renders == before
    plot.append([1.5])
    plot.grab()
    assert plot.renders == before + 1


def test_theme_tone_and_size_each_paint_it_again(plot: Sparkline, light: Theme) -> None:
    before = plot.renders
    light.use(ThemeChoice.DARK)
    plot.grab()
    plot.show_scale(ScaleView(limit=10, baseline=1), Tone.BAD)
    plot.grab()
    plot.resize(150, 44)
    plot.grab()
    assert plot.renders == before + 3


def test_a_higher_reading_is_higher_on_the_plot_and_stays_inside(plot: Sparkline) -> None:
    plot.append([40.0])
    assert 0 <= plot.y_of(40) < plot.y_of(10) < plot.y_of(1) <= plot.height()


def test_the_newest_sample_stands_at_the_right_end(plot: Sparkline) -> None:
    assert plot.x_of(plot.series.total) == plot.width() - 6
    assert plot.x_of(plot.series.total - 3600) == pytest.approx(0, abs=1.5)


def test_a_plot_without_readings_paints(shown: Show) -> None:
    spark = Sparkline()
    spark.resize(100, 30)
    shown(spark)
    spark.append([float("nan")] * 30)
    assert not spark.grab().isNull()


@pytest.mark.bench
def test_twelve_plots_at_ten_hertz_are_cheap(shown: Show) -> None:
    plots = []
    for _ in range(12):
        spark = Sparkline(3600)
        spark.resize(208, 44)
        spark.append([1.0, 2.0, 1.5] * 1200)
        shown(spark)
        spark.grab()
        plots.append(spark)
    began = process_time()
    for tick in range(100):
        for spark in plots:
            spark.append([1.0 + tick % 3])
            spark.repaint()
    per_tick = (process_time() - began) / 100
    print(f"{per_tick * 1000:.2f} ms a tick")
    assert per_tick < 0.010
