"""What a run is given: the environment, the parameters, and T. Everything is resolved here, before anything starts."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.errors import Refused
from app.runbook.environment import apply
from app.runbook.fields import Moment
from app.runbook.model import Param, Runbook
from app.runbook.model_estate import Environment
from app.runbook.part import Raw
from app.runbook.units import parse_duration, parse_share, parse_size


@dataclass(frozen=True, slots=True)
class ParamValue:
    """A parameter's value as text; as items when it is a list, which may be empty, and None when it is none."""

    text: str
    items: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Inputs:
    """A runbook bound to an environment, parameters and T. All instants are aware; `zone` is the schedule's."""

    runbook: Runbook
    env: str
    params: Mapping[str, ParamValue]
    t0: datetime
    zone: tzinfo
    window: tuple[datetime, datetime] | None = None
    abort_by: datetime | None = None

    @property
    def environment(self) -> Environment:
        """The environment's badge and rules; the file as it stands is never production."""
        return self.runbook.environments.get(self.env) or Environment()

    def at(self, moment: Moment) -> datetime:
        """When that is, in UTC."""
        return moment.at(self.t0, self.zone).astimezone(UTC)


def bind(runbook: Runbook, env: str | None, params: Mapping[str, str], t0: datetime) -> Inputs:
    """Binds the runbook. `t0` is T when the schedule says `now` or nothing; a time in the schedule goes first.

    Raises Refused, with all that is wrong at once.
    """
    bound = apply(runbook, env)
    values = bind_params(bound.params, params)
    zone = zone_of(bound.schedule.timezone)
    start = bound.schedule.t0
    window, abort_by = bound.schedule.window, bound.schedule.abort_by
    try:
        at = (start.replace(tzinfo=zone) if isinstance(start, datetime) else t0).astimezone(UTC)
        stretch = tuple(each.at(at, zone).astimezone(UTC) for each in (window.from_, window.to)) if window else None
        latest = abort_by.at(at, zone).astimezone(UTC) if abort_by else None
    except OverflowError as trouble:
        hint = "Write t0, window and abort_by of the schedule so that they lie between the years 1 and 9999 in UTC."
        raise Refused("A time of the schedule lies outside of the calendar.", hint=hint) from trouble
    return Inputs(bound, env or "", values, at, zone, (stretch[0], stretch[1]) if stretch else None, latest)


def zone_of(name: str) -> tzinfo:
    """The time zone; UTC when the schedule names none. Raises Refused for an unknown one."""
    if not name or name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as trouble:
        raise Refused(f"There is no time zone `{name}`.", hint="Write a name such as Europe/Berlin.") from trouble


def bind_params(declared: Mapping[str, Param], given: Mapping[str, str]) -> Mapping[str, ParamValue]:
    """Every parameter's value. Raises Refused that lists everything wrong."""
    troubles: list[str] = []
    values: dict[str, ParamValue] = {}
    for name in given:
        if name not in declared:
            near = difflib.get_close_matches(name, declared, 1)
            troubles.append(f"There is no parameter `{name}`{f'; did you mean `{near[0]}`' if near else ''}.")
    for name, param in declared.items():
        raw = given.get(name, param.default)
        if raw is None:
            troubles.append(f"The parameter `{name}` needs a value; give --param {name}=VALUE.")
            continue
        try:
            values[name] = read_param(param, raw)
        except ValueError as trouble:
            troubles.append(f"The parameter `{name}`: {trouble}")
    troubles += _alike(declared, values)
    if troubles:
        raise Refused(" ".join(troubles), hint="Nothing was started.")
    return values


def read_param(param: Param, raw: Raw) -> ParamValue:
    """A value as the parameter's type, within its limits. Raises ValueError with a sentence."""
    if param.type == "list":
        return _list(param, raw)
    if isinstance(raw, bool) or not isinstance(raw, (str, int)):
        raise ValueError(f"`{raw}` is not of type {param.type}.")  # noqa: TRY004 - the author's mistake, not ours
    text = str(raw)
    if param.type == "enum" and text not in param.values:
        raise ValueError(f"`{text}` is not one of {', '.join(param.values)}.")
    if param.type == "text":
        _fits(param, text)
    size = measure(param, text)
    if param.min is not None and size < measure(param, str(param.min)):
        raise ValueError(f"`{text}` is less than {param.min}.")
    if param.max is not None and size > measure(param, str(param.max)):
        raise ValueError(f"`{text}` is more than {param.max}.")
    return ParamValue(text)


def measure(param: Param, text: str) -> float:
    """The value as a number that can be compared with the limits: itself, seconds, bytes, percent, or characters."""
    if param.type == "int":
        if not re.fullmatch(r"[+-]?\d{1,18}", text):
            raise ValueError(f"`{text[:60]}` is not a whole number.")
        return int(text)
    if param.type == "duration":
        return parse_duration(text).total_seconds()
    if param.type == "size":
        return parse_size(text)
    if param.type == "share":
        return parse_share(text).percent
    return len(text)


def _fits(param: Param, text: str) -> None:
    if len(text) > 4096:  # noqa: PLR2004 - enough for any name, and bounds the pattern's work
        raise ValueError("The text is longer than 4,096 characters.")
    if param.pattern is not None and not re.fullmatch(param.pattern, text):
        raise ValueError(f"`{text[:60]}` does not match {param.pattern}.")


def _list(param: Param, raw: Raw) -> ParamValue:
    items = (raw.split(",") if raw.strip() else []) if isinstance(raw, str) else raw
    if not isinstance(items, (list, tuple)) or not all(isinstance(each, (str, int)) for each in items):
        raise ValueError("A list is names joined by commas.")
    names = tuple(str(each).strip() for each in items)
    for name in names:
        if not name:
            raise ValueError("A name is empty.")
        if param.values and name not in param.values:
            raise ValueError(f"`{name}` is not one of {', '.join(param.values)}.")
    if len(set(names)) < len(names):
        raise ValueError("A name stands in the list twice.")
    return ParamValue(",".join(names), names)


def unfit_name(name: str) -> str:
    """Why a name cannot stand for an item, which is part of the addresses of its steps; "" when it can."""
    if not name.strip():
        return "A name is empty."
    unfit = next((each for each in name if each in "/[]" or not each.isprintable()), "")
    if not unfit:
        return ""
    shown = f"`{unfit}`" if unfit in "/[]" else "a character that cannot be seen"
    return f"The name {name[:60]!r} has {shown} in it, which no address of a step can hold."


def _alike(declared: Mapping[str, Param], values: Mapping[str, ParamValue]) -> list[str]:
    return [
        f"The parameters `{name}` and `{param.differs_from}` must differ; both are `{values[name].text}`."
        for name, param in declared.items()
        if param.differs_from in values and name in values and values[name] == values[param.differs_from]
    ]
