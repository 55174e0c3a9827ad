"""The types of single values in a runbook, each with the words that an operator gets for a wrong one.

A typed field that may hold a reference (`${params.lag_max}`) has an `Open...` type: the value, or a Template until
substitution has put the real one in its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field, PlainValidator, Strict, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.ports import SecretText
from app.runbook.part import Raw
from app.runbook.units import Share, parse_duration, parse_offset, parse_share, parse_size

T = TypeVar("T")

NAME = r"[a-z][a-z0-9_-]*"
_LOCAL = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d")
_DUE = re.compile(r"(week|month)s? (\d{1,3})(?:\s?-\s?(\d{1,3}))?")


class Template(str):
    """Text with references in it where a typed value belongs; substitution turns it into that value."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time as written: an `offset` from T, or a `local` time (naive) of the schedule's time zone."""

    text: str
    offset: timedelta | None = None
    local: datetime | None = None

    def at(self, t0: datetime, zone: tzinfo) -> datetime:
        """The aware instant, given T and the schedule's time zone."""
        if self.offset is not None:
            return t0 + self.offset
        assert self.local is not None
        return self.local.replace(tzinfo=zone)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Due:
    """When a task after the migration is due: between two offsets from T, both the same for a single one."""

    text: str
    earliest: timedelta
    latest: timedelta

    def __str__(self) -> str:
        return self.text


def wrong(what: str, hint: str = "", code: str = "RB001") -> PydanticCustomError:
    """The error a field raises: one sentence, what to write instead, and the rule that it breaks."""
    return PydanticCustomError("tminus", "{what}", {"what": what, "hint": hint, "code": code})


def reading(parse: Callable[[str], T], hint: str, expected: str) -> Callable[[Any], T]:
    """A validator that hands text to `parse` and puts its complaint, with `hint`, into an operator's words."""

    def read(value: Raw) -> T:
        if not isinstance(value, str):
            raise wrong(_not_text(value, expected), hint)
        try:
            return parse(value)
        except ValueError as trouble:
            raise wrong(str(trouble), hint) from None

    return read


def either(read: Callable[[Any], T]) -> Callable[[Any], T | Template]:
    """A validator that also takes text with references, kept as a Template."""

    def open_value(value: Raw) -> T | Template:
        if isinstance(value, str) and "${" in value:
            return Template(value)
        return read(value)

    return open_value


def settled(value: T | Template) -> T:
    """The value of a field after substitution; before it, a reference may still stand there."""
    assert not isinstance(value, Template), f"not substituted yet: {value}"
    return value


def _not_text(value: Raw, expected: str) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value} needs a unit."
    if isinstance(value, bool):
        return f"{str(value).lower()} stands where {expected} belongs."
    return f"{kind_of(value)} stands where {expected} belongs."


def kind_of(value: Raw) -> str:
    """What a YAML value is, in an operator's words."""
    if value is None:
        return "nothing"
    names = ((bool, "true or false"), (str, "text"), (int, "a number"), (float, "a number"), (list, "a list"))
    return next((name for kind, name in names if isinstance(value, kind)), "a mapping")


def _parse_moment(text: str) -> Moment:
    if text.startswith("T"):
        return Moment(text, offset=parse_offset(text))
    return Moment(text, local=parse_local(text))


def parse_local(text: str) -> datetime:
    """A local time such as `2026-03-14 22:00`, naive."""
    for form in _LOCAL:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the schedule names the zone
        except ValueError:
            continue
    raise ValueError(f"`{text[:60]}` is neither an offset from T nor a local time.")


def _parse_start(text: str) -> datetime | str:
    return "now" if text == "now" else parse_local(text)


def _parse_due(text: str) -> Due:
    found = _DUE.fullmatch(text)
    if not found:
        offset = parse_offset(text)
        return Due(text, offset, offset)
    unit, first, last = found.groups()
    length = timedelta(days=7 if unit == "week" else 30)
    return Due(text, length * (int(first) - 1), length * int(last or first))


def _count(value: Raw) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong(f"{kind_of(value).capitalize()} stands where a whole number belongs.", "Write a number such as 3.")
    if not 0 <= value <= 10**15:
        raise wrong(f"{value} is out of range.", "Write a number between 0 and 10^15.")
    return value


