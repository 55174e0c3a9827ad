"""The log's lines while a text is searched: another chip and later entries lose none of them."""

from __future__ import annotations

from array import array
from pathlib import Path

import pytest

from app.session import Session
from tests.session.conversation import new_run, order, r, until, write
from ui.local_time import LOCAL
from ui.models.log import LogModel
from ui.models.log_kinds import ALL
from ui.models.shown import Gaze, look
from ui.theme import Theme

STEPS = """
- id: p
  steps:
    - {id: look, check: {text: Is it well?}}
"""


@pytest.fixture
def session(tmp_path: Path) -> Session:
    session = new_run(order(write(tmp_path, STEPS), tmp_path / "home"))
    until(session, lambda s: s.step("look").question is not None)
    return session


def noted(session: Session, *texts: str) -> None:
    before = session.state.seq
    for text in texts:
        session.send(r.Note("ana", text))
    until(session, lambda s: s.seq >= before + len(texts))


def test_a_match_that_came_after_the_search_is_shown_under_every_chip(light: Theme, session: Session) -> None:
    with session.reader() as reader:
        model = LogModel(reader.get, session.state.plan, look(session, Gaze("ana", LOCAL), driving=True))
        noted(session, "red one", "blue", "red two")
        known = reader.since(0)
        model.extend(known)
        asked = model.newest
        noted(session, "red three")
        model.extend(reader.since(asked))
        found = [one.seq for one in known if getattr(one.event, "text", "").startswith("red")]
        model.narrow("red", array("q", found), asked)
        assert model.rowCount() == 3
        before = model.newest
        noted(session, "red four", "green")
        model.extend(reader.since(before))
        assert model.rowCount() == 4
        model.choose("warnings")
        assert model.rowCount() == 0
        model.choose(ALL)
        assert model.rowCount() == 4
    session.detach()
