"""How the plan knows that it went well: risks, tests, metrics, success criteria, and the tasks that remain."""

from __future__ import annotations

from app.reports.blocks import Block, Section, Table, nothing_said
from app.reports.plan_steps import length_of, step_part, title_of
from app.runbook.kind import Kinds
from app.runbook.model import Metric, Runbook


def risks_section(book: Runbook) -> Section:
    """The risk matrix."""
    columns = ("Id", "Risk", "Probability", "Impact", "Mitigation", "Watched by", "Owner")
    rows = tuple(
        (r.id, r.text, r.probability or "", r.impact or "", r.mitigation, r.watched_by, r.owner) for r in book.risks
    )
    return _section("risks", "Risks", columns, rows)


def tests_section(book: Runbook) -> Section:
    """The testing plan."""
    columns = ("Id", "Test", "Kind", "When", "Must be", "Proved by", "Owner")
    rows = tuple(
        (
            t.id,
            t.text,
            t.kind or "",
            t.when or "",
            f"{t.is_ or ''}{' (must)' if t.must else ''}".strip(),
            t.proof,
            t.owner,
        )
        for t in book.tests
    )
    return _section("testing", "Testing", columns, rows)


def metrics_section(book: Runbook, kinds: Kinds) -> Section:
    """What is watched, where it comes from, and how often."""
    columns = ("Metric", "Source", "Value", "Unit", "Every", "Baseline", "Without data")
    rows = tuple(
        (
            name if not metric.title else f"{metric.title} ({name})",
            _source(metric, kinds),
            metric.value,
            metric.unit,
            length_of(metric.every),
            f"{metric.baseline.stat} from {metric.baseline.from_} to {metric.baseline.to}" if metric.baseline else "",
            metric.no_data,
        )
        for name, metric in book.metrics.items()
    )
    return _section("metrics", "Metrics", columns, rows)


def success_section(book: Runbook) -> Section:
    """When the migration counts as a success."""
    columns = ("Id", "What", "Must be", "At", "Owner")
    rows = tuple(
        (c.id, c.text or c.metric or f"time in mode {c.mode}", str(c.is_ or ""), str(c.at or ""), c.owner)
        for c in book.success
    )
    return _section("success", "Success criteria", columns, rows)


def after_section(book: Runbook, kinds: Kinds) -> Section:
    """What remains to be done once the run has ended."""
    if not book.after:
        return Section("after", "Post-migration tasks", (nothing_said("post-migration tasks"),))
    rows = tuple((str(task.due or ""), title_of(task), task.owner, length_of(task.est)) for task in book.after)
    blocks: list[Block] = [Table(("Due", "Task", "Owner", "Estimate"), rows)]
    blocks += [step_part(str(task.due or ""), task, kinds) for task in book.after]
    return Section("after", "Post-migration tasks", tuple(blocks))


def _section(name: str, title: str, columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> Section:
    block: Block = Table(columns, rows) if rows else nothing_said(title.lower())
    return Section(name, title, (block,))


def _source(metric: Metric, kinds: Kinds) -> str:
    if metric.prometheus is not None:
        return f"prometheus {metric.prometheus.url} {metric.prometheus.query}".strip()
    if metric.step:
        return f"step {metric.step}"
    kind = kinds.get(metric.kind)
    return kind.describe(metric.body) if kind is not None and metric.body is not None else metric.kind
