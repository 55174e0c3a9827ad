"""Rule 1, beyond shape: ids missing or standing twice, parameters that contradict themselves, times and numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from app.errors import Problem
from app.runbook.checks.survey import Survey
from app.runbook.inputs import measure, read_param
from app.runbook.model import Param
from app.runbook.order import POST
from app.runbook.part import Raw
from app.runbook.read import Path
from app.runbook.references import ROOTS

_ITEM = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}")
_TAKEN = {
    "rollback": "the way back of the whole run",
    "start": "the beginning of the run",
    POST: "the tasks after the migration",
}
"""What a phase cannot be called, since a scope, a procedure or a list has this name already."""
_FREE = frozenset({"body", "facts", "map"})
_LISTS = ("phases", "triggers", "risks", "tests", "success", "constraints", "dependencies")


def check_ids(survey: Survey) -> Iterator[Problem]:
    """Ids."""
    yield from _unique_steps(survey)
    for section in _LISTS:
        named = [((section, index), each.id) for index, each in enumerate(getattr(survey.runbook, section))]
        yield from _twice(survey, named, f"in {section}")
    for index, phase in enumerate(survey.runbook.phases):
        if phase.id in _TAKEN:
            what = f"A phase cannot be called `{phase.id}`: that is {_TAKEN[phase.id]}."
            yield survey.error("RB001", what, ("phases", index, "id"), "Give the phase another id.")
    facts = [(("tests", index), each.id) for index, each in enumerate(survey.runbook.tests)]
    facts += [(("success", index), each.id) for index, each in enumerate(survey.runbook.success)]
    for path, name in facts:
        if name in survey.by_id:
            hint = "Facts of a decision are named by id, so give it another one."
            yield survey.error("RB001", f"`{name}` is also the id of a step.", (*path, "id"), hint)


def _unique_steps(survey: Survey) -> Iterator[Problem]:
    named: list[tuple[Path, str]] = []
    for spot in survey.spots:
        if spot.step.id:
            named.append((spot.path, spot.step.id))
        elif spot.role in ("main", "task"):
            hint = "Write id: and a name such as stop-jobs."
            yield survey.error("RB001", "This step has no id.", spot.path, hint)
    yield from _twice(survey, named, "in the file")


def _twice(survey: Survey, named: Iterable[tuple[Path, str]], where: str) -> Iterator[Problem]:
    seen: dict[str, Path] = {}
    for path, name in named:
        if name in seen:
            first = survey.document.place((*seen[name], "id")).line
            what = f"The id `{name}` stands twice {where}; first in line {first}."
            yield survey.error("RB001", what, (*path, "id"), "Give one of them another id.")
        seen.setdefault(name, path)


def check_empty(survey: Survey) -> Iterator[Problem]:
    """Keys without a value: mostly what belongs to them stands in the wrong column."""
    stack: list[tuple[Path, Raw]] = [((), survey.document.tree)]
    while stack:
        path, node = stack.pop()
        children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for key, value in children:
            if value is None:
                hint = "Write a value, or take the key out."
                yield survey.error("RB001", f"`{key}` has no value.", (*path, key), hint)
            elif key not in _FREE:
                stack.append(((*path, key), value))


def check_items(survey: Survey) -> Iterator[Problem]:
    """The items of an each, and the name that stands for one: both become part of addresses."""
    for spot in survey.spots:
        source = getattr(spot.step.body, "in_", None)
        if source is None:
            continue
        path = (*spot.path, spot.step.kind)
        if getattr(spot.step.body, "as_", "") in ROOTS:
            what = f"`{spot.name}` gives its items a name that stands for something else."
            yield survey.error("RB001", what, (*path, "as"), "Write another name, such as as: item.")
        names = source if isinstance(source, tuple) else ()
        for index, name in enumerate(names):
            if "${" not in name and not _ITEM.fullmatch(name):
                what = f"`{name[:60]}` cannot be the name of an item."
                yield survey.error("RB001", what, (*path, "in", index), "Use letters, digits, dots, - and _.")
        if len(set(names)) < len(names):
            yield survey.error("RB001", f"`{spot.name}` names an item twice.", (*path, "in"), "Name each once.")


def check_params(survey: Survey) -> Iterator[Problem]:
    """Parameters whose default, limits or pattern do not fit their type."""
    for name, param in survey.runbook.params.items():
        path: Path = ("params", name)
        for key, trouble in _param_troubles(param):
            yield survey.error("RB001", f"The parameter `{name}`: {trouble}", (*path, key))
        if param.differs_from and param.differs_from not in survey.runbook.params:
            what = f"There is no parameter `{param.differs_from}`."
            yield survey.error("RB002", what, (*path, "differs_from"))


def _param_troubles(param: Param) -> Iterator[tuple[str, str]]:
    if param.type == "enum" and not param.values:
        yield "type", "an enum needs `values`."
        return
    try:
        re.compile(param.pattern or "")
    except re.error as trouble:
        yield "pattern", f"the pattern is no regular expression: {trouble}."
        return
    for key in ("min", "max"):
        limit = getattr(param, key)
        if limit is not None:
            try:
                measure(param, str(limit))
            except ValueError as trouble:
                yield key, str(trouble)
                return
    if param.default is not None:
        try:
            read_param(param, param.default)
        except ValueError as trouble:
            yield "default", str(trouble)


def check_phases(survey: Survey) -> Iterator[Problem]:
    """No phase at all, and phases whose numbers go back."""
    if not survey.runbook.phases:
        yield survey.error("RB001", "There are no phases.", ("phases",), "Write at least one, with steps.")
    highest = 0
    for index, phase in enumerate(survey.runbook.phases):
        if phase.number is not None and phase.number < highest:
            what = f"Phase `{phase.id}` has number {phase.number} after {highest}."
            yield survey.error("RB001", what, ("phases", index, "number"), "Numbers never go down.")
        highest = max(highest, phase.number or 0)
