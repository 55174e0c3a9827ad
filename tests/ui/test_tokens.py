"""The measured contrasts of the two themes, computed again from the tokens."""

from __future__ import annotations

import pytest

from ui.tokens import DARK, LIGHT, Tokens, Tone

THEMES = pytest.mark.parametrize("worn", [LIGHT, DARK], ids=["light", "dark"])
TEXT_TONES = [Tone.TEXT, Tone.MUTED, Tone.ACCENT, Tone.OK, Tone.WARN, Tone.BAD, Tone.IDLE]


def luminance(name: str) -> float:
    parts = [int(name[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_ruler_measures_black_on_white_as_21() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


@THEMES
@pytest.mark.parametrize("tone", TEXT_TONES)
def test_text_of_every_tone_reads_on_every_ground(worn: Tokens, tone: Tone) -> None:
    for ground in (worn.bg, worn.surface, worn.sunken):
        assert contrast(worn.of(tone), ground) >= 4.5, f"{tone} on {ground}"


@THEMES
@pytest.mark.parametrize("tone", [Tone.ACCENT, Tone.OK, Tone.WARN, Tone.BAD])
def test_text_reads_on_the_tint_of_its_own_tone(worn: Tokens, tone: Tone) -> None:
    assert contrast(worn.of(tone), worn.tint(tone)) >= 4.5


@THEMES
def test_text_and_muted_text_read_on_every_tint(worn: Tokens) -> None:
    for ground in (worn.tint_ok, worn.tint_warn, worn.tint_bad, worn.tint_accent):
        assert contrast(worn.text, ground) >= 4.5
        assert contrast(worn.muted, ground) >= 4.5


@THEMES
def test_text_reads_on_solid_fills(worn: Tokens) -> None:
    assert contrast(worn.on_accent, worn.accent) >= 4.5
    assert contrast(worn.on_danger, worn.danger) >= 4.5
    assert contrast(worn.surface, worn.text) >= 4.5


@THEMES
def test_shapes_and_edges_that_carry_meaning_are_seen(worn: Tokens) -> None:
    for ground in (worn.bg, worn.surface):
        for shape in (worn.accent, worn.ok, worn.warn, worn.bad, worn.idle):
            assert contrast(shape, ground) >= 3, f"{shape} on {ground}"


@THEMES
def test_edges_of_inputs_and_segments_are_seen_on_the_surface_they_stand_on(worn: Tokens) -> None:
    assert contrast(worn.strong, worn.surface) >= 3
