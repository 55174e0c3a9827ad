"""What is asked for and not kept is said before a run, and refused where safety rests on it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.errors import Refused
from app.run import events as e
from app.runbook.load import load_text
from app.session.opening import inputs_of, kinds, plan_of
from app.session.promises import unkept
from tests.session.conversation import new_run, order, stage_is, until, write

NOW = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)
STEP = "- {id: p, steps: [{id: a, local: {argv: ['true']}, changes: nothing}]}"


def found(phases: str, more: str = "") -> list[tuple[str, str]]:
    text = f"runbook: 1\nname: asked\n{more}\nphases:\n  {phases}"
    loaded = load_text(text.encode(), "asked.yaml", kinds())
    plan = plan_of(inputs_of(loaded, "", {}, NOW))
    return [(line.subject, line.word) for line in unkept(plan, NOW)]


def test_a_start_in_a_blackout_is_refused_and_one_outside_of_the_window_is_told() -> None:
    dark = 'schedule: {timezone: UTC, blackout: [{from: "2026-03-14 20:00", to: "2026-03-14 22:00", text: sale}]}'
    assert found(STEP, dark) == [("schedule", "refused")]
    later = "schedule: {t0: now, window: {from: T+1h, to: T+2h}}"
    assert found(STEP, later) == [("schedule", "warning")]
    assert found(STEP, "schedule: {t0: now, window: {from: T-1h, to: T+2h}}") == []


def test_a_dead_man_switch_is_told_before_a_run() -> None:
    armed = (
        "- {id: p, steps: [{id: a, local: {argv: ['true']}, changes: reversible, revert_unless_confirmed: 10m, "
        "undo: [{local: {argv: ['true']}, changes: reversible}]}]}"
    )
    assert found(armed, "rollback: {est: 1m}") == [("a", "ok")]


def test_locks_that_nobody_holds_are_a_warning_in_the_record(tmp_path: Path) -> None:
    session = new_run(order(write(tmp_path, STEP, "locks: [orders]"), tmp_path / "home"))
    try:
        until(session, stage_is("finished"))
        with session.reader() as reader:
            notes = [one.event.text for one in reader.since(0) if isinstance(one.event, e.NoteAdded)]
        assert any("Nothing holds orders" in note for note in notes)
    finally:
        session.detach()


def test_a_refused_run_leaves_no_record(tmp_path: Path) -> None:
    dark = 'schedule: {timezone: UTC, blackout: [{from: "2020-01-01 00:00", to: "2120-01-01 00:00"}]}'
    with pytest.raises(Refused, match="Nothing may happen now"):
        new_run(order(write(tmp_path, STEP, dark), tmp_path / "home"))
    assert not list((tmp_path / "home").glob("runs/*"))


def test_rows_that_going_back_would_lose_are_warned_of_only_where_nobody_can_count_them() -> None:
    lossy = (
        "- {id: p, steps: [{id: g, decide: {ask: Open, by: [lead]}}, {id: a, local: {argv: ['true']},"
        " changes: reversible, boundary: {kind: lossy, says: new rows}, undo: [{local: {argv: ['true']}}]}]}"
    )
    head = "roles: {lead: {people: [ana]}}\ndatabases: {new: {url: 'sqlite:////tmp/none.db'}}\n"
    assert ("rollback.loss", "warning") in found(lossy, f"{head}rollback: {{est: 1m}}")
    assert ("rollback.loss", "warning") in found(lossy, f"{head}rollback: {{est: 1m, loss: {{db: new}}}}")
    counted = "rollback: {est: 1m, loss: {db: new, tables: {orders: made}}}"
    assert ("rollback.loss", "warning") not in found(lossy, head + counted)
    assert ("rollback.loss", "warning") in found(STEP, head + counted)  # nothing says when writes open
    assert found(STEP) == []
