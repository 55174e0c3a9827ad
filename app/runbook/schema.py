"""The JSON Schema (draft 2020-12) of a runbook, derived from the very models that read it. For editors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.runbook.body import BODY_KEY, KIND_KEY, SOURCES
from app.runbook.conditions import Expect
from app.runbook.fields import NAME
from app.runbook.kind import Kinds
from app.runbook.model import Metric, Runbook
from app.runbook.model_step import Probe, Step, Task

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_FACTS = r"^(exit|stdout|stderr|rows|status|mismatches|duration|(row|header|json|match)\..+)$"


def schema(kinds: Kinds) -> Schema:
    """The schema of a whole file: everything the models know, with the step kinds handed in."""
    models: list[type[BaseModel]] = [Runbook, *(kind.model for kind in kinds.values())]
    _, generated = models_json_schema([(model, "validation") for model in models])
    definitions: Schema = generated["$defs"]
    bodies = {name: f"#/$defs/{kind.model.__name__}" for name, kind in kinds.items()}
    for step in (Step, Probe):
        _choose(definitions[step.__name__], bodies, required=True)
    _choose(definitions[Task.__name__], bodies, required=False)
    _choose(definitions[Metric.__name__], _some(bodies), required=False)
    if "Until" in definitions:
        _until(definitions["Until"], _some(bodies), definitions[Expect.__name__])
    definitions[Expect.__name__] = _expect(definitions[Expect.__name__])
    whole = definitions.pop(Runbook.__name__)
    whole["properties"]["runbook"] = {"const": 1}
    return {"$schema": DIALECT, "title": "Tminus runbook", **_named(whole), "$defs": _tidied(definitions)}


def _some(bodies: Mapping[str, str]) -> dict[str, str]:
    return {name: reference for name, reference in bodies.items() if name in SOURCES}


def _choose(definition: Schema, bodies: Mapping[str, str], *, required: bool) -> None:
    """Replaces the hidden keys of a chosen kind by the kinds themselves."""
    properties: Schema = definition["properties"]
    for key in (KIND_KEY, BODY_KEY):
        properties.pop(key, None)
    properties.update({name: {"$ref": reference} for name, reference in bodies.items()})
    rest = [name for name in definition.get("required", ()) if name not in (KIND_KEY, BODY_KEY)]
    definition.pop("required", None)
    if rest:
        definition["required"] = rest
    if required:
        definition["oneOf"] = [{"required": [name]} for name in bodies]


def _until(definition: Schema, bodies: Mapping[str, str], expect: Schema) -> None:
    """Facts stand directly in an `until`."""
    _choose(definition, bodies, required=False)
    definition["properties"].pop("expect", None)
    definition["patternProperties"] = {_FACTS: _rule(expect)}


def _expect(definition: Schema) -> Schema:
    """The keys of an `expect` are facts, not fields."""
    rule = _rule(definition)
    about = definition.get("description", "")
    return {
        "type": "object",
        "description": about,
        "patternProperties": {_FACTS: rule},
        "additionalProperties": False,
    }


def _rule(definition: Schema) -> Schema:
    rules: Schema = definition["properties"]["rules"]
    rule: Schema = rules["additionalProperties"]
    return rule


def _named(whole: Schema) -> Schema:
    """Names of hosts, databases and the like follow the pattern of names."""
    for each in whole["properties"].values():
        if isinstance(each, dict) and "additionalProperties" in each:
            each["propertyNames"] = {"pattern": f"^{NAME}$"}
    return whole


def _tidied(definitions: Schema) -> Schema:
    """A single word may stand where a list of words belongs."""
    for definition in definitions.values():
        for name, each in definition.get("properties", {}).items():
            if each.get("type") == "array" and each.get("items", {}).get("type") == "string" and name != "argv":
                single = {"type": "string"} if "enum" not in each["items"] else each["items"]
                definition["properties"][name] = {"anyOf": [each, single]}
    return definitions
