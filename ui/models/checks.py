"""What a step is held to, with what was seen: its expectations, and the facts a decision rests on."""

from __future__ import annotations

from app.errors import Refused
from app.run.compare import compare
from app.run.scope import scope_of
from app.run.state import MET, Status
from app.runbook.conditions import Comparison, TextRule
from app.runbook.model_step import Step
from app.runbook.order import PlannedStep
from app.runbook.substitute import fill
from ui import words
from ui.glyphs import Glyph
from ui.models.naming import GLYPHS, title_of
from ui.models.shown import Shown
from ui.tokens import Tone
from ui.widgets.check_row import CheckView

_MOST = 8


def checks_of(shown: Shown, planned: PlannedStep) -> tuple[CheckView, ...]:
    """At most eight rows."""
    if planned.step.kind == "decide":
        facts = tuple(getattr(planned.step.body, "facts", ()))
        return tuple(_fact(shown, name) for name in facts[:_MOST])
    if planned.step.kind == "each":
        return _items(shown, planned)[:_MOST]
    return _expected(shown, planned, planned.step)[:_MOST]


def _expected(shown: Shown, planned: PlannedStep, step: Step) -> tuple[CheckView, ...]:
    rules = dict(step.expect.rules) if step.expect is not None else {}
    until = getattr(step.body, "until", None)
    if until is not None and until.expect is not None:
        rules |= dict(until.expect.rules)
    rows = [_rule(shown, planned, name, rule) for name, rule in rules.items()]
    if until is not None and until.metric and until.is_ is not None:
        rows.append(_metric(shown, planned, until.metric, until.is_))
    return tuple(rows)


def _rule(shown: Shown, planned: PlannedStep, name: str, rule: Comparison | TextRule) -> CheckView:
    wanted = _resolved(shown, planned, _wanted(rule))
    last = shown.state.step(planned.address).last
    seen = dict(last.facts).get(name) if last is not None else None
    if seen is None:
        return CheckView(f"{name} {wanted}", Glyph.WAITING)
    failed = last is not None and last.status is Status.FAILED
    holds = not failed
    if isinstance(rule, Comparison):
        holds = compare(seen, rule.op, _resolved(shown, planned, rule.right))
    glyph = Glyph.DONE if holds else Glyph.FAILED
    return CheckView(f"{name} {wanted}", glyph, seen, Tone.MUTED if holds else Tone.BAD)


def _metric(shown: Shown, planned: PlannedStep, name: str, rule: Comparison) -> CheckView:
    right = _resolved(shown, planned, rule.right)
    metric = shown.state.metrics.get(name)
    unit = shown.state.plan.runbook.metrics[name].unit if name in shown.state.plan.runbook.metrics else ""
    what = f"{name} {rule.op} {right}"
    if metric is None or metric.value is None:
        return CheckView(what, Glyph.WAITING, "not heard yet")
    holds = compare(metric.value, rule.op, right, unit)
    found = f"{words.number(metric.value)} {unit}".strip()
    return CheckView(what, Glyph.DONE if holds else Glyph.WARNING, found, Tone.MUTED if holds else Tone.WARN)


def _fact(shown: Shown, name: str) -> CheckView:
    """A fact of a decision: a step with its age, or a criterion."""
    state = shown.state
    planned = state.plan.by_address.get(name)
    if planned is None:
        return CheckView(name, Glyph.WAITING, "a person knows")
    step, status = state.step(name), state.status(name)
    if status not in MET or step.over is None:
        return CheckView(title_of(planned), GLYPHS[status], status.value, Tone.WARN)
    age = shown.now.since(step.over)
    fresh = planned.step.fresh
    if fresh is not None and age > fresh:
        return CheckView(title_of(planned), Glyph.WARNING, f"{words.ago(age)}, too old", Tone.WARN)
    summary = step.last.summary if step.last is not None else ""
    return CheckView(title_of(planned), GLYPHS[status], words.joined(summary, words.ago(age)))


def _items(shown: Shown, planned: PlannedStep) -> tuple[CheckView, ...]:
    state = shown.state
    rows = []
    for batch in state.plan.items(planned.address):
        for item in batch:
            children = state.plan.children(planned.address, item)
            over = sum(state.status(c.address) in MET for c in children)
            bad = any(state.status(c.address) in {Status.FAILED, Status.CANCELLED} for c in children)
            begun = any(state.status(c.address) is not Status.PENDING for c in children)
            glyph = Glyph.FAILED if bad else Glyph.DONE if over == len(children) else Glyph.WAITING
            if begun and glyph is Glyph.WAITING:
                glyph = Glyph.RUNNING
            rows.append(CheckView(item, glyph, f"{over} of {len(children)} steps"))
    return tuple(rows)


def _wanted(rule: Comparison | TextRule) -> str:
    if isinstance(rule, Comparison):
        return rule.right if rule.op == "==" else str(rule)
    parts = (("is", rule.is_), ("contains", rule.contains), ("matches", rule.matches), ("is not", rule.not_))
    return ", ".join(f"{word} \u201c{text}\u201d" for word, text in parts if text is not None)


def _resolved(shown: Shown, planned: PlannedStep, text: str) -> str:
    try:
        return fill(text, scope_of(shown.state, planned))
    except Refused:
        return text
