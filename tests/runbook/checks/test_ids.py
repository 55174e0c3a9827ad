"""Ids and names that stand for something else already."""

import pytest

from app.errors import RunbookInvalid
from tests.runbook.sample import bound, said

PHASES = """\
runbook: 1
name: x
rollback: {to: start, est: 10m, verify: [{id: final-check, changes: nothing, local: {argv: [a]}}]}
phases:
  - id: NAME
    rollback: {how: reverse, est: 10m, verify: [{id: phase-check, changes: nothing, local: {argv: [b]}}]}
    steps:
      - {id: b, est: 1m, changes: nothing, local: {argv: [do]}}
"""


@pytest.mark.parametrize("name", ["rollback", "start", "after"])
def test_a_phase_is_not_called_what_something_else_is(name: str) -> None:
    text = PHASES.replace("NAME", name)
    assert any(line.startswith("it.yaml:5:") and "RB001" in line and f"`{name}`" in line for line in said(text))
    with pytest.raises(RunbookInvalid, match=f"cannot be called `{name}`"):
        bound(text)
    assert not [line for line in said(PHASES.replace("NAME", f"{name}-1")) if "error" in line]
