"""Every event has a sentence that somebody who was not there understands."""

from __future__ import annotations

import base64
from dataclasses import fields
from typing import Any, get_type_hints

import pytest

from app.reports.details import details
from app.reports.record_json import as_json
from app.reports.sentences import sentence
from app.run import events as e
from tests.reports.books import plan_of, recorded

PLAN = plan_of()
KNOWN = {
    "address": "switch",
    "t0": "2026-03-14T21:00:00+00:00",
    "data": base64.b64encode(b"x").decode(),
    "scope": "cutover",
    "began": "2026-03-14T20:00:00+00:00",
    "ended": "2026-03-14T20:30:00+00:00",
    "deadline": "2026-03-14T23:00:00+00:00",
}


def sample(cls: type[e.Event], text: str = "one\ntwo") -> e.Event:
    """An event of the class with something in every field."""
    hints = get_type_hints(cls)
    values: dict[str, Any] = {}
    for field in fields(cls):
        hint = hints[field.name]
        if field.name in KNOWN:
            values[field.name] = KNOWN[field.name]
        elif hint is int:
            values[field.name] = 3
        elif hint is str:
            values[field.name] = text
        else:
            values[field.name] = rows(field.name, text)
    return cls(**values)


def rows(name: str, text: str) -> tuple[Any, ...]:
    found: dict[str, tuple[Any, ...]] = {
        "steps": (("switch/undo/1", "switch", "undo", ""), ("", "go", "nothing", text)),
        "evidence": ((text, text, "done"),),
        "items": (text,),
        "asks": (text,),
        "by": (text,),
        "runs": (text,),
        "looks": ((text, "bad", text, 1200), ("host web1", "ok", "logged in", 0)),
        "times": (("switch/undo/1", text, (1200, 900)),),
        "options": ("go", "no-go"),
        "tables": (("orders", "3", "0", "1200"),),
        "files": (("orders", "orders.ndjson", "3", text),),
    }
    return found.get(name, ((text, text),))


@pytest.mark.parametrize("cls", e.EVENTS, ids=lambda cls: cls.__name__)
def test_every_event_has_a_sentence_on_one_line_that_ends(cls: type[e.Event]) -> None:
    said = sentence(recorded(sample(cls)), PLAN)
    assert "\n" not in said
    assert said[-1] in ".!?"
    assert "<" not in said  # no repr of an object slipped through


@pytest.mark.parametrize("cls", e.EVENTS, ids=lambda cls: cls.__name__)
def test_every_event_can_be_told_with_empty_fields(cls: type[e.Event]) -> None:
    empty = sample(cls, "")
    said = sentence(recorded(empty), PLAN)
    assert said
    assert "  " not in said
    details(recorded(empty), PLAN)


@pytest.mark.parametrize("cls", e.EVENTS, ids=lambda cls: cls.__name__)
def test_every_event_is_json_with_the_same_names(cls: type[e.Event]) -> None:
    tree = as_json(recorded(sample(cls)), PLAN)
    assert set(tree) == {"seq", "at", "offset_min", "event", "fields", "says", "head"}
    assert tree["event"] == cls.__name__
    assert set(tree["fields"]) == {field.name for field in fields(cls)}


def says(event: e.Event) -> str:
    return sentence(recorded(event), PLAN)


def test_a_look_at_the_way_back_says_what_is_amiss_before_anything_else() -> None:
    looks = (("host web1", "ok", "logged in", 0), ("database new", "bad", "no answer", 0))
    assert says(e.WayBackProbed(looks)) == (
        "The way back was looked at, changing nothing, and not all is well: database new: no answer."
    )
    assert says(e.WayBackProbed(looks[:1])) == (
        "The way back was looked at, changing nothing: host web1 answered as it should."
    )


def test_a_step_that_came_too_late_says_by_when_and_who_overrode_that() -> None:
    over = e.StepOverridden("switch", "2026-03-14T23:00:00+00:00", "ana", "the window was moved")
    assert says(over) == (
        "ana let 4.1 Switch over (switch) begin although the way back would not end by 23:00:00 UTC:"
        " the window was moved."
    )


def test_a_step_is_named_by_number_title_and_address() -> None:
    assert says(e.StepStarted("switch", 1, "t", "local", "switch new", "d", "local")) == (
        "4.1 Switch over (switch) started on this machine."
    )


def test_what_is_done_says_from_where_it_was_seen_and_how_long_it_took() -> None:
    done = e.StepSucceeded("switch", 1, "exit 0", "host web1", 61_000, saved=(("old", "7"),))
    assert says(done) == (
        "4.1 Switch over (switch) is done, seen from host web1, after 1 min 1 s: exit 0."
        " Kept for later steps: old is 7."
    )


def test_what_failed_says_its_exit_and_its_limit() -> None:
    failed = e.StepFailed("switch", 2, "exit 7", "host web1", 500, timed_out=1)
    assert (
        says(failed)
        == "4.1 Switch over (switch) failed, ended by its time limit, seen from host web1, after 0.5 s: exit 7."
    )


def test_lost_contact_is_never_called_a_failure() -> None:
    said = says(e.ContactLost("switch", 1, "host web1"))
    assert "fail" not in said
    assert "what it began there goes on" in said


def test_a_fenced_step_never_ran() -> None:
    assert says(e.StepFenced("switch", 1, "host web1")) == (
        "4.1 Switch over (switch) never ran: host web1 refused it for good."
    )


def test_people_are_named_as_they_write_themselves_and_the_rest_in_words() -> None:
    assert says(e.HoldPlaced("ana", "lunch")) == "ana put the run on hold: lunch. Nothing new starts."
    assert says(e.RetryAllowed("switch", 1, "runbook", "Retry 1 of 3.", 5000)) == (
        "The runbook allowed another attempt of 4.1 Switch over (switch): Retry 1 of 3. It starts in 5 s."
    )


def test_who_answered_for_whom_is_said() -> None:
    given = e.AnswerGiven("go", 1, "go", "raj", "numbers are fine", "ana")
    assert says(given) == "raj answered go to 4.2 go (recorded at the console of ana): numbers are fine."


def test_the_text_that_ran_the_evidence_and_the_rows_are_details() -> None:
    started = e.StepStarted("switch", 1, "r/switch/1", "local", "switch new", "d")
    assert [(d.label, d.text) for d in details(recorded(started), PLAN)] == [
        ("text", "switch new"),
        ("ticket", "r/switch/1"),
    ]
    doubt = e.StepInDoubt("switch", 1, "web1 was rebooted", (("rc file?", "absent", "unknown"),))
    assert [d.text for d in details(recorded(doubt), PLAN)] == ["rc file?: absent (unknown)"]
    back = e.RollbackPlanned("start", (("switch/undo/1", "switch", "undo", ""), ("", "go", "nothing", "a decision")))
    first, second = details(recorded(back), PLAN)
    assert first.text.startswith("undo: ")
    assert first.text.endswith("undoes 4.1 Switch over (switch)")
    assert second.text == "nothing to do for 4.2 go: a decision"


def test_output_that_is_no_text_is_spelled_out() -> None:
    wrote = e.OutputCaptured("switch", 1, "out", 0, base64.b64encode(b"ok\xff\n").decode())
    assert [d.text for d in details(recorded(wrote), PLAN)] == ["ok\\xff\n"]
