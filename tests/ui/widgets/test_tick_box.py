"""A box that is ticked is told by its picture in both themes, by click, by key, and by assistive technology."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtTest import QTest

from ui.theme import Theme, ThemeChoice
from ui.widgets.tick_box import TickBox


@pytest.mark.parametrize("choice", [ThemeChoice.LIGHT, ThemeChoice.DARK])
def test_the_empty_box_stands_out_and_a_tick_changes_it(light: Theme, choice: ThemeChoice) -> None:
    light.use(choice)
    box = TickBox("Everybody is on the call")
    box.resize(box.sizeHint())
    empty = box.grab().toImage()
    around = empty.pixelColor(1, 1).lightness()
    edge = [empty.pixelColor(x, empty.height() // 2).lightness() for x in range(2, 8)]
    assert max(abs(one - around) for one in edge) > 60
    box.setChecked(True)
    assert box.grab().toImage() != empty
    light.use(ThemeChoice.LIGHT)


def test_the_whole_line_is_clicked_and_space_ticks_too(light: Theme) -> None:
    box = TickBox("Ana & Raj agree")
    box.resize(300, 26)
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(280, 20))
    assert box.isChecked()
    QTest.keyClick(box, Qt.Key.Key_Space)
    assert not box.isChecked()


def test_its_words_are_its_name(light: Theme) -> None:
    box = TickBox("Ana & Raj agree")
    interface = QAccessible.queryAccessibleInterface(box)
    assert interface is not None
    assert interface.text(QAccessible.Text.Name) == "Ana & Raj agree"
    assert interface.role() == QAccessible.Role.CheckBox


def test_a_tick_is_seen_without_its_colour(light: Theme) -> None:
    box = TickBox("done")
    box.resize(box.sizeHint())
    box.setChecked(True)
    grey = box.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    across = {grey.pixelColor(x, grey.height() // 2 + 1).lightness() // 32 for x in range(5, 19)}
    assert len(across) > 1
