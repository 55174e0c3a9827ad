"""Events and requests as canonical bytes: `{"e": class name, field: value...}`, one form per value.

ASCII only, keys sorted, no spaces; values are str, int (64 bits) and tuples of those, nested. Floats, booleans and null
are refused, so that equal values always have equal bytes and the chain's hash is over what was meant.

Reading: a field that is missing takes its default; a name or field this version does not know is `Refused`, because the
record is from a newer version; anything else is `RecordDamaged`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from json.encoder import encode_basestring_ascii
from operator import itemgetter
from typing import Any, Generic, TypeVar, get_type_hints

from app import __version__
from app.errors import RecordDamaged, Refused
from app.run.events import EVENTS
from app.run.requests import REQUESTS, Request
from app.run.step_events import Event

Word = TypeVar("Word", Event, Request)
_LARGEST = 2**63
_VERIFY = "Run `tminus verify` for all that is wrong."


class Codec(Generic[Word]):
    """Turns each of the given classes into bytes and back. Build once: it reads the classes' fields only then."""

    def __init__(self, classes: Iterable[type[Word]]) -> None:
        self._shapes: Mapping[str, _Shape[Word]] = {cls.__name__: _shape(cls) for cls in classes}
        self._plans: dict[tuple[str, tuple[str, ...]], _Plan[Word]] = {}

    def encode(self, word: Word) -> str:
        """Canonical JSON, ASCII. Raises TypeError for a value that the record does not know: a fault of the caller."""
        shape = self._shapes[type(word).__name__]
        return "".join([f"{before}{_text(getattr(word, name))}" for before, name in shape.written]) + shape.ends

    def decode(self, text: bytes | str) -> Word:
        """The value that was encoded. Raises Refused (newer version) or RecordDamaged."""
        try:
            tree = json.loads(text)
        except ValueError as error:
            raise RecordDamaged("An entry is not valid JSON.", hint=_VERIFY) from error
        if not isinstance(tree, dict):
            raise RecordDamaged("An entry does not say what it is.", hint=_VERIFY)
        return self.build(tree)

    def build(self, tree: dict[str, object]) -> Word:
        """The value for a parsed object. Raises as `decode`."""
        name = tree.get("e")
        keys = tuple(tree)
        plan = self._plans.get((name, keys)) if type(name) is str else None
        if plan is None:
            plan = self._planned(name, keys)
        values = tuple(tree.values())
        if tuple(map(type, values)) != plan.types:
            raise RecordDamaged(f"The values of a {name} are of kinds that no version writes.", hint=_VERIFY)
        if plan.deep:
            values = tuple([_frozen(value) for value in values])
        return plan.cls(*plan.arguments(values + plan.defaults))

    def _planned(self, name: object, keys: tuple[str, ...]) -> _Plan[Word]:
        """How to build an object that has these keys, worked out when they are first met and kept."""
        if not isinstance(name, str):
            raise RecordDamaged("An entry does not say what it is.", hint=_VERIFY)
        shape = self._shapes.get(name)
        if shape is None:
            raise _newer(name)
        plan = self._plans[name, keys] = _plan(shape, keys)
        return plan


def event_codec() -> Codec[Event]:
    """For everything in EVENTS."""
    return Codec(EVENTS)


def request_codec() -> Codec[Request]:
    """For everything in REQUESTS."""
    return Codec(REQUESTS)


def quoted(text: str) -> str:
    """A JSON string, ASCII only."""
    return encode_basestring_ascii(text)


# ---------------------------------------------------------------- shapes, read from the classes once


@dataclass(frozen=True, slots=True)
class _Shape(Generic[Word]):
    """written: text before each value and its attribute, then `ends`; kinds: of the fields, in order of arguments."""

    cls: type[Word]
    written: tuple[tuple[str, str], ...]
    ends: str
    kinds: Mapping[str, type]
    defaults: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Plan(Generic[Word]):
    """For objects with certain keys. arguments: picks them from the values followed by `defaults`; deep: has lists."""

    cls: type[Word]
    types: tuple[type, ...]
    deep: bool
    defaults: tuple[object, ...]
    arguments: Callable[[tuple[object, ...]], tuple[Any, ...]]


def _shape(cls: type[Word]) -> _Shape[Word]:
    hints = get_type_hints(cls)
    kinds: dict[str, type] = {f.name: hints[f.name] if hints[f.name] in {str, int} else list for f in fields(cls)}
    written: list[tuple[str, str]] = []
    before = "{"
    for key in sorted(("e", *kinds)):
        if key == "e":
            before += f'"e":"{cls.__name__}",'
        else:
            written.append((f'{before}"{key}":', key))
            before = ","
    ends = before.rstrip(",") + "}" if before != "," else "}"
    defaults = {f.name: f.default for f in fields(cls) if f.default is not MISSING}
    return _Shape(cls, tuple(written), ends, kinds, defaults)


def _plan(shape: _Shape[Word], keys: tuple[str, ...]) -> _Plan[Word]:
    name = shape.cls.__name__
    unknown = sorted(set(keys) - {"e", *shape.kinds})
    if unknown:
        raise _newer(f"{name}.{unknown[0]}")
    lacking: list[str] = [key for key in shape.kinds if key not in keys]
    needed = [key for key in lacking if key not in shape.defaults]
    if needed:
        raise RecordDamaged(f"A {name} lacks its {needed[0]}.", hint=_VERIFY)
    order = [*keys, *lacking]
    return _Plan(
        cls=shape.cls,
        types=tuple(shape.kinds.get(key, str) for key in keys),
        deep=any(shape.kinds.get(key) is list for key in keys),
        defaults=tuple(shape.defaults[key] for key in lacking),
        arguments=_picker([order.index(key) for key in shape.kinds]),
    )


def _picker(places: list[int]) -> Callable[[tuple[object, ...]], tuple[Any, ...]]:
    """Picks these places, always as a tuple: `itemgetter` of one place would not."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda values: tuple(values[place] for place in places)


def _text(value: object) -> str:
    if isinstance(value, str):
        return encode_basestring_ascii(value)
    if isinstance(value, int) and not isinstance(value, bool) and -_LARGEST <= value < _LARGEST:
        return int.__repr__(value)
    if isinstance(value, tuple):
        return f"[{','.join([_text(item) for item in value])}]"
    raise TypeError(f"the record holds str, int and tuples of them, not {type(value).__name__}")


def _frozen(value: object) -> object:
    """Lists become tuples, all the way down; what the record does not know is damage."""
    if isinstance(value, list):
        return tuple([_frozen(item) for item in value])
    if type(value) in {str, int}:
        return value
    raise RecordDamaged(f"An entry holds a {type(value).__name__}, which no version writes.")


def _newer(what: str) -> Refused:
    return Refused(
        f"The record holds {quoted(what)}, which Tminus {__version__} does not know: a newer version wrote it.",
        hint="Open it with the version that wrote it, or a newer one.",
    )
