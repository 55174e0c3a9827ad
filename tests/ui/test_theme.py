"""Which theme is worn, in which order it is chosen, and that a switch reaches what is on screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontInfo, QFontMetricsF, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from ui.fonts import Weight, font, load_fonts, mono
from ui.theme import Theme, ThemeChoice, choose, tokens
from ui.tokens import DARK, LIGHT, Tokens
from ui.widgets.card import Card

Scheme = Qt.ColorScheme


@pytest.mark.parametrize(
    ("choice", "scheme", "worn"),
    [
        (ThemeChoice.LIGHT, Scheme.Dark, LIGHT),
        (ThemeChoice.DARK, Scheme.Light, DARK),
        (ThemeChoice.SYSTEM, Scheme.Dark, DARK),
        (ThemeChoice.SYSTEM, Scheme.Light, LIGHT),
        (ThemeChoice.SYSTEM, Scheme.Unknown, LIGHT),
    ],
)
def test_the_users_setting_leads_then_the_system_then_light(choice: ThemeChoice, scheme: Scheme, worn: Tokens) -> None:
    assert choose(choice, scheme) is worn


def test_a_switch_repaints_what_is_on_screen(light: Theme, shown: Callable[[QWidget], QWidget]) -> None:
    card = Card()
    card.resize(40, 40)
    shown(card)
    before = card.grab().toImage().pixelColor(20, 20)
    light.use(ThemeChoice.DARK)
    QApplication.processEvents()
    after = card.grab().toImage().pixelColor(20, 20)
    assert (before, after) == (QColor(LIGHT.surface), QColor(DARK.surface))


def test_a_switch_sets_the_palette_and_tells_who_listens(light: Theme) -> None:
    heard: list[str] = []
    light.changed.connect(heard.append)
    light.use(ThemeChoice.DARK)
    light.use(ThemeChoice.DARK)
    assert heard == ["dark"]
    assert tokens() is DARK
    assert QApplication.palette().color(QPalette.ColorRole.Window) == QColor(DARK.bg)


def test_the_shipped_faces_are_used_and_their_figures_are_of_one_width(light: Theme) -> None:
    assert QFontInfo(font()).family() == "Inter"
    assert QFontInfo(mono()).family() == "JetBrains Mono"
    for weight in Weight:
        measures = QFontMetricsF(font(13, weight))
        assert measures.horizontalAdvance("1111") == measures.horizontalAdvance("8888")


def test_exact_text_has_no_ligatures(light: Theme) -> None:
    measures = QFontMetricsF(mono())
    assert measures.horizontalAdvance("->") == pytest.approx(2 * measures.horizontalAdvance("-"))


def test_missing_faces_are_named_not_swallowed(light: Theme, tmp_path: Path) -> None:
    assert "Inter-Regular.otf" in load_fonts(tmp_path)
