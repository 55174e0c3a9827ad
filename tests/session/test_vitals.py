"""What a step came to is as old as the step, also for a console that came later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.run import events as e
from app.session import resume
from tests.session.conversation import new_run, order, until, write

STEPS = """
- id: p
  steps:
    - {id: count, local: {argv: [echo, '5']}, changes: nothing, save: {n: stdout}}
    - {id: soak, wait: {for: 1h}}
"""
MORE = "metrics: {rows: {step: count, unit: rows}}"


def test_another_console_tells_an_old_result_with_its_age_and_its_attempt(tmp_path: Path) -> None:
    home = tmp_path / "home"
    session = new_run(order(write(tmp_path, STEPS, MORE), home))
    first = until(session, lambda s: "rows" in s.metrics)
    over = first.step("count").over
    assert over is not None
    until(session, lambda _: datetime.now(UTC) - over.at > timedelta(seconds=1.5))
    session.detach("another console goes on")
    session = resume(home, session.run, operator="bo")
    try:
        came = session.state.console.since
        state = until(
            session,
            lambda s: s.metrics["rows"].at is not None and came is not None and s.metrics["rows"].at.at > came.at,
        )
        told = state.metrics["rows"]
        assert told.at is not None
        assert told.value == 5
        assert abs(told.at.at - timedelta(milliseconds=told.age_ms) - over.at) < timedelta(seconds=0.5)
        with session.reader() as reader:
            marks = [x.event.source for x in reader.samples("rows") if isinstance(x.event, e.MetricRead)]
        assert len(marks) == 2
        assert marks[0] == marks[1] == f"{state.run}/count/1"
    finally:
        session.detach("the test is over")
