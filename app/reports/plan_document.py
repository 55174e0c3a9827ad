"""The migration plan as a document, from the runbook alone: what will change, in which order, and how it is undone."""

from __future__ import annotations

from datetime import timedelta

from app.reports.blocks import Block, Document, Part, Section, Table, Text, nothing_said
from app.reports.plan_back import back_section
from app.reports.plan_checklist import checklist_section
from app.reports.plan_phases import phases_section
from app.reports.plan_proof import after_section, metrics_section, risks_section, success_section, tests_section
from app.runbook.kind import Kinds
from app.runbook.model import Runbook
from app.runbook.model_plan import Constraint, Dependency
from app.runbook.units import format_duration


def plan_document(book: Runbook, kinds: Kinds, digest: str = "") -> Document:
    """Every section, always in this order; one about which the runbook is silent says so.

    `digest`: hex SHA-256 of the runbook's bytes, so that a printed plan can be told from another version's.
    """
    version = f", runbook {digest[:12]}" if digest else ""
    return Document(
        title=book.title or book.name,
        about=f"Migration plan {book.name}{version}.",
        sections=(
            _summary(book),
            _state(book),
            _constraints(book),
            _people(book),
            phases_section(book, kinds),
            checklist_section(book, kinds),
            back_section(book, kinds),
            risks_section(book),
            tests_section(book),
            metrics_section(book, kinds),
            success_section(book),
            after_section(book, kinds),
        ),
    )


def _summary(book: Runbook) -> Section:
    plan = book.plan
    facts = (
        ("Type", plan.type or ""),
        ("Strategy", plan.strategy or ""),
        ("Risk", plan.risk or ""),
        ("Duration", _length(plan.duration)),
        ("Downtime", _length(plan.downtime)),
        ("Rollback", plan.rollback or ""),
        *_times(book),
        ("Phases", ", ".join(phase.title or phase.id for phase in book.phases)),
        ("Environments", ", ".join(_environment(book, name) for name in book.environments)),
    )
    rows = tuple((name, value) for name, value in facts if value)
    return Section("summary", "Summary", (Table(("What", "Plan"), rows),))


def _times(book: Runbook) -> tuple[tuple[str, str], ...]:
    schedule = book.schedule
    zone = f" {schedule.timezone}" if schedule.timezone else ""
    t0 = schedule.t0
    start = "" if t0 is None else "when the run starts" if t0 == "now" else f"{t0:%Y-%m-%d %H:%M}{zone}"
    window = f"{schedule.window.from_} to {schedule.window.to}" if schedule.window else ""
    blackouts = "; ".join(f"{b.from_} to {b.to} {b.text}".strip() for b in schedule.blackout)
    over = str(schedule.abort_by) if schedule.abort_by else ""
    return (("T-0", start), ("Window", window), ("Downtime is over by", over), ("Blackouts", blackouts))


def _environment(book: Runbook, name: str) -> str:
    environment = book.environments[name]
    marks = (("production", environment.production), ("rehearsal", environment.rehearsal), ("live", environment.live))
    said = [word for word, is_so in marks if is_so and word != name]
    return f"{name} ({', '.join(said)})" if said else name


def _state(book: Runbook) -> Section:
    rows = tuple((row.aspect, row.current, row.target, row.changes) for row in book.state)
    block: Block = Table(("Aspect", "Current", "Target", "Changes"), rows) if rows else nothing_said("the state")
    return Section("state", "Current and target state", (block,))


def _constraints(book: Runbook) -> Section:
    columns = ("Id", "What", "Owner", "Due", "Proved by")
    rows = tuple((c.id, c.text, c.owner, "", _proof(c)) for c in book.constraints)
    needs = tuple((_blocking(d), d.text, d.owner, str(d.due or ""), _proof(d)) for d in book.dependencies)
    blocks = (
        Part("Constraints", (Table(columns, rows) if rows else nothing_said("constraints"),)),
        Part("Dependencies", (Table(columns, needs) if needs else nothing_said("dependencies"),)),
    )
    return Section("constraints", "Constraints and dependencies", blocks)


def _blocking(need: Dependency) -> str:
    return f"{need.id} (optional)" if need.optional else need.id


def _proof(thing: Constraint | Dependency) -> str:
    named = (("step", thing.proof), ("mode", thing.mode), ("trigger", thing.trigger))
    return ", ".join(f"{word} {name}" for word, name in named if name)


def _people(book: Runbook) -> Section:
    rows = tuple((name, ", ".join(role.people), str(role.min)) for name, role in book.roles.items())
    table = Table(("Role", "People", "At least"), rows)
    modes = tuple((name, _length(m.max), "yes" if m.downtime else "no", m.title) for name, m in book.modes.items())
    keeps = tuple((name, a.where, _length(a.keep), a.check) for name, a in book.artifacts.items())
    blocks: list[Block] = [table if rows else nothing_said("who does what")]
    if modes:
        columns = ("Mode", "At most", "Counts as downtime", "What it is")
        blocks.append(Part("Modes that must come off again", (Table(columns, modes),)))
    if keeps:
        blocks.append(Part("Backups", (Table(("Artifact", "Where", "Kept for", "Checked by"), keeps),)))
    if book.params:
        inputs = tuple(
            (n, p.type, "" if p.default is None else str(p.default), p.title) for n, p in book.params.items()
        )
        blocks.append(Part("Inputs", (Table(("Name", "Type", "Default", "What it is"), inputs),)))
    if book.locks:
        blocks.append(Text(f"Locks held while the run is live: {', '.join(book.locks)}."))
    return Section("people", "People, modes and inputs", tuple(blocks))


def _length(length: timedelta | None) -> str:
    return format_duration(length) if length is not None else ""
