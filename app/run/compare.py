"""Comparing what was seen with what was asked: numbers with units as numbers, everything else as text."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import timedelta

from app.runbook.units import Quantity, parse_quantity

_TESTS: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compare(seen: object, test: str, right: str, unit: str = "") -> bool:
    """Whether `seen test right` holds. A bare number on one side takes the other side's unit, or `unit`.

    Text that is no number is only ever equal or unequal; an ordering of words never holds.
    """
    left = as_text(seen)
    mine, wanted = parse_quantity(left), parse_quantity(right)
    if mine is not None and wanted is not None:
        pair = _same_scale(mine, wanted, unit)
        if pair is not None:
            return _TESTS[test](*pair)
    if test == "==":
        return left == right
    return left != right if test == "!=" else False


def as_text(seen: object) -> str:
    """A fact as text: true/false, whole seconds of a duration as `12.5s`, None as null."""
    match seen:
        case None:
            return "null"
        case bool():
            return "true" if seen else "false"
        case timedelta():
            return f"{seen.total_seconds():g}s"
        case float() if seen.is_integer() and abs(seen) < 2**53:
            return str(int(seen))
        case _:
            return str(seen)


def _same_scale(mine: Quantity, wanted: Quantity, unit: str) -> tuple[float, float] | None:
    if not mine.unit and (wanted.unit or unit):
        mine = Quantity(mine.number, unit or wanted.unit)
    if not wanted.unit and mine.unit:
        wanted = Quantity(wanted.number, mine.unit)
    if mine.unit == wanted.unit:
        return mine.number, wanted.number
    if mine.seconds is not None and wanted.seconds is not None:
        return mine.seconds, wanted.seconds
    if mine.bytes is not None and wanted.bytes is not None:
        return mine.bytes, wanted.bytes
    return None
