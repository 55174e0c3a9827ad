"""What a trigger proposes is told in the window: what it saw, what happens at zero, and what can be done."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.run.state import RunState
from app.session import Session
from tests.session.conversation import new_run, order, r, until, write
from ui.local_time import LOCAL
from ui.models.back import mood
from ui.models.proposal import proposal_line
from ui.models.shown import Gaze, Shown, look
from ui.panels.notice import Notice
from ui.theme import Theme
from ui.widgets.rollback_button import RollbackMood

MORE = """
roles: {{lead: {{people: [ana, raj]}}}}
metrics:
  load: {{local: {{argv: [echo, "70"]}}, every: 200ms, unit: ms}}
triggers:
  - {{id: high, metric: load, when: '> 50ms', do: rollback, auto: {auto}, during: [p]}}
rollback: {{to: start, est: 1m, decide: {{by: [lead], within: 1h}}}}
"""
STEPS = """
- id: p
  steps:
    - {id: a, local: {argv: ["true"]}, changes: reversible, undo: [{local: {argv: ["true"]}}]}
    - {id: soak, wait: {for: 1h}}
"""


def proposed(state: RunState) -> bool:
    return state.proposal is not None


def shown(session: Session) -> Shown:
    return look(session, Gaze("ana", LOCAL), driving=True)


@pytest.mark.parametrize(
    ("auto", "then"), [("true", "Rolls back by itself in 59:"), ("false", "It stays until somebody decides")]
)
def test_a_proposal_is_told_with_what_it_saw_and_what_comes_next(
    light: Theme, tmp_path: Path, auto: str, then: str
) -> None:
    session = new_run(order(write(tmp_path, STEPS, MORE.format(auto=auto)), tmp_path / "home"))
    try:
        until(session, proposed, 30)
        now = shown(session)
        line = proposal_line(now)
        assert line.startswith("Trigger high wants to roll back: load is 70 ms, > 50ms")
        assert then in line
        assert now.focus.why == "proposed"
        assert mood(now) is RollbackMood.ALARM
        notice = Notice()
        notice.show_run(now, broken=False, faults=0)
        assert not notice.isHidden()
        assert notice.words.text() == line
        session.send(r.Hold("ana", "cause known"))
        until(session, lambda s: s.proposal is None and s.held, 30)
        assert proposal_line(shown(session)) == ""
    finally:
        session.detach("the test is over")
