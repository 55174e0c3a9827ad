"""Nothing that a terminal or a reader's eye would act upon gets through."""

from __future__ import annotations

import unicodedata

import pytest

from app.reports.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Zürich, 東京, 🚚", "Zürich, 東京, 🚚"),
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("\x9b31m", "\\x9b31m"),
        ("a\rb\nc\td", "a\\rb\\nc\\td"),
        ("abc\u202ecba", "abc\\u202ecba"),
        ("\u2066x\u2069", "\\u2066x\\u2069"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("\u2028", "\\u2028"),
        ("\U000e0041", "\\U000e0041"),
        ("\udcff", "\\udcff"),
        ("\x00\x07\x7f", "\\x00\\x07\\x7f"),
    ],
)
def test_what_would_be_acted_upon_is_spelled_out(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_lines_are_kept_when_asked_for_and_nothing_else() -> None:
    assert printable("a\n\tb\r\x1b", keep_lines=True) == "a\n\tb\\r\\x1b"


def test_no_character_of_unicode_is_an_exception() -> None:
    everything = printable("".join(map(chr, range(0x110000))))
    left = {char for char in everything if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
    assert left == {"\u200c", "\u200d"}
    everything.encode("utf-8")
