"""`when`: comparisons over params, saved values and modes, judged at the moment the step's turn comes."""

from __future__ import annotations

from app.run.compare import compare
from app.run.scope import scope_of
from app.run.state import RunState
from app.runbook.order import PlannedStep
from app.runbook.references import Reference
from app.runbook.substitute import MissingValue, fill


def unmet_condition(state: RunState, planned: PlannedStep) -> str:
    """Why the step is left out; empty when every condition holds. A value that is missing does not hold."""
    scope = scope_of(state, planned)
    for condition in planned.step.when:
        left = scope(Reference(tuple(condition.left.split("."))))
        if not isinstance(left, str):
            return f"{condition.left} has no value, wanted {condition}"
        try:
            right = fill(condition.test.right, scope)
        except MissingValue as missing:
            return f"{missing.reference} has no value, wanted {condition}"
        if not compare(left, condition.test.op, right):
            return f"{condition.left} is {left}, wanted {condition.test}"
    return ""
