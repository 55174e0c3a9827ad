"""Ten thousand random series against an oracle that looks back over the whole series at every reading.

The oracle keeps no count of anything: it walks backwards from each reading over the good ones before it, as the words
of the language have it. No rollback may fire on missing or stale data, and none may be missed on good data.
"""

from __future__ import annotations

import math
import random
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from app.metrics.rule import Rule, judge
from app.metrics.window import Point, Window
from tests.metrics.rules import at, rule

SERIES = 10_000
CHUNKS = 10


def random_rule(dice: random.Random) -> Rule:
    fields: dict[str, Any] = {"max_age": dice.choice(["2s", "3s", "6s"])}
    choices: dict[str, list[Any]] = {
        "for_": [None, "2s", "4s", "7s"],
        "min_samples": [None, 2, 4],
        "clear": [None, "< 3%", "<= 1%"],
        "cool_down": [None, "5s"],
    }
    for name, values in choices.items():
        chosen = dice.choice(values)
        if chosen is not None:
            fields[name] = chosen
    return rule(no_data=dice.choice(["investigate", "pause"]), **fields)


def random_series(dice: random.Random) -> list[Point]:
    """Mostly a reading a second; some are late, missing, stale, repeated or no number, and clocks jump."""
    points: list[Point] = []
    seconds, wall, level = 0.0, 0.0, dice.choice([2.0, 6.0])
    for number in range(dice.randint(5, 45)):
        seconds += dice.choice([1, 1, 1, 1, 1, 1, 0.9, 1.1, 2, 3, 4, 9])
        wall += dice.choice([0] * 24 + [2900.0, -75.0, 1.5])
        level = dice.choice([level] * 6 + [0.5, 2.0, 4.0, 6.0])
        kind = dice.randrange(14)
        if kind == 0:
            points.append(at(seconds, None, "status 503", wall=wall))
        elif kind == 1:
            points.append(at(seconds, dice.choice([math.nan, math.inf, -math.inf]), wall=wall))
        elif kind == 2:
            points.append(at(seconds, level, wall=wall, age=dice.choice([1, 5, 60])))
        elif kind == 3 and points:
            points.append(at(seconds, level, wall=wall, source=points[-1].source or "s"))
        else:
            points.append(at(seconds, level, wall=wall, source=f"s{number}" if dice.random() < 0.5 else ""))
    return points


def is_good(one: Rule, point: Point) -> bool:
    return point.value is not None and math.isfinite(point.value) and point.age <= one.max_age


def joined(before: Point, after: Point, longest: timedelta) -> bool:
    """The time between them may be counted: short enough, and the two clocks agree about it."""
    elapsed = (after.mono_ns - before.mono_ns) / 1e9
    on_the_wall = (after.at - before.at).total_seconds()
    return elapsed <= longest.total_seconds() + 1e-9 and abs(on_the_wall - elapsed) <= 2 + 1e-6


def without_repeats(one: Rule, points: list[Point]) -> list[int]:
    """A good reading that carries the mark of the good one before it is not there at all."""
    kept: list[int] = []
    mark = None
    for index, point in enumerate(points):
        if is_good(one, point):
            if point.source and point.source == mark:
                continue
            mark = point.source
        kept.append(index)
    return kept


def walk_back(one: Rule, points: list[Point]) -> list[Point]:
    """The last reading and the good ones before it that break the rule without a gap, newest first."""
    chain = points[-1:]
    for before in reversed(points[:-1]):
        if not is_good(one, before):
            continue
        assert before.value is not None
        if before.value <= 5 or not joined(before, chain[-1], one.max_age):
            break
        chain.append(before)
    return chain


def is_over(one: Rule, value: float) -> bool:
    return value <= 5 if one.clear is None else one.clear.holds(value)


def oracle(one: Rule, points: list[Point]) -> list[int]:
    """The readings with which a rollback fires."""
    fired: list[int] = []
    red, start, calm = False, 0, -math.inf
    seen = without_repeats(one, points)
    for place, index in enumerate(seen):
        now = points[index]
        if not is_good(one, now):
            continue
        assert now.value is not None
        if red:
            if is_over(one, now.value):
                red, start, calm = False, place + 1, now.mono_ns / 1e9
            continue
        if now.value <= 5:
            continue
        chain = walk_back(one, [points[earlier] for earlier in seen[start : place + 1]])
        held = (now.mono_ns - chain[-1].mono_ns) / 1e9
        cooled = now.mono_ns / 1e9 - calm >= one.cool_down.total_seconds() - 1e-9
        if held >= one.hold.total_seconds() - 1e-9 and len(chain) >= one.min_samples and cooled:
            fired.append(index)
            red = True
    return fired


def blind_oracle(one: Rule, points: list[Point]) -> list[int]:
    """The looks with which no data is told of: the first of each spell at which it has lasted long enough."""
    told: list[int] = []
    spell: list[Point] = []
    longest = max(one.max_age, one.blind_after)
    borne = longest
    first: dict[str, Point] = {}
    mark = ""
    for index, point in enumerate(points):
        if is_good(one, point):
            if not point.source or point.source != mark:
                mark = point.source
                first = {mark: point}
            elif (point.mono_ns - first[mark].mono_ns) / 1e9 > one.max_age.total_seconds() + 1e-9:
                continue  # the same reading once more, and by now it does not speak any more
            spell, borne = [], one.blind_after
            continue
        spell.append(point)
        dark = [(b.mono_ns - a.mono_ns) / 1e9 if joined(a, b, longest) else 0.0 for a, b in pairwise(spell)]
        already = bool(told) and index != told[-1] and points[told[-1]] in spell
        if sum(dark) >= borne.total_seconds() - 1e-9 and not already:
            told.append(index)
    return told


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_false_rollback_and_none_missed(chunk: int) -> None:
    dice = random.Random(20260314 + chunk)
    firings = blind = 0
    for _ in range(SERIES // CHUNKS):
        one, points = random_rule(dice), random_series(dice)
        window = Window()
        rollbacks, dark = [], []
        for index, point in enumerate(points):
            judged = judge(one, window, point)
            window = judged.window
            rollbacks += [index for news in judged.news if news.does == "rollback" and not news.over]
            dark += [index for news in judged.news if news.problem and not news.over]
            assert is_good(one, point) or judged.outcome == "no-data"
        assert rollbacks == oracle(one, points), (one, points)
        assert dark == blind_oracle(one, points), (one, points)
        firings += len(rollbacks)
        blind += len(dark)
    assert firings > 100 and blind > 50  # the series are not all alike
