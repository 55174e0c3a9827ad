"""How long the way back takes: from what its steps took in earlier runs, and from estimates where nobody knows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.run.moment import Moment
from app.run.state import MET, UNDER_WAY, BackRow, RunState

TYPICAL, SLOW = 0.5, 0.9
"""The shares of earlier times that `usual` and `slow` are not below: p50 and p90."""


@dataclass(frozen=True, slots=True)
class Length:
    """How long a stretch of the way back takes.

    usual and slow: the sums of its steps' p50 and p90, so that `slow` is rather too long than too short; measured:
    steps known from earlier runs, the least known of them `n` times; guessed: steps with an estimate only; unknown:
    steps with neither, which count as nothing.
    """

    usual: timedelta = timedelta()
    slow: timedelta = timedelta()
    measured: int = 0
    guessed: int = 0
    unknown: int = 0
    n: int = 0

    def __add__(self, other: Length) -> Length:
        least = min((one.n for one in (self, other) if one.measured), default=0)
        return Length(
            self.usual + other.usual,
            self.slow + other.slow,
            self.measured + other.measured,
            self.guessed + other.guessed,
            self.unknown + other.unknown,
            least,
        )

    @property
    def is_estimate(self) -> bool:
        """Whether any part of it rests on no earlier run."""
        return bool(self.guessed or self.unknown)

    @property
    def steps(self) -> int:
        """How many steps it counts."""
        return self.measured + self.guessed + self.unknown

    def at_least(self, declared: timedelta) -> Length:
        """The same, but not shorter than somebody said that it is."""
        return Length(
            max(self.usual, declared), max(self.slow, declared), self.measured, self.guessed, self.unknown, self.n
        )


NOTHING = Length()


def percentile(values: Sequence[int], share: float) -> int:
    """The smallest of these values that at least this share of them does not pass (nearest rank)."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def length_of(state: RunState, address: str, undoes: str = "") -> Length:
    """Of one step; an undo without an estimate takes that of the step it undoes."""
    known = state.undo_times.get(address)
    if known is not None:
        usual, slow = (timedelta(milliseconds=percentile(known.values, share)) for share in (TYPICAL, SLOW))
        return Length(usual, slow, measured=1, n=len(known.values))
    est = state.plan.by_address[address].step.est
    if est is None and undoes in state.plan.by_address:
        est = state.plan.by_address[undoes].step.est
    if est is None:
        return Length(unknown=1)
    return Length(est, est, guessed=1)


def length_of_rows(state: RunState, rows: Iterable[BackRow]) -> Length:
    """Of these rows, one after the other; rows that do nothing take nothing."""
    lengths = (length_of(state, row.address, row.undoes) for row in rows if row.part != "nothing")
    return sum(lengths, NOTHING)


def length_left(state: RunState, now: Moment) -> Length:
    """Of what is left of the way back under way; a step that runs counts with what is left of it."""
    rows = state.back.rows if state.back is not None else ()
    left = NOTHING
    for row in rows:
        if row.part == "nothing" or state.status(row.address) in MET:
            continue
        whole, last = length_of(state, row.address, row.undoes), state.step(row.address).last
        if last is not None and state.status(row.address) in UNDER_WAY:
            spent = now.since(last.began)
            whole = Length(
                max(whole.usual - spent, timedelta()),
                max(whole.slow - spent, timedelta()),
                whole.measured,
                whole.guessed,
                whole.unknown,
                whole.n,
            )
        left += whole
    return left
