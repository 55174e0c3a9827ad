"""Text from outside cannot act on the screen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.plain import LONGEST, plain_line


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bPq#0;2;0\x1b\\sixel gone", "sixel gone"),
        ("\x9b2Jcleared", "cleared"),
        ("a\tb", "a       b"),
        ("progress 10 %\r\n", "progress 10 %"),
        ("10 %\r20 %", "10 %\u240d20 %"),
        ("bell\x07", "bell\u2407"),
        ("gpj.\u202eexe", "gpj.<U+202E>exe"),
        ("one\u2028two", "one<U+2028>two"),
        ("<b>not bold</b> & R&D", "<b>not bold</b> & R&D"),
        ("caf\u00e9 \u2192 \u65e5\u672c", "caf\u00e9 \u2192 \u65e5\u672c"),
    ],
)
def test_escapes_vanish_and_controls_become_visible(raw: str, kept: str) -> None:
    assert plain_line(raw) == kept


def test_an_endless_line_is_cut_and_says_so() -> None:
    assert plain_line("x" * (LONGEST + 12)).endswith("\u2026 12 more characters")


@given(st.text())
def test_no_control_character_survives(raw: str) -> None:
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or "\u202a" <= c <= "\u202e" for c in plain_line(raw))
