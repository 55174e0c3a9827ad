"""A status is told by shape: in one colour, no two glyphs, shields or icons look alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from ui.glyphs import TONES, Glyph, paint_glyph
from ui.icons import SHIELD_TONES, Icon, Shield, paint_icon, paint_shield
from ui.paint import colour
from ui.theme import Theme
from ui.tokens import LIGHT, Tone

GREY = {tone.value: "#000000" for tone in Tone}
MONO = replace(LIGHT, **GREY)
SIZE = 32


def of_glyph(glyph: Glyph) -> Callable[[QPainter, QRectF], None]:
    return lambda p, box: paint_glyph(p, glyph, box, MONO)


def of_shield(shield: Shield) -> Callable[[QPainter, QRectF], None]:
    return lambda p, box: paint_shield(p, shield, box, MONO)


def of_icon(icon: Icon) -> Callable[[QPainter, QRectF], None]:
    return lambda p, box: paint_icon(p, icon, box, colour("#000000"))


def picture(paint: Callable[[QPainter, QRectF], None], size: int = SIZE) -> QImage:
    image = QImage(size, size, QImage.Format.Format_Grayscale8)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    paint(painter, QRectF(0, 0, size, size))
    painter.end()
    return image


def difference(a: QImage, b: QImage) -> float:
    """The share of pixels that differ clearly."""
    pairs = list(zip(_pixels(a), _pixels(b), strict=True))
    return sum(abs(x - y) > 96 for x, y in pairs) / len(pairs)


def _pixels(image: QImage) -> bytes:
    """Row by row, without the padding behind each row: nobody writes it."""
    raw, width, stride = bytes(image.constBits()), image.width(), image.bytesPerLine()
    return b"".join(raw[row * stride : row * stride + width] for row in range(image.height()))


@pytest.mark.parametrize("size", [13, SIZE], ids=["in the log", "large"])
def test_every_two_glyphs_differ_in_shape_alone(light: Theme, size: int) -> None:
    images = {g: picture(of_glyph(g), size) for g in Glyph}
    for one, two in combinations(Glyph, 2):
        assert difference(images[one], images[two]) > 0.03, f"{one.name} looks like {two.name}"


def test_every_two_shields_differ_in_shape_alone(light: Theme) -> None:
    images = {s: picture(of_shield(s)) for s in Shield}
    for one, two in combinations(Shield, 2):
        assert difference(images[one], images[two]) > 0.015, f"{one.name} looks like {two.name}"


def test_every_icon_paints_something_of_its_own(light: Theme) -> None:
    images = {i: picture(of_icon(i)) for i in Icon}
    for one, two in combinations(Icon, 2):
        assert difference(images[one], images[two]) > 0.03, f"{one.name} looks like {two.name}"


def test_the_running_arc_turns(light: Theme) -> None:
    still = picture(lambda p, box: paint_glyph(p, Glyph.RUNNING, box, LIGHT))
    turned = picture(lambda p, box: paint_glyph(p, Glyph.RUNNING, box, LIGHT, None, 0.5))
    assert difference(still, turned) > 0.02


def test_every_glyph_and_shield_has_a_tone() -> None:
    assert set(TONES) == set(Glyph)
    assert set(SHIELD_TONES) == set(Shield)
