"""What a plain (unquoted) piece of YAML means: the 1.2 core schema, without the traps of 1.1."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_TRAPS = frozenset({"on", "off", "yes", "no"})
TRAPS = _NULL | _TRUE | _FALSE | _TRAPS
"""Words that are not text when they stand without quotes, in small letters."""
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NO_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_CLOCK = re.compile(r"[0-9]{1,2}:[0-5]?[0-9](:[0-5]?[0-9])?")
_LONGEST = 18


@dataclass(frozen=True, slots=True)
class Plain:
    """A value, and what is wrong with writing it so."""

    value: str | int | float | bool | None
    trouble: str = ""
    hint: str = ""


def resolve(text: str) -> Plain:
    """The value of a plain scalar."""
    first = text[:1]
    if first in "0123456789+-.":
        return _number(text) if first else Plain(None)
    if text in _NULL:
        return Plain(None)
    if text in _TRUE or text in _FALSE:
        return Plain(text in _TRUE)
    if len(text) <= 3 and text.lower() in _TRAPS:  # noqa: PLR2004 - the longest is "yes"
        hint = f'Write "{text}" in quotes for the word, or true or false.'
        return Plain(text, f"A bare {text} means different things to different readers of YAML.", hint)
    return Plain(text)


def _number(text: str) -> Plain:
    if _CLOCK.fullmatch(text):
        return Plain(text, f"A bare {text} is read as a number by some.", f'Write "{text}" in quotes.')
    if _NO_NUMBER.fullmatch(text):
        return Plain(text, f"{text} is no number to work with.", "Write a number, or text in quotes.")
    integer = _INTEGER.fullmatch(text)
    if not integer and not _FLOAT.fullmatch(text):
        return Plain(text)
    number = _value(text, whole=bool(integer))
    if number is None:
        return Plain(0, "This number has too many digits.", "Write it in quotes if it is a name.")
    return Plain(number)


def _value(text: str, *, whole: bool) -> int | float | None:
    if whole:
        return None if len(text) > _LONGEST else int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    return None if len(text) > 2 * _LONGEST or not math.isfinite(float(text)) else float(text)
