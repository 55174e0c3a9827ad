"""The exact text of a step: as recorded once it started, as it would run now before that; and what it acts on."""

from __future__ import annotations

from app.run.scope import scope_of
from app.run.state import RunState
from app.runbook.kind import Kinds
from app.runbook.order import PlannedStep
from app.runbook.substitute import MissingValue, substitute
from ui.widgets.side_chip import Side, SideView

_SOURCES = {"old", "src", "source", "from", "left"}
_TARGETS = {"new", "dst", "dest", "target", "to", "right"}


def exact_text(state: RunState, planned: PlannedStep, kinds: Kinds) -> str:
    """What runs. Before it started: with every value that is known by now; one that is not stays as it is written."""
    last = state.step(planned.address).last
    if last is not None and last.text:
        return last.text
    kind = kinds[planned.step.kind]
    if planned.step.kind == "each":
        return kind.describe(planned.step.body)
    try:
        return kind.describe(substitute(planned.step, scope_of(state, planned)).body)
    except MissingValue:
        return kind.describe(planned.step.body)


def sides(state: RunState, planned: PlannedStep, kinds: Kinds) -> tuple[SideView, ...]:
    """Chips of what it acts on; the sides of a migration are told by their names and by the table of state."""
    kind = kinds[planned.step.kind]
    found = []
    for target in kind.targets(planned.step.body):
        if target.kind == "database":
            found.append(SideView(target.name, side_of(target.name)))
        elif target.kind == "host":
            found.append(SideView(target.name))
        elif target.kind == "local":
            found.append(SideView("this machine"))
        elif target.kind == "http" and target.name:
            found.append(SideView(_filled(state, planned, target.name)))
    return tuple(dict.fromkeys(found))


def side_of(name: str) -> Side:
    """Which side a database is on, as far as its name tells."""
    words = set(name.lower().replace("-", "_").split("_"))
    if words & _SOURCES:
        return Side.SOURCE
    return Side.TARGET if words & _TARGETS else Side.PLAIN


def _filled(state: RunState, planned: PlannedStep, text: str) -> str:
    from app.runbook.substitute import fill

    try:
        whole = fill(text, scope_of(state, planned))
    except MissingValue:
        return text
    return whole.split("://", 1)[-1].split("/", 1)[0]
