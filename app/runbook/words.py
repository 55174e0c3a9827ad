"""Turns the complaints of the model's validation into problems: a sentence, a place, and what to write instead."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from app.errors import Place, Problem
from app.runbook.body import BODY_KEY, KIND_KEY
from app.runbook.fields import kind_of
from app.runbook.part import Raw, Reading
from app.runbook.read import Document, Path

MOST = 200
"""More problems than this are only counted: nobody reads on, and looking for the right words takes time."""

_FEW = 16
"""So many keys can be listed in a hint."""

_Said = tuple[str, str]
_NAME_HINT = "A name starts with a letter a-z and goes on with a-z, 0-9, - and _."


def problems_of(error: ValidationError, document: Document, reading: Reading, under: Path = ()) -> tuple[Problem, ...]:
    """Every complaint as a problem, in file order. `under` is where in the document the validated value stands."""
    complaints = error.errors(include_url=False, include_input=False)
    found = [_problem(each, document, reading, under) for each in complaints[:MOST]]
    found.sort(key=lambda each: (each.place.line, each.place.column))
    if len(complaints) > MOST:
        rest = f"{len(complaints) - MOST} more problems are not shown."
        found.append(Problem("RB001", rest, Place(document.file), "Correct these first."))
    return tuple(dict.fromkeys(found))


def _problem(error: Mapping[str, Any], document: Document, reading: Reading, under: Path) -> Problem:
    path, missing, is_key = _normal(document.tree, (under, error["loc"]), reading)
    parent, key = path[:-1], path[-1] if path else ""
    code, context = "RB001", error.get("ctx", {})
    if error["type"] == "tminus":
        what, hint, code = context["what"], context["hint"], context["code"]
    elif error["type"] == "missing":
        what, hint = f"`{missing}` is missing.", f"Write {missing}: ..."
    elif error["type"] == "extra_forbidden":
        what, hint = f"Unknown key `{str(key)[:60]}`.", _near(str(key), document, parent, reading)
        is_key = True
    else:
        what, hint = _words(error, key if is_key else _value(document.tree, path), str(key))
    place = document.place(parent, key=str(key)) if is_key else document.place(path)
    return Problem(code, what, place, hint, path=dotted(path))


def dotted(path: Path) -> str:
    """A path as text, such as `phases.0.steps.3.sql.run`."""
    return ".".join(str(part) for part in path)


def _normal(tree: Raw, at: tuple[Path, Path], reading: Reading) -> tuple[Path, str, bool]:
    """The part of a location that exists in the tree, the first name that does not, and whether it is about a key."""
    under, loc = at
    path: list[str | int] = list(under)
    node, missing = _value(tree, under), ""
    for part in loc:
        step = _kind_key(node, reading) if part == BODY_KEY else part
        if step is not None and _leads_on(node, step):
            node = node[step]
        else:
            missing = missing or ("" if part == KIND_KEY else str(part))
            continue
        path.append(step)
        missing = ""
    return tuple(path), missing, bool(loc) and loc[-1] == "[key]"


def _leads_on(node: Raw, step: str | int) -> bool:
    if isinstance(node, list):
        return isinstance(step, int) and step < len(node)
    return isinstance(node, dict) and step in node


def _kind_key(node: Raw, reading: Reading) -> str | None:
    """The key whose mapping was read as a kind's fields."""
    return next((name for name in node if name in reading.kinds), None) if isinstance(node, dict) else None


def _value(tree: Raw, path: Path) -> Raw:
    for step in path:
        tree = tree[step]
    return tree


def _near(key: str, document: Document, parent: Path, reading: Reading) -> str:
    model = reading.refused.get(id(_value(document.tree, parent)))
    known = _keys_of(model, reading) if model else []
    near = difflib.get_close_matches(key, known, 1)
    if near:
        return f"Did you mean `{near[0]}`?"
    return f"Keys here: {', '.join(known)}." if 0 < len(known) <= _FEW else "Delete it, or see `tminus schema`."


