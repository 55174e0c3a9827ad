"""Where everything on the timeline goes: pure arithmetic from a view and a width to places in pixels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from ui.tokens import Tone

MIN_SEGMENT = 9.0
DIAMOND = 15.0
GAP = 3.0
"""Between two steps; less where so many of them stand that the gaps would take the bars' room."""
PHASE_GAP = 13.0
CROWDED = 5.0
"""Bars narrower than this are hairs: equal neighbours are painted as one."""
_GAPS_SHARE = 0.3


class SegmentState(StrEnum):
    """How far a step is; the value is the word read out for it."""

    DONE = "done"
    WARNED = "done with a warning"
    RUNNING = "running"
    WAITING = "waiting"
    FAILED = "failed"
    UNKNOWN = "in doubt"
    SKIPPED = "skipped"
    UNDOING = "being undone"
    UNDONE = "undone"
    NOT_REACHED = "not reached"


@dataclass(frozen=True, slots=True)
class SegmentView:
    """One step. `weight` is its planned seconds; `share` (0..1) how much of it has run; a decision is a diamond."""

    key: str
    label: str
    state: SegmentState
    weight: float
    share: float = 0.0
    decision: bool = False


@dataclass(frozen=True, slots=True)
class PhaseView:
    """One phase: its title as shown (`4 Cutover`), whether it is the current one, and its steps in order."""

    title: str
    segments: tuple[SegmentView, ...]
    current: bool = False


class MarkKind(StrEnum):
    """FLAG has a pole through the bar, LABEL is text above it, NOW is the triangle below, FIRED an octagon on it."""

    FLAG = "flag"
    LABEL = "label"
    NOW = "now"
    FIRED = "fired"


@dataclass(frozen=True, slots=True)
class MarkView:
    """Something at `share` (0..1) of the segment `key`, with a text beside or above it."""

    kind: MarkKind
    key: str
    share: float
    text: str = ""
    tone: Tone = Tone.TEXT


