"""The account of a run: what became of every attempt, from the record alone."""

from __future__ import annotations

from dataclasses import dataclass

from app.run.state import RunState, Status

_WORDS = {
    Status.DONE: "done",
    Status.FAILED: "failed",
    Status.CANCELLED: "cancelled",
    Status.FENCED: "fenced",
    Status.IN_DOUBT: "in-doubt",
    Status.WAITING: "running",
    Status.RUNNING: "running",
    Status.STOPPING: "running",
    Status.UNKNOWN: "in-doubt",
    Status.ASKING: "in-doubt",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One attempt; `kind` "do" or "undo"; `state` as in the command line's page. `not-run` has attempt 0."""

    step: str
    attempt: int
    kind: str
    state: str


def account(state: RunState) -> tuple[Line, ...]:
    """One line per attempt in the order of the plan, and one for every step that never started."""
    lines = []
    back = {row.address for row in state.back.rows} if state.back else set()
    for address, planned in state.plan.by_address.items():
        homeward = address in back or planned.parent in back
        step = state.step(address)
        if not step.attempts:
            if homeward or planned in state.plan.steps:
                lines.append(Line(address, 0, "undo" if homeward else "do", "not-run"))
            continue
        lines += [Line(address, a.number, "undo" if a.is_undo else "do", _WORDS[a.status]) for a in step.attempts]
    return tuple(lines)
