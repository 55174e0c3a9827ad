"""Whether a step is over in a way that lets others go on."""

from __future__ import annotations

from app.run.state import MET, RunState, Status


def is_met(state: RunState, address: str) -> bool:
    """Whether steps that need this one may go on."""
    if state.status(address) in MET:
        return True
    planned = state.plan.by_address.get(address)
    return planned is not None and planned.step.on_fail == "continue" and gave_up(state, address)


def with_parents(state: RunState, address: str) -> tuple[str, ...]:
    """The step, the fan-out it belongs to, the one around that, and so on."""
    found = []
    while address:
        found.append(address)
        planned = state.plan.by_address.get(address)
        address = planned.parent if planned is not None else ""
    return tuple(found)


def gave_up(state: RunState, address: str) -> bool:
    """Whether it failed and the runbook's own retries are used up."""
    step = state.step(address)
    return step.status is Status.FAILED and not may_retry(state, address)


def may_retry(state: RunState, address: str) -> bool:
    """Whether the runbook itself allows one more attempt of this failed step."""
    step = state.step(address)
    planned = state.plan.by_address.get(address)
    retry = planned.step.retry if planned is not None else None
    if planned is None or retry is None or step.last is None or step.ruled_by or planned.step.rerun == "never":
        return False
    times = retry.times if isinstance(retry.times, int) else 0
    return step.retries_used < times
