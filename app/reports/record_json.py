"""One entry of the record as JSON for programs; field names are stable."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC
from typing import Any

from app.reports.sentences import sentence
from app.run.events import Recorded
from app.runbook.order import Plan


def as_json(recorded: Recorded, plan: Plan) -> dict[str, Any]:
    """`{"seq", "at", "offset_min", "event", "fields": {...}, "says", "head"}`; `at` is ISO UTC with microseconds."""
    event = recorded.event
    return {
        "seq": recorded.seq,
        "at": recorded.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "offset_min": recorded.offset_min,
        "event": type(event).__name__,
        "fields": {field.name: getattr(event, field.name) for field in fields(event)},
        "says": sentence(recorded, plan),
        "head": recorded.head,
    }
