"""Text from runbooks, hosts and databases, made safe to look at: nothing left acts on a terminal or a reader's eye."""

from __future__ import annotations

import unicodedata

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"
"""Harmless: some scripts and emoji are written with them."""
_NAMED = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}


def printable(text: str, *, keep_lines: bool = False) -> str:
    r"""`text` with every control, bidirectional and invisible character spelled out (`\x1b`, `\u202e`).

    `keep_lines` lets newline and tab through.
    """
    if text.isascii() and text.isprintable():
        return text
    kept = "\n\t" if keep_lines else ""
    return "".join([char if char in kept or _is_plain(char) else _spelled(char) for char in text])


def _is_plain(char: str) -> bool:
    return char in _JOINERS or unicodedata.category(char) not in _UNSEEN


def _spelled(char: str) -> str:
    code = ord(char)
    if char in _NAMED:
        return _NAMED[char]
    if code < 0x100:  # noqa: PLR2004 - two hex digits
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"  # noqa: PLR2004 - four hex digits
