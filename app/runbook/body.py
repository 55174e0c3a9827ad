"""What every step kind has: its fields (Body), what it reaches (Target), and whether it changes anything (Writes).

Choosing the kind: a mapping that holds exactly one kind's key (a step, a metric, the `until` of a wait) is arranged so
that the kind's name and its fields end up in two hidden keys, validated through the table of kinds handed in.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

from pydantic import PlainValidator, ValidationInfo, WithJsonSchema

from app.runbook.fields import wrong
from app.runbook.part import Part, Raw, Reading

KIND_KEY = " kind"
BODY_KEY = " body"
SOURCES = frozenset({"sql", "host", "local", "http"})
"""The kinds that can be asked for a value by a metric or by `wait.until`."""


class Changes(StrEnum):
    """What a step does to the world, as its author says."""

    NOTHING = "nothing"
    REVERSIBLE = "reversible"
    DESTRUCTIVE = "destructive"


class Writes(StrEnum):
    """What a kind may do to the world, as its fields say."""

    NEVER = "never"
    MAYBE = "maybe"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Target:
    """Something a step reaches. `name` is a name of the runbook, may hold references, and is "" for local and none."""

    kind: Literal["database", "host", "local", "http", "person", "none"]
    name: str = ""


class Body(Part):
    """The fields of one kind.

    verbatim: fields whose text is never interpolated; sealed: fields where a secret may stand; encoded: fields where
    a reference's value is percent-encoded.
    """

    verbatim: ClassVar[frozenset[str]] = frozenset()
    sealed: ClassVar[frozenset[str]] = frozenset()
    encoded: ClassVar[frozenset[str]] = frozenset()

    @property
    def lasts(self) -> timedelta | None:
        """How long it takes by its own words, for a step without an estimate; None when they do not say."""
        return None


_ENOUGH = 300
"""After so many refused pieces nobody looks for misspelt kinds any more."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The raw fields of the kind that was chosen; `trouble` says why none could be."""

    kind: str
    raw: Any
    trouble: str = ""
    hint: str = ""


def choose(data: Mapping[str, Any], reading: Reading | None, part: type[Part], own: Collection[str] = ()) -> Raw:
    """`data` with its one kind's key replaced by KIND_KEY and BODY_KEY.

    own: further names to choose from, which are fields of `part` itself and stay; with them, only the SOURCES among the
    kinds are offered.
    """
    kinds = [name for name in (reading.kinds if reading else ()) if not own or name in SOURCES]
    found = [key for key in data if key in kinds or key in own]
    rest = {key: value for key, value in data.items() if key not in kinds}
    if len(found) == 1:
        kind = found[0]
        return rest | {KIND_KEY: kind, BODY_KEY: Chosen("" if kind in own else kind, data[kind])}
    if not found and reading is not None and len(reading.refused) < _ENOUGH and _misspelt(data, (*kinds, *own), part):
        return rest | {KIND_KEY: "", BODY_KEY: Chosen("", None)}  # the unknown key says it already
    return rest | {KIND_KEY: "", BODY_KEY: _no_choice(found, (*kinds, *own))}


def _no_choice(found: list[str], names: Collection[str]) -> Chosen:
    if found:
        trouble = f"There are {len(found)} kinds here: {', '.join(found)}."
        return Chosen("", None, trouble, "Keep one and make separate steps of the others.")
    return Chosen("", None, "It does not say what to do.", f"Write exactly one of {', '.join(sorted(names))}.")


def _misspelt(data: Mapping[str, Any], names: Collection[str], part: type[Part]) -> bool:
    known = known_keys(part)
    return any(key not in known and difflib.get_close_matches(key, names, 1, 0.7) for key in data)


def known_keys(part: type[Part]) -> tuple[str, ...]:
    """The keys that a mapping for this piece may have, apart from those of its kind."""
    names = (field.alias or name for name, field in part.model_fields.items())
    return tuple(name for name in names if name not in (KIND_KEY, BODY_KEY))


def _body(value: Raw, info: ValidationInfo) -> Body | None:
    if isinstance(value, Body):
        return value
    assert isinstance(value, Chosen)
    if value.trouble:
        raise wrong(value.trouble, value.hint)
    if not value.kind:
        return None
    assert isinstance(info.context, Reading)
    model: type[Body] = info.context.kinds[value.kind].model
    return model.model_validate(value.raw, context=info.context)


BodyField = Annotated[Body, PlainValidator(_body), WithJsonSchema({"type": "object"})]
MaybeBody = Annotated[Body | None, PlainValidator(_body), WithJsonSchema({"type": "object"})]
