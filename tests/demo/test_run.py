"""A demo that cannot be prepared says why."""

from pathlib import Path

import pytest

from app.demo import run
from app.demo.answers import ANSWERS
from app.demo.layout import Layout
from app.errors import Refused
from tests.demo.places import shipped_steps


def test_an_unknown_incident_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="earthquake"):
        run.prepare(tmp_path / "demo", "earthquake")
    assert not (tmp_path / "demo").exists()


def test_a_folder_that_holds_an_estate_is_refused(estate: Layout) -> None:
    with pytest.raises(Refused, match="already holds an estate"):
        run.prepare(estate.folder)


def test_there_is_an_answer_for_each_question_of_the_runbook_and_no_other() -> None:
    asks = {name for name, step in shipped_steps().items() if {"check", "decide"} & set(step)}
    gates = {name for name, step in shipped_steps().items() if step.get("each", {}).get("gate", "none") != "none"}
    assert set(ANSWERS) == asks | gates
