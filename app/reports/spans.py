"""Lengths of time and instants in the words people use, always with their unit; `about` is the caller's to add."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone


def span(length: timedelta) -> str:
    """`0.4 s`, `12 s`, `4 min 10 s`, `2 h 5 min`, `3 d 4 h`; a minus sign before negative ones."""
    sign = "-" if length < timedelta() else ""
    seconds = abs(length).total_seconds()
    if 0 < seconds < 0.05:  # noqa: PLR2004 - would be rounded to nothing
        return "under 0.1 s"
    if seconds < 10:  # noqa: PLR2004 - below ten seconds a tenth matters
        return f"{sign}{seconds:.1f} s" if seconds % 1 else f"{sign}{seconds:.0f} s"
    whole = round(seconds)
    for size, unit, smaller, small in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // smaller
            return f"{sign}{whole // size} {unit}" + (f" {rest} {small}" if rest else "")
    return f"{sign}{whole} s"


def span_ms(milliseconds: int) -> str:
    """The same, for whole milliseconds."""
    return span(timedelta(milliseconds=milliseconds))


def t_clock(length: timedelta) -> str:
    """Since T: `T-1:59:58`, `T+0:04:10`, `T+26:00:00`."""
    seconds = int(abs(length).total_seconds())
    sign = "-" if length < timedelta() else "+"
    return f"T{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def both_clocks(at: datetime, offset_min: int) -> str:
    """`2026-03-14 22:10:02 +01:00 (21:10:02 UTC)`: local as it was recorded, and UTC; with its date if that differs."""
    local = at.astimezone(timezone(timedelta(minutes=offset_min)))
    utc = at.astimezone(UTC)
    if not offset_min:
        return f"{utc:%Y-%m-%d %H:%M:%S} UTC"
    sign, minutes = ("-" if offset_min < 0 else "+"), abs(offset_min)
    other = f"{utc:%H:%M:%S}" if utc.date() == local.date() else f"{utc:%Y-%m-%d %H:%M:%S}"
    return f"{local:%Y-%m-%d %H:%M:%S} {sign}{minutes // 60:02}:{minutes % 60:02} ({other} UTC)"
