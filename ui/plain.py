"""Text from hosts, files and databases made harmless: no escapes, no controls, no hidden direction changes.

Escape sequences are removed whole; any other control or invisible direction character is shown as a visible
mark instead of acting, so that nothing can hide, recolour, retitle or reorder what an operator reads.
"""

from __future__ import annotations

import re

LONGEST = 4_000

# CSI, then strings (OSC, DCS, SOS, PM, APC) up to their end, then other two- and three-byte escapes.
_ESCAPE = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]?"
    "|(?:\x1b[\\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\\\|\x9c)?"
    "|\x1b[ -/]*[0-~]?"
)
_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)


def plain_line(text: str) -> str:
    """One harmless line: tabs widen to the next multiple of 8, line ends are trimmed, at most 4,000 characters."""
    if text.isascii() and text.isprintable() and len(text) <= LONGEST:
        return text
    kept = _ESCAPE.sub("", text).rstrip("\r\n").expandtabs(8)
    kept = _CONTROL.sub(_mark, kept)
    if len(kept) > LONGEST:
        kept = f"{kept[:LONGEST]} \u2026 {len(kept) - LONGEST} more characters"
    return kept


def _mark(found: re.Match[str]) -> str:
    code = ord(found.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"<U+{code:04X}>"
