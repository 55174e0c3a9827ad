"""Plain words for durations, clocks, counts and ages; `~` and "about" mark estimates, never facts.

All durations are `timedelta`, all instants aware datetimes. Nothing here reads a clock.
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

MINUS = "\u2212"
THIN = "\u202f"
DOT = " \u00b7 "
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def duration(span: timedelta) -> str:
    """`0:22`, `4:02`, `1:04:10`; beyond two days `6 d 16 h`. Cut down to whole seconds; a minus when negative."""
    seconds = int(abs(span).total_seconds())
    sign = MINUS if span < timedelta(0) and seconds else ""
    if seconds >= 2 * _DAY:
        days, rest = divmod(seconds, _DAY)
        return f"{sign}{days} d {rest // _HOUR} h" if rest >= _HOUR else f"{sign}{days} d"
    hours, rest = divmod(seconds, _HOUR)
    minutes, secs = divmod(rest, _MINUTE)
    return f"{sign}{hours}:{minutes:02}:{secs:02}" if hours else f"{sign}{minutes}:{secs:02}"


def estimate(span: timedelta) -> str:
    """An estimated duration: `~2:00`."""
    return f"~{duration(span)}"


def took(span: timedelta) -> str:
    """How long something took: `<0.1 s`, `0.2 s`, `4 s` below ten seconds, then as `duration`."""
    seconds = span.total_seconds()
    if not 0 <= seconds < 10:
        return duration(span)
    if 0 < seconds < 1:
        return f"{seconds:.1f} s" if seconds >= 0.1 else "<0.1 s"
    return f"{int(seconds)} s"


def about(span: timedelta) -> str:
    """An estimate in words: `about 14 min`, `about 20 s`, `about 2 h 25 min`. Rounded to the nearest unit."""
    seconds = round(span.total_seconds())
    if seconds < _MINUTE:
        return f"about {seconds} s"
    minutes = round(seconds / _MINUTE)
    if minutes < 2 * 60:
        return f"about {minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"about {hours} h {rest} min" if rest else f"about {hours} h"


def clock(offset: timedelta) -> str:
    """The T-clock: `T+00:13:40` after the cutover moment, `T\u221200:12:46` before it.

    Before T it counts the seconds still to go, rounded up, so that it reads zero only when T is reached.
    """
    exact = offset.total_seconds()
    whole = int(exact) if exact >= 0 else -int(-(exact // 1))
    seconds = abs(whole)
    sign = MINUS if whole < 0 else "+"
    return f"T{sign}{seconds // _HOUR:02}:{seconds // _MINUTE % 60:02}:{seconds % 60:02}"


def remaining(span: timedelta) -> str:
    """Time left until something: `in 17:20`; `now` at zero; `4:02 ago` once it has passed."""
    if abs(span) < timedelta(seconds=1):
        return "now"
    return f"in {duration(span)}" if span > timedelta(0) else f"{duration(-span)} ago"


def ago(span: timedelta) -> str:
    """An age in one unit: `4 s ago`, `2 min ago`, `3 h ago`, `9 d ago`; never negative."""
    seconds = max(0, int(span.total_seconds()))
    for size, unit in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= size * (2 if unit != "min" else 1):
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"


def heard(span: timedelta | None) -> str:
    """How fresh a reading is: `heard 4 s ago`, or `never heard`."""
    return "never heard" if span is None else f"heard {ago(span)}"


def slip(late_by: timedelta) -> str:
    """Forecast against plan: `2 min late`, `1:36 under plan`, `on plan` within half a minute."""
    if abs(late_by) < timedelta(seconds=30):
        return "on plan"
    minutes = round(abs(late_by).total_seconds() / _MINUTE)
    if late_by > timedelta(0):
        return f"{minutes} min late" if minutes < 60 else f"{duration(late_by)} late"
    return f"{duration(-late_by)} under plan"


def count(number: int) -> str:
    """A whole number in groups of three: `11 482` (the gap is a narrow no-break space)."""
    return f"{number:,}".replace(",", THIN).replace("-", MINUS)


def plural(number: int, one: str, many: str = "") -> str:
    """`1 undo`, `7 undos`, `0 rows`; `many` where adding an s is wrong."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def loses(rows: int | None) -> str:
    """What going back costs, always said: `loses 0 rows`, `loses 412 rows`, `rows lost: not known`."""
    return "rows lost: not known" if rows is None else f"loses {plural(rows, 'row')}"


def time_of_day(moment: datetime, zone: tzinfo) -> str:
    """`02:41` in `zone`."""
    return f"{moment.astimezone(zone):%H:%M}"


def time_of_second(moment: datetime, zone: tzinfo) -> str:
    """`02:18:40` in `zone`."""
    return f"{moment.astimezone(zone):%H:%M:%S}"


def time_of_log(moment: datetime, zone: tzinfo) -> str:
    """`02:23:39.204` in `zone`: the exact form of the log."""
    local = moment.astimezone(zone)
    return f"{local:%H:%M:%S}.{local.microsecond // 1000:03}"


def zone_name(moment: datetime, zone: tzinfo) -> str:
    """The short name of `zone` at `moment`: `CET`, `UTC`."""
    return moment.astimezone(zone).tzname() or "UTC"


def day(moment: datetime, zone: tzinfo) -> str:
    """`13 Mar` in `zone`."""
    local = moment.astimezone(zone)
    return f"{local.day} {local:%b}"


def number(value: float) -> str:
    """A reading in at most four figures: `0.6`, `12.4`, `310`, `2 039`."""
    if abs(value) >= 100 or value == int(value):
        return count(round(value))
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2g}".replace("-", MINUS)


def short_hash(digest: str) -> str:
    """The head of the record as people read it out: `9f3c·71a0` from a hex digest; shorter text unchanged."""
    return f"{digest[:4]}\u00b7{digest[4:8]}" if len(digest) >= 8 else digest


def joined(*parts: str) -> str:
    """Parts that are not empty, with a middle dot between them."""
    return DOT.join(part for part in parts if part)
