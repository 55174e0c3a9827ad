"""Conditions: `expect`, `when`, the `is` of a metric, and what a step saves. Parsed here, judged by the run.

`"<= 3"`, `"== on"`, `"> 2x baseline"` become a Comparison; `{contains: OK}` becomes a TextRule. The right side stays
text, because it may hold references; `Comparison.quantity()` reads it as a number with a unit once they are resolved.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, PlainValidator, ValidationInfo, WithJsonSchema, model_validator

from app.runbook.fields import kind_of, wrong
from app.runbook.part import Part, Raw, Reading
from app.runbook.units import Quantity, parse_quantity

Operator = Literal["==", "!=", "<", "<=", ">", ">="]
_COMPARISON = re.compile(r"(==|!=|<=|>=|<|>)\s*(\S.*)", re.DOTALL)
_CONDITION = re.compile(r"((?:params|steps|modes)\.[A-Za-z0-9_.-]+|env)\s*(==|!=|<=|>=|<|>)\s*(\S+)")
_AND = re.compile(r"(?<=\s)and(?=\s)")  # a word of its own: `dump-and-load` is one name
_COMPARE_HINT = 'Write an operator and a value in quotes, such as "<= 3", "== on" or "> 5%".'
PLAIN_FACTS = frozenset({"exit", "stdout", "stderr", "rows", "status", "mismatches", "duration"})
_WHEN_HINT = "Write comparisons joined by and, such as `params.mode == full and steps.ttl.old >= 60s`."
_DOTTED = re.compile(r"(row|header|json|match)\.\S+")
_FROM = re.compile(r"(stdout|stderr|exit|rows|status|duration|mismatches|(row|header|json)\.\S+|match\.\d+)")


@dataclass(frozen=True, slots=True)
class Comparison:
    """An operator and its right side as text."""

    op: Operator
    right: str

    def quantity(self) -> Quantity | None:
        """The right side as a number with a unit, None when it is a word or still a reference."""
        return parse_quantity(self.right)

    def __str__(self) -> str:
        return f"{self.op} {self.right}"


ANY = Comparison("!=", "0")
"""What a trigger's `when: any` means: any figure but zero, whatever its unit."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a `when`: `left` is a reference without braces, such as `steps.old-ttl.ttl`."""

    left: str
    test: Comparison

    def __str__(self) -> str:
        return f"{self.left} {self.test}"


class TextRule(Part):
    """What text must be like; every rule given must hold. `matches` is a regular expression, searched for."""

    is_: str | None = Field(default=None, alias="is")
    contains: str | None = None
    matches: str | None = None
    not_: str | None = Field(default=None, alias="not")

    @model_validator(mode="after")
    def _sound(self) -> TextRule:
        if not self.model_fields_set:
            raise wrong("Nothing is asked of the text.", "Write is, contains, matches or not.")
        if self.matches is not None:
            try:
                re.compile(self.matches)
            except re.error as trouble:
                raise wrong(f"The pattern is no regular expression: {trouble}.") from None
        return self


def _comparison(value: Raw) -> Comparison:
    if isinstance(value, Comparison):
        return value
    if isinstance(value, bool):
        return Comparison("==", "true" if value else "false")
    if isinstance(value, (int, float)):
        return Comparison("==", f"{value}")
    found = _COMPARISON.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found:
        shown = f"`{value[:60]}`" if isinstance(value, str) else kind_of(value).capitalize()
        raise wrong(f"{shown} is no comparison.", _COMPARE_HINT)
    op, right = found.groups()
    return Comparison(op, right.strip())  # type: ignore[arg-type]  # the pattern lets only operators through


def _limit(value: Raw) -> Comparison:
    return ANY if value == "any" else _comparison(value)


def _rule(value: Raw, info: ValidationInfo) -> Comparison | TextRule:
    if isinstance(value, TextRule):
        return value
    if isinstance(value, dict):
        return TextRule.model_validate(value, context=info.context)
    return _comparison(value)


def is_fact(key: str) -> bool:
    """Whether a key names something that a step can see (`exit`, `row.n`, `header.x-dc`...)."""
    return key in PLAIN_FACTS or bool(_DOTTED.fullmatch(key))


def _fact(key: str) -> str:
    if not is_fact(key):
        near = difflib.get_close_matches(key, PLAIN_FACTS, 1)
        hint = (
            f"Did you mean `{near[0]}`?"
            if near
            else f"Facts are {', '.join(sorted(PLAIN_FACTS))}, row.x, header.x, json.x."
        )
        raise wrong(f"`{key[:60]}` is no fact that a step can see.", hint)
    return key


def _conditions(value: Raw) -> tuple[Condition, ...]:
    if isinstance(value, tuple):
        return value
    if not isinstance(value, str):
        raise wrong(f"{kind_of(value).capitalize()} stands where a condition belongs.", _WHEN_HINT)
    return tuple(_condition(part.strip()) for part in _AND.split(value))


def _condition(text: str) -> Condition:
    found = _CONDITION.fullmatch(text)
    if not found:
        raise wrong(f"`{text[:60]}` is no condition.", _WHEN_HINT)
    left, op, right = found.groups()
    return Condition(left, Comparison(op, right))  # type: ignore[arg-type]  # see above


def _save(value: Raw, info: ValidationInfo) -> SaveRule:
    if isinstance(value, SaveRule):
        return value
    if isinstance(value, str):
        value = {"from": value}
    return SaveRule.model_validate(value, context=info.context)


def _source(value: str) -> str:
    if not _FROM.fullmatch(value):
        raise wrong(
            f"`{value[:60]}` is nothing that a step can keep.",
            "Write stdout, row.COLUMN, json.PATH, header.NAME or match.1.",
        )
    return value


_TEXT_RULE = {
    "is": {"type": "string"},
    "contains": {"type": "string"},
    "matches": {"type": "string"},
    "not": {"type": "string"},
}
_COMPARISON_SCHEMA: dict[str, Any] = {"type": ["string", "number", "boolean"]}
_RULE_SCHEMA: dict[str, Any] = {
    "anyOf": [
        _COMPARISON_SCHEMA,
        {"type": "object", "properties": _TEXT_RULE, "additionalProperties": False, "minProperties": 1},
    ]
}

ComparisonField = Annotated[Comparison, PlainValidator(_comparison), WithJsonSchema(_COMPARISON_SCHEMA)]
LimitField = Annotated[Comparison, PlainValidator(_limit), WithJsonSchema(_COMPARISON_SCHEMA)]
RuleField = Annotated[Comparison | TextRule, PlainValidator(_rule), WithJsonSchema(_RULE_SCHEMA)]
WhenField = Annotated[tuple[Condition, ...], PlainValidator(_conditions), WithJsonSchema({"type": "string"})]


class Expect(Part):
    """All that must hold of what a step saw: rules by fact (`exit`, `row.n`, `header.x-dc`, `json.a.b`...)."""

    rules: dict[Annotated[str, AfterValidator(_fact)], RuleField]

    @classmethod
    def arrange(cls, data: Raw, reading: Reading | None) -> Raw:
        """The keys are facts."""
        del reading
        return {"rules": data} if isinstance(data, dict) else data


class SaveRule(Part):
    """Which fact to keep (`from_`), what to read it as, and the unit that a bare number in it has."""

    from_: Annotated[str, AfterValidator(_source)] = Field(alias="from")
    as_: Literal["text", "int", "duration", "size"] = Field(default="text", alias="as")
    unit: str = ""


SaveField = Annotated[
    SaveRule,
    PlainValidator(_save),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "object", "required": ["from"]}]}),
]
