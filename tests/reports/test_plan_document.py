"""The plan says everything that the runbook says, under the same headings every time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.reports.blocks import Block, Code, Document, Part, Section, Table
from app.reports.document_json import as_tree
from app.reports.html import as_html
from app.reports.markdown import as_markdown
from app.reports.plan_document import plan_document
from app.shipped import runbooks_dir
from tests.reports.books import SMALL, book, kinds, shipped

SECTIONS = [
    "Summary",
    "Current and target state",
    "Constraints and dependencies",
    "People, modes and inputs",
    "Phases",
    "Cutover checklist",
    "Rollback",
    "Risks",
    "Testing",
    "Metrics",
    "Success criteria",
    "Post-migration tasks",
]
SHIPPED = sorted(runbooks_dir().glob("*.yaml"))


def document(text: str = SMALL) -> Document:
    return plan_document(book(text), kinds(), "ab" * 32)


def parts(block: Section | Part, found: list[Block] | None = None) -> list[Block]:
    """Every block below a section or part, depth first."""
    found = [] if found is None else found
    for inner in block.blocks:
        found.append(inner)
        if isinstance(inner, Part):
            parts(inner, found)
    return found


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_runbook_has_its_document_in_every_form(path: Path) -> None:
    found = shipped(path)
    made = plan_document(found.sound(), kinds(), found.digest)
    text = as_markdown(made)
    assert [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")] == SECTIONS
    assert as_html(made).count("<section ") == len(SECTIONS)
    assert json.loads(json.dumps(as_tree(made)))["sections"][0]["id"] == "summary"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_command_and_statement_of_a_runbook_is_in_its_document(path: Path) -> None:
    found = shipped(path).sound()
    codes = [b.text for s in plan_document(found, kinds()).sections for b in parts(s) if isinstance(b, Code)]
    for phase in found.phases:
        for step in phase.steps:
            assert kinds()[step.kind].describe(step.body) in codes
            for undo in step.undo_steps:
                assert kinds()[undo.kind].describe(undo.body) in codes


def test_a_table_never_has_a_row_of_another_width() -> None:
    for path in SHIPPED:
        for section in plan_document(shipped(path).sound(), kinds()).sections:
            for table in (block for block in parts(section) if isinstance(block, Table)):
                assert {len(row) for row in table.rows} <= {len(table.columns)}, (path, section.title)


def test_the_checklist_stands_by_the_clock() -> None:
    slots = """
runbook: 1
name: slots
dependencies: [{id: window, text: Finance agrees, due: T-1h, proof: first}]
success: [{id: calm, text: Nobody complains, at: T+2h}]
phases:
  - id: cutover
    number: 4
    from: T-2h
    steps:
      - {id: first, owner: ana, check: {text: Look}}
      - {id: second, at: T-0, owner: raj, check: {text: Switch}}
      - {id: third, at: T+30m, check: {text: Watch}}
after: [{id: tidy, due: T+2h, text: Tidy up}]
"""
    lines = [
        line for line in as_markdown(document(slots)).splitlines() if line.startswith(("### T-", "### T+", "- [ ]"))
    ]
    assert lines == [
        "### T-2h, two hours before",
        "- [ ] 4.1 first — ana",
        "### T-1h",
        "- [ ] Dependency window: Finance agrees",
        "### T-0, the switch",
        "- [ ] 4.2 second — raj",
        "### T+30m",
        "- [ ] 4.3 third",
        "### T+2h, two hours after",
        "- [ ] Success criterion calm: Nobody complains",
        "- [ ] Afterwards: tidy",
        "### T+2h tidy",
    ]


def test_a_silent_runbook_says_where_it_is_silent() -> None:
    text = as_markdown(document())
    assert "The runbook says nothing about risks." in text
    assert "The runbook says nothing about post-migration tasks." in text


def test_the_way_back_stands_newest_phase_first() -> None:
    two = """
runbook: 1
name: two
phases:
  - {id: one, steps: [{id: a, changes: reversible, local: {argv: [do-a]}, undo: [{local: {argv: [undo-a]}}]}]}
  - {id: two, steps: [{id: b, changes: reversible, local: {argv: [do-b]}, undo: [{local: {argv: [undo-b]}}]}]}
"""
    back = next(section for section in document(two).sections if section.id == "rollback")
    rows = [row for block in parts(back) if isinstance(block, Table) for row in block.rows]
    assert rows == [("1.1 b", "undo-b"), ("0.1 a", "undo-a")]
