"""Turns a document into a runbook, or into everything that is wrong with its shape."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from app.errors import Place, Problem
from app.runbook.kind import Kinds
from app.runbook.model import Runbook
from app.runbook.model_step import Step
from app.runbook.part import Raw, Reading
from app.runbook.read import Document
from app.runbook.words import problems_of

MAX_STEPS = 5000
"""More steps than this are a program, not a runbook that people go through."""


def parse(document: Document, kinds: Kinds) -> tuple[Runbook | None, tuple[Problem, ...]]:
    """The runbook, None when it has a wrong shape; and all problems found so far, those of reading included."""
    if document.tree is None and document.problems:
        return None, document.problems
    if not isinstance(document.tree, dict):
        hint = "Start with `runbook: 1`, `name: ...` and `phases:`."
        wrong = Problem("RB001", "A runbook is keys with values.", Place(document.file, 1, 1), hint)
        return None, (*document.problems, wrong)
    if (count := _steps(document.tree)) > MAX_STEPS:
        what = f"There are {count:,} steps; a runbook has at most {MAX_STEPS:,}."
        hint = "Use each for what repeats, or a script that a step calls."
        return None, (*document.problems, Problem("RB102", what, document.place(("phases",)), hint))
    reading = Reading(kinds)
    try:
        runbook = Runbook.model_validate(document.tree, context=reading)
    except ValidationError as error:
        known = {each.place for each in document.problems}  # what was refused while reading needs no second word
        found = problems_of(error, document, reading)
        return None, (*document.problems, *(each for each in found if each.place not in known))
    return (None if document.problems else runbook), document.problems


def _steps(tree: dict[str, Raw]) -> int:
    """How many steps the phases have, without looking into any."""
    phases = tree.get("phases")
    lists = [phase.get("steps") for phase in phases if isinstance(phase, dict)] if isinstance(phases, list) else []
    return sum(len(steps) for steps in lists if isinstance(steps, list))


def step_from(raw: Mapping[str, Raw], kinds: Kinds) -> Step:
    """One step from plain values, for whoever builds steps from the record. Raises pydantic's ValidationError."""
    return Step.model_validate(dict(raw), context=Reading(kinds))
