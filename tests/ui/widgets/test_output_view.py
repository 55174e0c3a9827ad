"""Live output: harmless, in batches, bounded, following the end until a person scrolls."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from ui.theme import Theme, ThemeChoice
from ui.tokens import DARK, Tone
from ui.widgets.output_view import OutputLine, OutputView

Show = Callable[[QWidget], QWidget]


def lines(count: int, start: int = 0) -> list[OutputLine]:
    return [OutputLine(f"line {i}") for i in range(start, start + count)]


@pytest.fixture
def view(shown: Show) -> OutputView:
    output = OutputView(keep=200)
    output.resize(300, 120)
    shown(output)
    return output


def test_escapes_are_stripped_and_markup_is_text(view: OutputView) -> None:
    view.show_lines([OutputLine("\x1b[31m<b>5xx</b>\x1b[0m\x07 \u202egpj"), OutputLine("a\nb")])
    assert view.toPlainText() == "<b>5xx</b>\u2407 <U+202E>gpj\na\u240ab"


def test_lines_wait_for_one_edit(view: OutputView, until: Callable[[Callable[[], bool]], None]) -> None:
    edits: list[int] = []
    view.document().contentsChange.connect(lambda _at, _gone, new: edits.append(new))
    for i in range(50):
        view.append_lines(lines(1, i))
    assert view.toPlainText() == ""
    until(lambda: view.blockCount() == 50)
    assert len(edits) == 1
    assert view.toPlainText().split("\n") == [f"line {i}" for i in range(50)]


def test_only_the_newest_lines_are_kept(view: OutputView) -> None:
    view.append_lines(lines(100_000))
    view.flush()
    assert view.blockCount() == 200
    assert view.toPlainText().endswith("line 99999")


def test_empty_lines_are_lines_too(view: OutputView) -> None:
    view.show_lines([OutputLine(""), OutputLine("", Tone.BAD), OutputLine("x")])
    assert view.toPlainText() == "\n\nx"


def test_it_follows_until_scrolled_and_again_when_asked(view: OutputView) -> None:
    heard: list[bool] = []
    view.following_changed.connect(heard.append)
    view.show_lines(lines(100))
    bar = view.verticalScrollBar()
    assert bar.value() == bar.maximum()
    bar.setValue(10)
    view.append_lines(lines(20, 100))
    view.flush()
    assert (bar.value(), view.following) == (10, False)
    view.follow()
    view.append_lines(lines(20, 120))
    view.flush()
    assert bar.value() == bar.maximum()
    assert heard == [False, True]


def test_a_reader_keeps_their_line_while_old_ones_go(view: OutputView) -> None:
    view.show_lines(lines(200))
    bar = view.verticalScrollBar()
    bar.setValue(50)
    view.append_lines(lines(20, 200))
    view.flush()
    assert bar.value() == 30
    assert view.firstVisibleBlock().text() == "line 50"


def test_tones_change_with_the_theme(view: OutputView, light: Theme) -> None:
    view.show_lines([OutputLine("fine"), OutputLine("broken", Tone.BAD)])
    light.use(ThemeChoice.DARK)
    block = view.document().lastBlock()
    assert block.begin().fragment().charFormat().foreground().color() == QColor(DARK.bad)
