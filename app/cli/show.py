"""`tminus show`: where a run stands, how far the way back is, whom it waits for, and what to type next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer

from app.cli.books import AsJson
from app.cli.ending import Ending, blocked, ending
from app.cli.lines import tell, tell_json, tell_table
from app.cli.places import Home, RunId, settings_for
from app.reports.back_words import after_words, latest_words, length_words, mode_words
from app.reports.naming import one_line, people_for, step_name
from app.reports.sentences_of_loss import export_line
from app.reports.spans import t_clock
from app.rollback.ahead import After
from app.rollback.forecast import Downtime, Outlook
from app.rollback.loss import Loss, in_words, things
from app.rollback.readiness import Readiness
from app.rollback.times import Length
from app.run.decide import blocked_by_person
from app.run.loss_state import Export
from app.run.phases import current_phase
from app.run.state import RunState, Stage

if TYPE_CHECKING:
    from app.session import Watch

_MARKS = {"done": "ok", "failed": "bad", "in doubt": "bad", "running": "strong", "waiting for a person": "warn"}


def show(ctx: typer.Context, run: RunId, *, as_json: AsJson = False, home: Home = None) -> None:
    """Say where a run stands."""
    from app.session import watch

    look = watch(settings_for(ctx, home).home, run)
    try:
        if as_json:
            tell_json(_as_tree(look))
        else:
            _tell(look)
    finally:
        look.close()


def _tell(look: Watch) -> None:
    state, clocks, back, ready = look.state, look.outlook(), look.way_back(), look.readiness()
    focus, driver = look.current(), look.driver()
    under_way, finished = state.stage in {Stage.FORWARD, Stage.STOPPED}, state.stage is Stage.FINISHED
    title = one_line(state.plan.runbook.title or state.plan.runbook.name)
    environment = f", {state.environment}" if state.environment else ""
    tell(f"{state.run}  {title}{environment}", style="strong")
    rows = [
        (
            "stage",
            f"{state.stage.value}{', held by ' + state.held_by if state.held else ''}, phase {current_phase(state)}",
        ),
        ("clock", f"{t_clock(clocks.t_clock)}{_ends(clocks.finish) if under_way else ''}"),
        ("driven by", str(driver) if driver is not None else "nobody"),
        ("now", f"{step_name(state.plan, focus.address)}: {focus.why}" if focus.address else focus.why),
        ("way back", f"{ready.word.value}: {one_line(ready.headline)}"),
        *([("", _back_words(back.undos, back.checks, back.length, back.refusal))] if under_way or finished else []),
        *([("", latest_words(clocks))] if latest_words(clocks) else []),
        *([("", one_line(in_words(look.loss())))] if (under_way or finished) and not back.refusal else []),
        *[("", one_line(reason)) for reason in ready.reasons if reason != back.refusal],
        *_written(state),
        *[("export", export_line(one)) for one in state.exports],
        *[("seen", one_line(", ".join(ready.seen)))] * bool(ready.seen),
        *[("mode", mode_words(m)) for m in clocks.modes if m.on],
    ]
    rows += [
        ("waits for", f"{people_for(state, p.address)}: {_asked(state, p.address)}") for p in blocked_by_person(state)
    ]
    tell_table(rows, indent="  ")
    tell()
    for text, word in _steps(state, look.ahead()):
        tell(f"  {text}", style=_MARKS.get(word, ""))
    tell()
    for line in _next(look):
        tell(f"  {line}")


def _back_words(undos: int, checks: int, length: Length, refusal: str) -> str:
    if refusal:
        return one_line(refusal)
    return f"{undos} steps and {checks} checks, {length_words(length)}"


def _ends(finish: datetime | None) -> str:
    return f", done about {finish:%H:%M:%S} UTC" if finish is not None else ""


def _asked(state: RunState, address: str) -> str:
    question = state.step(address).question
    what = question.text if question is not None else f"{state.status(address).value}, {state.step(address).reason}"
    return f"{step_name(state.plan, address)}: {one_line(what)}"


def _steps(state: RunState, ahead: Mapping[str, After]) -> list[tuple[str, str]]:
    """Every step that something happened to, and those still to come, in the order of the plan; then the way back."""
    homeward = {row.address for row in state.back.rows} if state.back else set()
    listed = [p.address for p in state.plan.steps]
    listed += [row.address for row in state.back.rows if row.address] if state.back else []
    found = []
    for address in listed:
        word = state.status(address).value
        undone = ", undone" if address in state.undone else ""
        back = "back: " if address in homeward else ""
        after = after_words(ahead[address]) if address in ahead else ""
        beside = f"  [{after}]" if after else ""
        found.append((f"{word + undone:<22}{back}{step_name(state.plan, address)}{beside}", word))
    return found


def _next(look: Watch) -> tuple[str, ...]:
    found = _ending(look.state)
    if found is not None:
        return found.then
    if look.driver() is None:
        return (f"tminus resume {look.run}",)
    return (f"tminus log {look.run} --follow",)


def _ending(state: RunState) -> Ending | None:
    return blocked(state) or ending(state)


def _as_tree(look: Watch) -> dict[str, Any]:
    state, clocks, back, ready = look.state, look.outlook(), look.way_back(), look.readiness()
    focus, driver, ahead = look.current(), look.driver(), look.ahead()
    return {
        "run": state.run,
        "path": str(look.path),
        "name": state.plan.runbook.name,
        "title": state.plan.runbook.title,
        "environment": state.environment,
        "stage": state.stage.value,
        "phase": current_phase(state),
        "held_by": state.held_by,
        "driven_by": str(driver) if driver is not None else "",
        "operator": state.operator,
        "events": state.seq,
        "head": state.head,
        "t0": state.t0.isoformat(),
        "t_clock_seconds": round(clocks.t_clock.total_seconds(), 3),
        "finish": clocks.finish.isoformat() if clocks.finish is not None else None,
        "now": {"step": focus.address, "why": focus.why, "verbs": list(focus.verbs)},
        "way_back": {
            "word": ready.word.value,
            "headline": ready.headline,
            "reasons": list(ready.reasons),
            "scope": back.scope,
            "zone": back.zone,
            "loses": back.loses,
            "refusal": back.refusal,
            "undos": back.undos,
            "checks": back.checks,
            "estimate_seconds": back.estimate.total_seconds(),
            **_clock(clocks, ready),
            "loss": _loss(look.loss()),
        },
        "exports": [_export(one) for one in state.exports],
        "modes_on": [mode.mode for mode in clocks.modes if mode.on],
        "modes": [_clocked(mode) for mode in clocks.modes if mode.on or mode.spent],
        "waits_for": [_waiting(state, p.address) for p in blocked_by_person(state)],
        "steps": [
            {"step": p.address, "number": p.number, "state": state.status(p.address).value, **_after(ahead, p.address)}
            for p in state.plan.steps
        ],
        "next": list(_next(look)),
    }


def _written(state: RunState) -> list[tuple[str, str]]:
    """Once the way back began: what was lost by it, and what the new side had taken when that was counted last."""
    if state.back is None:
        return []
    lost = [("lost", one_line(state.back.loses))] if state.back.loses else []
    if state.written is None or state.written.counted is None:
        return lost
    found = f"{things(state.written.tables)} on the new side, counted {state.written.counted.at:%H:%M:%S} UTC"
    return [*lost, ("written", found)]


def _loss(loss: Loss) -> dict[str, Any]:
    return {
        "says": in_words(loss),
        "lossy": loss.lossy,
        "rows": loss.rows,
        "stale": loss.stale,
        "counted_seconds_ago": round(loss.age.total_seconds(), 3) if loss.age is not None else None,
        "newest_seconds_ago": round(loss.newest.total_seconds(), 3) if loss.newest is not None else None,
        "not_counted": loss.why,
        "tables": [{"table": one.table, "rows": one.rows, "without_a_date": one.undated} for one in loss.tables],
    }


def _export(one: Export) -> dict[str, Any]:
    return {"folder": one.folder, "sha256": one.digest, "rows": one.rows, "since": one.since, "by": one.by}


def _clock(clocks: Outlook, ready: Readiness) -> dict[str, Any]:
    length = clocks.length
    return {
        "usual_seconds": length.usual.total_seconds(),
        "p90_seconds": length.slow.total_seconds(),
        "is_estimate": length.is_estimate,
        "earlier_runs": length.n,
        "latest_safe": clocks.latest_safe.isoformat() if clocks.latest_safe is not None else None,
        "left_seconds": round(clocks.left.total_seconds(), 3) if clocks.left is not None else None,
        "seen": list(ready.seen),
    }


def _after(ahead: Mapping[str, After], address: str) -> dict[str, Any]:
    after = ahead.get(address)
    if after is None:
        return {}
    seconds = after.length.usual.total_seconds() if after.length is not None else None
    latest = after.latest_safe.isoformat() if after.latest_safe is not None else None
    return {"way_back_after": {"seconds": seconds, "latest_safe": latest, "too_late": after.crosses}}


def _clocked(mode: Downtime) -> dict[str, Any]:
    budget = mode.budget.total_seconds() if mode.budget is not None else None
    spent = round(mode.spent.total_seconds(), 3)
    return {"mode": mode.mode, "on": mode.on, "spent_seconds": spent, "max_seconds": budget, "blocks": mode.blocks}


def _waiting(state: RunState, address: str) -> dict[str, Any]:
    question = state.step(address).question
    return {
        "step": address,
        "state": state.status(address).value,
        "who": people_for(state, address),
        "wants": question.wants if question is not None else "",
        "text": question.text if question is not None else state.step(address).reason,
        "options": list(question.options) if question is not None else [],
    }
