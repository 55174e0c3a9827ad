"""The way back as the plan has it: what starts it, who decides, what it loses, and its steps, newest phase first."""

from __future__ import annotations

from app.reports.blocks import Block, Code, Items, Part, Section, Table, Text
from app.reports.plan_closed import closings, finals_in, number_of, numbered
from app.reports.plan_steps import length_of, rules_of, text_of, title_of, with_inner
from app.runbook.body import Changes
from app.runbook.kind import Kinds
from app.runbook.model import Runbook, Step
from app.runbook.model_step import NoUndo


def back_section(book: Runbook, kinds: Kinds) -> Section:
    """Triggers, then the procedure."""
    return Section(
        "rollback",
        "Rollback",
        (
            Part("Triggers", tuple(_triggers(book, kinds))),
            Part("Points on the way", tuple(_boundaries(book, kinds))),
            Part("Procedure", tuple(_procedure(book, kinds))),
        ),
    )


def _triggers(book: Runbook, kinds: Kinds) -> list[Block]:
    columns = ("Id", "Metric", "When", "For", "During", "Does", "Owner")
    rows = tuple(
        (
            t.id,
            t.metric,
            str(t.when),
            length_of(t.for_),
            ", ".join(t.during) or "the whole run",
            f"{t.do}{', by itself' if t.auto else ''}{', only noted' if t.shadow else ''}",
            t.owner,
        )
        for t in book.triggers
    )
    blocks: list[Block] = [Table(columns, rows) if rows else Text("No metric triggers a rollback.")]
    own = [
        said
        for index in range(len(book.phases))
        for number, top in numbered(book, index)
        for inside, step in with_inner(number, top, kinds)
        if (said := _goes_back(step, "" if inside == number else f" for an item of {title_of(top)}"))
    ]
    if own:
        blocks += [
            Text("The way back starts by itself, after 5 s in which it can be stopped, when:"),
            Items(tuple(own)),
        ]
    closed = closings(book, kinds)
    if not closed:
        return [*blocks, Text("A person at the console can start it at any time.")]
    until = "but it never reaches back across any of these once it has started:"
    return [*blocks, Text(f"A person at the console can start it at any time, {until}"), Items(closed)]


def _goes_back(step: Step, where: str) -> str:
    """What about this step starts the way back by itself, "" when nothing does."""
    if step.kind == "decide":
        otherwise = getattr(step.body, "otherwise", "")
        return f"{title_of(step)} is answered with no-go, or not at all{where}" if otherwise == "rollback" else ""
    return f"{title_of(step)} fails{where}" if step.on_fail == "rollback" else ""


def _boundaries(book: Runbook, kinds: Kinds) -> list[Block]:
    rows = tuple(
        (number, title_of(step), step.boundary.kind, step.boundary.says)
        for index in range(len(book.phases))
        for top, outer in numbered(book, index)
        for number, step in with_inner(top, outer, kinds)
        if step.boundary is not None
    )
    if not rows:
        return [Text("No step is declared after which going back loses something or is impossible.")]
    return [Table(("No.", "After", "Way back is", "Because"), rows)]


def _procedure(book: Runbook, kinds: Kinds) -> list[Block]:
    back = book.rollback
    decide = back.decide
    who = f"{decide.need} of {', '.join(decide.by)} decide" if decide else "The operator decides"
    within = f" within {length_of(decide.within)}" if decide and decide.within else ""
    scope = f"to {back.to}" if back.to else "to the beginning of the current phase"
    est = f", about {length_of(back.est)}" if back.est else ""
    blocks: list[Block] = [Text(f"{who}{within}. By default it goes back {scope}{est}.")]
    if back.loss is not None:
        tables = ", ".join(f"{table} by {column}" for table, column in back.loss.tables.items())
        blocks.append(Text(f"Rows written since the switch are counted in {back.loss.db}: {tables}."))
    if back.uses:
        blocks.append(Text(f"It uses {', '.join(back.uses)}."))
    blocks += _listed("Before the undos", back.before, kinds)
    blocks += [_phase_back(book, index, kinds) for index in reversed(range(len(book.phases)))]
    blocks += _listed("After the undos", back.after, kinds)
    return blocks + _listed("Must pass at the end", back.verify, kinds)


def _phase_back(book: Runbook, index: int, kinds: Kinds) -> Part:
    phase = book.phases[index]
    how = phase.rollback.how if phase.rollback else "reverse"
    known = phase.rollback.est if phase.rollback and how != "none" else None
    est = f", about {length_of(known)}" if known else ""
    finals = finals_in(book, index, kinds)
    end = (
        f" There is no way back from this phase once {finals[0][0]} {title_of(finals[0][1])} has started."
        if finals
        else ""
    )
    blocks: list[Block] = [Text(f"{_HOW[how]}{est}.{end if how != 'none' else ''}")]
    if how == "reverse":
        rows = [
            row
            for top, outer in reversed(numbered(book, index))
            for number, step in reversed(with_inner(top, outer, kinds))
            for row in _undo_rows(number, step, "" if number == top else ", for each item", kinds)
        ]
        blocks.append(Table(("Undoes", "With"), tuple(rows)) if rows else Text("Nothing to undo."))
    elif phase.rollback and how == "steps":
        blocks += _listed("Recipe", phase.rollback.steps, kinds)
    elif phase.rollback and how == "rerun":
        swaps = "; ".join(f"{a} and {b} exchanged" for a, b in phase.rollback.swap)
        blocks.append(Text(f"Runs {', '.join(phase.rollback.phases)} again{': ' + swaps if swaps else ''}."))
    blocks += _listed("Must pass", phase.rollback.verify if phase.rollback else (), kinds)
    return Part(f"Phase {number_of(book, index)}: {phase.title or phase.id}", tuple(blocks))


_HOW = {
    "reverse": "The undos of what has started, last started first",
    "steps": "A recipe of its own",
    "rerun": "A new run in the other direction",
    "none": "There is no way back from this phase",
}


def _undo_rows(number: str, step: Step, times: str, kinds: Kinds) -> list[tuple[str, str]]:
    name = f"{number} {title_of(step)}{times}"
    if isinstance(step.undo, NoUndo):
        return [(name, f"nothing: {step.undo.reason}")]
    if not step.undo_steps and not times and step.kind != "each" and step.changes not in (None, Changes.NOTHING):
        return [(name, "nothing: the runbook gives no undo")]  # in the words of the run's own way back
    return [(name, " ".join(text_of(undo, kinds).split())) for undo in step.undo_steps]


def _listed(title: str, steps: tuple[Step, ...], kinds: Kinds) -> list[Block]:
    if not steps:
        return []
    blocks: list[Block] = []
    for i, step in enumerate(steps, 1):
        blocks.append(Code(text_of(step, kinds), f"{i}. {title_of(step)}"))
        blocks += (
            [Items(tuple(f"Expect {rule}" for rule in rules), boxes=True)] if (rules := rules_of(step.expect)) else []
        )
    return [Part(title, tuple(blocks))]
