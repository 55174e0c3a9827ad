"""A step in doubt as words: what is known, where each piece of evidence points, and the three ways on."""

from __future__ import annotations

from dataclasses import dataclass

from app.run.state import Status
from app.runbook.kind import Kinds
from ui import words
from ui.glyphs import Glyph
from ui.models.exact import exact_text, sides
from ui.models.naming import numbered, owner_of
from ui.models.shown import Shown
from ui.models.verbs import Verb
from ui.tokens import Tone
from ui.widgets.side_chip import SideView

_POINTS = {
    "done": (Glyph.DONE, Tone.OK),
    "not done": (Glyph.SKIPPED, Tone.MUTED),
    "half done": (Glyph.UNKNOWN, Tone.WARN),
    "it did start": (Glyph.DONE, Tone.OK),
    "not running": (Glyph.SKIPPED, Tone.MUTED),
    "unknown": (Glyph.UNKNOWN, Tone.WARN),
}


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """One row: what was asked, the answer as it came, and where it points."""

    asked: str
    answer: str
    points: str
    glyph: Glyph
    tone: Tone


@dataclass(frozen=True, slots=True)
class WayOn:
    """One of the three cards: its title, what it costs, what follows, and its verb."""

    title: str
    text: str
    then: str
    verb: Verb
    best: bool = False


@dataclass(frozen=True, slots=True)
class DoubtView:
    """Everything the panel says."""

    title: str
    right: str
    text: str
    exact: str
    sides: tuple[SideView, ...]
    ticket: str
    evidence: tuple[EvidenceView, ...]
    ways: tuple[WayOn, ...]


def doubt_view(shown: Shown, kinds: Kinds) -> DoubtView | None:
    """The step on show, when it is in doubt."""
    planned, step = shown.planned, shown.step
    if planned is None or step.status is not Status.IN_DOUBT or step.last is None:
        return None
    last = step.last
    return DoubtView(
        title=f"In doubt: {numbered(shown.state.plan, planned.address)}",
        right=owner_of(shown.state, planned),
        text=f"{_what(last.summary)} It started {words.ago(shown.age(last.began))}.",
        exact=exact_text(shown.state, planned, kinds),
        sides=sides(shown.state, planned, kinds),
        ticket=last.ticket,
        evidence=tuple(_row(*row) for row in last.evidence),
        ways=_ways(probe=planned.step.probe is not None),
    )


def _what(summary: str) -> str:
    said = summary.removeprefix("in doubt:").strip().capitalize() or "Nobody can say whether it took effect"
    return said if said.endswith((".", "!", "?")) else f"{said}."


def _row(asked: str, answer: str, points: str) -> EvidenceView:
    glyph, tone = _POINTS.get(points, (Glyph.UNKNOWN, Tone.WARN))
    return EvidenceView(asked, answer, points, glyph, tone)


def _ways(*, probe: bool) -> tuple[WayOn, ...]:
    how = "The step's own probe looks, read only." if probe else "Its ticket is looked up there, read only."
    return (
        WayOn(
            "Ask the target again",
            how,
            "Done goes on; anything else asks you.",
            Verb("ask-again", "Ask again now"),
            best=True,
        ),
        WayOn(
            "Count as done",
            "You vouch for it. A reason is needed.",
            "Goes on with the next step at once.",
            Verb("mark-done", "Count as done\u2026"),
        ),
        WayOn(
            "Run again",
            "It may happen twice: typed, with a reason.",
            "A new ticket, then the next step.",
            Verb("run-again", "Run again\u2026"),
        ),
    )
