"""The look as values: two sets of colours, and the lengths and sizes every part of the window shares.

Colours are `#RRGGBB` strings; lengths and type sizes are device-independent pixels. Contrast was measured by
WCAG 2: text on any surface it is used on is at least 4.5, shapes and focus rings at least 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """What a colour means. A tone never stands alone: a glyph and a word go with it."""

    TEXT = "text"
    MUTED = "muted"
    ACCENT = "accent"
    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    IDLE = "idle"


@dataclass(frozen=True, slots=True)
class Tokens:
    """One theme. `on_*` is the colour of text on a fill of that name; `tint_*` a quiet fill for that tone."""

    name: str
    bg: str
    surface: str
    sunken: str
    border: str
    strong: str
    text: str
    muted: str
    accent: str
    ok: str
    warn: str
    bad: str
    danger: str
    idle: str
    tint_ok: str
    tint_warn: str
    tint_bad: str
    tint_accent: str
    on_accent: str
    on_danger: str = "#FFFFFF"

    def of(self, tone: Tone) -> str:
        """The colour of `tone` for text, strokes and solid shapes."""
        return {
            Tone.TEXT: self.text,
            Tone.MUTED: self.muted,
            Tone.ACCENT: self.accent,
            Tone.OK: self.ok,
            Tone.WARN: self.warn,
            Tone.BAD: self.bad,
            Tone.IDLE: self.idle,
        }[tone]

    def tint(self, tone: Tone) -> str:
        """The quiet fill that goes behind text of `tone`."""
        tints = {
            Tone.ACCENT: self.tint_accent,
            Tone.OK: self.tint_ok,
            Tone.WARN: self.tint_warn,
            Tone.BAD: self.tint_bad,
        }
        return tints.get(tone, self.sunken)


LIGHT = Tokens(
    name="light",
    bg="#F4F5F7",
    surface="#FFFFFF",
    sunken="#F0F2F5",
    border="#DDE1E7",
    strong="#8A93A3",
    text="#14181F",
    muted="#525B6B",
    accent="#2456C7",
    ok="#0B6B4F",
    warn="#8A5300",
    bad="#B4232F",
    danger="#B4232F",
    idle="#5C6574",
    tint_ok="#E2F3EC",
    tint_warn="#FCEFD8",
    tint_bad="#FBE4E5",
    tint_accent="#E6EDFB",
    on_accent="#FFFFFF",
)

DARK = Tokens(
    name="dark",
    bg="#101318",
    surface="#181C23",
    sunken="#12151B",
    border="#2A303A",
    strong="#6B7585",
    text="#E8EBF0",
    muted="#A3ACBA",
    accent="#7EA6FF",
    ok="#4CC9A0",
    warn="#F0B456",
    bad="#FF8A8A",
    danger="#C93540",
    idle="#98A2B3",
    tint_ok="#12291F",
    tint_warn="#2E2412",
    tint_bad="#331A1D",
    tint_accent="#18243D",
    on_accent="#101318",
)


class Space:
    """The only distances between things."""

    XS = 4
    S = 8
    M = 12
    L = 16
    XL = 24


class Radius:
    """How round a corner is."""

    ROW = 6
    BUTTON = 7
    CARD = 8
    PANEL = 10


class Height:
    """Heights that never change with their content."""

    STEP = 30
    PHASE = 34
    FOLDED = 28
    LOG = 25
    BUTTON = 34
    ROLL_BACK = 40
    HEAD = 56
    STRIP = 54
    TIMELINE = 42
    TARGET = 28


class Type:
    """Type sizes in pixels."""

    CAPTION = 11
    SMALL = 12
    BODY = 13
    TITLE = 15
    VALUE = 20
    CLOCK = 30


RAIL_WIDTH = 76
GUTTER = 8
