"""What targets and people say reaches the record without secrets, whoever brings it."""

from __future__ import annotations

from app.engine.clean import clean, cleaned
from app.engine.redact import Redactor
from app.run import events as e

REDACTOR = Redactor(["hunter2-hunter2"])


def test_what_is_refused_noted_measured_or_in_doubt_is_masked() -> None:
    said = "no login as hunter2-hunter2"
    for event in (
        e.RequestRefused("ana", f"Note {said}", said),
        e.NoteAdded("console", said),
        e.MetricRead("lag", 1, "", said, 1, 0, "prometheus"),
        e.StepInDoubt("a", 1, said, (("Can it be asked?", said, "unknown"),)),
        e.StepFailed("a", 1, said),
    ):
        assert "hunter2" not in repr(cleaned(event, REDACTOR))


def test_names_and_tickets_stay_as_they_are() -> None:
    event = e.StepStarted("hunter2-hunter2", 1, "r/hunter2-hunter2/1", "local", "x", "d", "local")
    assert cleaned(event, REDACTOR) == event


def test_what_is_no_character_becomes_a_question_mark() -> None:
    assert clean("a\ud800b", Redactor()) == "a?b"
