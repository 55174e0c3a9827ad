"""What belongs to an event but is longer than a sentence: the exact text that ran, evidence, facts, output, rows."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.reports.naming import one_line, step_name
from app.run import events as e
from app.run.state import BackRow
from app.runbook.order import Plan


@dataclass(frozen=True, slots=True)
class Detail:
    """`text` under a `label`; several lines, exactly as recorded."""

    label: str
    text: str


Details = tuple[Detail, ...]


def details(recorded: e.Recorded, plan: Plan) -> tuple[Detail, ...]:
    """Nothing for most events. Pure."""
    tell = _DETAILS.get(type(recorded.event))
    return tell(recorded.event, plan) if tell is not None else ()


def text_of(event: e.OutputCaptured) -> str:
    """The output as text; bytes that are no UTF-8 are spelled out."""
    return base64.b64decode(event.data).decode("utf-8", "backslashreplace")


def back_row(plan: Plan, row: BackRow) -> str:
    """One line of the way back: what it does, and what that undoes."""
    if row.part == "nothing":
        return f"nothing to do for {step_name(plan, row.undoes)}: {one_line(row.reason)}"
    undoes = f", undoes {step_name(plan, row.undoes)}" if row.part in {"undo", "recipe"} and row.undoes else ""
    return f"{row.part}: {step_name(plan, row.address)}{undoes}"


def _started(event: e.StepStarted, _plan: Plan) -> Details:
    return (Detail("text", event.text), Detail("ticket", event.ticket)) if event.text else ()


def _output(event: e.OutputCaptured, _plan: Plan) -> Details:
    return (Detail(_STREAMS.get(event.stream, event.stream), text_of(event)),)


def _evidence(event: e.StepInDoubt, _plan: Plan) -> Details:
    return tuple(Detail("evidence", f"{asked}: {answer} ({points})") for asked, answer, points in event.evidence)


def _facts(event: e.StepSucceeded | e.StepFailed, _plan: Plan) -> Details:
    return tuple(Detail("seen", f"{name}: {value}") for name, value in event.facts)


def _items(event: e.QuestionAsked, _plan: Plan) -> Details:
    return tuple(Detail("item", item) for item in event.items)


def _rows(event: e.RollbackPlanned, plan: Plan) -> Details:
    return tuple(Detail("row", back_row(plan, BackRow(*row))) for row in event.steps)


def _inputs(event: e.RunOpened, _plan: Plan) -> Details:
    return tuple(Detail("input", f"{name} = {value}") for name, value in event.params)


def _files(event: e.RowsExported, _plan: Plan) -> Details:
    return tuple(Detail("file", ", ".join(one_line(cell) for cell in row)) for row in event.files)


def _trace(event: e.FaultSeen, _plan: Plan) -> Details:
    return (Detail("fault", event.text),)


_STREAMS = {"out": "output", "err": "errors", "note": "note"}
_DETAILS: dict[type[e.Event], Callable[[Any, Plan], Details]] = {
    e.StepStarted: _started,
    e.OutputCaptured: _output,
    e.StepInDoubt: _evidence,
    e.StepSucceeded: _facts,
    e.StepFailed: _facts,
    e.QuestionAsked: _items,
    e.RollbackPlanned: _rows,
    e.RunOpened: _inputs,
    e.RowsExported: _files,
    e.FaultSeen: _trace,
}
