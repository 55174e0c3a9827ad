"""References in text: `${params.x}`, `${steps.id.name}`, `${h.address}`. Found here, resolved by `substitute`.

A reference is names joined by dots between `${` and `}`. Nothing nests, nothing is computed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.runbook.conditions import Comparison, Condition
from app.runbook.model_step import Step
from app.runbook.part import Part, Raw

_REFERENCE = re.compile(r"\$\{([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)\}")
ROOTS = ("params", "steps", "hosts", "databases", "secrets", "modes", "t0", "now", "env")
"""What a reference may begin with, apart from the `as` names of eaches."""

_OPENING = "${"


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference; `parts` of `${steps.old-ttl.ttl}` are ("steps", "old-ttl", "ttl")."""

    parts: tuple[str, ...]

    @property
    def root(self) -> str:
        """`params`, `steps`, `hosts`... or the `as` name of an each."""
        return self.parts[0]

    def __str__(self) -> str:
        return f"${{{'.'.join(self.parts)}}}"


@dataclass(frozen=True, slots=True)
class Use:
    """Text that holds references, where it stands in its step, and what may stand there."""

    path: tuple[str | int, ...]
    text: str
    verbatim: bool = False
    sealed: bool = False

    @property
    def references(self) -> tuple[Reference, ...]:
        """The references in it."""
        return tuple(piece for piece in split(self.text) if isinstance(piece, Reference))


def split(text: str) -> tuple[str | Reference, ...]:
    """Plain text and references, in order."""
    pieces: list[str | Reference] = []
    end = 0
    for found in _REFERENCE.finditer(text):
        if found.start() > end:
            pieces.append(text[end : found.start()])
        pieces.append(Reference(tuple(found.group(1).split("."))))
        end = found.end()
    if end < len(text):
        pieces.append(text[end:])
    return tuple(pieces)


def malformed(text: str) -> str:
    """The first `${...` of the text that is no reference, "" when there is none."""
    for piece in split(text):
        if isinstance(piece, str) and _OPENING in piece:
            return piece[piece.index(_OPENING) :][:40]
    return ""


def references(part: Part) -> tuple[Use, ...]:
    """Every text with references in a step, a body or another piece. Steps inside it (undo, each) are not entered."""
    return tuple(_walk(part, (), _Place()))


@dataclass(frozen=True, slots=True)
class _Place:
    verbatim: bool = False
    sealed: bool = False


def _walk(value: Raw, path: tuple[str | int, ...], place: _Place) -> Iterator[Use]:
    if isinstance(value, Comparison):
        value = value.right
    if isinstance(value, str):
        if _OPENING in value:
            yield Use(path, str(value), place.verbatim, place.sealed)
    elif isinstance(value, Part):
        yield from _fields(value, path)
    elif isinstance(value, (tuple, list, dict)):
        children = value.items() if isinstance(value, dict) else enumerate(value)
        for key, each in children:
            yield from _entered(each, (*path, key), place)


def _entered(value: Raw, path: tuple[str | int, ...], place: _Place) -> Iterator[Use]:
    if isinstance(value, Condition):
        yield Use(path[:-1], f"${{{value.left}}}", place.verbatim, place.sealed)
        yield from _walk(value.test.right, path[:-1], place)
    elif not isinstance(value, Step):
        yield from _walk(value, path, place)


def _fields(part: Part, path: tuple[str | int, ...]) -> Iterator[Use]:
    fields = type(part).model_fields
    verbatim, sealed = getattr(part, "verbatim", ()), getattr(part, "sealed", ())
    for name in part.model_fields_set:
        value = getattr(part, name)
        if value is None or isinstance(value, Step):
            continue
        alias = fields[name].alias or name
        if alias.startswith(" "):  # a kind's fields: they stand under the kind's name
            alias = str(getattr(part, "kind", alias))
        yield from _walk(value, (*path, alias), _Place(name in verbatim, name in sealed))
