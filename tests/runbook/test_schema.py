"""The JSON Schema accepts what the models accept, and refuses what they refuse."""

import re
from pathlib import Path
from typing import Any

import pytest

from app.runbook.part import Raw
from app.runbook.read import read
from app.runbook.schema import DIALECT, schema
from tests.runbook.sample import KINDS, LEDGER, SITE, replaced, small

SHIPPED = sorted((Path(__file__).parents[2] / "runbooks").glob("*.yaml"))
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def trouble(value: Raw, rule: dict[str, Any], whole: dict[str, Any]) -> str:
    """Why a value does not keep a schema; "" when it does. Only the words that this schema uses."""
    if "$ref" in rule:
        return trouble(value, whole["$defs"][rule["$ref"].rpartition("/")[2]], whole)
    return of_choices(value, rule, whole) or of_type(value, rule) or of_inside(value, rule, whole)


def of_choices(value: Raw, rule: dict[str, Any], whole: dict[str, Any]) -> str:
    for word in ("anyOf", "oneOf"):
        passing = sum(not trouble(value, each, whole) for each in rule.get(word, ()))
        if word in rule and (passing == 0 or (word == "oneOf" and passing > 1)):
            return f"{word}: {passing} fit"
    return ""


def of_type(value: Raw, rule: dict[str, Any]) -> str:
    if value != rule.get("const", value):
        return "const"
    if "enum" in rule and value not in rule["enum"]:
        return "enum"
    if "type" in rule and not any(is_type(value, name) for name in listed(rule["type"])):
        return f"type {rule['type']}"
    return "pattern" if isinstance(value, str) and not re.search(rule.get("pattern", ""), value) else ""


def of_inside(value: Raw, rule: dict[str, Any], whole: dict[str, Any]) -> str:
    if isinstance(value, list):
        return next(filter(None, (trouble(each, rule.get("items", {}), whole) for each in value)), "")
    return of_object(value, rule, whole) if isinstance(value, dict) else ""


def listed(types: str | list[str]) -> list[str]:
    return [types] if isinstance(types, str) else types


def is_type(value: Raw, name: str) -> bool:
    if name in ("integer", "number"):
        return isinstance(value, int if name == "integer" else (int, float)) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def of_object(value: dict[str, Any], rule: dict[str, Any], whole: dict[str, Any]) -> str:
    missing = [name for name in rule.get("required", ()) if name not in value]
    if missing:
        return f"missing {missing}"
    for key, each in value.items():
        rules = rules_of(key, rule)
        if rules is None:
            return f"unknown {key}"
        found = next(filter(None, (trouble(each, other, whole) for other in rules)), "")
        if found:
            return f"{key}: {found}"
    return ""


def rules_of(key: str, rule: dict[str, Any]) -> list[dict[str, Any]] | None:
    rules = [rule["properties"][key]] if key in rule.get("properties", {}) else []
    rules += [other for pattern, other in rule.get("patternProperties", {}).items() if re.search(pattern, key)]
    extra = rule.get("additionalProperties", True)
    if rules or extra is True:
        return rules
    return None if extra is False else [extra]


def judged(text: str) -> str:
    whole = schema(KINDS)
    return trouble(read(text.encode(), "it.yaml").tree, whole, whole)


def test_the_schema_names_its_dialect() -> None:
    assert schema(KINDS)["$schema"] == DIALECT


@pytest.mark.parametrize("text", [LEDGER, SITE], ids=["ledger", "site"])
def test_a_sound_runbook_keeps_the_schema(text: str) -> None:
    assert judged(text) == ""


@pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_a_shipped_runbook_keeps_the_schema(path: Path) -> None:
    assert judged(path.read_text()) == ""


@pytest.mark.parametrize(
    "broken",
    [
        replaced(LEDGER, "text: Close the deploy pipeline", "txt: Close the deploy pipeline"),
        replaced(LEDGER, "strategy: parallel-run", "strategy: sideways"),
        replaced(LEDGER, "max: 15m", "max: 15"),
        replaced(LEDGER, "- id: same\n", "- id: Same\n"),
        small("- {id: a, check: {}, wait: {for: 1s}}"),
        small("- {id: a}"),
        small("- {id: a, sql: {run: select 1}}"),
        small("- {id: a, check: {}, expect: {nonsense: 3}}"),
        small("- {id: a, wait: {until: {metric: m, nonsense: 3}}}"),
        "runbook: 2\nname: a\nphases: []\n",
    ],
    ids=range(10),
)
def test_a_broken_runbook_breaks_the_schema(broken: str) -> None:
    assert judged(broken)


def test_no_hidden_key_shows() -> None:
    assert not re.search(r'"[^"]*" (kind|body)"|\' (kind|body)\'', str(schema(KINDS)))
