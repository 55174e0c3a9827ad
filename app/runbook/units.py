"""Units as people write them: lengths of time, offsets from T, sizes, shares, and numbers with a unit.

    10s  5m  2h  7d  1h30m  250ms     a length of time (timedelta)
    T-2h  T-0  T+15m                  an offset from the moment of the switch (timedelta, negative before it)
    16MiB  4GB  0B                    a size (whole bytes)
    5%                                a share
    > 5%   == 0ms   > 2x baseline     the right side of a comparison (Quantity)

Each `parse_` function raises ValueError with a sentence for the author of the runbook.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?")
_OFFSET = re.compile(r"T([+-])(0|.+)")
_SIZE = re.compile(r"(\d+)\s?(B|kB|KB|MB|GB|TB|KiB|MiB|GiB|TiB)")
_QUANTITY = re.compile(r"([+-]?\d+(?:\.\d+)?)\s?(\S.*)?")
_DIGITS = 20
"""Text with more characters than this is no length of time and no size that anybody has."""
_LONGEST = timedelta(days=36_500)
_SIZES = {
    "B": 1,
    "kB": 10**3,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
    "TiB": 2**40,
}
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, in percent."""

    percent: float

    def of(self, whole: int) -> int:
        """How many of `whole` things, rounded up, at least one when there is one."""
        return min(whole, max(1, -int(-whole * self.percent // 100)))

    def __str__(self) -> str:
        return f"{self.percent:g}%"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit as written: `unit` is "", "%", "ms", "B", "rows", "x baseline"..."""

    number: float
    unit: str = ""

    @property
    def seconds(self) -> float | None:
        """The length of time in seconds, None when the unit is not one of time."""
        return self.number * _SECONDS[self.unit] if self.unit in _SECONDS else None

    @property
    def bytes(self) -> float | None:
        """The size in bytes, None when the unit is not one of size."""
        return self.number * _SIZES[self.unit] if self.unit in _SIZES else None

    @property
    def of_baseline(self) -> bool:
        """True for a factor of a baseline (`2x baseline`)."""
        return self.unit == "x baseline"


def parse_duration(text: str) -> timedelta:
    """A length of time such as `1h30m`; parts go from days to milliseconds, each at most once."""
    found = _DURATION.fullmatch(text)
    if not text or not found:
        raise ValueError(_duration_trouble(text))
    if len(text) > _DIGITS:
        raise ValueError(f"`{text[:20]}...` is longer than a hundred years.")
    days, hours, minutes, seconds, millis = (int(part or 0) for part in found.groups())
    try:
        length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds, milliseconds=millis)
    except OverflowError:
        length = _LONGEST * 2
    if length > _LONGEST:
        raise ValueError(f"`{text}` is longer than a hundred years.")
    return length


def _duration_trouble(text: str) -> str:
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return f"`{text}` needs a unit."
    return f"`{text[:60]}` is not a length of time."


def format_duration(length: timedelta) -> str:
    """The shortest spelling that `parse_duration` reads back; negative lengths get a minus sign."""
    sign = "-" if length < timedelta() else ""
    rest = round(abs(length) / timedelta(milliseconds=1))
    parts: list[str] = []
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        number, rest = divmod(rest, size)
        if number:
            parts.append(f"{number}{unit}")
    return sign + ("".join(parts) or "0s")


def parse_offset(text: str) -> timedelta:
    """An offset such as `T-2h` (two hours before), `T-0` or `T+15m`."""
    found = _OFFSET.fullmatch(text)
    if not found:
        raise ValueError(f"`{text[:60]}` is not an offset from T.")
    sign, length = found.groups()
    if length == "0":
        return timedelta()
    return parse_duration(length) * (-1 if sign == "-" else 1)


def format_offset(offset: timedelta) -> str:
    """`T-2h`, `T-0`, `T+15m`."""
    if not offset:
        return "T-0"
    return ("T-" if offset < timedelta() else "T+") + format_duration(abs(offset))


def parse_size(text: str) -> int:
    """A size in bytes, such as `16MiB` (binary) or `16MB` (decimal)."""
    found = _SIZE.fullmatch(text)
    if not found or len(text) > _DIGITS:
        unitless = text.isdigit() and len(text) <= _DIGITS
        raise ValueError(f"`{text[:20]}` needs a unit." if unitless else f"`{text[:60]}` is not a size.")
    number, unit = found.groups()
    return int(number) * _SIZES[unit]


def format_size(size: int) -> str:
    """The size in the largest binary unit that divides it, `B` when none does."""
    for unit in ("TiB", "GiB", "MiB", "KiB"):
        if size and size % _SIZES[unit] == 0:
            return f"{size // _SIZES[unit]}{unit}"
    return f"{size}B"


def parse_share(text: str) -> Share:
    """A share such as `5%` or `0.5%`."""
    found = re.fullmatch(r"(\d{1,3}(?:\.\d{1,6})?)\s?%", text)
    if not found:
        raise ValueError(f"`{text[:60]}` is not a share.")
    return Share(float(found.group(1)))


def parse_quantity(text: str) -> Quantity | None:
    """A number with or without a unit; None when the text is no number (`postgres`, `on`)."""
    found = _QUANTITY.fullmatch(text.strip())
    if not found or len(text) > 60:  # noqa: PLR2004 - no figure is that long
        return None
    number, unit = found.groups()
    if unit and unit not in _SECONDS:
        compound = _DURATION.fullmatch(text.strip())
        if compound:
            return Quantity(parse_duration(text.strip()).total_seconds(), "s")
    return Quantity(float(number), _same_unit(unit or ""))


def _same_unit(unit: str) -> str:
    return "x baseline" if re.fullmatch(r"x\s*baseline", unit) else unit
