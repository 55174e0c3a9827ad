"""Judging what a step saw: `unmet` says which expectations did not hold, `saved` what later steps may refer to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from app.run.compare import as_text, compare
from app.run.outcome import Observed
from app.runbook.conditions import Comparison, Expect, SaveRule, TextRule
from app.runbook.units import parse_quantity

MISSING = object()
_SHOWN = 120

Redact = Callable[[str], str]
"""Masks secrets. It sees a value whole: of what was cut, or folded into one line, nobody could tell any more."""


def as_it_is(text: str) -> str:
    """For what holds no secret, and for what is masked before anybody reads it."""
    return text


def fact(observed: Observed, name: str) -> object:
    """The fact `exit`, `stdout`, `row.n`, `header.x-dc`, `json.a.0.b`...; MISSING when it was not seen."""
    whole, _, path = name.partition(".")
    if not path:
        return observed.facts.get(whole, MISSING)
    value = observed.facts.get({"header": "headers"}.get(whole, whole), MISSING)
    if whole == "header":
        path = path.lower()
    if isinstance(value, Mapping) and path in value:
        return value[path]
    if whole in {"row", "header"}:
        return _column(value, path)
    return _walk(value, path.split("."))


def _column(value: object, name: str) -> object:
    """A column by name; servers differ in the case they answer in, so a unique match without case counts."""
    if not isinstance(value, Mapping):
        return MISSING
    near = [key for key in value if str(key).lower() == name.lower()]
    return value[near[0]] if len(near) == 1 else MISSING


def _walk(value: object, keys: list[str]) -> object:
    for key in keys:
        if isinstance(value, Mapping) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return MISSING
    return value


def unmet(expect: Expect, observed: Observed, redact: Redact = as_it_is) -> tuple[str, ...]:
    """One sentence for each rule that does not hold; empty when all do. A fact that was not seen never holds.

    redact: values are masked before they are shortened for the sentence.
    """
    found = []
    for name, rule in expect.rules.items():
        seen = fact(observed, name)
        if seen is MISSING:
            found.append(f"{name} was not seen, wanted {_wanted(rule)}")
        elif not rule_holds(rule, seen):
            found.append(f"{name} is {_short(redact(as_text(seen)))}, wanted {_wanted(rule)}")
    return tuple(found)


def rule_holds(rule: Comparison | TextRule, seen: object) -> bool:
    """Whether one rule holds of one fact."""
    if isinstance(rule, Comparison):
        return compare(seen.strip() if isinstance(seen, str) else seen, rule.op, rule.right)
    text = as_text(seen)
    bare = text.strip()
    return (
        (rule.is_ is None or bare == rule.is_.strip())
        and (rule.contains is None or rule.contains in text)
        and (rule.matches is None or re.search(rule.matches, text) is not None)
        and (rule.not_ is None or bare != rule.not_.strip())
    )


def saved(
    rules: Mapping[str, SaveRule], observed: Observed, redact: Redact = as_it_is
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """(values by name, as they are; sentences for what could not be saved, in which values are masked)."""
    values, troubles = [], []
    for name, rule in rules.items():
        seen = fact(observed, rule.from_)
        if seen is MISSING:
            troubles.append(f"{rule.from_} was not seen, so {name} has no value")
            continue
        text = as_text(seen).strip()
        kept = _typed(text, rule)
        if kept is None:
            troubles.append(f"{rule.from_} is {_short(redact(text))}, which is not a {rule.as_}")
        else:
            values.append((name, kept))
    return tuple(values), tuple(troubles)


def _typed(text: str, rule: SaveRule) -> str | None:
    if rule.as_ == "text":
        return text
    if rule.as_ == "int":
        return text if re.fullmatch(r"-?\d+", text) else None
    with_unit = text + rule.unit if re.fullmatch(r"\d+(\.\d+)?", text) else text

    found = parse_quantity(with_unit)
    if found is None:
        return None
    wanted = found.seconds if rule.as_ == "duration" else found.bytes
    return with_unit if wanted is not None else None


def _wanted(rule: Comparison | TextRule) -> str:
    if isinstance(rule, Comparison):
        return str(rule)
    parts = {"is": rule.is_, "contains": rule.contains, "matches": rule.matches, "not": rule.not_}
    return " and ".join(f"{word} {_short(value)}" for word, value in parts.items() if value is not None)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}..."
