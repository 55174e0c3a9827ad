"""The two shipped typefaces: Inter with tabular figures, and JetBrains Mono without ligatures.

Ligatures are off in the mono face because it shows exact text: `->` must not turn into an arrow.
"""

from __future__ import annotations

from enum import IntEnum
from functools import cache
from pathlib import Path

from PySide6.QtGui import QFont, QFontDatabase, QFontMetricsF

from ui.tokens import Type

FILES = ("Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf", "JetBrainsMono-Regular.ttf")


class Weight(IntEnum):
    """The three weights that are shipped."""

    REGULAR = 400
    MEDIUM = 500
    SEMIBOLD = 600


def load_fonts(folder: Path) -> tuple[str, ...]:
    """Register the shipped faces from `folder` (about 2 ms in all) and return the names of files Qt refused.

    A refused file is no reason to stop: Qt falls back to a system face; the caller may tell the operator.
    """
    return tuple(name for name in FILES if QFontDatabase.addApplicationFont(str(folder / name)) < 0)


@cache
def font(size: int = Type.BODY, weight: Weight = Weight.REGULAR) -> QFont:
    """Inter at `size` pixels, with figures of one width. Callers must not change the answer."""
    face = QFont(["Inter", "Noto Sans", "Segoe UI", "Helvetica Neue", "sans-serif"])
    face.setPixelSize(size)
    face.setWeight(QFont.Weight(int(weight)))
    face.setFeature(QFont.Tag("tnum"), 1)
    return face


@cache
def mono(size: int = Type.SMALL) -> QFont:
    """JetBrains Mono at `size` pixels, for exact text. Callers must not change the answer."""
    face = QFont(["JetBrains Mono", "DejaVu Sans Mono", "Consolas", "Menlo", "monospace"])
    face.setPixelSize(size)
    face.setStyleHint(QFont.StyleHint.Monospace)
    for tag in ("calt", "liga"):
        face.setFeature(QFont.Tag(tag), 0)
    return face


@cache
def metrics(size: int = Type.BODY, weight: Weight = Weight.REGULAR) -> QFontMetricsF:
    """Measures of `font(size, weight)`."""
    return QFontMetricsF(font(size, weight))


def width_of(text: str, face: QFont) -> float:
    """How wide `text` is in `face`, in pixels."""
    return QFontMetricsF(face).horizontalAdvance(text)
