"""One step of a plan as blocks: who, how long, what it changes, its exact text, what must hold, and its way back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.reports.blocks import Block, Code, Items, Part, Text
from app.runbook.conditions import Comparison, Expect, TextRule
from app.runbook.fields import Template
from app.runbook.kind import Kinds
from app.runbook.model import Step
from app.runbook.model_step import NoUndo
from app.runbook.units import format_duration


def step_part(number: str, step: Step, kinds: Kinds) -> Part:
    """The whole of a step, under its number, title and id. Inner steps and undos are parts of it."""
    return Part(f"{number} {title_of(step)}".strip(), tuple(step_blocks(number, step, kinds)))


def step_blocks(number: str, step: Step, kinds: Kinds) -> list[Block]:
    """What stands below a step's title."""
    blocks: list[Block] = [Text(_facts(step))]
    if step.text:
        blocks.append(Text(step.text))
    blocks.append(Code(text_of(step, kinds), _label(step)))
    blocks += [Items(tuple(said), boxes=True)] if (said := _holds(step)) else []
    for inside, key, inner in _inner(number, step, kinds):
        word = "For each item" if key == "steps" else "Finally, whatever happened"
        blocks.append(Part(f"{inside} {word}: {title_of(inner)}", tuple(step_blocks(inside, inner, kinds))))
    return [*blocks, *_undo(step, kinds)]


def with_inner(number: str, step: Step, kinds: Kinds) -> list[tuple[str, Step]]:
    """The step under its number, then all that is inside of it, in the order in which they start."""
    found = [(number, step)]
    for inside, _, inner in _inner(number, step, kinds):
        found += with_inner(inside, inner, kinds)
    return found


def _inner(number: str, step: Step, kinds: Kinds) -> list[tuple[str, str, Step]]:
    """Numbered as the run numbers them: the steps that are done finally go on from the others."""
    lists = kinds[step.kind].inner(step.body) if step.kind in kinds else ()
    flat = [(key, inner) for key, steps in lists for inner in steps]
    return [(f"{number}.{i}", key, inner) for i, (key, inner) in enumerate(flat, 1)]


def title_of(step: Step) -> str:
    """Its title, and its id when it has one."""
    if step.title and step.id:
        return f"{step.title} ({step.id})"
    return step.title or step.id or step.kind


def text_of(step: Step, kinds: Kinds) -> str:
    """What will be run or asked, as the kind shows it; references stand as written, secrets as ***."""
    kind = kinds.get(step.kind)
    return kind.describe(step.body) if kind is not None else step.kind


def length_of(length: timedelta | Template | None) -> str:
    """`5m`, the reference it will come from, or nothing."""
    if length is None:
        return ""
    return length if isinstance(length, Template) else format_duration(length)


def rules_of(expect: Expect | None) -> tuple[str, ...]:
    """One sentence for each thing that must hold."""
    return tuple(f"{name} {_rule(rule)}" for name, rule in expect.rules.items()) if expect is not None else ()


def _rule(rule: Comparison | TextRule) -> str:
    if isinstance(rule, Comparison):
        return str(rule)
    said = (("is", rule.is_), ("contains", rule.contains), ("matches", rule.matches), ("is not", rule.not_))
    return " and ".join(f"{word} {value}" for word, value in said if value is not None)


def _facts(step: Step) -> str:
    said = [
        ("Owner", step.owner),
        ("estimate", length_of(step.est)),
        ("at most", length_of(step.max)),
        ("not before", str(step.at or "")),
        ("track", step.track or ""),
        ("needs", ", ".join(step.needs)),
        ("only if", " and ".join(map(str, step.when))),
        ("only in", ", ".join(step.only)),
        ("not in", ", ".join(step.not_in)),
        ("changes", step.changes.value if step.changes else ""),
        ("enters", ", ".join(step.enter)),
        ("leaves", ", ".join(step.leave)),
        ("makes", ", ".join(step.makes)),
        ("uses", ", ".join(step.uses)),
        ("if it fails", step.on_fail if step.on_fail != "ask" else ""),
        ("approved by", f"{step.approve.need} of {', '.join(step.approve.by)}" if step.approve else ""),
    ]
    return "; ".join(f"{name}: {value}" for name, value in said if value) or "Owner: not said"


def _label(step: Step) -> str:
    return {"check": "A person does", "decide": "People decide"}.get(step.kind, step.kind)


def _holds(step: Step) -> list[str]:
    said = [f"Expect {rule}" for rule in rules_of(step.expect)]
    if step.boundary is not None:
        said.append(f"Boundary, {step.boundary.kind}: {step.boundary.says}")
    body: Any = step.body
    said += [str(item) for item in getattr(body, "items", ())] if step.kind == "check" else []
    return said


def _undo(step: Step, kinds: Kinds) -> list[Block]:
    if isinstance(step.undo, NoUndo):
        return [Text(f"No way back: {step.undo.reason}")]
    return [Code(text_of(undo, kinds), f"Undo {title_of(undo)}") for undo in step.undo_steps]
