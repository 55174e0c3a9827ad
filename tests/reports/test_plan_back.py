"""The way back in the plan: what is inside of a step counts like the step, and what is closed is not promised."""

from __future__ import annotations

import pytest

from app.reports.blocks import Items, Table, Text
from app.reports.markdown import as_markdown
from app.reports.plan_back import back_section
from app.reports.plan_document import plan_document
from app.reports.plan_phases import phases_section
from tests.reports.books import book, kinds
from tests.reports.test_plan_document import parts

EACH = """
runbook: 1
name: fleet
roles: {op: {people: [ana]}}
phases:
  - id: roll
    steps:
      - id: hosts
        owner: op
        changes: reversible
        each:
          in: [web1, web2]
          as: host
          steps:
            - {id: drain, local: {argv: [drain, "${host}"]}, undo: [{local: {argv: [serve, "${host}"]}}]}
            - {id: patch, on_fail: rollback, local: {argv: [patch]}, undo: {none: patches stay}}
          finally:
            - {id: ping, changes: nothing, local: {argv: [ping]}}
"""


def back_of(text: str) -> tuple[list[tuple[str, ...]], list[str], list[str]]:
    """Rows of tables, items of lists and paragraphs of the section about the way back."""
    found = parts(back_section(book(text), kinds()))
    rows = [row for block in found if isinstance(block, Table) for row in block.rows]
    items = [item for block in found if isinstance(block, Items) for item in block.items]
    return rows, items, [block.text for block in found if isinstance(block, Text)]


def test_undos_inside_of_a_fan_out_are_in_the_way_back_last_first() -> None:
    rows, _, texts = back_of(EACH)
    assert rows == [
        ("0.1.2 patch, for each item", "nothing: patches stay"),
        ("0.1.1 drain, for each item", "serve '${host}'"),
    ]
    assert "Nothing to undo." not in texts


def test_an_inner_step_that_goes_back_when_it_fails_is_told() -> None:
    assert back_of(EACH)[1] == ["patch fails for an item of hosts"]


def test_inner_steps_have_the_numbers_that_the_run_gives_them() -> None:
    text = as_markdown(plan_document(book(EACH), kinds()))
    assert "0.1.2 For each item: patch" in text
    assert "0.1.3 Finally, whatever happened: ping" in text


FINAL = """
runbook: 1
name: final
roles: {op: {people: [ana]}}
phases:
  - id: move
    steps:
      - {id: a, owner: op, est: 1m, changes: reversible, undo: [{local: {argv: [un]}}], local: {argv: [do]}}
      - {id: go, owner: op, decide: {ask: go?, by: [op]}}
      - id: drop
        owner: op
        est: 1m
        changes: destructive
        boundary: {kind: final, says: The old tables are gone.}
        local: {argv: [drop]}
      - {id: z, owner: op, est: 1m, changes: reversible, undo: [{local: {argv: [un]}}], local: {argv: [do]}}
  - id: tidy
    steps:
      - {id: t, owner: op, est: 2m, changes: reversible, undo: [{local: {argv: [un]}}], local: {argv: [do]}}
"""
UNTIL = (
    "A person at the console can start it at any time, but it never reaches back across any of these once it has"
    " started:"
)


def column(text: str) -> list[str]:
    """The way back after each step, as the tables of the phases have it."""
    phases = phases_section(book(text), kinds())
    tables = [block for block in parts(phases) if isinstance(block, Table)]
    return [row[-1] for table in tables for row in table.rows]


def test_from_a_final_boundary_on_the_phase_has_no_way_back() -> None:
    closed = "none: 0.3 is a final boundary"
    assert column(FINAL) == ["about 1m", "", closed, closed, "about 2m"]
    assert column(f"{FINAL}rollback: {{to: start}}\n")[-1] == closed
    _, items, texts = back_of(FINAL)
    assert UNTIL in texts
    assert items == ["0.3 drop, a final boundary: The old tables are gone."]
    assert any("There is no way back from this phase once 0.3 drop has started." in text for text in texts)


def test_a_final_boundary_that_changes_nothing_closes_the_way_back_all_the_same() -> None:
    assert column(FINAL.replace("changes: destructive", "changes: nothing"))[2] == "none: 0.3 is a final boundary"


@pytest.mark.parametrize(
    ("how", "why", "said"),
    [
        ("{how: none}", "none: phase 0 has no way back", "Phase 0: one, which has no way back"),
        (
            "{how: rerun, phases: [one]}",
            "none: phase 0 goes back only by a new run",
            "Phase 0: one, which goes back only by a new run",
        ),
    ],
)
def test_a_phase_without_undos_closes_every_way_back_through_it(how: str, why: str, said: str) -> None:
    text = f"""
runbook: 1
name: two
rollback: {{to: start}}
phases:
  - id: one
    rollback: {how}
    steps: [{{id: a, changes: reversible, est: 1m, local: {{argv: [do]}}, undo: [{{local: {{argv: [un]}}}}]}}]
  - id: two
    steps: [{{id: b, changes: reversible, est: 1m, local: {{argv: [do]}}, undo: [{{local: {{argv: [un]}}}}]}}]
"""
    assert column(text) == [why, why]
    assert said in back_of(text)[1]
    assert column(text.replace("rollback: {to: start}\n", "")) == [why, "about 1m"]


def test_without_a_closing_the_way_back_can_start_at_any_time() -> None:
    assert "A person at the console can start it at any time." in back_of(EACH)[2]


def test_a_change_without_an_undo_is_not_passed_over() -> None:
    assert back_of(FINAL)[0][-3:] == [
        ("0.4 z", "un"),
        ("0.3 drop", "nothing: the runbook gives no undo"),
        ("0.1 a", "un"),
    ]
