"""Text of events made safe to keep: secrets masked, and no half characters that could not be written as UTF-8.

Addresses, tickets, hashes and names are left as they are; only what people read, and targets may have said, is here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.engine.redact import Redactor
from app.run import dead_man_events as d
from app.run import events as e

_SAID: Mapping[type[e.Event], tuple[str, ...]] = {
    e.RequestRefused: ("what", "why"),
    e.MetricRead: ("problem",),
    e.RowsCounted: ("problem",),
    e.WayBackProbed: ("looks",),
    e.StepOverridden: ("reason",),
    e.RowsExported: ("folder", "files"),
    d.DeadManNotArmed: ("reason",),
    e.NoteAdded: ("text",),
    e.HoldPlaced: ("reason",),
    e.StepFailed: ("summary",),
    e.StepCancelled: ("summary",),
    e.StepInDoubt: ("summary", "evidence"),
    e.StepRuled: ("reason",),
    e.AnswerGiven: ("note",),
    e.FaultSeen: ("text",),
}


def clean(text: str, redactor: Redactor) -> str:
    """The text without secrets; what is no character becomes "?"."""
    return redactor.text(text).encode("utf-8", "replace").decode("utf-8")


def cleaned(event: e.Event, redactor: Redactor) -> e.Event:
    """The event, fit for the record."""
    said = {name: _clean(getattr(event, name), redactor) for name in _SAID.get(type(event), ())}
    return replace(event, **said) if said else event


def _clean(value: Any, redactor: Redactor) -> Any:  # noqa: ANN401 - text, or rows of text
    if isinstance(value, int):
        return value
    if isinstance(value, tuple):
        return tuple(_clean(one, redactor) for one in value)
    return clean(value, redactor)
