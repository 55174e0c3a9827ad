"""A database's values as the few types that travel: str, int, bool, None."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal

Plain = str | int | bool | None


def plain(value: object) -> Plain:
    """One value: exact text for anything but str, int, bool and None.

    Decimal as digits (never with an exponent), float as its shortest digits, instants and dates ISO 8601, lengths of
    time as seconds, bytes as lower-case hex, arrays and JSON as JSON text.
    """
    if value is None or isinstance(value, str | int):
        return value
    for kind, form in _FORMS:
        if isinstance(value, kind):
            return form(value)
    return str(value)


def _seconds(length: timedelta) -> str:
    return f"{Decimal(length // timedelta(microseconds=1)) / 1_000_000:f}"


def _digits(number: Decimal) -> str:
    return f"{number:f}" if number.is_finite() else str(number)


def _json(value: object) -> str:
    return json.dumps(value, default=plain, ensure_ascii=False)


# datetime stands before date, of which it is a kind.
_FORMS: tuple[tuple[type | tuple[type, ...], Callable[..., str]], ...] = (
    (Decimal, _digits),
    (float, repr),
    (datetime, datetime.isoformat),
    (date, date.isoformat),
    (time, time.isoformat),
    (timedelta, _seconds),
    ((bytes, bytearray, memoryview), lambda raw: bytes(raw).hex()),
    ((list, dict), _json),
)
