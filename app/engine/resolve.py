"""From a planned step to the exact thing that will run: references filled in, question asked, text described."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.errors import Refused
from app.run import events as e
from app.run.scope import scope_of
from app.run.state import RunState
from app.runbook.model_step import Step
from app.runbook.order import PlannedStep
from app.runbook.substitute import substitute
from app.steps.live import StepKind

ASKED = frozenset({"check", "decide"})
"""Kinds that a person performs."""

COMPOSITE = "each"


@dataclass(frozen=True, slots=True)
class Resolved:
    """`step` without references; `text` exactly what will run, secrets as ***; `digest` SHA-256 of that text."""

    planned: PlannedStep
    step: Step
    text: str
    digest: str
    target: str


def resolve(state: RunState, planned: PlannedStep, kind: StepKind) -> Resolved:
    """Fill in every reference. Raises Refused for a kind that cannot run, and for a value that is not there yet."""
    if kind.available:
        raise Refused(kind.available)
    step = planned.step if kind.name == COMPOSITE else substitute(planned.step, scope_of(state, planned))
    step = with_files(step, dict(state.files))
    text = kind.describe(step.body)
    targets = ", ".join(f"{t.kind} {t.name}".strip() for t in kind.targets(step.body) if t.kind != "none")
    return Resolved(planned, step, text, hashlib.sha256(text.encode()).hexdigest(), targets)


def with_files(step: Step, files: Mapping[str, str]) -> Step:
    """The step with the text of its SQL file in place of the file's name; that of its probe and its wait, too."""
    changed: dict[str, object] = {}
    body = _with_file(step.body, files)
    until = getattr(body, "until", None)
    if until is not None:
        asked = until.model_copy(update={"body": _with_file(until.body, files)})
        body = body.model_copy(update={"until": asked})
    if body is not step.body:
        changed["body"] = body
    if step.probe is not None:
        changed["probe"] = step.probe.model_copy(update={"body": _with_file(step.probe.body, files)})
    return step.model_copy(update=changed) if changed else step


def _with_file(body: Any, files: Mapping[str, str]) -> Any:  # noqa: ANN401 - any kind's fields, or none
    name = getattr(body, "file", "")
    return body.model_copy(update={"run": files[name], "file": ""}) if name in files else body


def question_of(resolved: Resolved, attempt: int) -> e.QuestionAsked:
    """What a check or a decision asks of people."""
    step, address = resolved.step, resolved.planned.address
    body = step.body
    if step.kind == "decide":
        deadline = getattr(body, "deadline", None)
        return e.QuestionAsked(
            address,
            attempt,
            "decision",
            str(getattr(body, "ask", "")),
            tuple(getattr(body, "facts", ())),
            tuple(getattr(body, "by", ())),
            int(getattr(body, "need", 1)),
            ("go", "no-go"),
            int(deadline.total_seconds() * 1000) if deadline is not None else 0,
        )
    text = str(getattr(body, "text", "")) or step.title or address
    return e.QuestionAsked(
        address, attempt, "confirm", text, tuple(getattr(body, "items", ())), options=("done", "failed")
    )
