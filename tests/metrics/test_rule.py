"""A trigger says what it must, and nothing that the readings do not bear out."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import pytest

from app.metrics.rule import News, Rule, judge, look_again, needs_baseline, rule_of
from app.metrics.window import Point, Window
from tests.metrics.rules import SECOND, at, metric, rule, trigger


def run(one: Rule, points: Iterable[Point]) -> list[str]:
    """The word for each look; an exclamation mark where it fired, a full stop where it was over."""
    window, words = Window(), []
    for point in points:
        judged = judge(one, window, point)
        window = judged.window
        words.append(judged.outcome + "".join("." if news.over else "!" for news in judged.news))
    return words


def steady(values: Iterable[float | None], step: float = 1) -> list[Point]:
    return [at(number * step, value) for number, value in enumerate(values)]


def test_it_fires_when_the_condition_held_for_so_long_and_not_a_reading_before() -> None:
    assert run(rule(for_="3s"), steady([1, 6, 6, 6, 6, 6])) == ["ok"] * 4 + ["rollback!", "rollback"]


def test_without_for_it_fires_at_once_and_once() -> None:
    assert run(rule(), steady([6, 7, 1, 6])) == ["rollback!", "rollback", "ok.", "rollback!"]


def test_a_good_reading_in_between_begins_the_count_anew() -> None:
    assert run(rule(for_="3s"), steady([6, 6, 6, 1, 6, 6, 6, 6])) == ["ok"] * 7 + ["rollback!"]


def test_it_says_value_threshold_length_and_number() -> None:
    window = Window()
    told: list[News] = []
    for point in steady([6, 7, 8, 9.25]):
        judged = judge(rule(for_="3s"), window, point)
        window = judged.window
        told += judged.news
    (news,) = told
    assert (news.value, news.span.total_seconds(), news.n, news.problem) == ("9.25", 3, 4, "")


def test_a_minimum_of_samples_is_waited_for() -> None:
    words = run(rule(for_="1s", min_samples=5), steady([6, 6, 6, 6, 6]))
    assert words == ["ok"] * 4 + ["rollback!"]


@pytest.mark.parametrize(
    "bad",
    [
        at(2, None, "status 503"),
        at(2, math.nan),
        at(2, math.inf),
        at(2, 99, age=60),
    ],
    ids=["missing", "nan", "inf", "stale"],
)
def test_what_is_no_data_neither_fires_nor_counts_as_well(bad: Point) -> None:
    assert run(rule(), [at(0, 1), at(1, 1), bad]) == ["ok", "ok", "no-data"]


def test_no_data_never_rolls_back_but_after_its_own_for_does_what_the_metric_says() -> None:
    one = rule(for_="3s", no_data="pause")
    window = Window()
    told = []
    for second in range(6):
        judged = judge(one, window, at(second, None, "status 503"))
        window = judged.window
        told += [(second, news.does, news.problem) for news in judged.news]
    assert told == [(3, "pause", "status 503")]


def test_data_that_comes_back_ends_the_blindness_and_is_judged() -> None:
    words = run(rule(for_="2s"), [*steady([1, None, None, None]), at(4, 9), at(5, 9), at(6, 9)])
    assert words == ["ok", "no-data", "no-data", "no-data!", "ok.", "ok", "rollback!"]


def test_the_very_first_reading_may_take_as_long_as_any_reading_speaks() -> None:
    assert run(rule(for_="1s"), steady([None] * 5)) == ["no-data"] * 3 + ["no-data!", "no-data"]


def test_a_gap_does_not_count_as_time_in_which_it_held() -> None:
    points = [at(0, 9), at(1, 9), at(50, 9), at(51, 9), at(52, 9), at(53, 9)]
    assert run(rule(for_="3s"), points) == ["ok"] * 5 + ["rollback!"]


def test_a_single_reading_that_is_missing_does_not_hide_what_the_others_say() -> None:
    points = [at(0, 9), at(1, None), at(2, 9), at(3, 9)]
    assert run(rule(for_="3s"), points) == ["ok", "no-data", "ok", "rollback!"]


def test_a_sleep_or_a_clock_that_was_set_does_not_count() -> None:
    points = [at(0, 9), at(1, 9), at(2, 9, wall=2820), at(3, 9, wall=2820), at(4, 9, wall=2820), at(5, 9, wall=2820)]
    assert run(rule(for_="3s"), points) == ["ok"] * 5 + ["rollback!"]
    back = [at(0, 9), at(1, 9), at(2, 9, wall=-60), at(3, 9, wall=-60), at(4, 9, wall=-60), at(5, 9, wall=-60)]
    assert run(rule(for_="3s"), back) == ["ok"] * 5 + ["rollback!"]


def test_a_reading_seen_twice_is_one_reading() -> None:
    points = [at(0, 9, source="a"), at(1, 9, source="a"), at(2, 9, source="a"), at(3, 9, source="b")]
    assert run(rule(min_samples=2, for_="1s"), points) == ["ok", "ok", "ok", "rollback!"]


def test_it_is_over_only_beyond_the_line_that_clears_it() -> None:
    assert run(rule(clear="< 2%"), steady([6, 4, 3, 1, 4])) == ["rollback!", "rollback", "rollback", "ok.", "ok"]


def test_after_it_is_over_it_cools_down() -> None:
    words = run(rule(cool_down="3s"), steady([6, 1, 6, 6, 6, 6]))
    assert words == ["rollback!", "ok.", "ok", "ok", "rollback!", "rollback"]


def test_a_source_that_flaps_between_data_and_none_is_judged_by_its_data() -> None:
    words = run(rule(for_="4s"), steady([9, None, 9, None, 9]))
    assert words == ["ok", "no-data", "ok", "no-data", "rollback!"]


def test_a_factor_of_the_baseline_is_worked_out_and_a_missing_one_is_said() -> None:
    assert needs_baseline(trigger(when="> 2x baseline"))
    assert run(rule(50.0, "ms", when="> 2x baseline"), steady([99, 101])) == ["ok", "rollback!"]
    window = Window()
    for second in range(5):
        judged = judge(rule("2 good readings", "ms", when="> 2x baseline", for_="3s"), window, at(second, 1e9))
        window = judged.window
        assert judged.outcome == "no-data"
        if judged.news:
            assert (second, judged.news[0].does, judged.news[0].problem) == (3, "investigate", "2 good readings")


def test_any_is_any_figure_but_zero() -> None:
    assert run(rule(when="any"), steady([0, 0, 1, 0])) == ["ok", "ok", "rollback!", "ok."]


def test_units_are_those_of_the_metric() -> None:
    assert run(rule(unit="ms", when="> 2s"), steady([1999, 2001])) == ["ok", "rollback!"]


def test_a_source_that_says_nothing_any_more_is_noticed_by_the_clock() -> None:
    one = rule(for_="2s")
    window = judge(one, Window(), at(0, 1)).window
    words = []
    for half in range(1, 16):
        judged = look_again(one, window, at(half / 2, None))
        window = judged.window
        words.append(judged.outcome + "!" * len(judged.news))
    assert words[:6] == ["ok"] * 6  # a reading speaks for three periods
    assert words[6:] == ["no-data"] * 4 + ["no-data!"] + ["no-data"] * 4


def test_a_red_trigger_stays_red_while_there_is_no_data() -> None:
    words = run(rule(), [at(0, 9), at(1, None), at(2, 9), at(3, 1)])
    assert words == ["rollback!", "no-data", "rollback", "ok."]


def test_the_same_reading_after_a_refusal_is_data_again_and_still_one_sample() -> None:
    """A page that is stamped once a minute, asked every 15 s; one answer is missing."""
    one = rule(for_="30s", max_age="5m", min_samples=2, no_data="pause")
    told: list[News] = []
    window = judge(one, Window(), at(0, 9, source="a")).window
    for second in range(1, 60):
        look = at(second, 9, source="a", age=second) if second % 15 == 0 else None
        look = at(second, None, "refused") if second == 15 else look
        judged = judge(one, window, look) if look is not None else look_again(one, window, at(second, None))
        window = judged.window
        told += judged.news
    assert not told
    assert (window.n, window.dark) == (1, None)


def test_no_data_that_was_told_of_is_over_with_the_same_reading_as_long_as_that_speaks() -> None:
    one = rule(max_age="5s", for_="2s", no_data="pause")
    refused = [at(second, None, "refused") for second in (1, 2, 3)]
    words = run(one, [at(0, 1, source="a"), *refused, at(4, 1, source="a")])
    assert words == ["ok", "no-data", "no-data", "no-data!", "ok."]
    words = run(one, [at(0, 1, source="a"), *refused, at(6, 1, source="a")])
    assert words == ["ok", "no-data", "no-data", "no-data!", "no-data"]


def by_step(**fields: Any) -> Rule:
    """A rule on what a step measured."""
    return rule_of(trigger(**fields), metric(step="count", no_data="pause"), SECOND)


def looks(one: Rule, window: Window, seconds: Iterable[float]) -> list[News]:
    """What looking at the clock then brings."""
    told: list[News] = []
    for second in seconds:
        judged = look_again(one, window, at(second, None))
        window = judged.window
        told += judged.news
    return told


@pytest.mark.parametrize("fields", [{}, {"max_age": "10s"}, {"for_": "5s"}], ids=["bare", "max_age", "for"])
def test_a_step_that_has_not_run_is_no_silence(fields: dict[str, str]) -> None:
    assert not looks(by_step(**fields), Window(), range(7200))


def test_what_a_step_measured_stands_until_it_is_measured_again() -> None:
    window = judge(by_step(), Window(), at(0, 9, source="try 1", age=600)).window
    assert window.red
    assert not looks(by_step(), window, range(1, 7200))


def test_what_a_step_measured_is_too_old_after_its_written_max_age() -> None:
    one = by_step(max_age="10m")
    window = judge(one, Window(), at(0, 1, source="try 1", age=300)).window
    assert not looks(one, window, [299])
    assert [(news.does, news.problem) for news in looks(one, window, [301])] == [("pause", "nothing heard for 601 s")]


def test_a_step_that_measured_nothing_is_no_data_at_once() -> None:
    judged = judge(by_step(), Window(), at(0, None, "the step saves no single value"))
    assert [(news.does, news.problem) for news in judged.news] == [("pause", "the step saves no single value")]
