"""The step on show says what is so: why nothing goes back by itself while a person holds the run."""

from __future__ import annotations

from pathlib import Path

from app.run.state import Status
from app.session.opening import kinds
from tests.session.conversation import new_run, order, r, until, write
from ui.local_time import LOCAL
from ui.models.current import current_view
from ui.models.shown import Gaze, look

STEPS = """
- id: p
  steps:
    - {id: a, local: {argv: ["true"]}, changes: reversible, undo: [{local: {argv: ["true"]}}]}
    - {id: look, check: {text: Is it well?}, on_fail: rollback}
"""


def test_a_failure_that_waits_to_go_back_says_whose_hold_it_waits_for(tmp_path: Path) -> None:
    session = new_run(order(write(tmp_path, STEPS), tmp_path / "home"))
    try:
        until(session, lambda s: s.step("look").question is not None)
        session.send(r.Panic("raj"))
        session.send(r.Answer("raj", "look", "failed"))
        until(session, lambda s: s.status("look") is Status.FAILED)
        view = current_view(look(session, Gaze("ana", LOCAL), driving=True), kinds())
        assert view is not None
        assert view.trouble.endswith("goes back after this failure; raj holds the run, so it waits for a release.")
    finally:
        session.detach("the test is over")
