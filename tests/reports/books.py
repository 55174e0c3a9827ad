"""Small runbooks, loaded and laid out, for documents and sentences."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from app.run.events import Event, Recorded
from app.runbook.inputs import bind
from app.runbook.kind import Kinds
from app.runbook.load import Loaded, load, load_text
from app.runbook.model import Runbook
from app.runbook.order import Plan, lay_out
from app.steps import BUILT_IN

AT = datetime(2026, 3, 14, 21, 10, 2, tzinfo=UTC)
SMALL = """
runbook: 1
name: small
title: A small one
metrics: {errors: {http: {url: "http://localhost/e"}, value: json.v, unit: "%", every: 5s}}
phases:
  - id: cutover
    number: 4
    steps:
      - {id: switch, title: Switch over, owner: app, est: 1m, changes: reversible, local: {argv: [switch, "new"]},
         undo: [{local: {argv: [switch, old]}}]}
      - {id: go, owner: lead, decide: {ask: "Stay?", by: [lead]}}
roles: {lead: {people: [ana, raj]}}
"""


def kinds() -> Kinds:
    return {kind.name: kind for kind in BUILT_IN}


def loaded(text: str) -> Loaded:
    found = load_text(text.encode(), "small.yaml", kinds())
    assert found.runbook is not None, [str(problem) for problem in found.problems]
    return found


def book(text: str = SMALL) -> Runbook:
    found = loaded(text).runbook
    assert found is not None
    return found


def shipped(path: Path) -> Loaded:
    return load(path, kinds())


def plan_of(text: str = SMALL) -> Plan:
    return lay_out(bind(book(text), None, {}, AT), kinds())


def recorded(event: Event, seq: int = 1) -> Recorded:
    return Recorded(seq, AT, 10**9, "boot", 60, event, "ab" * 32)