def _batch(value: Raw) -> int | Share:
    hint = "Write a number of items such as 2, or a share such as 25%."
    if isinstance(value, str):
        return reading(parse_share, hint, "a number or a share")(value)
    number = _count(value)
    if number < 1:
        raise wrong("A batch holds at least one item.", hint)
    return number


def _text_or_number(value: Raw) -> Raw:
    if isinstance(value, bool) or not isinstance(value, int):
        return value
    return str(value)


def one_or_many(value: Raw) -> Raw:
    """A single word where a list belongs is a list of one."""
    return [value] if isinstance(value, str) else value


def _text_or_secret(value: Raw) -> str | SecretText:
    value = _text_or_number(value)
    if not isinstance(value, (str, SecretText)):
        raise wrong(f"{kind_of(value).capitalize()} stands where text belongs.", "Put it in quotes.")
    return value


def _bound(value: Raw) -> str | int | SecretText:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return _text_or_secret(value)


def _schema(shape: str, **more: Raw) -> WithJsonSchema:
    return WithJsonSchema({"type": shape, **more})


def items(value: Raw) -> str | tuple[str, ...]:
    """One name (a group, a list parameter), or a list of names."""
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)) and all(isinstance(each, (str, int)) for each in value):
        return tuple(str(each) for each in value)
    raise wrong(f"{kind_of(value).capitalize()} stands where names belong.", "Write a group, or a list such as [a, b].")


_LENGTH_HINT = "Write a length of time with units, such as 10s, 5m, 2h or 1h30m."
_SIZE_HINT = "Write a size with its unit, such as 16MiB."
_SHARE_HINT = "Write a share such as 5%."
_MOMENT_HINT = 'Write an offset such as T-2h or T+15m, or a quoted local time such as "2026-03-14 22:00".'
_duration = reading(parse_duration, _LENGTH_HINT, "a length of time")
_size = reading(parse_size, _SIZE_HINT, "a size")
open_whole = either(_count)
_REFERENCE = {"type": "string", "pattern": r"\$\{"}
_LENGTH = {"type": "string", "pattern": r"^(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$", "minLength": 2}
_BATCH = [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": r"^\d{1,3}(\.\d+)?\s?%$"}]
_SEALED = _schema("string")

Name = Annotated[str, Field(pattern=f"^{NAME}$", max_length=80)]
Flag = Annotated[bool, Strict()]
Whole = Annotated[int, Strict(), Field(ge=0, le=10**15)]
Arg = Annotated[str, BeforeValidator(_text_or_number)]
Words = Annotated[tuple[str, ...], BeforeValidator(one_or_many)]
Names = Annotated[tuple[str, ...], BeforeValidator(one_or_many)]
Duration = Annotated[timedelta, PlainValidator(_duration), WithJsonSchema(_LENGTH)]
OpenDuration = Annotated[
    timedelta | Template, PlainValidator(either(_duration)), WithJsonSchema({"anyOf": [_LENGTH, _REFERENCE]})
]
OpenWhole = Annotated[
    int | Template,
    PlainValidator(open_whole),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0}, _REFERENCE]}),
]
Batch = Annotated[int | Share, PlainValidator(_batch), WithJsonSchema({"anyOf": _BATCH})]
OpenBatch = Annotated[
    int | Share | Template, PlainValidator(either(_batch)), WithJsonSchema({"anyOf": [*_BATCH, _REFERENCE]})
]
ShareField = Annotated[Share, PlainValidator(reading(parse_share, _SHARE_HINT, "a share")), _schema("string")]
MomentField = Annotated[
    Moment, PlainValidator(reading(_parse_moment, _MOMENT_HINT, "a point in time")), _schema("string")
]
DueField = Annotated[
    Due,
    PlainValidator(reading(_parse_due, "Write T+7d, week 1, weeks 2-4 or months 2-3.", "a due date")),
    _schema("string"),
]
StartField = Annotated[
    datetime | str,
    PlainValidator(reading(_parse_start, 'Write now, or a local time such as "2026-03-14 22:00".', "a time")),
    _schema("string"),
]
Sealable = Annotated[str | SecretText, PlainValidator(_text_or_secret), _SEALED]
Bound = Annotated[str | int | SecretText, PlainValidator(_bound), WithJsonSchema({"type": ["string", "integer"]})]
Sealables = Mapping[str, Sealable]