@dataclass(frozen=True, slots=True)
class TimelineView:
    """The whole line. Marks come in order of importance: the first ones keep their text when room is short."""

    phases: tuple[PhaseView, ...] = ()
    marks: tuple[MarkView, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of pixels."""

    left: float
    width: float

    @property
    def right(self) -> float:
        """The end of it."""
        return self.left + self.width

    def at(self, share: float) -> float:
        """The pixel at `share` of it."""
        return self.left + self.width * min(1.0, max(0.0, share))


@dataclass(frozen=True, slots=True)
class Layout:
    """`segments` by key; `titles` one per phase and `texts` one per mark: None where there was no room."""

    segments: dict[str, Span]
    titles: tuple[Span | None, ...]
    texts: tuple[Span | None, ...]


def lay_out(view: TimelineView, width: float, measure: Callable[[str], float]) -> Layout:
    """Place segments in proportion to the square root of their time, then texts where they do not collide.

    The root keeps a 95 min watch from squeezing 30 one-minute steps to nothing, and longer still means wider.
    """
    segments, starts = _segments(view.phases, width, measure)
    taken: list[Span] = []
    # The first mark texts and the current phase's title win; other titles give way.
    texts = tuple(_mark_text(mark, segments, width, measure, taken) for mark in view.marks)
    titles = _titles(view.phases, starts, measure, taken, width)
    return Layout(segments, titles, texts)


def _segments(
    phases: Sequence[PhaseView], width: float, measure: Callable[[str], float]
) -> tuple[dict[str, Span], list[Span]]:
    steps = [segment for phase in phases for segment in phase.segments]
    between = sum(max(0, len(phase.segments) - 1) for phase in phases)
    gap = min(GAP, width * _GAPS_SHARE / between) if between else GAP
    room = max(0.0, width - between * gap - max(0, len(phases) - 1) * PHASE_GAP)
    bare = [DIAMOND if step.decision else MIN_SEGMENT for step in steps]
    titled = [least for phase in phases for least in _wide_enough(phase, measure(phase.title))]
    widths = iter(_share_out(steps, titled if sum(titled) < room * 0.8 else bare, room))
    placed: dict[str, Span] = {}
    starts: list[Span] = []
    x = 0.0
    for phase in phases:
        begin = x
        for segment in phase.segments:
            span = Span(x, next(widths))
            placed[segment.key] = span
            x = span.right + gap
        end = x - gap if phase.segments else x
        starts.append(Span(begin, end - begin))
        x = end + PHASE_GAP
    return placed, starts


def bars(phase: PhaseView, places: dict[str, Span]) -> list[tuple[SegmentView, Span]]:
    """What is painted for a phase, in order: its steps, but hairs of one state side by side as a single bar."""
    found: list[tuple[SegmentView, Span]] = []
    for segment in phase.segments:
        span = places[segment.key]
        if found and span.width < CROWDED and _alike(found[-1][0], segment) and not segment.decision:
            first, before = found[-1]
            found[-1] = (first, Span(before.left, span.right - before.left))
        else:
            found.append((segment, span))
    return found


def _alike(a: SegmentView, b: SegmentView) -> bool:
    return a.state is b.state and not a.decision and a.share == b.share


def _wide_enough(phase: PhaseView, title: float) -> list[float]:
    """Least widths with which the phase is as wide as its title, so that the next title has its own place."""
    bare = [DIAMOND if step.decision else MIN_SEGMENT for step in phase.segments]
    have = sum(bare) + GAP * max(0, len(bare) - 1)
    growing = sum(not step.decision for step in phase.segments)
    more = max(0.0, title - have) / growing if growing else 0.0
    return [width if step.decision else width + more for step, width in zip(phase.segments, bare, strict=True)]


def _share_out(steps: Sequence[SegmentView], least: list[float], room: float) -> list[float]:
    wanted = [0.0 if step.decision else sqrt(max(1.0, step.weight)) for step in steps]
    if sum(least) >= room:
        squeeze = room / sum(least) if least else 0.0
        return [part * squeeze for part in least]
    free = {i for i, want in enumerate(wanted) if want > 0}
    answer = list(least)
    # Segments too short for their share get the least width; the rest share what remains. Ends: `free` shrinks.
    while free:
        rest = room - sum(answer[i] for i in range(len(steps)) if i not in free)
        scale = rest / sum(wanted[i] for i in free)
        short = {i for i in free if wanted[i] * scale < least[i]}
        if not short:
            for i in free:
                answer[i] = wanted[i] * scale
            break
        free -= short
    return answer


def _mark_text(
    mark: MarkView, segments: dict[str, Span], width: float, measure: Callable[[str], float], taken: list[Span]
) -> Span | None:
    span = segments.get(mark.key)
    if span is None or not mark.text:
        return None
    wide = measure(mark.text)
    x = span.at(mark.share)
    # A flag's text stands left of its pole; a label is centred, pushed inside the line.
    left = x - wide - 5 if mark.kind is MarkKind.FLAG else x - wide / 2
    place = Span(min(max(0.0, left), max(0.0, width - wide)), wide)
    if any(_collide(place, other) for other in taken):
        return None
    taken.append(place)
    return place


def _titles(
    phases: Sequence[PhaseView], starts: list[Span], measure: Callable[[str], float], taken: list[Span], width: float
) -> tuple[Span | None, ...]:
    answer: list[Span | None] = [None] * len(phases)
    order = sorted(range(len(phases)), key=lambda i: not phases[i].current)
    for i in order:
        after = [other.left for other in taken if other.left > starts[i].left]
        room = min([*after, width + 10]) - 10 - starts[i].left
        wide = min(measure(phases[i].title), room)
        place = Span(starts[i].left, wide)
        if wide >= min(24.0, measure(phases[i].title)) and not any(_collide(place, other) for other in taken):
            answer[i] = place
            taken.append(place)
    return tuple(answer)


def _collide(a: Span, b: Span) -> bool:
    return a.left < b.right + 6 and b.left < a.right + 6
