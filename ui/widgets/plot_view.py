"""What a plot over a run's time shows besides its readings: limits, what is usual, steps, phases, and what happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from ui.glyphs import Glyph
from ui.tokens import Tone


@dataclass(frozen=True, slots=True)
class LimitView:
    """A line across the plot: `limit 10 %`. op: which side of it is the wrong one (">", "<"...)."""

    value: float
    op: str
    text: str
    tone: Tone = Tone.BAD

    def passed_by(self, low: float, high: float) -> bool:
        """Whether any of the readings between these extremes is on the wrong side; both are readings themselves."""
        tests: dict[str, Callable[[], bool]] = {
            ">": lambda: high > self.value,
            ">=": lambda: high >= self.value,
            "<": lambda: low < self.value,
            "<=": lambda: low <= self.value,
            "!=": lambda: low != self.value or high != self.value,
        }
        return tests.get(self.op, lambda: self.value in {low, high})()


@dataclass(frozen=True, slots=True)
class SpanView:
    """A step or a phase on its lane. `end` None: it still runs. back: part of the way back, drawn hatched."""

    begin: float
    end: float | None
    text: str
    tone: Tone = Tone.OK
    glyph: Glyph | None = None
    back: bool = False


@dataclass(frozen=True, slots=True)
class MarkView:
    """Something that happened at an instant: a vertical line with a flag; `first_red` is an octagon on the curve."""

    at: float
    text: str
    glyph: Glyph
    tone: Tone
    first_red: bool = False


@dataclass(frozen=True, slots=True)
class PlotView:
    """Everything but the readings. Seconds on the axis count from `origin`; `t0` is T on the axis."""

    unit: str
    origin: datetime
    zone: tzinfo
    now: float = 0.0
    t0: float = 0.0
    limits: tuple[LimitView, ...] = ()
    usual: tuple[float, float] | None = None
    phases: tuple[SpanView, ...] = ()
    steps: tuple[SpanView, ...] = ()
    marks: tuple[MarkView, ...] = ()
    tone: Tone = Tone.ACCENT