def _keys_of(model: type[BaseModel], reading: Reading) -> list[str]:
    names = [field.alias or name for name, field in model.model_fields.items()]
    if BODY_KEY not in names:
        return names
    return [name for name in names if name not in (BODY_KEY, KIND_KEY)] + list(reading.kinds)


def _words(error: Mapping[str, Any], value: Raw, key: str) -> _Said:
    context = error.get("ctx", {})
    say = _TABLE.get(error["type"])
    if say is not None:
        return say(value, context, key)
    return f"The value of `{key}` is not valid here.", "See `tminus schema` for what may stand here."


def _text(value: Raw, context: Mapping[str, Any], key: str) -> _Said:
    del context
    hint = "Put it in quotes." if isinstance(value, (int, float)) else "Write text."
    return f"`{key}` takes text; here stands {_shown(value)}.", hint


def _whole(value: Raw, context: Mapping[str, Any], key: str) -> _Said:
    del context
    return f"`{key}` takes a whole number; here stands {_shown(value)}.", "Write it without quotes and without a unit."


def _flag(value: Raw, context: Mapping[str, Any], key: str) -> _Said:
    del context
    return f"`{key}` takes true or false; here stands {_shown(value)}.", "Write true or false."


def _mapping(value: Raw, context: Mapping[str, Any], key: str) -> _Said:
    del context
    return f"`{key}` takes keys with values; here stands {_shown(value)}.", "Write key: value, one per line."


def _list(value: Raw, context: Mapping[str, Any], key: str) -> _Said:
    del context
    return f"`{key}` takes a list; here stands {_shown(value)}.", "Write [a, b], or one item per line after a dash."


def _choice(value: Raw, context: Mapping[str, Any], key: str) -> _Said:
    choices = str(context.get("expected", "")).replace("'", "")
    words = choices.replace(" or ", ", ").split(", ")
    near = difflib.get_close_matches(str(value), words, 1)
    hint = f"Did you mean {near[0]}?" if near else f"Write {choices}."
    return f"`{key}` cannot be {_shown(value)}.", hint


def _pattern(value: Raw, context: Mapping[str, Any], key: str) -> _Said:
    del context, key
    return f"{_shown(value)} is not a name.", _NAME_HINT


def _range(value: Raw, context: Mapping[str, Any], key: str) -> _Said:
    limits = {"ge": "at least", "le": "at most", "max_length": "at most", "min_length": "at least"}
    said = " and ".join(f"{limits[name]} {limit}" for name, limit in context.items() if name in limits)
    return f"`{key}` is out of range: {_shown(value)}.", f"It is {said}." if said else ""


def _undo(value: Raw, context: Mapping[str, Any], key: str) -> _Said:
    del context
    hint = "Write a list of steps, or {none: reason} when there is no way back."
    return f"`{key}` takes a list of steps; here stands {_shown(value)}.", hint


def _shown(value: Raw) -> str:
    if isinstance(value, str):
        return f"`{value[:60]}`"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)[:60] if isinstance(value, (int, float)) else kind_of(value)


_TABLE: dict[str, Callable[[Raw, Mapping[str, Any], str], _Said]] = {
    "string_type": _text,
    "string_pattern_mismatch": _pattern,
    "string_too_long": _range,
    "string_too_short": _range,
    "int_type": _whole,
    "int_from_float": _whole,
    "int_parsing": _whole,
    "bool_type": _flag,
    "bool_parsing": _flag,
    "model_type": _mapping,
    "dict_type": _mapping,
    "tuple_type": _list,
    "list_type": _list,
    "literal_error": _choice,
    "enum": _choice,
    "greater_than_equal": _range,
    "less_than_equal": _range,
    "too_long": _range,
    "too_short": _range,
    "union_tag_not_found": _undo,
    "union_tag_invalid": _undo,
}
