"""What steps, people and targets are called in sentences."""

from __future__ import annotations

from app.run.state import RunState
from app.runbook.order import Plan

_ACTORS = {
    "runbook": "the runbook",
    "console": "Tminus",
    "limit": "its time limit",
    "rollback": "the way back",
    "": "somebody",
}


def step_name(plan: Plan, address: str) -> str:
    """`4.14 Writes open again (ro-off)`: number, title and address, as far as the runbook has them."""
    planned = plan.by_address.get(address)
    if planned is None:
        return one_line(address)
    title = one_line(planned.step.title)
    number = f"{planned.number} " if planned.number else ""
    return f"{number}{title} ({address})" if title else f"{number}{address}"


def actor(name: str) -> str:
    """Who did it: a person's name as it is, the runbook and Tminus in words."""
    return _ACTORS.get(name, one_line(name))


def subject(name: str) -> str:
    """The same at the beginning of a sentence; a person's name stays as that person writes it."""
    if name.startswith("trigger "):
        return one_line(name[:1].upper() + name[1:])
    known = _ACTORS.get(name)
    return known[:1].upper() + known[1:] if known is not None else one_line(name)


def one_line(text: str) -> str:
    """Data inside a sentence: white space and line breaks become single spaces."""
    return " ".join(text.split())


def closed(text: str) -> str:
    """One line that ends like a sentence."""
    line = one_line(text)
    return line if not line or line[-1] in ".!?" else f"{line}."


def because(reason: str) -> str:
    """`: reason.`, or just the full stop."""
    return f": {closed(reason)}" if reason.strip() else "."


def listed(names: tuple[str, ...], word: str = "and") -> str:
    """`ana, raj and mei`."""
    if len(names) < 2:  # noqa: PLR2004 - nothing to join
        return "".join(names)
    return f"{', '.join(names[:-1])} {word} {names[-1]}"


def scope_name(plan: Plan, scope: str) -> str:
    """What a way back goes back to."""
    if scope in {"", "start"}:
        return "the start of the run" if scope else "where the runbook says"
    phase = next((p for p in plan.phases if p.id == scope), None)
    return f"the beginning of {phase.title or phase.id}" if phase is not None else one_line(scope)


def people_for(state: RunState, address: str) -> str:
    """Who is waited for at a step: the roles asked, or the step's owner, or the operator."""
    question = state.step(address).question
    planned = state.plan.by_address.get(address)
    if question is not None and question.by:
        return listed(tuple(map(one_line, question.by)), "or")
    owner = one_line(planned.step.owner) if planned is not None else ""
    return owner or one_line(state.operator)
