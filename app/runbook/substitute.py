"""Puts values where references stand: the last time that anybody edits the text of a step.

A value is data: if it holds `${` itself, that is never looked at again. Verbatim fields (script, SQL text) stay as they
are. A secret becomes SecretText, and only where a secret may stand. In a URL every value is percent-encoded; in a
regular expression it is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from pydantic import TypeAdapter, ValidationError

from app.errors import Refused
from app.ports import SecretText
from app.runbook.conditions import Comparison, Condition, TextRule
from app.runbook.fields import Template
from app.runbook.model_step import Probe, Step
from app.runbook.part import Part, Raw
from app.runbook.references import Reference, split

P = TypeVar("P", bound=Part)
_DIGITS = 15


class Lookup(Protocol):
    """What a reference stands for; None when it has no value (yet)."""

    def __call__(self, reference: Reference, /) -> str | SecretText | None:
        """The value."""


class MissingValue(Refused):
    """A reference has no value: nothing saved it yet, or the step that saves it was left out."""

    def __init__(self, reference: Reference) -> None:
        super().__init__(f"{reference} has no value yet.", hint="The step that saves it must be done first.")
        self.reference = reference


@dataclass(frozen=True, slots=True)
class _Field:
    lookup: Lookup
    sealed: bool = False
    escape: Callable[[str, str], str] | None = None


def substitute(part: P, lookup: Lookup) -> P:
    """A copy with every reference resolved. Steps inside (undo, each) are left alone; a probe is not.

    Raises MissingValue, and Refused when a secret or an unfit value stands where it may not.
    """
    fields = type(part).model_fields
    changed: dict[str, Any] = {}
    for name in part.model_fields_set:
        if name in getattr(part, "verbatim", ()):
            continue
        value = getattr(part, name)
        if isinstance(value, Template):
            new = typed(value, fields[name].rebuild_annotation(), lookup)
        else:
            new = _any(value, _Field(lookup, name in getattr(part, "sealed", ()), _escape(part, name)))
        if new is not value:
            changed[name] = new
    return part.model_copy(update=changed) if changed else part


def fill(text: str, lookup: Lookup) -> str:
    """One text with every reference resolved. Raises MissingValue, and Refused for a secret."""
    result = _text(text, _Field(lookup))
    assert isinstance(result, str)
    return result


def _escape(part: Part, name: str) -> Callable[[str, str], str] | None:
    if name in getattr(part, "encoded", ()):
        return _percent
    return _pattern if isinstance(part, TextRule) and name == "matches" else None


def _any(value: Raw, field: _Field) -> Raw:
    if isinstance(value, str):
        return _text(value, field) if "${" in value else value
    if isinstance(value, Part):
        entered = not isinstance(value, Step) or isinstance(value, Probe)
        return substitute(value, field.lookup) if entered else value
    if isinstance(value, (tuple, list)):
        new = [_any(each, field) for each in value]
        same = all(one is other for one, other in zip(new, value, strict=True))
        return value if same else type(value)(new)
    if isinstance(value, dict):
        pairs = {key: _any(each, field) for key, each in value.items()}
        return value if all(pairs[key] is value[key] for key in value) else pairs
    return _condition(value, field)


def _condition(value: Raw, field: _Field) -> Raw:
    if isinstance(value, Comparison) and "${" in value.right:
        return replace(value, right=fill(value.right, field.lookup))
    if isinstance(value, Condition) and "${" in value.test.right:
        return replace(value, test=_condition(value.test, field))
    return value


def _text(text: str, field: _Field) -> str | SecretText:
    parts: list[tuple[bool, str]] = []
    before = ""
    for piece in split(text):
        if isinstance(piece, str):
            parts.append((False, piece))
            before += piece
            continue
        value = field.lookup(piece)
        if value is None:
            raise MissingValue(piece)
        if isinstance(value, SecretText):
            parts.extend(value.parts)
            continue
        parts.append((False, field.escape(value, before) if field.escape else value))
        before += "x"
    if not any(secret for secret, _ in parts):
        return "".join(plain for _, plain in parts)
    if not field.sealed:
        hint = "A secret may stand in env, stdin, bind, headers and password only."
        raise Refused("A secret stands where it would be shown.", where=text, hint=hint)
    return SecretText(tuple(parts))


def typed(template: Template, annotation: Any, lookup: Lookup) -> Raw:  # noqa: ANN401 - any type there is
    """The value that a template stands for, read as its field's type. Raises MissingValue and Refused."""
    text = fill(template, lookup)
    if "${" in text:
        raise Refused(f"The value of {template} is not what belongs there.", hint="Give it another value.")
    adapter: TypeAdapter[Any] = TypeAdapter(annotation)
    candidates: list[str | int] = [text]
    if text.isascii() and text.isdigit() and len(text) <= _DIGITS:
        candidates.insert(0, int(text))
    trouble = ""
    for candidate in candidates:
        try:
            return adapter.validate_python(candidate)
        except ValidationError as error:
            trouble = str(error.errors()[0]["msg"])
    raise Refused(f"{template} is `{text[:60]}`: {trouble}", hint="Give it another value.")


def _percent(value: str, before: str) -> str:
    """Percent-encoded; a port and an IPv6 address may stand where the host does."""
    rest = before.partition("://")[2]
    authority = "://" in before and not re.search(r"[/?#]", rest)
    return quote(value, safe=":[]" if authority else "")


def _pattern(value: str, before: str) -> str:
    del before
    return re.escape(value)
