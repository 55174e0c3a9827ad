"""Puts an environment over a runbook: overrides values by flat path, each read as strictly as in the file.

Steps, expectations, undos and triggers cannot be overridden, so that what is rehearsed is what runs.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection
from typing import Any, get_args, get_origin

from pydantic import TypeAdapter, ValidationError

from app.errors import Refused
from app.runbook.model import Runbook
from app.runbook.part import Part, Raw

SECTIONS = (
    "plan",
    "schedule",
    "roles",
    "params",
    "secrets",
    "hosts",
    "groups",
    "databases",
    "modes",
    "artifacts",
    "locks",
)


class BadOverride(ValueError):
    """A path leads nowhere, or the value does not fit. `hint` says what to write instead."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.hint = hint


def apply(runbook: Runbook, env: str | None) -> Runbook:
    """The runbook as the environment sees it. Raises Refused for an unknown environment or override."""
    if not env:
        return runbook
    if env not in runbook.environments:
        names = ", ".join(runbook.environments) or "none"
        raise Refused(f"There is no environment `{env}`.", hint=f"The runbook has: {names}.")
    for path, value in runbook.environments[env].set.items():
        try:
            runbook = override(runbook, path, value)
        except BadOverride as trouble:
            raise Refused(str(trouble), where=f"environments.{env}.set", hint=trouble.hint) from trouble
    return runbook


def override(runbook: Runbook, path: str, value: Raw) -> Runbook:
    """The runbook with one value changed. Raises BadOverride."""
    section, *rest = path.split(".")
    if section not in SECTIONS:
        raise BadOverride(f"`{path}` cannot be overridden.", f"Only values of {', '.join(SECTIONS)} can.")
    annotation = Runbook.model_fields[section].rebuild_annotation()
    new = _changed(getattr(runbook, section), tuple(rest), value, (path, annotation))
    return runbook.model_copy(update={section: new})


def _changed(node: Raw, rest: tuple[str, ...], value: Raw, at: tuple[str, Any]) -> Raw:
    path, annotation = at
    if not rest:
        return _read(value, path, annotation)
    name, *further = rest
    if isinstance(node, Part):
        fields = {field.alias or key: key for key, field in type(node).model_fields.items()}
        _known(name, fields, path)
        inner = type(node).model_fields[fields[name]].rebuild_annotation()
        new = _changed(getattr(node, fields[name]), tuple(further), value, (path, inner))
        return node.model_copy(update={fields[name]: new})
    if isinstance(node, dict):
        _known(name, node, path)
        return node | {name: _changed(node[name], tuple(further), value, (path, _item_type(annotation)))}
    if node is None and isinstance(annotation, object) and (model := _model_of(annotation)):
        return _read(_nested(rest, value), path, model)
    raise BadOverride(f"`{path}` leads into a single value.")


def _nested(rest: tuple[str, ...], value: Raw) -> Raw:
    for name in reversed(rest):
        value = {name: value}
    return value


def _model_of(annotation: Any) -> Any:  # noqa: ANN401 - any type there is
    options = (annotation, *get_args(annotation))
    return next((each for each in options if isinstance(each, type) and issubclass(each, Part)), None)


def _item_type(annotation: Any) -> Any:  # noqa: ANN401 - any type there is
    if get_origin(annotation) is dict:
        return get_args(annotation)[1]
    return next((_item_type(each) for each in get_args(annotation) if get_args(each)), Any)


def _known(name: str, names: Collection[str], path: str) -> None:
    if name not in names:
        near = difflib.get_close_matches(name, names, 1)
        hint = f"Did you mean `{near[0]}`?" if near else "Only what stands in the file can be overridden."
        raise BadOverride(f"`{path}` leads nowhere: there is no `{name}`.", hint)


def _read(value: Raw, path: str, annotation: Any) -> Raw:  # noqa: ANN401 - any type there is
    try:
        adapter: TypeAdapter[Any] = TypeAdapter(annotation)
        return adapter.validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        said = first.get("ctx", {}).get("hint") or "It must have the same form as in the file."
        raise BadOverride(f"The value of `{path}` does not fit.", said) from error
